//! A host in memory, and sandboxes with small limits.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use valence_coprocessor_protocol::{DomainId, Root, StateProof, StateRoot, StepPublicValues};
use valence_coprocessor_wasm::{
    Block, Budget, Call, CallFailure, ControllerModule, Export, FileChanges, HistoricalUpdate,
    Host, HostError, Limits, Outcome, Sandbox, SandboxConfig, StoredFile,
};

/// What the host stores.
#[derive(Debug, Default)]
pub(crate) struct Stored {
    pub(crate) files: BTreeMap<String, Vec<u8>>,
    pub(crate) raw: Option<Vec<u8>>,
}

/// A host with one block in the domain `moon`, whose state proofs are made by another module if there is one.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) controller: [u8; 32],
    pub(crate) stored: Mutex<Stored>,
    pub(crate) domain: Option<(Sandbox, ControllerModule)>,
}

pub(crate) const CONTROLLER: [u8; 32] = [0xc1; 32];
pub(crate) const ROOT: [u8; 32] = [0x07; 32];
pub(crate) const BLOCK_NUMBER: u64 = 300;

impl World {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            controller: CONTROLLER,
            stored: Mutex::default(),
            domain: None,
        })
    }

    pub(crate) fn with_domain(sandbox: &Sandbox, module: ControllerModule) -> Arc<Self> {
        let domain = Some((sandbox.clone(), module));
        Arc::new(Self {
            controller: CONTROLLER,
            stored: Mutex::default(),
            domain,
        })
    }

    pub(crate) fn stored(&self) -> MutexGuard<'_, Stored> {
        self.stored.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What a probe module left behind: the import's answer, and the bytes it wrote.
    pub(crate) fn probed(&self) -> (i32, Vec<u8>) {
        let stored = self.stored();
        let code = stored
            .files
            .get("code")
            .and_then(|bytes| bytes.first_chunk::<4>());
        let code = i32::from_le_bytes(*code.expect("the probe stored the code"));
        (code, stored.raw.clone().unwrap_or_default())
    }
}

pub(crate) fn moon_block() -> Block {
    Block {
        domain: [0x11; 32],
        number: BLOCK_NUMBER,
        root: [0x80; 32],
        payload: vec![1, 2, 3],
    }
}

#[async_trait]
impl Host for World {
    fn controller(&self) -> [u8; 32] {
        self.controller
    }

    fn historical(&self) -> Root {
        Root::from_bytes(ROOT)
    }

    async fn file(&self, path: &str) -> Result<Option<Vec<u8>>, HostError> {
        Ok(self.stored().files.get(path).cloned())
    }

    async fn set_file(&self, path: &str, contents: Vec<u8>) -> Result<(), HostError> {
        self.stored().files.insert(path.to_owned(), contents);
        Ok(())
    }

    async fn files(&self) -> Result<Vec<StoredFile>, HostError> {
        let stored = self.stored();
        let file = |(path, contents): (&String, &Vec<u8>)| StoredFile {
            path: path.clone(),
            contents: contents.clone(),
        };
        Ok(stored.files.iter().map(file).collect())
    }

    async fn change_files(&self, changes: FileChanges) -> Result<(), HostError> {
        let mut stored = self.stored();
        for path in changes.delete {
            stored.files.remove(&path);
        }
        for file in changes.write {
            stored.files.insert(file.path, file.contents);
        }
        Ok(())
    }

    async fn raw(&self) -> Result<Option<Vec<u8>>, HostError> {
        Ok(self.stored().raw.clone())
    }

    async fn set_raw(&self, bytes: Vec<u8>) -> Result<(), HostError> {
        self.stored().raw = Some(bytes);
        Ok(())
    }

    fn light_client_step(&self) -> Option<StepPublicValues> {
        None
    }

    async fn latest_block(&self, domain: &str) -> Result<Option<Block>, HostError> {
        Ok((domain == "moon").then(moon_block))
    }

    async fn block_proof(&self, domain: &str, number: u64) -> Result<Vec<u8>, HostError> {
        if domain == "moon" && number == BLOCK_NUMBER {
            return Ok(vec![0xab; 300]);
        }
        Err(HostError::new(format!("{domain} has no block {number}")))
    }

    async fn historical_update(&self, root: Root) -> Result<Option<HistoricalUpdate>, HostError> {
        let update = HistoricalUpdate {
            uuid: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 200],
            root: ROOT,
            previous: [0x06; 32],
            block: moon_block(),
        };
        Ok((root.as_bytes() == &ROOT).then_some(update))
    }

    async fn state_proof(
        &self,
        domain: &str,
        args: Vec<u8>,
        budget: Budget,
    ) -> Result<StateProof, HostError> {
        let host = Self {
            controller: [0xd0; 32],
            stored: Mutex::default(),
            domain: self.domain.clone(),
        };
        if let Some((sandbox, module)) = &self.domain {
            let call = Call {
                args: args.clone(),
                host: Arc::new(host),
                budget,
            };
            sandbox
                .call(module, Export::GetStateProof, call)
                .await
                .map_err(|failure| HostError::new(failure.to_string()))?;
        }
        if domain != "moon" {
            return Err(HostError::new(format!("there is no domain `{domain}`")));
        }
        Ok(StateProof {
            domain: DomainId::from_bytes([0x11; 32]),
            number: BLOCK_NUMBER,
            state_root: StateRoot::from_bytes([0x80; 32]),
            payload: vec![1, 2, 3],
            proof: args,
        })
    }
}

/// Limits that a test reaches quickly.
pub(crate) fn limits() -> Limits {
    Limits {
        fuel: 200_000_000,
        duration: Duration::from_secs(20),
        memory_bytes: 32 * 1024 * 1024,
        ..Limits::default()
    }
}

pub(crate) fn config() -> SandboxConfig {
    SandboxConfig {
        limits: limits(),
        concurrent_calls: 4,
        ..SandboxConfig::default()
    }
}

pub(crate) fn sandbox() -> Sandbox {
    Sandbox::new(config()).expect("the sandbox starts")
}

pub(crate) fn sandbox_with(limits: Limits) -> Sandbox {
    Sandbox::new(SandboxConfig { limits, ..config() }).expect("the sandbox starts")
}

/// Compiles a module in text form and calls an export.
pub(crate) async fn call(
    sandbox: &Sandbox,
    host: &Arc<World>,
    export: Export,
    wat: &str,
    args: &str,
) -> Result<Outcome, CallFailure> {
    let wasm = wat::parse_str(wat).expect("the test's module is valid");
    let module = sandbox.compile(&wasm).expect("the module compiles");
    let call = Call {
        args: args.as_bytes().to_vec(),
        host: Arc::clone(host) as Arc<dyn Host>,
        budget: sandbox.budget(),
    };
    sandbox.call(&module, export, call).await
}

/// Calls `entrypoint` in a world of its own and expects it to fail.
pub(crate) async fn failure(sandbox: &Sandbox, wat: &str) -> CallFailure {
    call(sandbox, &World::new(), Export::Entrypoint, wat, "{}")
        .await
        .expect_err("the call fails")
}
