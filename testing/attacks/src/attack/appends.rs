//! Attacks on appends: roots that do not follow from each other.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::vec::Vec;

use valence_coprocessor_history::{BlockAppend, BlockLeaf, DomainLeaf, Place};
use valence_coprocessor_merkle::{Node, Path};
use valence_coprocessor_protocol::{DomainId, DomainRoot, HeadState, PayloadHash, Root, StateRoot};

use super::Attacks;
use super::openings::steps;
use crate::{Command, World};

const STARTS_ELSEWHERE: &str = "append starts at root";
const LEADS_ELSEWHERE: &str = "append leads to root";
const REFUSED: &str = "append";

pub(super) fn honest_claim(world: &World, sequence: usize) -> Command {
    claim(
        world.roots[sequence - 1],
        world.roots[sequence],
        &world.append_proof(sequence),
    )
}

fn claim(previous: Root, root: Root, append: &BlockAppend) -> Command {
    Command::Claim {
        previous,
        root,
        append: append.encode(),
    }
}

const INVENTED: BlockLeaf = BlockLeaf {
    number: 5000,
    state_root: StateRoot::from_bytes([0x66; 32]),
    payload: PayloadHash::from_bytes([0x77; 32]),
};

impl Attacks {
    /// An invented block, from the empty tree or from a real root, and honest appends with one element
    /// changed.
    pub(super) fn a1(&mut self) {
        let root = self.world.root();
        let invented = |place| BlockAppend {
            domain: World::EVIL,
            block: INVENTED,
            head: HeadState::ZERO,
            place,
        };
        let first = invented(Place::EmptyHistory);
        let lone = first
            .clone()
            .verify()
            .map_or(root, |verified| verified.root());
        let neighbour = DomainLeaf {
            domain: World::ETHEREUM,
            root: DomainRoot::from_bytes([9; 32]),
            head: HeadState::ZERO,
        };
        let beside = |neighbour| {
            invented(Place::NewDomain {
                neighbour,
                history_part: Path::EMPTY,
            })
        };
        let nothing = DomainLeaf {
            root: DomainRoot::ZERO,
            ..neighbour
        };
        let after = invented(Place::After {
            newest: BlockLeaf {
                number: 4999,
                ..INVENTED
            },
            domain_part: Path::EMPTY,
            head: HeadState::ZERO,
            history_part: Path::EMPTY,
        });
        for (name, previous, to, append, refusal) in [
            ("from a real root", root, lone, &first, STARTS_ELSEWHERE),
            ("to a real root", Root::ZERO, root, &first, LEADS_ELSEWHERE),
            (
                "beside an invented domain",
                Root::ZERO,
                root,
                &beside(neighbour),
                STARTS_ELSEWHERE,
            ),
            (
                "beside nothing",
                Root::ZERO,
                root,
                &beside(nothing),
                "has an empty domain root",
            ),
            (
                "after an invented block",
                Root::ZERO,
                root,
                &after,
                STARTS_ELSEWHERE,
            ),
        ] {
            self.push_command(1, name.to_owned(), &claim(previous, to, append), refusal);
        }
        for sequence in 1..self.world.roots.len() {
            self.change_each_element(sequence);
        }
    }

    fn change_each_element(&mut self, sequence: usize) {
        let (previous, root) = (self.world.roots[sequence - 1], self.world.roots[sequence]);
        let honest = self.world.append_proof(sequence);
        for (name, place) in changed(&honest.place) {
            let append = BlockAppend {
                place,
                ..honest.clone()
            };
            let command = claim(previous, root, &append);
            self.push_command(1, format!("append {sequence}, {name}"), &command, REFUSED);
        }
    }

