//! What makes two requests the same.

use std::fmt;

use blake3::Hasher;
use valence_coprocessor_zkvm::ProofKind;

use super::job::ProofRequest;
use crate::Caller;

/// The BLAKE3 hash of everything that makes a request the same as another.
///
/// The caller is part of it, so that nobody is handed a job that somebody else may cancel.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct RequestDigest([u8; 32]);

impl RequestDigest {
    pub(crate) fn of(caller: &Caller, request: &ProofRequest, kind: ProofKind) -> Self {
        let mut hasher = Hasher::new();
        let mut field = |bytes: &[u8]| {
            hasher
                .update(&(bytes.len() as u64).to_le_bytes())
                .update(bytes);
        };
        field(request.circuit.as_bytes());
        field(
            request
                .root
                .as_ref()
                .map_or(&[], |root| root.as_bytes().as_slice()),
        );
        field(kind.name().as_bytes());
        field(request.args.to_string().as_bytes());
        field(request.payload.to_string().as_bytes());
        field(
            caller
                .key()
                .as_ref()
                .map_or(&[], |key| key.as_bytes().as_slice()),
        );
        // Named, since a request may have either, both or none of them.
        if let Some(url) = &request.callback_url {
            field(b"callback_url");
            field(url.as_bytes());
        }
        if let Some(deadline) = request.deadline {
            field(b"deadline");
            field(&deadline.as_millis().to_le_bytes());
        }
        Self(*hasher.finalize().as_bytes())
    }

    pub(crate) const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// The BLAKE3 hash of encoded witnesses, as a job shows it.
pub(crate) fn witness_digest(input: &[u8]) -> String {
    blake3::hash(input).to_string()
}

impl fmt::Debug for RequestDigest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .iter()
            .try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}
