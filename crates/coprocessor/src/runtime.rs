//! Calls of controllers: which module runs, as whom, at which root, and what becomes of what it writes.

use std::sync::Arc;

use valence_coprocessor_protocol::{CircuitId, DomainId, Root, StepPublicValues};
use valence_coprocessor_store::Batch;
use valence_coprocessor_wasm::{Budget, Call, ControllerModule, Export, Outcome, Sandbox};

use crate::history::History;
use crate::host::CallHost;
use crate::registry::Registry;
use crate::storage::Storage;
use crate::{EngineConfig, EngineError};

/// What controllers run in and on.
#[derive(Debug)]
pub(crate) struct Runtime {
    pub(crate) config: Arc<EngineConfig>,
    pub(crate) sandbox: Sandbox,
    pub(crate) registry: Registry,
    pub(crate) history: History,
    pub(crate) storage: Storage,
}

impl Runtime {
    /// Calls the controller of a circuit.
    pub(crate) async fn call_circuit(
        self: &Arc<Self>,
        circuit: CircuitId,
        export: Export,
        args: Vec<u8>,
        root: Root,
    ) -> Result<Outcome, EngineError> {
        self.call_circuit_if(circuit, export, args, root, Batch::new())
            .await
    }

    /// The same; what the controller writes is kept only if what `fence` expects holds when the call has ended.
    pub(crate) async fn call_circuit_if(
        self: &Arc<Self>,
        circuit: CircuitId,
        export: Export,
        args: Vec<u8>,
        root: Root,
        fence: Batch,
    ) -> Result<Outcome, EngineError> {
        let controller = self.registry.circuit_controller(circuit).await?;
        let budget = self.sandbox.budget();
        let host = CallHost::new(Arc::clone(self), circuit.into(), root).with_fence(fence);
        self.call(host, &controller, export, args, budget).await
    }

    /// Calls the controller of a domain, which runs as itself whoever asked for it.
    pub(crate) async fn call_domain(
        self: &Arc<Self>,
        domain: DomainId,
        controller: &ControllerModule,
        export: Export,
        args: Vec<u8>,
        budget: Budget,
        root: Root,
    ) -> Result<Outcome, EngineError> {
        let host = CallHost::new(Arc::clone(self), domain.into(), root);
        self.call(host, controller, export, args, budget).await
    }

    /// Has a domain's controller say what a block is, after its light client has accepted the step, if it has one.
    pub(crate) async fn validate_block(
        self: &Arc<Self>,
        domain: DomainId,
        controller: &ControllerModule,
        args: Vec<u8>,
        step: Option<StepPublicValues>,
    ) -> Result<Outcome, EngineError> {
        let root = self.history.head()?.root;
        let host = CallHost::new(Arc::clone(self), domain.into(), root).with_step(step);
        let budget = self.sandbox.budget();
        self.call(host, controller, Export::ValidateBlock, args, budget)
            .await
    }

    /// Runs one export; what it wrote is committed in one step if it ends well, and forgotten if not.
    async fn call(
        self: &Arc<Self>,
        host: CallHost,
        controller: &ControllerModule,
        export: Export,
        args: Vec<u8>,
        budget: Budget,
    ) -> Result<Outcome, EngineError> {
        let (id, host) = (host.id(), Arc::new(host));
        let call = Call {
            args,
            host: Arc::clone(&host) as _,
            budget,
        };
        let result = self.sandbox.call(controller, export, call).await;
        count_call(export, result.is_ok());
        if let Some(error) = host.take_unread() {
            return Err(error);
        }
        let outcome = result.map_err(|failure| EngineError::Controller(Box::new(failure)))?;
        let fence = host.fence().clone();
        self.storage
            .apply_if(id, host.take_changes(), fence)
            .await?;
        Ok(outcome)
    }
}

fn count_call(export: Export, is_ok: bool) {
    let outcome = if is_ok { "ok" } else { "failed" };
    metrics::counter!("valence_controller_calls_total", "export" => export.name(), "outcome" => outcome)
        .increment(1);
}