    /// Honest history part, forged domain part: earlier blocks rewritten by one append.
    pub(super) fn a6(&mut self) {
        let (sequence, honest) = self.newest_append();
        let Place::After {
            newest,
            domain_part,
            head,
            history_part,
        } = &honest.place
        else {
            return;
        };
        let (previous, root) = (self.world.roots[sequence - 1], self.world.roots[sequence]);
        for position in 0..domain_part.as_path_ref().len() {
            let forged = steps(domain_part)
                .enumerate()
                .map(|(at, (index, sibling))| {
                    (
                        index,
                        if at == position {
                            Node::from_words([5; 8])
                        } else {
                            sibling
                        },
                    )
                });
            let place = Place::After {
                newest: *newest,
                domain_part: forged.collect(),
                head: *head,
                history_part: history_part.clone(),
            };
            let append = BlockAppend {
                place,
                ..honest.clone()
            };
            // The attacker claims the root to which the forged siblings really lead.
            let to = append
                .clone()
                .verify()
                .map_or(root, |verified| verified.root());
            let command = claim(previous, to, &append);
            self.push_command(6, format!("sibling {position}"), &command, STARTS_ELSEWHERE);
        }
    }

    /// A number twice, a number in a gap, and a block that is not the newest shown as newest.
    pub(super) fn a7(&mut self) {
        let (sequence, honest) = self.newest_append();
        let (previous, root) = (self.world.roots[sequence - 1], self.world.roots[sequence]);
        let Place::After { newest, .. } = &honest.place else {
            return;
        };
        for number in [newest.number, newest.number - 1, 0] {
            let block = BlockLeaf {
                number,
                ..honest.block
            };
            let append = BlockAppend {
                block,
                ..honest.clone()
            };
            let command = claim(previous, root, &append);
            self.push_command(
                7,
                format!("number {number}"),
                &command,
                "is not newer than block",
            );
        }
        let opening = self
            .world
            .opening(&self.world.root(), World::ETHEREUM, 1002);
        let state_proof = World::state_proof(World::ETHEREUM, 1002);
        let payload = valence_coprocessor_protocol::sha256::digest(&state_proof.payload);
        let place = Place::After {
            newest: BlockLeaf {
                number: 1002,
                state_root: state_proof.state_root,
                payload: PayloadHash::from_bytes(payload),
            },
            domain_part: opening.domain_part,
            head: opening.head,
            history_part: opening.history_part,
        };
        let block = BlockLeaf {
            number: 1003,
            ..INVENTED
        };
        let append = BlockAppend {
            domain: World::ETHEREUM,
            block,
            head: HeadState::ZERO,
            place,
        };
        let now = self.world.root();
        let command = claim(now, now, &append);
        self.push_command(
            7,
            "into a gap".to_owned(),
            &command,
            "is not the newest of its domain",
        );
    }

    /// Insertions beside a wrong leaf, at a node that exists, and at a wrong height.
    pub(super) fn a16(&mut self) {
        let (sequence, honest) = self.newest_append();
        let (previous, root) = (self.world.roots[sequence - 1], self.world.roots[sequence]);
        let Place::After {
            newest,
            domain_part,
            head,
            history_part,
        } = honest.place.clone()
        else {
            return;
        };
        let renumbered = BlockLeaf {
            number: newest.number | 1 << 40,
            ..newest
        };
        let block = BlockLeaf {
            number: 1 << 41,
            ..honest.block
        };
        let place = Place::After {
            newest: renumbered,
            domain_part,
            head,
            history_part,
        };
        let append = BlockAppend {
            block,
            place,
            ..honest
        };
        let command = claim(previous, root, &append);
        self.push_command(
            16,
            "leaf under another key".to_owned(),
            &command,
            STARTS_ELSEWHERE,
        );
        let now = self.world.root();
        for neighbour in [World::EVIL, World::TWIN, World::ETHEREUM] {
            self.insert_beside(neighbour, now);
        }
    }

