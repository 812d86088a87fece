//! Imports about proven history: blocks, openings, steps, and the state proofs of other domains.

use std::sync::Arc;

use valence_coprocessor_controller_abi::{
    Code, MODULE, MODULE_V2, StateProofValue, pack, pack_option,
};
use valence_coprocessor_protocol::Root;
use wasmtime::Linker;

use super::guest_memory::{read, read_array, read_text, write};
use super::storage::ask;
use super::{Guest, Stop, answer};
use crate::state::CallState;

pub(super) fn define(linker: &mut Linker<CallState>) -> wasmtime::Result<()> {
    linker.func_wrap_async(
        MODULE,
        "get_latest_block",
        |mut guest: Guest<'_>, (domain, length, pointer): (u32, u32, u32)| {
            Box::new(async move {
                let result = latest_block(&mut guest, (domain, length), pointer).await;
                answer(&mut guest, "get_latest_block", result)
            })
        },
    )?;
    linker.func_wrap_async(
        MODULE,
        "get_block_proof",
        |mut guest: Guest<'_>, (domain, length, number, pointer): (u32, u32, u32, u32)| {
            Box::new(async move {
                let result = block_proof(&mut guest, (domain, length), number, pointer).await;
                answer(&mut guest, "get_block_proof", result)
            })
        },
    )?;
    linker.func_wrap_async(
        MODULE,
        "get_historical_update",
        |mut guest: Guest<'_>, (root, pointer): (u32, u32)| {
            Box::new(async move {
                let result = historical_update(&mut guest, root, pointer).await;
                answer(&mut guest, "get_historical_update", result)
            })
        },
    )?;
    linker.func_wrap_async(
        MODULE,
        "get_state_proof",
        |mut guest: Guest<'_>,
         (domain, length, args, args_length, pointer): (u32, u32, u32, u32, u32)| {
            Box::new(async move {
                let result =
                    state_proof(&mut guest, (domain, length), (args, args_length), pointer).await;
                answer(&mut guest, "get_state_proof", result)
            })
        },
    )?;
    linker.func_wrap(
        MODULE_V2,
        "light_client_step",
        |mut guest: Guest<'_>, pointer: u32| {
            let result = light_client_step(&mut guest, pointer);
            answer(&mut guest, "light_client_step", result)
        },
    )?;
    Ok(())
}

fn light_client_step(guest: &mut Guest<'_>, pointer: u32) -> Result<i32, Stop> {
    let step = guest.data().host.light_client_step().ok_or_else(|| {
        Stop::Answer(
            Code::LightClientStep,
            Code::LightClientStep.meaning().to_owned(),
        )
    })?;
    write(guest, pointer, &step.encode())
}

async fn latest_block(
    guest: &mut Guest<'_>,
    domain: (u32, u32),
    pointer: u32,
) -> Result<i32, Stop> {
    let domain = read_text(guest, domain.0, domain.1)?;
    let host = Arc::clone(&guest.data().host);
    let block = ask(guest, Code::LatestBlock, host.latest_block(&domain)).await?;
    write(guest, pointer, &pack_option(block.as_ref()))
}

/// The opening is packed as bytes: its layout is the protocol's, not msgpack's.
async fn block_proof(
    guest: &mut Guest<'_>,
    domain: (u32, u32),
    number: u32,
    pointer: u32,
) -> Result<i32, Stop> {
    let domain = read_text(guest, domain.0, domain.1)?;
    let number = u64::from_le_bytes(read_array(guest, number)?);
    let host = Arc::clone(&guest.data().host);
    let opening = ask(guest, Code::BlockProof, host.block_proof(&domain, number)).await?;
    write(guest, pointer, &pack(&opening))
}

async fn historical_update(guest: &mut Guest<'_>, root: u32, pointer: u32) -> Result<i32, Stop> {
    let root = Root::from_bytes(read_array(guest, root)?);
    let host = Arc::clone(&guest.data().host);
    let update = ask(guest, Code::HistoricalUpdate, host.historical_update(root)).await?;
    write(guest, pointer, &pack_option(update.as_ref()))
}

/// The domain's controller spends the fuel of this call, which waits meanwhile.
async fn state_proof(
    guest: &mut Guest<'_>,
    domain: (u32, u32),
    args: (u32, u32),
    pointer: u32,
) -> Result<i32, Stop> {
    let domain = read_text(guest, domain.0, domain.1)?;
    let args = read(guest, args.0, args.1)?;
    serde_json::from_slice::<serde::de::IgnoredAny>(&args)
        .map_err(|error| Stop::Answer(Code::Json, error.to_string()))?;
    let budget = guest.data().budget.clone();
    let nested = budget.nested()?;
    let host = Arc::clone(&guest.data().host);
    budget.return_fuel(guest.get_fuel().unwrap_or(0));
    let proof = ask(
        guest,
        Code::StateProof,
        host.state_proof(&domain, args, nested),
    )
    .await;
    guest
        .set_fuel(budget.take_fuel())
        .map_err(|error| Stop::Answer(Code::StateProof, error.to_string()))?;
    write(guest, pointer, &pack(&StateProofValue::from(proof?)))
}
