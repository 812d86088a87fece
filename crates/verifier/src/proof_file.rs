//! `ProofFile`: how a proof travels; the layout is drawn in the crate's README.

use sha2::{Digest as _, Sha256};
use valence_coprocessor_protocol::{CircuitId, Root, VerifyingKeyHash};

use crate::{ProofFileError, ProofKind, VerifyError, verify_proof};

const MAGIC: &[u8; 8] = b"VALPROOF";
const VERSION: u8 = 1;
const ROOT_LENGTH: usize = 32;

/// A proof with what it claims; nothing of it is trusted before [`Self::verify`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProofFile {
    kind: ProofKind,
    circuit: CircuitId,
    verifying_key: VerifyingKeyHash,
    public_values: Vec<u8>,
    proof: Vec<u8>,
}

/// A proof that holds under the verifying key that the caller demanded.
#[must_use]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedProof {
    file: ProofFile,
    root: Root,
}

impl ProofFile {
    /// A file of what a service answered. For [`ProofKind::Execute`], and only then, `proof` is empty.
    pub fn new(
        kind: ProofKind,
        circuit: CircuitId,
        verifying_key: VerifyingKeyHash,
        public_values: Vec<u8>,
        proof: Vec<u8>,
    ) -> Result<Self, ProofFileError> {
        if public_values.len() < ROOT_LENGTH {
            return Err(ProofFileError::NoRoot {
                got: public_values.len() as u64,
            });
        }
        if (kind == ProofKind::Execute) != proof.is_empty() {
            return Err(ProofFileError::ProofLength {
                kind,
                got: proof.len() as u64,
            });
        }
        Ok(Self {
            kind,
            circuit,
            verifying_key,
            public_values,
            proof,
        })
    }

    /// The kind of the proof.
    pub const fn kind(&self) -> ProofKind {
        self.kind
    }

    /// The circuit that the file names; a label, see the crate's documentation.
    pub const fn circuit(&self) -> &CircuitId {
        &self.circuit
    }

    /// The verifying key that the file names.
    pub const fn verifying_key(&self) -> &VerifyingKeyHash {
        &self.verifying_key
    }

    /// The claimed `root ‖ output`.
    pub fn public_values(&self) -> &[u8] {
        &self.public_values
    }

    /// What verifies.
    pub fn proof(&self) -> &[u8] {
        &self.proof
    }

    /// The bytes of the file.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.public_values.len() + self.proof.len() + 128);
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&[VERSION, self.kind.byte()]);
        bytes.extend_from_slice(self.circuit.as_bytes());
        bytes.extend_from_slice(self.verifying_key.as_bytes());
        for part in [&self.public_values, &self.proof] {
            bytes.extend_from_slice(&(part.len() as u64).to_le_bytes());
            bytes.extend_from_slice(part);
        }
        let checksum = Sha256::digest(&bytes);
        bytes.extend_from_slice(&checksum);
        bytes
    }

    /// Reads a file; every other encoding of the same proof is refused.
    pub fn decode(bytes: &[u8]) -> Result<Self, ProofFileError> {
        let mut rest = Rest(bytes);
        if rest.array("magic")? != *MAGIC {
            return Err(ProofFileError::Magic);
        }
        let [version, kind] = rest.array("header")?;
        if version != VERSION {
            return Err(ProofFileError::Version {
                got: version,
                expected: VERSION,
            });
        }
        let kind = ProofKind::from_byte(kind).ok_or(ProofFileError::Kind { got: kind })?;
        let circuit = CircuitId::from_bytes(rest.array("circuit id")?);
        let verifying_key = VerifyingKeyHash::from_bytes(rest.array("verifying key")?);
        let public_values = rest.sized("public values")?;
        let proof = rest.sized("proof")?;
        let content = bytes.len() - rest.0.len();
        let checksum: [u8; 32] = rest.array("checksum")?;
        if !rest.0.is_empty() {
            return Err(ProofFileError::Trailing { got: rest.0.len() });
        }
        if Sha256::digest(&bytes[..content])[..] != checksum {
            return Err(ProofFileError::Checksum);
        }
        Self::new(
            kind,
            circuit,
            verifying_key,
            public_values.to_vec(),
            proof.to_vec(),
        )
    }

    /// Checks the proof under `expected`, which the caller has from its own configuration or a source that it trusts:
    /// never from this file.
    ///
    /// # Panics
    ///
    /// Never: what has no root in its public values is no proof file.
    pub fn verify(self, expected: &VerifyingKeyHash) -> Result<VerifiedProof, VerifyError> {
        if self.verifying_key != *expected {
            return Err(VerifyError::OtherVerifyingKey {
                got: self.verifying_key,
                expected: *expected,
            });
        }
        verify_proof(self.kind, &self.proof, &self.public_values, expected)?;
        let (root, _) = self
            .public_values
            .split_first_chunk::<ROOT_LENGTH>()
            .expect("the constructor demands public values that hold a root");
        Ok(VerifiedProof {
            root: Root::from_bytes(*root),
            file: self,
        })
    }
}

impl VerifiedProof {
    /// The root against which every state proof was opened.
    pub const fn root(&self) -> &Root {
        &self.root
    }

    /// What the circuit returned.
    pub fn output(&self) -> &[u8] {
        &self.file.public_values[ROOT_LENGTH..]
    }

    /// The file that was verified.
    pub const fn file(&self) -> &ProofFile {
        &self.file
    }
}

/// What of a file is not read yet.
struct Rest<'bytes>(&'bytes [u8]);

impl<'bytes> Rest<'bytes> {
    fn array<const LENGTH: usize>(
        &mut self,
        field: &'static str,
    ) -> Result<[u8; LENGTH], ProofFileError> {
        let (head, tail) = self
            .0
            .split_first_chunk()
            .ok_or(ProofFileError::Truncated { field })?;
        self.0 = tail;
        Ok(*head)
    }

    fn sized(&mut self, field: &'static str) -> Result<&'bytes [u8], ProofFileError> {
        let length = u64::from_le_bytes(self.array(field)?);
        let (head, tail) = usize::try_from(length)
            .ok()
            .and_then(|length| self.0.split_at_checked(length))
            .ok_or(ProofFileError::Truncated { field })?;
        self.0 = tail;
        Ok(head)
    }
}
