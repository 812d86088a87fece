//! Deploying: everything that was uploaded is validated first, then written in one commit.

use std::sync::Arc;

use tokio::sync::OnceCell;
use valence_coprocessor_protocol::{CircuitId, DomainId, DomainName};
use valence_coprocessor_store::{Batch, Snapshot, Table, Value};
use valence_coprocessor_zkvm::{Limits, VerifyingKey, ZkvmError};

use super::record::{CircuitRecord, DomainRecord, LightClientRecord, circuit_key, domain_key};
use super::{Registry, decode};
use crate::commit::{commit_computed, run_blocking};
use crate::{Caller, EngineError, Mode, ModuleHash, PublicKey};

const ELSEWHERE: &str = "deploy it under another nonce to get a circuit of your own";
const ANOTHER_NAME: &str = "register a domain under another name";

impl Registry {
    pub(crate) async fn deploy_circuit(
        &self,
        caller: &Caller,
        controller: Vec<u8>,
        elf: Vec<u8>,
        nonce: u64,
    ) -> Result<CircuitId, EngineError> {
        self.check_sizes(&controller, &elf)?;
        let id = CircuitId::of(&elf, nonce);
        let key = circuit_key(&id);
        // Refused before the costly part as well as at the commit.
        let present = owned_circuit(caller, id, self.value(&key)?.as_ref())?;
        let (controller, elf): (Arc<[u8]>, Arc<[u8]>) = (controller.into(), elf.into());
        self.compile(Arc::clone(&controller)).await?;
        let verifying_key = match present {
            Some(record) => record.verifying_key,
            None => self.compute_key(Arc::clone(&elf)).await?.into(),
        };
        let (store, caller) = (Arc::clone(&self.store), *caller);
        let replace = move |snapshot: Box<dyn Snapshot + '_>| {
            let stored = snapshot.get(Table::Registry, &key)?;
            let present = owned_circuit(&caller, id, stored.as_ref())?;
            let record = CircuitRecord {
                id,
                owner: owner_after(present.and_then(|record| record.owner), &caller),
                controller: ModuleHash::of(&controller),
                elf: ModuleHash::of(&elf),
                nonce,
                verifying_key: verifying_key.clone(),
            };
            let mut batch = Batch::new();
            batch.expect(Table::Registry, key.clone(), stored.map(Vec::from));
            batch.put(Table::Registry, key.clone(), encode(&record)?);
            batch.put(Table::Modules, *record.controller.as_bytes(), &*controller);
            batch.put(Table::Modules, *record.elf.as_bytes(), &*elf);
            Ok(((), batch))
        };
        run_blocking(move || commit_computed(&*store, "the circuit", replace)).await?;
        self.circuits.forget(&id);
        tracing::info!(target: "valence_coprocessor", circuit = %id, "circuit deployed");
        Ok(id)
    }

    pub(crate) async fn deploy_domain(
        &self,
        caller: &Caller,
        name: DomainName,
        controller: Vec<u8>,
        elf: Vec<u8>,
    ) -> Result<DomainId, EngineError> {
        self.check_sizes(&controller, &elf)?;
        let id = DomainId::of(&name);
        let key = domain_key(&id);
        owned_domain(caller, self.value(&key)?.as_ref())?;
        self.check_pinned_controller(id, &name, ModuleHash::of(&controller))?;
        let (controller, elf): (Arc<[u8]>, Arc<[u8]>) = (controller.into(), elf.into());
        self.compile(Arc::clone(&controller)).await?;
        let light_client = self.light_client(id, &name, &elf).await?;
        let (store, caller) = (Arc::clone(&self.store), *caller);
        let logged = name.clone();
        let replace = move |snapshot: Box<dyn Snapshot + '_>| {
            let stored = snapshot.get(Table::Registry, &key)?;
            let present = owned_domain(&caller, stored.as_ref())?;
            let record = DomainRecord {
                id,
                name: name.clone(),
                owner: owner_after(present.and_then(|record| record.owner), &caller),
                controller: ModuleHash::of(&controller),
                light_client: light_client.clone(),
            };
            let mut batch = Batch::new();
            batch.expect(Table::Registry, key.clone(), stored.map(Vec::from));
            batch.put(Table::Registry, key.clone(), encode(&record)?);
            batch.put(Table::Modules, *record.controller.as_bytes(), &*controller);
            if let Some(light_client) = &record.light_client {
                batch.put(Table::Modules, *light_client.elf.as_bytes(), &*elf);
            }
            Ok(((), batch))
        };
        run_blocking(move || commit_computed(&*store, "the domain", replace)).await?;
        self.domains.forget(&id);
        tracing::info!(target: "valence_coprocessor", domain = %logged, %id, "domain deployed");
        Ok(id)
    }

    fn check_sizes(&self, controller: &[u8], elf: &[u8]) -> Result<(), EngineError> {
        let limits = &self.config.limits;
        let parts = [
            ("the controller", controller.len(), limits.controller_bytes),
            ("the circuit", elf.len(), limits.circuit_bytes),
        ];
        match parts.into_iter().find(|(_, size, limit)| size > limit) {
            Some((what, size, limit)) => Err(EngineError::TooLarge {
                what,
                size: size as u64,
                limit: limit as u64,
            }),
            None => Ok(()),
        }
    }

    fn check_pinned_controller(
        &self,
        id: DomainId,
        name: &DomainName,
        controller: ModuleHash,
    ) -> Result<(), EngineError> {
        match &self.config.mode {
            Mode::Elected(set)
                if set
                    .get(&id)
                    .is_some_and(|domain| domain.controller != controller) =>
            {
                Err(EngineError::DomainPinned {
                    domain: name.clone(),
                    what: "controller",
                })
            }
            Mode::Elected(_) | Mode::Dev => Ok(()),
        }
    }

    /// The light client of a domain; what the domain set pins about it is demanded.
    async fn light_client(
        &self,
        id: DomainId,
        name: &DomainName,
        elf: &Arc<[u8]>,
    ) -> Result<Option<LightClientRecord>, EngineError> {
        let elected = match &self.config.mode {
            Mode::Elected(set) => set.get(&id),
            Mode::Dev => None,
        };
        let verifying_key = match elected {
            None => None,
            Some(_) if elf.is_empty() => None,
            Some(_) => Some(self.compute_key(Arc::clone(elf)).await?),
        };
        if let Some(elected) = elected
            && verifying_key.as_ref().map(|key| key.hash) != Some(elected.verifying_key)
        {
            return Err(EngineError::DomainPinned {
                domain: name.clone(),
                what: "verifying key",
            });
        }
        if elf.is_empty() {
            return Ok(None);
        }
        if verifying_key.is_none() {
            self.check_elf(Arc::clone(elf)).await?;
        }
        Ok(Some(LightClientRecord {
            elf: ModuleHash::of(elf),
            verifying_key: verifying_key.map(Into::into),
        }))
    }

    /// Whether the zkVM can start it, which takes no time beside computing its key.
    async fn check_elf(&self, elf: Arc<[u8]>) -> Result<(), EngineError> {
        let limits = Limits {
            cycles: 1,
            ..self.config.limits.execution
        };
        match self.zkvm.execute(elf, Arc::default(), limits).await {
            Err(error @ ZkvmError::InvalidElf { .. }) => Err(EngineError::of_upload(error)),
            Err(error) if error.is_transient() => Err(EngineError::of_upload(error)),
            _ => Ok(()),
        }
    }

    pub(super) async fn compute_key(&self, elf: Arc<[u8]>) -> Result<VerifyingKey, EngineError> {
        let key = self.keys.find_or_make(ModuleHash::of(&elf), OnceCell::new);
        let computed = key.get_or_try_init(|| self.zkvm.verifying_key(elf)).await;
        computed.cloned().map_err(EngineError::of_upload)
    }
}

