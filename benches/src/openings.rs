//! `Openings`: inputs of the circuit `opening-cycles`, under a history of the size that the promise names.

use valence_coprocessor_attacks::MemoryRecords;
use valence_coprocessor_circuit_sdk::{OpenedWitness, StateProof, encode_witnesses};
use valence_coprocessor_history::{Ledger, NewBlock};
use valence_coprocessor_protocol::sha256::digest;
use valence_coprocessor_protocol::{DomainId, HeadState, Root, StateRoot};

/// What reading and opening one state proof may cost, the zkVM's own start included.
pub const OPENING_CYCLES: u64 = 15_000;

const BLOCKS: u64 = 100_000;
const DOMAINS: u64 = 64;
/// As much as the proof of an account and a slot has.
const PROOF_BYTES: usize = 4096;
const PAYLOAD_BYTES: usize = 176;

/// Openings of some blocks of one domain among many.
#[derive(Debug)]
pub struct Openings {
    /// What they are under.
    pub root: Root,
    /// The numbers of the blocks, and what the circuit reads.
    pub inputs: Vec<(u64, Vec<u8>)>,
}

/// Openings of first, last and middling blocks: 100,000 blocks, 64 domains, 4 KB of domain proof.
pub fn openings() -> Openings {
    let mut ledger = Ledger::new(MemoryRecords::default());
    for other in 1..DOMAINS {
        let block = block(domain(other), 1);
        ledger.append(&block).expect("the domain is new");
    }
    let mut root = Root::ZERO;
    for number in 1..=BLOCKS {
        let block = block(domain(0), number);
        root = ledger.append(&block).expect("the block is new").root;
    }
    let input = |number: u64| {
        let block = block(domain(0), number);
        let opening = ledger
            .opening(&root, block.domain, number)
            .expect("the block is there");
        let state_proof = StateProof {
            domain: block.domain,
            number,
            state_root: block.state_root,
            payload: block.payload,
            proof: vec![3; PROOF_BYTES],
        };
        let opened = OpenedWitness::StateProof {
            state_proof,
            opening,
        };
        (number, encode_witnesses(&root, &[opened]))
    };
    let inputs = [1, 65_535, 65_536, 77_777, BLOCKS].map(input).into();
    Openings { root, inputs }
}

fn domain(index: u64) -> DomainId {
    DomainId::from_bytes(digest(&index.to_le_bytes()))
}

fn block(domain: DomainId, number: u64) -> NewBlock {
    NewBlock {
        domain,
        number,
        state_root: StateRoot::from_bytes(digest(&number.to_be_bytes())),
        payload: vec![7; PAYLOAD_BYTES],
        head: HeadState::ZERO,
        time: 0,
    }
}
