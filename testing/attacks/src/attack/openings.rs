//! Attacks on openings: somebody else's path, leaf, root or bytes.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::vec::Vec;

use valence_coprocessor_circuit_sdk::{OpenedWitness, encode_witnesses};
use valence_coprocessor_history::Opening;
use valence_coprocessor_merkle::{Node, Path};
use valence_coprocessor_protocol::{DomainId, Root, StateProof, StateRoot, sha256};

use super::Attacks;
use crate::{Command, World};

const NOT_OPENED: &str = "is not opened";
const OTHER_ROOT: &str = "leads to root";

impl Attacks {
    /// A leaf of another domain, with the border between the two parts at every place.
    pub(super) fn a2(&mut self) {
        let honest = self.world.opening(&self.world.root(), World::EVIL, 1000);
        let joined: Vec<_> = steps(&honest.history_part)
            .chain(steps(&honest.domain_part))
            .collect();
        for split in 0..=joined.len() {
            let (history, domain) = joined.split_at(split);
            for (name, upper, lower) in [("in order", history, domain), ("turned", domain, history)]
            {
                let mut state_proof = World::state_proof(World::EVIL, 1000);
                state_proof.domain = World::ETHEREUM;
                let opening = Opening {
                    head: honest.head,
                    domain_part: lower.iter().copied().collect(),
                    history_part: upper.iter().copied().collect(),
                };
                let witness = OpenedWitness::StateProof {
                    state_proof,
                    opening,
                };
                self.push_witness(2, format!("split at {split}, {name}"), witness, NOT_OPENED);
            }
        }
        let demand = Command::Demand {
            index: 0,
            domain: World::ETHEREUM,
        };
        let witnesses = [
            self.world.witness(World::EVIL, 1000),
            OpenedWitness::Data(demand.encode()),
        ];
        let input = self.world.input(&witnesses);
        self.push(2, "under its own name".to_owned(), input, "is of domain");
    }

    /// Absent numbers and domains, with the path and the leaf of a neighbour.
    pub(super) fn a3(&mut self) {
        for number in 1003..1010 {
            for neighbour in [1002, 1010] {
                let opening = self
                    .world
                    .opening(&self.world.root(), World::ETHEREUM, neighbour);
                for (leaf, state_proof) in [
                    ("own", World::state_proof(World::ETHEREUM, number)),
                    ("neighbour's", {
                        let mut state_proof = World::state_proof(World::ETHEREUM, neighbour);
                        state_proof.number = number;
                        state_proof
                    }),
                ] {
                    let opening = opening.clone();
                    let witness = OpenedWitness::StateProof {
                        state_proof,
                        opening,
                    };
                    let name = format!("{number} by the path of {neighbour}, {leaf} leaf");
                    self.push_witness(3, name, witness, OTHER_ROOT);
                }
            }
        }
        for neighbour in [World::ETHEREUM, World::TWIN] {
            let number = if neighbour == World::TWIN { 1021 } else { 1020 };
            let mut state_proof = World::state_proof(neighbour, number);
            state_proof.domain = World::ABSENT;
            let opening = self.world.opening(&self.world.root(), neighbour, number);
            let witness = OpenedWitness::StateProof {
                state_proof,
                opening,
            };
            self.push_witness(
                3,
                format!("absent domain by {neighbour}"),
                witness,
                OTHER_ROOT,
            );
        }
    }

    /// Openings that are missing, too many or swapped.
    pub(super) fn a4(&mut self) {
        let witness = self.world.witness(World::ETHEREUM, 1000);
        let OpenedWitness::StateProof { opening, .. } = &witness else {
            return;
        };
        let opening_length = opening.encode().len();
        let one = self.world.input(core::slice::from_ref(&witness));
        let without = one[..one.len() - opening_length].to_vec();
        self.push(
            4,
            "no opening".to_owned(),
            without,
            "input ends inside head state",
        );
        let two = self.world.input(&[witness.clone(), witness.clone()]);
        let fewer = two[..two.len() - opening_length].to_vec();
        self.push(
            4,
            "one opening for two".to_owned(),
            fewer,
            "input ends inside head state",
        );
        let mut more = one;
        more.extend_from_slice(&opening.encode());
        self.push(4, "two openings for one".to_owned(), more, "follow the end");
        let mut witnesses = [
            self.world.witness(World::ETHEREUM, 1000),
            self.world.witness(World::ETHEREUM, 1001),
        ];
        let [
            OpenedWitness::StateProof { opening: first, .. },
            OpenedWitness::StateProof {
                opening: second, ..
            },
        ] = &mut witnesses
        else {
            return;
        };
        core::mem::swap(first, second);
        let input = self.world.input(&witnesses);
        self.push(4, "openings swapped".to_owned(), input, OTHER_ROOT);
    }