    fn insert_beside(&mut self, domain: DomainId, now: Root) {
        let newest = [
            (World::EVIL, 1003),
            (World::TWIN, 1021),
            (World::ETHEREUM, 1020),
        ];
        let Some((_, number)) = newest.into_iter().find(|(own, _)| *own == domain) else {
            return;
        };
        let Some(neighbour) = self.world.domain_leaf(domain) else {
            return;
        };
        let history = self.world.opening(&now, domain, number).history_part;
        let inserted = |key| BlockAppend {
            domain: key,
            block: INVENTED,
            head: HeadState::ZERO,
            place: Place::NewDomain {
                neighbour,
                history_part: history.clone(),
            },
        };
        // Every bit at which the path has a node: the key that parts there is led elsewhere.
        for index in history.as_path_ref().indices() {
            let mut key = *domain.as_bytes();
            key[usize::from(index / 8)] ^= 0x80 >> (index % 8);
            let key = DomainId::from_bytes(key);
            let command = claim(now, now, &inserted(key));
            let name = format!("beside {domain} at bit {index}");
            self.push_command(16, name, &command, "has a node at bit");
        }
        // The key that parts just before a node, with a root in which the new node stands elsewhere.
        let mut key = *domain.as_bytes();
        key[31] ^= 0x10;
        let honest = inserted(DomainId::from_bytes(key));
        key[31] ^= 0x30;
        let other = inserted(DomainId::from_bytes(key));
        let elsewhere = other.verify().map_or(now, |verified| verified.root());
        let command = claim(now, elsewhere, &honest);
        let name = format!("beside {domain} at another height");
        self.push_command(16, name, &command, LEADS_ELSEWHERE);
        let present = claim(now, now, &inserted(domain));
        self.push_command(
            16,
            format!("{domain} again"),
            &present,
            "the key is already present",
        );
    }

    /// The newest append of the domain under attack.
    fn newest_append(&self) -> (usize, BlockAppend) {
        let sequences = (1..self.world.roots.len()).rev();
        let mut appends = sequences.map(|sequence| (sequence, self.world.append_proof(sequence)));
        appends
            .find(|(_, append)| append.domain == World::ETHEREUM)
            .expect("the world has blocks of this domain")
    }
}

/// The place with each single index, sibling or leaf field changed.
fn changed(place: &Place) -> Vec<(alloc::string::String, Place)> {
    match place {
        Place::EmptyHistory => Vec::new(),
        Place::NewDomain {
            neighbour,
            history_part,
        } => changed_paths(history_part)
            .map(|(name, history_part)| {
                (
                    name,
                    Place::NewDomain {
                        neighbour: *neighbour,
                        history_part,
                    },
                )
            })
            .collect(),
        Place::After {
            newest,
            domain_part,
            head,
            history_part,
        } => {
            let (newest, head) = (*newest, *head);
            let domain = changed_paths(domain_part).map(|(name, domain_part)| {
                let history_part = history_part.clone();
                let name = format!("domain {name}");
                (
                    name,
                    Place::After {
                        newest,
                        domain_part,
                        head,
                        history_part,
                    },
                )
            });
            let history = changed_paths(history_part).map(|(name, history_part)| {
                let domain_part = domain_part.clone();
                let name = format!("history {name}");
                (
                    name,
                    Place::After {
                        newest,
                        domain_part,
                        head,
                        history_part,
                    },
                )
            });
            domain.chain(history).collect()
        }
    }
}

fn changed_paths(path: &Path) -> impl Iterator<Item = (alloc::string::String, Path)> {
    (0..path.as_path_ref().len()).flat_map(move |position| {
        let replace = move |index: u8, flip: u32| {
            steps(path)
                .enumerate()
                .map(|(at, (own, sibling))| {
                    let mut words = *sibling.words();
                    if at != position {
                        return (own, sibling);
                    }
                    words[0] ^= flip;
                    (own ^ index, Node::from_words(words))
                })
                .collect()
        };
        [
            (format!("index {position}"), replace(1, 0)),
            (format!("sibling {position}"), replace(0, 1)),
        ]
    })
}
