//! What a controller can ask of the co-processor.

use alloc::collections::BTreeMap;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use valence_coprocessor_controller_abi::{
    Block, HistoricalUpdate, StateProofValue, UnpackError, unpack, unpack_option,
};
use valence_coprocessor_protocol::{Root, StateProof, StepPublicValues};

use crate::error::Error;
use crate::import::{Request, call};

/// The answer of an HTTP server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HttpResponse {
    /// The status code.
    pub status: u16,
    /// The headers, names in lower case.
    pub headers: BTreeMap<String, String>,
    /// JSON if the request accepted `application/json`, a text if `text/html`, else an array of bytes.
    pub body: Value,
}

/// Writes a line to the call's log; usually through [`log!`](crate::log!).
pub fn log(line: &str) -> Result<(), Error> {
    call(Request::Log(line))?;
    Ok(())
}

/// A stored file, if there is one.
pub fn file(path: &str) -> Result<Option<Vec<u8>>, Error> {
    Ok(unpack_option(&call(Request::File(path))?)?)
}

/// Stores a file.
pub fn set_file(path: &str, contents: &[u8]) -> Result<(), Error> {
    call(Request::SetFile(path, contents))?;
    Ok(())
}

/// The raw storage, empty if there is none.
pub fn raw() -> Result<Vec<u8>, Error> {
    Ok(call(Request::Raw)?)
}

/// Replaces the raw storage.
pub fn set_raw(bytes: &[u8]) -> Result<(), Error> {
    call(Request::SetRaw(bytes))?;
    Ok(())
}

/// All stored files as one FAT16 image, such as crate `buf-fs` reads.
pub fn storage_image() -> Result<Vec<u8>, Error> {
    Ok(call(Request::StorageImage)?)
}

/// Replaces the stored files that a FAT16 image can show by those of this image.
pub fn set_storage_image(image: &[u8]) -> Result<(), Error> {
    call(Request::SetStorageImage(image))?;
    Ok(())
}

/// Identifier of the circuit or domain whose controller this is.
pub fn controller() -> Result<[u8; 32], Error> {
    array(&call(Request::Controller)?)
}

/// The co-processor root that the call sees.
pub fn historical() -> Result<Root, Error> {
    array(&call(Request::Historical)?).map(Root::from_bytes)
}

/// The newest block of a domain.
pub fn latest_block(domain: &str) -> Result<Option<Block>, Error> {
    Ok(unpack_option(&call(Request::LatestBlock(domain))?)?)
}

/// The encoded opening of a block under the root that the call sees.
pub fn block_proof(domain: &str, number: u64) -> Result<Vec<u8>, Error> {
    Ok(unpack(&call(Request::BlockProof(domain, number))?)?)
}

/// The step of the history that led to a root.
pub fn historical_update(root: &Root) -> Result<Option<HistoricalUpdate>, Error> {
    Ok(unpack_option(&call(Request::HistoricalUpdate(
        root.as_bytes(),
    ))?)?)
}

/// A proof of chain state, made by the domain's controller; what `args` must hold is that controller's business.
pub fn state_proof<A: Serialize + ?Sized>(domain: &str, args: &A) -> Result<StateProof, Error> {
    let args = serde_json::to_vec(args)?;
    let answer = call(Request::StateProof(domain, &args))?;
    let proof: Result<StateProofValue, UnpackError> = unpack(&answer);
    Ok(proof?.into())
}

/// The step whose proof the service has verified before it called `validate_block`: under the verifying key and from
/// the genesis of the domain set. An error in every other call.
pub fn light_client_step() -> Result<StepPublicValues, Error> {
    let bytes = call(Request::LightClientStep)?;
    StepPublicValues::decode(&bytes).map_err(|error| Error::new(error.to_string()))
}

/// Makes an HTTP request: `{url, method, headers, query, body, json, basic_auth, bearer}`.
pub fn http<A: Serialize + ?Sized>(request: &A) -> Result<HttpResponse, Error> {
    let request = serde_json::to_vec(request)?;
    Ok(serde_json::from_slice(&call(Request::Http(&request))?)?)
}

/// Calls a method of a chain's node, which the operator configured by this name (the import is called `alchemy`).
pub fn rpc<P: Serialize + ?Sized>(chain: &str, method: &str, params: &P) -> Result<Value, Error> {
    let params = serde_json::to_vec(params)?;
    Ok(serde_json::from_slice(&call(Request::Rpc(
        chain, method, &params,
    ))?)?)
}

fn array<const N: usize>(bytes: &[u8]) -> Result<[u8; N], Error> {
    bytes.try_into().map_err(|_| {
        Error::new(alloc::format!(
            "the host answered {} bytes, {N} were expected",
            bytes.len()
        ))
    })
}