    /// A block shown under another number, domain, root or head state.
    pub(super) fn a5(&mut self) {
        for number in [0, 999, 1001, 1003, 1020, 1000 + (1 << 32), u64::MAX] {
            let (mut state_proof, opening) = self.parts(1000);
            state_proof.number = number;
            let witness = OpenedWitness::StateProof {
                state_proof,
                opening,
            };
            self.push_witness(5, format!("1000 shown as {number}"), witness, OTHER_ROOT);
        }
        let (mut state_proof, opening) = self.parts(1000);
        state_proof.state_root = World::state_root(World::ETHEREUM, 1001);
        let witness = OpenedWitness::StateProof {
            state_proof,
            opening,
        };
        self.push_witness(5, "state root of 1001".to_owned(), witness, OTHER_ROOT);
        let (state_proof, mut opening) = self.parts(1000);
        opening.head = valence_coprocessor_protocol::HeadState::ZERO;
        let witness = OpenedWitness::StateProof {
            state_proof,
            opening,
        };
        self.push_witness(5, "another head state".to_owned(), witness, OTHER_ROOT);
        for older in [self.world.roots[4], Root::ZERO] {
            let input = encode_witnesses(&older, &[self.world.witness(World::ETHEREUM, 1000)]);
            let refusal = if older == Root::ZERO {
                "opens nothing"
            } else {
                OTHER_ROOT
            };
            self.push(5, format!("under root {older}"), input, refusal);
        }
    }

    /// Hashes of other kinds and other protocols, offered as ours.
    pub(super) fn a9(&mut self) {
        for (name, state_root) in self.foreign_hashes() {
            let (mut state_proof, opening) = self.parts(1000);
            state_proof.state_root = StateRoot::from_bytes(state_root);
            let witness = OpenedWitness::StateProof {
                state_proof,
                opening,
            };
            self.push_witness(9, format!("{name} as state root"), witness, OTHER_ROOT);
        }
        for (name, hash) in self.foreign_hashes() {
            let (state_proof, mut opening) = self.parts(1000);
            opening.domain_part = with_first_sibling(&opening.domain_part, hash);
            let witness = OpenedWitness::StateProof {
                state_proof,
                opening,
            };
            self.push_witness(9, format!("{name} as sibling"), witness, OTHER_ROOT);
        }
        for (name, hash) in self.foreign_hashes() {
            let root = Root::from_bytes(hash);
            if root == self.world.root() {
                continue;
            }
            let input = encode_witnesses(&root, &[self.world.witness(World::ETHEREUM, 1000)]);
            self.push(9, format!("{name} as root"), input, OTHER_ROOT);
        }
        // A leaf that sits one level too high: the inner node above two blocks as a block of its own.
        let (state_proof, opening) = self.parts(1000);
        for keep in 0..opening.domain_part.as_path_ref().len() {
            let domain_part = steps(&opening.domain_part).take(keep).collect();
            let shorter = Opening {
                domain_part,
                ..opening.clone()
            };
            let state_proof = state_proof.clone();
            let witness = OpenedWitness::StateProof {
                state_proof,
                opening: shorter,
            };
            self.push_witness(9, format!("leaf at depth {keep}"), witness, OTHER_ROOT);
        }
    }

