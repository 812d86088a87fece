//! The guests that are committed in built form.

use std::path::PathBuf;

use anyhow::Context as _;

use crate::repository_root;

/// A controller and the circuit that it serves.
#[derive(Debug, Clone)]
pub struct Guest {
    /// The WebAssembly module.
    pub controller: Vec<u8>,
    /// The ELF.
    pub circuit: Vec<u8>,
}

/// The folder of committed guests.
#[derive(Debug, Clone)]
pub struct Artifacts {
    folder: PathBuf,
}

impl Default for Artifacts {
    fn default() -> Self {
        Self {
            folder: repository_root().join("guests/artifacts"),
        }
    }
}

impl Artifacts {
    /// The example: the balance of a holder of an ERC-20 token.
    pub fn storage_proof(&self) -> anyhow::Result<Guest> {
        self.guest("storage-proof", "storage-proof")
    }

    /// The same in blocks that the light client has accepted.
    pub fn storage_proof_on_devnet(&self) -> anyhow::Result<Guest> {
        self.guest("storage-proof", "storage-proof-devnet")
    }

    /// The same for USDC on mainnet.
    pub fn storage_proof_of_usdc(&self) -> anyhow::Result<Guest> {
        self.guest("storage-proof", "storage-proof-usdc")
    }

    /// The domain whose blocks are taken on trust: it has no light client, so its circuit is empty.
    pub fn ethereum_trusted(&self) -> anyhow::Result<Guest> {
        Ok(Guest {
            controller: self.read("ethereum-trusted.wasm")?,
            circuit: Vec::new(),
        })
    }

    /// A domain that the light client follows.
    pub fn ethereum(&self) -> anyhow::Result<Guest> {
        self.guest("ethereum", "ethereum-step")
    }

    /// The smallest guest: it outputs its arguments.
    pub fn echo(&self) -> anyhow::Result<Guest> {
        self.guest("echo", "echo")
    }

    /// What is recorded of Uniswap V2's factory on mainnet. The controller relays what its arguments list.
    pub fn factory(&self) -> anyhow::Result<Guest> {
        self.guest("relay", "factory")
    }

    /// A transfer's log and its block's header, on the simulated chain. The controller is the same.
    pub fn transfer(&self) -> anyhow::Result<Guest> {
        self.guest("relay", "transfer")
    }

    fn guest(&self, controller: &str, circuit: &str) -> anyhow::Result<Guest> {
        Ok(Guest {
            controller: self.read(&format!("{controller}.wasm"))?,
            circuit: self.read(&format!("{circuit}.elf"))?,
        })
    }

    fn read(&self, name: &str) -> anyhow::Result<Vec<u8>> {
        let path = self.folder.join(name);
        std::fs::read(&path).with_context(|| format!("reading {}", path.display()))
    }
}
