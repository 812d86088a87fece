//! Keys, signatures and sync committees (Altair, `beacon-chain.md`).

use serde::{Deserialize, Serialize};
use ssz_derive::{Decode, Encode};
use ssz_types::{
    BitVector, FixedVector,
    typenum::{U48, U96},
};
use tree_hash::{Hash256, PackedEncoding, TreeHash, TreeHashType};
use tree_hash_derive::TreeHash;

use super::Shape;

macro_rules! fixed_bytes {
    ($(#[$meta:meta])* $name:ident, $length:literal, $size:ty) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, Encode, Decode, Serialize, Deserialize)]
        #[ssz(struct_behaviour = "transparent")]
        #[serde(transparent)]
        pub struct $name(
            /// Its bytes.
            #[serde(with = "ssz_types::serde_utils::hex_fixed_vec")]
            pub FixedVector<u8, $size>,
        );

        impl From<[u8; $length]> for $name {
            fn from(bytes: [u8; $length]) -> Self {
                let mut vector = FixedVector::default();
                vector.copy_from_slice(&bytes);
                Self(vector)
            }
        }

        /// That of the vector; the derive macro knows no transparent structs.
        impl TreeHash for $name {
            fn tree_hash_type() -> TreeHashType {
                FixedVector::<u8, $size>::tree_hash_type()
            }

            fn tree_hash_packed_encoding(&self) -> PackedEncoding {
                self.0.tree_hash_packed_encoding()
            }

            fn tree_hash_packing_factor() -> usize {
                FixedVector::<u8, $size>::tree_hash_packing_factor()
            }

            fn tree_hash_root(&self) -> Hash256 {
                self.0.tree_hash_root()
            }
        }
    };
}

fixed_bytes! {
    /// `BLSPubkey`: a compressed point of G1.
    PublicKeyBytes, 48, U48
}

fixed_bytes! {
    /// `BLSSignature`: a compressed point of G2.
    SignatureBytes, 96, U96
}

impl Default for PublicKeyBytes {
    fn default() -> Self {
        Self::from([0; 48])
    }
}

/// The validators that sign the head during one period.
#[derive(Debug, Clone, PartialEq, Encode, Decode, TreeHash, Serialize, Deserialize)]
#[serde(bound = "")]
pub struct SyncCommittee<S: Shape> {
    /// Their keys; one may stand here twice.
    pub pubkeys: FixedVector<PublicKeyBytes, S::CommitteeSize>,
    /// The sum of their keys.
    pub aggregate_pubkey: PublicKeyBytes,
}

/// Who signed, and the sum of their signatures.
#[derive(Debug, Clone, PartialEq, Encode, Decode, TreeHash, Serialize, Deserialize)]
#[serde(bound = "")]
pub struct SyncAggregate<S: Shape> {
    /// One bit for each member.
    pub sync_committee_bits: BitVector<S::CommitteeSize>,
    /// The signature.
    pub sync_committee_signature: SignatureBytes,
}
