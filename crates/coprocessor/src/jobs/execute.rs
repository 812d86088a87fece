//! The run of a job's circuit. It proves nothing, but tells public values and cycles before anything costly begins.

use std::sync::Arc;

use valence_coprocessor_protocol::PublicValues;
use valence_coprocessor_zkvm::{
    Delivered, Execution, Made, ProofKind, Undelivered, WorkerName, ZkvmError,
};

use super::failure::{Interrupt, of_zkvm};
use super::runner::{Runner, Work};

impl Runner {
    /// Runs the circuit: for a proof on this machine, since the proof is measured by it; otherwise wherever there is
    /// room.
    pub(super) async fn execute(&mut self, work: &Work) -> Result<Execution, Interrupt> {
        let execution = match self.job.kind {
            ProofKind::Execute => self.execute_on_worker(work).await?,
            _ => self.execute_here(work).await?,
        };
        if !self.publishes_root(&execution) {
            let message = "the circuit does not publish the root that its witnesses are opened against; write it with `circuit!`";
            return Err(Interrupt::failed("foreign_public_values", message));
        }
        self.job.cycles = Some(execution.cycles);
        Ok(execution)
    }

    async fn execute_here(&mut self, work: &Work) -> Result<Execution, Interrupt> {
        let jobs = Arc::clone(&self.jobs);
        let _slot = self.slot(&jobs.execution_slots).await?;
        self.progress("executing", "the circuit runs, to count its cycles");
        let limits = jobs.runtime.config.limits.execution;
        let run = jobs
            .zkvm
            .execute(Arc::clone(&work.elf), Arc::clone(&work.input), limits);
        self.unless_stopped(run)
            .await?
            .map_err(|error| of_zkvm(&error))
    }

    /// Has a worker run the circuit. What went wrong there is tried here before anybody is told: a worker's word is not
    /// enough for a job to fail, nor is a circuit's fault enough to blame a worker.
    async fn execute_on_worker(&mut self, work: &Work) -> Result<Execution, Interrupt> {
        let (worker, said) = match self.ask(work, &[]).await? {
            Ok(Delivered {
                worker,
                made: Made::Execution(execution),
            }) => (worker, Ok(execution)),
            Ok(Delivered { worker, .. }) => {
                let reason = "it made a proof of what was to be executed".to_owned();
                (worker, Err(ZkvmError::Failed { reason }))
            }
            Err(Undelivered {
                worker: Some(worker),
                error,
            }) => (worker, Err(error)),
            Err(undelivered) => return Err(of_zkvm(&undelivered.error)),
        };
        let limit = self.jobs.runtime.config.limits.execution.cycles;
        let plausible =
            |execution: &Execution| self.publishes_root(execution) && execution.cycles <= limit;
        if said.as_ref().is_ok_and(plausible) || worker == WorkerName::here() {
            return said.map_err(|error| of_zkvm(&error));
        }
        let reason = match &said {
            Ok(_) => "it gave public values or cycles that cannot be".to_owned(),
            Err(error) => error.to_string(),
        };
        tracing::warn!(target: "valence_coprocessor", %worker, reason, "a run on a worker is repeated here");
        self.job.worker = Some(WorkerName::HERE.to_owned());
        let own = self.execute_here(work).await;
        let lied = match (&said, &own) {
            (Ok(said), Ok(own)) => said != own,
            (Ok(_), Err(Interrupt::Failed(_))) => true,
            (Err(error), Ok(_)) => contradicts_a_run(error),
            _ => false,
        };
        if lied {
            self.jobs.provers.report_wrong(&worker);
        }
        own
    }

    fn publishes_root(&self, execution: &Execution) -> bool {
        PublicValues::decode(&execution.public_values)
            .is_ok_and(|values| values.root == self.job.root)
    }
}

/// Whether nobody can say this honestly about a circuit that ran to its end on this machine.
pub(super) const fn contradicts_a_run(error: &ZkvmError) -> bool {
    matches!(
        error,
        ZkvmError::GuestPanicked { .. } | ZkvmError::InvalidElf { .. }
    )
}
