//! `CallbackKey`: the key that signs callbacks. It is made at the first start and kept in the store, so that every
//! service on one store signs with the same, and a restart changes nothing for receivers.

use ring::rand::{SecureRandom as _, SystemRandom};
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use valence_coprocessor_store::{Batch, Store, StoreError, Table};

use crate::EngineError;

/// Where the seed is kept.
const RECORD: &[u8] = b"callback-key";
const WHAT: &str = "callback key";

/// An Ed25519 key.
#[derive(Debug)]
pub struct CallbackKey(Ed25519KeyPair);

impl CallbackKey {
    /// The key with this seed.
    ///
    /// # Panics
    ///
    /// Never: every 32 bytes are a seed.
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(Ed25519KeyPair::from_seed_unchecked(seed).expect("every 32 bytes are a seed"))
    }

    /// The key of a store; whoever comes first makes it.
    pub(crate) fn open(store: &dyn Store) -> Result<Self, EngineError> {
        if let Some(key) = Self::find(store)? {
            return Ok(key);
        }
        let mut seed = [0; 32];
        SystemRandom::new()
            .fill(&mut seed)
            .map_err(|_| EngineError::NoRandomness)?;
        let mut batch = Batch::new();
        batch.expect(Table::Meta, RECORD, None);
        batch.put(Table::Meta, RECORD, seed);
        match store.commit(batch) {
            Ok(()) => Ok(Self::from_seed(&seed)),
            // Another service on this store was first.
            Err(StoreError::Conflict { .. }) => {
                Self::find(store)?.ok_or_else(|| EngineError::corrupt(WHAT, "it vanished"))
            }
            Err(error) => Err(EngineError::Store(error)),
        }
    }

    fn find(store: &dyn Store) -> Result<Option<Self>, EngineError> {
        let Some(seed) = store.get(Table::Meta, RECORD)? else {
            return Ok(None);
        };
        let seed =
            <[u8; 32]>::try_from(&*seed).map_err(|error| EngineError::corrupt(WHAT, error))?;
        Ok(Some(Self::from_seed(&seed)))
    }

    /// Signs.
    ///
    /// # Panics
    ///
    /// Never: signatures have 64 bytes.
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        let signature = self.0.sign(message);
        <[u8; 64]>::try_from(signature.as_ref()).expect("an Ed25519 signature has 64 bytes")
    }

    /// What verifies the signatures.
    ///
    /// # Panics
    ///
    /// Never: public keys have 32 bytes.
    pub fn public(&self) -> [u8; 32] {
        <[u8; 32]>::try_from(self.0.public_key().as_ref())
            .expect("an Ed25519 public key has 32 bytes")
    }
}