/// The present record, if the caller may replace it.
fn owned_circuit(
    caller: &Caller,
    id: CircuitId,
    stored: Option<&Value>,
) -> Result<Option<CircuitRecord>, EngineError> {
    let Some(stored) = stored else {
        return Ok(None);
    };
    let record: CircuitRecord = decode("circuit", stored)?;
    if !caller.may_change(record.owner) {
        return Err(EngineError::NotOwner {
            what: format!("circuit {id}"),
            hint: ELSEWHERE,
        });
    }
    Ok(Some(record))
}

/// The present record, if the caller may replace it.
fn owned_domain(
    caller: &Caller,
    stored: Option<&Value>,
) -> Result<Option<DomainRecord>, EngineError> {
    let Some(stored) = stored else {
        return Ok(None);
    };
    let record: DomainRecord = decode("domain", stored)?;
    if !caller.may_change(record.owner) {
        let what = format!("domain `{}`", record.name);
        return Err(EngineError::NotOwner {
            what,
            hint: ANOTHER_NAME,
        });
    }
    Ok(Some(record))
}

/// Who owns what a caller deploys: what nobody owned becomes the caller's.
fn owner_after(present: Option<PublicKey>, caller: &Caller) -> Option<PublicKey> {
    present.or(caller.key())
}

fn encode<T: serde::Serialize>(record: &T) -> Result<Vec<u8>, EngineError> {
    serde_json::to_vec(record).map_err(|error| EngineError::corrupt("record", error))
}
