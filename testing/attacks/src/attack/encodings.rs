//! Attacks on encodings: paths of every wrong shape, and each field mutated, cut off or extended.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::vec;
use alloc::vec::Vec;

use valence_coprocessor_circuit_sdk::OpenedWitness;
use valence_coprocessor_history::Opening;
use valence_coprocessor_merkle::{Node, Path};

use super::Attacks;
use super::appends::honest_claim;
use super::openings::steps;
use crate::World;

/// Bytes of an encoded witness before its payload's length: kind, domain, number, state root.
const STATE_PROOF_HEADER: usize = 8 + 32 + 8 + 32;
/// Bytes of an input before its first witness: layout, root, count.
const INPUT_HEADER: usize = 8 + 32 + 8;

impl Attacks {
    /// Paths of every wrong length, and bit indices that are equal, falling or out of range.
    pub(super) fn a8(&mut self) {
        for length in [1usize, 64] {
            self.push_domain_part(
                &format!("domain part of {length}"),
                counted(length),
                "leads to",
            );
        }
        for length in [1usize, 65, 256] {
            let name = format!("history part of {length}");
            self.push_history_part(&name, counted(length), "leads to root");
        }
        for length in [65usize, 256, 257, 264, 265, 1_000_000] {
            let name = format!("domain part of {length}");
            let refusal = "path length is";
            self.push_domain_part(&name, counted(length.min(300)), refusal);
            self.claim_length(length, domain_part_at(), refusal);
        }
        for length in [257usize, 264, 265, 1_000_000, usize::MAX >> 1] {
            let refusal = "path length is";
            self.claim_length(length, self.history_part_at(), refusal);
        }
        for (name, indices, refusal) in [
            ("equal", [3, 3], "bit index 3 follows 3"),
            ("falling", [5, 4], "bit index 4 follows 5"),
            ("out of range", [3, 64], "bit index 64 lies beyond"),
            ("far out of range", [254, 255], "bit index 255 lies beyond"),
        ] {
            let path = || {
                indices
                    .map(|index| (index, Node::from_words([1; 8])))
                    .into_iter()
            };
            self.push_domain_part(
                &format!("{name} in the domain part"),
                path().collect(),
                refusal,
            );
            if name == "equal" || name == "falling" {
                let name = format!("{name} in the history part");
                self.push_history_part(&name, path().collect(), refusal);
            }
        }
        let name = "empty domain part for a tree of several blocks";
        self.push_domain_part(name, Path::EMPTY, "leads to root");
        let name = "empty history part for a tree of several domains";
        self.push_history_part(name, Path::EMPTY, "leads to root");
    }

    /// Every word of a witness and of an append mutated, cut off and extended.
    pub(super) fn a14(&mut self) {
        let witness = self.world.witness(World::ETHEREUM, 1000);
        let input = self.world.input(core::slice::from_ref(&witness));
        self.mutate("witness", &input);
        let claim = honest_claim(&self.world, self.world.roots.len() - 1).encode();
        let input = self.world.input(&[OpenedWitness::Data(claim)]);
        self.mutate("append", &input);
        self.non_canonical(&witness);
    }

    fn mutate(&mut self, what: &str, input: &[u8]) {
        for at in (0..input.len()).step_by(8) {
            // An append names its own roots; the root of the input binds state proofs only.
            let bound = what == "witness" || !(8..40).contains(&at);
            for bit in [0, 63].into_iter().filter(|_| bound) {
                let mut mutated = input.to_vec();
                mutated[at + bit / 8] ^= 1 << (bit % 8);
                self.push(
                    14,
                    format!("{what}, bit {bit} of word {}", at / 8),
                    mutated,
                    "",
                );
            }
            let cut = input[..at].to_vec();
            self.push(14, format!("{what}, cut to {at} bytes"), cut, "malformed");
        }
        let cut = input[..input.len() - 1].to_vec();
        self.push(
            14,
            format!("{what}, cut inside a word"),
            cut,
            "whole number of 8-byte words",
        );
        let extended = [input, &[0; 8]].concat();
        self.push(14, format!("{what}, extended"), extended, "malformed");
    }

    fn non_canonical(&mut self, witness: &OpenedWitness) {
        let OpenedWitness::StateProof { state_proof, .. } = witness else {
            return;
        };
        let input = self.world.input(core::slice::from_ref(witness));
        let payload = INPUT_HEADER + STATE_PROOF_HEADER + 8;
        let padding = payload + state_proof.payload.len();
        let mut padded = input.clone();
        padded[padding] = 1;
        self.push(
            14,
            "padding".to_owned(),
            padded,
            "padding of payload is not zero",
        );
        let mut indices = input.clone();
        let at = domain_part_at();
        let length = usize::from(input[at]);
        indices[at + 8 + length] = 1;
        self.push(
            14,
            "padding of indices".to_owned(),
            indices,
            "padding of bit indices",
        );
        let mut version = input;
        version[7] = 2;
        self.push(
            14,
            "another version".to_owned(),
            version,
            "layout has the unknown tag",
        );
    }

    fn push_domain_part(&mut self, name: &str, domain_part: Path, refusal: &'static str) {
        let honest = self
            .world
            .opening(&self.world.root(), World::ETHEREUM, 1000);
        let opening = Opening {
            domain_part,
            ..honest
        };
        let state_proof = World::state_proof(World::ETHEREUM, 1000);
        let witness = OpenedWitness::StateProof {
            state_proof,
            opening,
        };
        self.push_witness(8, name.to_owned(), witness, refusal);
    }

    fn push_history_part(&mut self, name: &str, history_part: Path, refusal: &'static str) {
        let honest = self
            .world
            .opening(&self.world.root(), World::ETHEREUM, 1000);
        let opening = Opening {
            history_part,
            ..honest
        };
        let state_proof = World::state_proof(World::ETHEREUM, 1000);
        let witness = OpenedWitness::StateProof {
            state_proof,
            opening,
        };
        self.push_witness(8, name.to_owned(), witness, refusal);
    }

    /// Writes a length into an honest input, without the bytes that it announces.
    fn claim_length(&mut self, length: usize, at: usize, refusal: &'static str) {
        let mut input = self
            .world
            .input(&[self.world.witness(World::ETHEREUM, 1000)]);
        input[at..at + 8].copy_from_slice(&(length as u64).to_le_bytes());
        self.push(8, format!("length {length} at byte {at}"), input, refusal);
    }

    fn history_part_at(&self) -> usize {
        let opening = self
            .world
            .opening(&self.world.root(), World::ETHEREUM, 1000);
        let length = steps(&opening.domain_part).count();
        domain_part_at() + 8 + length.next_multiple_of(8) + 32 * length
    }
}

/// Where the length of the domain part stands in the input with block 1000.
fn domain_part_at() -> usize {
    let payload = World::state_proof(World::ETHEREUM, 1000).payload.len();
    INPUT_HEADER + STATE_PROOF_HEADER + 8 + payload.next_multiple_of(8) + 8 + 32
}

/// A path with rising indices, as far as a byte can count.
fn counted(length: usize) -> Path {
    let indices: Vec<u8> = (0..=u8::MAX).cycle().take(length).collect();
    let siblings = vec![Node::from_words([2; 8]); length];
    indices.into_iter().zip(siblings).collect()
}
