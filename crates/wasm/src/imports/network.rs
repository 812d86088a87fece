//! Imports that reach the network.

use std::sync::Arc;

use valence_coprocessor_controller_abi::{Code, MODULE};
use wasmtime::Linker;

use super::guest_memory::{read, read_text, write};
use super::{Guest, Stop, answer};
use crate::network::{HttpArguments, HttpError, RequestLimits, RpcError};
use crate::state::CallState;

/// Longest name of a JSON-RPC method.
const METHOD_LENGTH: usize = 128;

pub(super) fn define(linker: &mut Linker<CallState>) -> wasmtime::Result<()> {
    linker.func_wrap_async(
        MODULE,
        "http",
        |mut guest: Guest<'_>, (args, length, pointer): (u32, u32, u32)| {
            Box::new(async move {
                let result = http(&mut guest, (args, length), pointer).await;
                answer(&mut guest, "http", result)
            })
        },
    )?;
    linker.func_wrap_async(
        MODULE,
        "alchemy",
        |mut guest: Guest<'_>,
         (chain, chain_length, method, method_length, params, params_length, pointer): (
            u32,
            u32,
            u32,
            u32,
            u32,
            u32,
            u32,
        )| {
            Box::new(async move {
                let texts = [(chain, chain_length), (method, method_length)];
                let result = alchemy(&mut guest, texts, (params, params_length), pointer).await;
                answer(&mut guest, "alchemy", result)
            })
        },
    )?;
    Ok(())
}

async fn http(guest: &mut Guest<'_>, args: (u32, u32), pointer: u32) -> Result<i32, Stop> {
    let args = read(guest, args.0, args.1)?;
    let refuse = |error: HttpError| {
        let code = match error {
            HttpError::NotJson { .. } => Code::Json,
            _ => Code::Http,
        };
        Stop::Answer(code, error.to_string())
    };
    let arguments = HttpArguments::parse(&args).map_err(refuse)?;
    let limits = spend(guest)?;
    let network = Arc::clone(&guest.data().network);
    let result = network.http(arguments, limits).await;
    let answer = in_time(guest, result)?.map_err(refuse)?;
    write(guest, pointer, &answer)
}

async fn alchemy(
    guest: &mut Guest<'_>,
    [chain, method]: [(u32, u32); 2],
    params: (u32, u32),
    pointer: u32,
) -> Result<i32, Stop> {
    let chain = read_text(guest, chain.0, chain.1)?;
    let method = read_text(guest, method.0, method.1)?;
    let params = read(guest, params.0, params.1)?;
    if method.len() > METHOD_LENGTH {
        return Err(Stop::Answer(
            Code::RpcResult,
            "the method's name is too long".to_owned(),
        ));
    }
    let limits = spend(guest)?;
    let network = Arc::clone(&guest.data().network);
    let result = network.rpc(&chain, &method, &params, limits).await;
    let answer = in_time(guest, result)?.map_err(|error| {
        let code = match error {
            RpcError::ChainName { .. } | RpcError::UnknownChain { .. } => Code::ApiKey,
            RpcError::Parameters { .. } => Code::Json,
            RpcError::Failed { .. } => Code::RpcResult,
        };
        Stop::Answer(code, error.to_string())
    })?;
    write(guest, pointer, &answer)
}

/// Counts a request; it may last as long as the call may, at most.
fn spend(guest: &Guest<'_>) -> Result<RequestLimits, Stop> {
    let budget = &guest.data().budget;
    budget.spend_host_call()?;
    budget.spend_network_call()?;
    let limits = budget.limits();
    Ok(RequestLimits {
        duration: limits.request_duration.min(budget.remaining()),
        response_bytes: limits.response_bytes,
    })
}

/// A request that failed because the call's time is over ends the call.
fn in_time<T>(guest: &Guest<'_>, result: T) -> Result<T, Stop> {
    let budget = &guest.data().budget;
    if budget.remaining().is_zero() {
        return Err(budget.deadline_error().into());
    }
    Ok(result)
}
