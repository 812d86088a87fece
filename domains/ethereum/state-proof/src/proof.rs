//! `StateProof`: what a caller asks of the nodes, one typed fact at a time.

use valence_coprocessor_protocol::StateRoot;

use crate::account::Account;
use crate::receipt::{Receipt, ReceiptsRoot, index_key};
use crate::slot::{Slot, SlotValue};
use crate::{Address, NodeSet, StateProofError, keccak256, trie};

/// A decoded proof. Nothing is proven by having one; each method proves what it returns.
///
/// One proof holds the nodes of any number of accounts, slots and receipts, and is asked in any order.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a proof proves what it is asked for"]
pub struct StateProof<'a> {
    nodes: NodeSet<'a>,
}

impl<'a> StateProof<'a> {
    /// Decodes a proof from words; [`AlignedBytes`](valence_coprocessor_protocol::AlignedBytes) gives them.
    pub fn decode(words: &'a [u64]) -> Result<Self, StateProofError> {
        NodeSet::decode(words).map(|nodes| Self { nodes })
    }

    /// The account at an address under a state root.
    pub fn account(
        &mut self,
        state_root: &StateRoot,
        address: &Address,
    ) -> Result<Account, StateProofError> {
        let key = keccak256(address.as_bytes());
        let value = trie::prove(state_root.as_bytes(), &key, &mut self.nodes)
            .map_err(StateProofError::Account)?;
        Account::decode(value)
    }

    /// The value of a slot of a proven account.
    pub fn slot(&mut self, account: &Account, slot: &Slot) -> Result<SlotValue, StateProofError> {
        let key = keccak256(slot.as_bytes());
        let value = trie::prove(&account.storage_root(), &key, &mut self.nodes)
            .map_err(StateProofError::Slot)?;
        SlotValue::decode(value)
    }

    /// The receipt of the block's transaction number `index`; `None` is proven: the block has no such transaction.
    pub fn receipt(
        &mut self,
        receipts_root: &ReceiptsRoot,
        index: u64,
    ) -> Result<Option<Receipt<'a>>, StateProofError> {
        let (bytes, start) = index_key(index);
        let value = trie::prove(receipts_root.as_bytes(), &bytes[start..], &mut self.nodes)
            .map_err(StateProofError::Receipt)?;
        value
            .map(Receipt::decode)
            .transpose()
            .map_err(StateProofError::ReceiptValue)
    }

    /// Demands that nothing of the proof is left over: what is proven has one proof.
    ///
    /// The facts are proven without it too, but then two byte strings prove the same.
    pub fn finish(self) -> Result<(), StateProofError> {
        self.nodes.finish()
    }
}
