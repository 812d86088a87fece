//! Building a mock, and looking at it while a test runs.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;

use serde_json::Value;
use valence_coprocessor_controller_abi::{Block, HistoricalUpdate};
use valence_coprocessor_controller_sdk::{Installed, install};
use valence_coprocessor_protocol::{Root, StateProof, StepPublicValues};

use crate::world::World;

/// A co-processor that knows what the test told it.
#[derive(Default)]
pub struct MockHost {
    world: World,
}

/// A mock that answers on this thread until it is dropped.
#[derive(Debug)]
pub struct InstalledHost {
    world: Rc<RefCell<World>>,
    _installed: Installed,
}

impl MockHost {
    /// A co-processor with the zero root, no blocks, no files and no network.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the arguments, for tests of exports as a whole.
    #[must_use]
    pub fn with_args(mut self, args: &Value) -> Self {
        self.world.args = args.to_string().into_bytes();
        self
    }

    /// Stores a file.
    #[must_use]
    pub fn with_file(mut self, path: &str, contents: &[u8]) -> Self {
        self.world.files.insert(path.to_owned(), contents.to_vec());
        self
    }

    /// Sets the raw storage.
    #[must_use]
    pub fn with_raw(mut self, bytes: &[u8]) -> Self {
        self.world.raw = bytes.to_vec();
        self
    }

    /// Sets the identifier of the circuit or domain.
    #[must_use]
    pub fn with_controller(mut self, controller: [u8; 32]) -> Self {
        self.world.controller = controller;
        self
    }

    /// Sets the co-processor root.
    #[must_use]
    pub fn with_root(mut self, root: Root) -> Self {
        self.world.root = Some(root);
        self
    }

    /// Sets the newest block of a domain.
    #[must_use]
    pub fn with_latest_block(mut self, domain: &str, block: Block) -> Self {
        self.world.latest_blocks.insert(domain.to_owned(), block);
        self
    }

    /// Sets the encoded opening of a block.
    #[must_use]
    pub fn with_block_proof(mut self, domain: &str, number: u64, opening: &[u8]) -> Self {
        self.world
            .block_proofs
            .insert((domain.to_owned(), number), opening.to_vec());
        self
    }

    /// Adds a step of the history.
    #[must_use]
    pub fn with_historical_update(mut self, update: HistoricalUpdate) -> Self {
        self.world.updates.insert(update.root, update);
        self
    }

    /// Sets the step that the light client has accepted.
    #[must_use]
    pub fn with_light_client_step(mut self, step: StepPublicValues) -> Self {
        self.world.step = Some(step);
        self
    }

    /// Answers state proofs of a domain.
    #[must_use]
    pub fn with_state_proofs(
        mut self,
        domain: &str,
        prove: impl FnMut(Value) -> Result<StateProof, String> + 'static,
    ) -> Self {
        self.world
            .state_proofs
            .insert(domain.to_owned(), Box::new(prove));
        self
    }

    /// Answers a method of a chain's node.
    #[must_use]
    pub fn with_rpc(
        mut self,
        chain: &str,
        method: &str,
        answer: impl FnMut(Value) -> Result<Value, String> + 'static,
    ) -> Self {
        self.world
            .nodes
            .insert((chain.to_owned(), method.to_owned()), Box::new(answer));
        self
    }

    /// Answers HTTP requests; the answer is `{status, headers, body}`.
    #[must_use]
    pub fn with_http(
        mut self,
        answer: impl FnMut(Value) -> Result<Value, String> + 'static,
    ) -> Self {
        self.world.http = Some(Box::new(answer));
        self
    }

    /// Answers the imports of this thread, until the result is dropped.
    #[must_use = "the mock is removed when this is dropped"]
    pub fn install(self) -> InstalledHost {
        let world = Rc::new(RefCell::new(self.world));
        let answering = Rc::clone(&world);
        let installed = install(move |request| answering.borrow_mut().answer(request));
        InstalledHost {
            world,
            _installed: installed,
        }
    }
}

impl InstalledHost {
    /// What was logged.
    pub fn log(&self) -> Vec<String> {
        self.world.borrow().log.clone()
    }

    /// A stored file.
    pub fn file(&self, path: &str) -> Option<Vec<u8>> {
        self.world.borrow().files.get(path).cloned()
    }

    /// Every stored file.
    pub fn files(&self) -> BTreeMap<String, Vec<u8>> {
        self.world.borrow().files.clone()
    }

    /// The raw storage.
    pub fn raw(&self) -> Vec<u8> {
        self.world.borrow().raw.clone()
    }

    /// What an export returned.
    pub fn ret(&self) -> Option<Value> {
        self.world.borrow().ret.clone()
    }

    /// The text with which an export ended.
    pub fn panic(&self) -> Option<String> {
        self.world.borrow().panic.clone()
    }
}

impl fmt::Debug for MockHost {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("MockHost")
            .field("world", &self.world)
            .finish()
    }
}