    /// One flipped bit in the payload that a circuit is shown.
    pub(super) fn a10(&mut self) {
        let (honest, opening) = self.parts(1000);
        for bit in 0..honest.payload.len() * 8 {
            let mut state_proof = honest.clone();
            state_proof.payload[bit / 8] ^= 1 << (bit % 8);
            let witness = OpenedWitness::StateProof {
                state_proof,
                opening: opening.clone(),
            };
            self.push_witness(10, format!("bit {bit} of the payload"), witness, OTHER_ROOT);
        }
        for (name, payload) in [("shorter", &honest.payload[1..]), ("empty", &[])] {
            let mut state_proof = honest.clone();
            state_proof.payload = payload.to_vec();
            let witness = OpenedWitness::StateProof {
                state_proof,
                opening: opening.clone(),
            };
            self.push_witness(10, format!("{name} payload"), witness, OTHER_ROOT);
        }
        let mut state_proof = honest;
        state_proof.payload.push(0);
        let witness = OpenedWitness::StateProof {
            state_proof,
            opening,
        };
        self.push_witness(10, "longer payload".to_owned(), witness, OTHER_ROOT);
    }

    /// An old block where the circuit demands the newest.
    pub(super) fn a17(&mut self) {
        let demand = Command::DemandNewest {
            index: 0,
            domain: World::ETHEREUM,
        };
        for number in World::NUMBERS.iter().filter(|number| **number != 1020) {
            let data = OpenedWitness::Data(demand.encode());
            let input = self
                .world
                .input(&[self.world.witness(World::ETHEREUM, *number), data]);
            self.push(
                17,
                format!("block {number}"),
                input,
                "not the newest of its domain",
            );
        }
        // Truncating the path makes every turn a right one, but then it leads elsewhere.
        let (state_proof, opening) = self.parts(1000);
        let rightmost =
            steps(&opening.domain_part).filter(|(index, _)| 1000u64 << index >> 63 == 1);
        let opening = Opening {
            domain_part: rightmost.collect(),
            ..opening.clone()
        };
        let witness = OpenedWitness::StateProof {
            state_proof,
            opening,
        };
        let data = OpenedWitness::Data(demand.encode());
        let input = self.world.input(&[witness, data]);
        self.push(17, "left turns left out".to_owned(), input, OTHER_ROOT);
    }

    fn parts(&self, number: u64) -> (StateProof, Opening) {
        let opening = self
            .world
            .opening(&self.world.root(), World::ETHEREUM, number);
        (World::state_proof(World::ETHEREUM, number), opening)
    }

    fn foreign_hashes(&self) -> Vec<(&'static str, [u8; 32])> {
        let (_, opening) = self.parts(1000);
        let (_, sibling) = steps(&opening.domain_part)
            .last()
            .unwrap_or((0, Node::default()));
        let inner = Root::from_words(sibling.words());
        let pair = [*inner.as_bytes(), [7; 32]].concat();
        let prefixed = [&[1], pair.as_slice()].concat();
        let tagged = [b"valence-coprocessor/1/node/domain/\0".as_slice(), &pair].concat();
        // The root of the empty Merkle-Patricia trie, KECCAK-256(0x80).
        let empty_trie = "56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421";
        let trie: DomainId = empty_trie.parse().unwrap_or(DomainId::ZERO);
        Vec::from([
            ("an inner node", *inner.as_bytes()),
            ("the root", *self.world.root().as_bytes()),
            ("an RFC 6962 node", sha256::digest(&prefixed)),
            ("an SSZ node", sha256::digest(&pair)),
            ("a tagged message", sha256::digest(&tagged)),
            ("an MPT root", *trie.as_bytes()),
        ])
    }
}

pub(super) fn steps(path: &Path) -> impl Iterator<Item = (u8, Node)> {
    let path = path.as_path_ref();
    let siblings = path.siblings().iter().map(|words| Node::from_words(*words));
    path.indices().iter().copied().zip(siblings)
}

fn with_first_sibling(path: &Path, hash: [u8; 32]) -> Path {
    let node = Node::from_words(Root::from_bytes(hash).to_words());
    let replace =
        |(position, (index, sibling))| (index, if position == 0 { node } else { sibling });
    steps(path).enumerate().map(replace).collect()
}
