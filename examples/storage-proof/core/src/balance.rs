//! The statement: whose balance, of which token, in which block.

use alloc::vec::Vec;

use valence_coprocessor_circuit_sdk::{Verified, Witnesses};
use valence_coprocessor_ethereum_state_proof::{Account, Address, StateProof};
use valence_coprocessor_protocol::AlignedBytes;

use crate::{Balance, BalanceError, DEMO_TOKEN, DEVNET, Domain, TRUSTED, Token, USDC};

/// The circuit of the demo's token in trusted blocks.
pub fn demo_balance(witnesses: &Verified<Witnesses<'_>>) -> Result<Vec<u8>, BalanceError> {
    balance(&TRUSTED, &DEMO_TOKEN, witnesses).map(|balance| balance.encode())
}

/// The circuit of the demo's token in blocks that the light client has accepted.
pub fn devnet_balance(witnesses: &Verified<Witnesses<'_>>) -> Result<Vec<u8>, BalanceError> {
    balance(&DEVNET, &DEMO_TOKEN, witnesses).map(|balance| balance.encode())
}

/// The circuit of USDC in trusted blocks.
pub fn usdc_balance(witnesses: &Verified<Witnesses<'_>>) -> Result<Vec<u8>, BalanceError> {
    balance(&TRUSTED, &USDC, witnesses).map(|balance| balance.encode())
}

/// Proves the balance that witness 1 asks for, by the opened state proof of witness 0.
pub fn balance(
    domain: &Domain,
    token: &Token,
    witnesses: &Verified<Witnesses<'_>>,
) -> Result<Balance, BalanceError> {
    if witnesses.len() != 2 {
        return Err(BalanceError::WitnessCount {
            got: witnesses.len(),
        });
    }
    let block = witnesses
        .state_proof(0, domain.id)
        .map_err(BalanceError::Witness)?;
    let holder = witnesses.data(1).map_err(BalanceError::Witness)?;
    let holder = holder
        .try_into()
        .map_err(|_| BalanceError::Holder { got: holder.len() })?;
    let holder = Address::from_bytes(holder);
    let timestamp = (domain.timestamp)(block.payload()).map_err(BalanceError::Payload)?;

    let failed = |error| BalanceError::StateProof { error };
    let aligned = AlignedBytes::new(block.proof()).map_err(BalanceError::Encoding)?;
    let mut proof = StateProof::decode(aligned.words()).map_err(failed)?;
    let account = proof
        .account(&block.state_root(), &token.contract)
        .map_err(failed)?;
    if account == Account::Absent {
        return Err(BalanceError::NoToken {
            number: block.number(),
        });
    }
    let stored = proof.slot(&account, &token.slot(&holder)).map_err(failed)?;
    proof.finish().map_err(failed)?;

    Ok(Balance {
        domain: block.domain(),
        number: block.number(),
        timestamp,
        state_root: block.state_root(),
        token: token.contract,
        holder,
        balance: token.balance(stored.to_word()),
    })
}
