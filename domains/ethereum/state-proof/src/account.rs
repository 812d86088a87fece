//! Accounts: the typed fact that a proof gives.

use crate::rlp::Items;
use crate::{StateProofError, keccak256};

/// The storage root of an account that has no storage, or is not there.
const NO_STORAGE: [u8; 32] = [
    0x56, 0xe8, 0x1f, 0x17, 0x1b, 0xcc, 0x55, 0xa6, 0xff, 0x83, 0x45, 0xe6, 0x92, 0xc0, 0xf8, 0x6e,
    0x5b, 0x48, 0xe0, 0x1b, 0x99, 0x6c, 0xad, 0xc0, 0x01, 0x62, 0x2f, 0xb5, 0xe3, 0x63, 0xb4, 0x21,
];

/// The hash of no code: of an account that no contract is at.
const NO_CODE: [u8; 32] = [
    0xc5, 0xd2, 0x46, 0x01, 0x86, 0xf7, 0x23, 0x3c, 0x92, 0x7e, 0x7d, 0xb2, 0xdc, 0xc7, 0x03, 0xc0,
    0xe5, 0x00, 0xb6, 0x53, 0xca, 0x82, 0x27, 0x3b, 0x7b, 0xfa, 0xd8, 0x04, 0x5d, 0x85, 0xa4, 0x70,
];

/// What is proven to be at an address. Only a proof makes one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Account {
    /// An account.
    Present(AccountState),
    /// Proven: there is none.
    Absent,
}

/// The four fields of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AccountState {
    /// Transactions sent, or contracts created.
    pub nonce: u64,
    /// Wei, big-endian.
    pub balance: [u8; 32],
    /// The root of the storage trie.
    pub storage_root: [u8; 32],
    /// Keccak of the code; of no bytes if there is none.
    pub code_hash: [u8; 32],
}

impl AccountState {
    /// Whether there is code: of a contract, or a delegation to one (EIP-7702).
    pub fn has_code(&self) -> bool {
        self.code_hash != NO_CODE
    }

    /// Whether the code is these bytes.
    pub fn is_code(&self, code: &[u8]) -> bool {
        keccak256(code) == self.code_hash
    }
}

impl Account {
    pub(crate) fn decode(value: Option<&[u8]>) -> Result<Self, StateProofError> {
        let Some(bytes) = value else {
            return Ok(Self::Absent);
        };
        let read = || {
            let mut items = Items::of_list(bytes)?;
            let state = AccountState {
                nonce: u64::from_be_bytes(items.number()?),
                balance: items.number()?,
                storage_root: *items.hash()?,
                code_hash: *items.hash()?,
            };
            items.finish()?;
            Ok(Self::Present(state))
        };
        read().map_err(StateProofError::AccountValue)
    }

    /// The account, if there is one.
    pub const fn present(&self) -> Option<&AccountState> {
        match self {
            Self::Present(state) => Some(state),
            Self::Absent => None,
        }
    }

    /// The storage root; an absent account has no storage.
    pub const fn storage_root(&self) -> [u8; 32] {
        match self {
            Self::Present(state) => state.storage_root,
            Self::Absent => NO_STORAGE,
        }
    }
}
