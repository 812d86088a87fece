//! What a mock knows, and how it answers: in the encodings of the real host.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;
use valence_coprocessor_controller_abi::{
    Block, Code, HistoricalUpdate, StateProofValue, pack, pack_option,
};
use valence_coprocessor_controller_sdk::{HostFailure, Request};
use valence_coprocessor_protocol::{Root, StateProof, StepPublicValues};

type Answer<T> = Box<dyn FnMut(Value) -> Result<T, String>>;

/// What a mock knows.
#[derive(Default)]
pub(crate) struct World {
    pub(crate) args: Vec<u8>,
    pub(crate) ret: Option<Value>,
    pub(crate) panic: Option<String>,
    pub(crate) log: Vec<String>,
    pub(crate) image: Vec<u8>,
    pub(crate) files: BTreeMap<String, Vec<u8>>,
    pub(crate) raw: Vec<u8>,
    pub(crate) controller: [u8; 32],
    pub(crate) root: Option<Root>,
    pub(crate) latest_blocks: BTreeMap<String, Block>,
    pub(crate) block_proofs: BTreeMap<(String, u64), Vec<u8>>,
    pub(crate) updates: BTreeMap<[u8; 32], HistoricalUpdate>,
    pub(crate) state_proofs: BTreeMap<String, Answer<StateProof>>,
    pub(crate) nodes: BTreeMap<(String, String), Answer<Value>>,
    pub(crate) step: Option<StepPublicValues>,
    pub(crate) http: Option<Answer<Value>>,
}

impl World {
    pub(crate) fn answer(&mut self, request: Request<'_>) -> Result<Vec<u8>, HostFailure> {
        match request {
            Request::Args => return Ok(self.args.clone()),
            Request::Raw => return Ok(self.raw.clone()),
            Request::StorageImage => return Ok(self.image.clone()),
            Request::Controller => return Ok(self.controller.to_vec()),
            Request::Historical => return Ok(self.root.unwrap_or(Root::ZERO).as_bytes().to_vec()),
            Request::File(path) => return Ok(pack_option(self.files.get(path))),
            Request::LatestBlock(domain) => {
                return Ok(pack_option(self.latest_blocks.get(domain)));
            }
            Request::HistoricalUpdate(root) => return Ok(pack_option(self.updates.get(root))),
            Request::BlockProof(domain, number) => return self.block_proof(domain, number),
            Request::StateProof(domain, args) => return self.state_proof(domain, args),
            Request::LightClientStep => return self.light_client_step(),
            Request::Http(args) => return self.fetch(args),
            Request::Rpc(chain, method, params) => return self.rpc(chain, method, params),
            Request::Ret(value) => self.ret = Some(json(value)?),
            Request::Log(line) => self.log.push(line.to_owned()),
            Request::Panic(text) => self.panic = Some(text.to_owned()),
            Request::SetStorageImage(image) => self.image = image.to_vec(),
            Request::SetFile(path, contents) => {
                self.files.insert(path.to_owned(), contents.to_vec());
            }
            Request::SetRaw(bytes) => self.raw = bytes.to_vec(),
        }
        Ok(Vec::new())
    }

    fn block_proof(&self, domain: &str, number: u64) -> Result<Vec<u8>, HostFailure> {
        self.block_proofs
            .get(&(domain.to_owned(), number))
            .map(pack)
            .ok_or_else(|| failure(Code::BlockProof, format!("{domain} has no block {number}")))
    }

    fn light_client_step(&self) -> Result<Vec<u8>, HostFailure> {
        let none = || failure(Code::LightClientStep, "the mock knows no step".to_owned());
        Ok(self.step.as_ref().ok_or_else(none)?.encode().to_vec())
    }

    fn state_proof(&mut self, domain: &str, args: &[u8]) -> Result<Vec<u8>, HostFailure> {
        let prove = self.state_proofs.get_mut(domain).ok_or_else(|| {
            failure(
                Code::StateProof,
                format!("the mock knows no domain `{domain}`"),
            )
        })?;
        let proof = prove(json(args)?).map_err(|reason| failure(Code::StateProof, reason))?;
        Ok(pack(&StateProofValue::from(proof)))
    }

    fn fetch(&mut self, args: &[u8]) -> Result<Vec<u8>, HostFailure> {
        let fetch = self
            .http
            .as_mut()
            .ok_or_else(|| failure(Code::Http, "the mock has no network".to_owned()))?;
        let answer = fetch(json(args)?).map_err(|reason| failure(Code::Http, reason))?;
        Ok(answer.to_string().into_bytes())
    }

    fn rpc(&mut self, chain: &str, method: &str, params: &[u8]) -> Result<Vec<u8>, HostFailure> {
        let call = self
            .nodes
            .get_mut(&(chain.to_owned(), method.to_owned()))
            .ok_or_else(|| {
                failure(
                    Code::ApiKey,
                    format!("the mock has no answer to {method} on `{chain}`"),
                )
            })?;
        let answer = call(json(params)?).map_err(|reason| failure(Code::RpcResult, reason))?;
        Ok(answer.to_string().into_bytes())
    }
}

fn json(bytes: &[u8]) -> Result<Value, HostFailure> {
    serde_json::from_slice(bytes).map_err(|error| failure(Code::Json, error.to_string()))
}

fn failure(code: Code, reason: String) -> HostFailure {
    HostFailure {
        code: code.number(),
        reason,
    }
}

impl fmt::Debug for World {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("World")
            .field("files", &self.files.keys())
            .field("root", &self.root)
            .finish_non_exhaustive()
    }
}
