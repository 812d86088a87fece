//! A transfer of the demo's token: a log under the receipts' root, and a field of the same block's header.

use alloc::vec::Vec;

use storage_proof_core::{DEMO_TOKEN, DEVNET};
use valence_coprocessor_circuit_sdk::{OpenedStateProof, Verified, Witnesses};
use valence_coprocessor_ethereum_state_proof::{
    BlockPayload, Header, ReceiptsRoot, StateProof, keccak256,
};
use valence_coprocessor_protocol::AlignedBytes;

use crate::{StatementError, word::word};

/// ERC-20's event.
const EVENT: &[u8] = b"Transfer(address,address,uint256)";

/// What is proven of a transfer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// The number of the block.
    pub number: u64,
    /// The time of the block, as its header has it.
    pub timestamp: u64,
    /// Gas that the block used, which its header alone says.
    pub gas_used: u64,
    /// Who had it, as a word.
    pub from: [u8; 32],
    /// Who has it, as a word.
    pub to: [u8; 32],
    /// How much, big-endian.
    pub value: [u8; 32],
}

impl Transfer {
    /// `abi.encode` of the fields in order: one word each.
    pub fn encode(&self) -> Vec<u8> {
        [
            word(self.number),
            word(self.timestamp),
            word(self.gas_used),
            self.from,
            self.to,
            self.value,
        ]
        .concat()
    }
}

/// The last witness: which log of which transaction of the block.
pub fn transfer_question(transaction: u64, log: u64) -> Vec<u8> {
    [transaction.to_be_bytes(), log.to_be_bytes()].concat()
}

/// The circuit. Its witnesses are the proof of the receipt, the header of the same block, and the question.
pub fn transfer(witnesses: &Verified<Witnesses<'_>>) -> Result<Vec<u8>, StatementError> {
    if witnesses.len() != 3 {
        let got = witnesses.len();
        return Err(StatementError::WitnessCount { got, expected: 3 });
    }
    let block = witnesses
        .state_proof(0, DEVNET.id)
        .map_err(StatementError::Witness)?;
    let other = witnesses
        .state_proof(1, DEVNET.id)
        .map_err(StatementError::Witness)?;
    let question = witnesses.data(2).map_err(StatementError::Witness)?;
    // Under one root a domain has one block of a number.
    if other.number() != block.number() {
        return Err(StatementError::OtherBlock {
            got: other.number(),
            expected: block.number(),
        });
    }
    let payload =
        BlockPayload::decode(block.payload()).map_err(|error| StatementError::Payload { error })?;
    let header = Header::verify(other.proof(), &payload.block_hash)
        .map_err(|error| StatementError::Header { error })?;
    let [from, to, value] = log(block, &payload.receipts_root, question)?;
    let transfer = Transfer {
        number: block.number(),
        timestamp: header.timestamp,
        gas_used: header.gas_used,
        from,
        to,
        value,
    };
    Ok(transfer.encode())
}

/// The two topics and the data of the event.
fn log(
    block: &OpenedStateProof<'_>,
    receipts_root: &ReceiptsRoot,
    question: &[u8],
) -> Result<[[u8; 32]; 3], StatementError> {
    let ([transaction, log], []) = question.as_chunks::<8>() else {
        let got = question.len();
        return Err(StatementError::Question { got });
    };
    let (transaction, log) = (u64::from_be_bytes(*transaction), u64::from_be_bytes(*log));
    let failed = |error| StatementError::StateProof { error };
    let aligned = AlignedBytes::new(block.proof()).map_err(StatementError::Encoding)?;
    let mut proof = StateProof::decode(aligned.words()).map_err(failed)?;
    let receipt = proof
        .receipt(receipts_root, transaction)
        .map_err(failed)?
        .ok_or(StatementError::NoTransaction {
            number: block.number(),
            index: transaction,
        })?;
    proof.finish().map_err(failed)?;
    let found = receipt
        .log(usize::try_from(log).unwrap_or(usize::MAX))
        .map_err(|error| StatementError::Log { error })?;
    match (found.topics.as_slice(), found.data.try_into()) {
        ([event, from, to], Ok(value))
            if found.address == DEMO_TOKEN.contract && **event == keccak256(EVENT) =>
        {
            Ok([**from, **to, value])
        }
        _ => Err(StatementError::NotATransfer { index: log }),
    }
}
