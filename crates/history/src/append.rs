//! `BlockAppend`: the proof that one root follows from another by appending one block.

use alloc::vec::Vec;

use valence_coprocessor_merkle::{Insertion, InsertionError, Key, Node, Path, PathRef, insert};
use valence_coprocessor_protocol::sha256::Compression;
use valence_coprocessor_protocol::{
    AlignedBytes, DecodeError, DomainId, DomainRoot, HeadState, Reader, Root, Writer,
};

use crate::leaf::{DOMAIN_NODES, HISTORY_NODES, hash_domain};
use crate::{AppendError, BlockLeaf, DomainLeaf};

/// The first word of the encoding: the layout's name and version.
const LAYOUT: u64 = u64::from_le_bytes(*b"VALAPP\0\x01");
const EMPTY_HISTORY: u64 = 0;
const NEW_DOMAIN: u64 = 1;
const AFTER: u64 = 2;

/// Where an appended block goes. The variants are all there are: a domain's tree is empty exactly when
/// the domain is not in the history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// The history was empty.
    EmptyHistory,
    /// The domain was not in the history.
    NewDomain {
        /// A domain that was.
        neighbour: DomainLeaf,
        /// From the previous root to the neighbour.
        history_part: Path,
    },
    /// The domain had blocks.
    After {
        /// The newest of them.
        newest: BlockLeaf,
        /// From the previous domain root to the newest block.
        domain_part: Path,
        /// The domain's head state before.
        head: HeadState,
        /// From the previous root to the domain leaf.
        history_part: Path,
    },
}

/// The claim that appending one block leads from one root to another, with what proves it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlockAppend {
    /// The domain of the block.
    pub domain: DomainId,
    /// The block.
    pub block: BlockLeaf,
    /// The domain's head state after the block.
    pub head: HeadState,
    /// Where it goes.
    pub place: Place,
}

/// An append that leads from one root to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub struct VerifiedAppend {
    previous: Root,
    root: Root,
    domain: DomainId,
    block: BlockLeaf,
    previous_head: Option<HeadState>,
    head: HeadState,
}

impl BlockAppend {
    /// Computes the roots before and after from the same siblings, so that nothing else can have changed.
    ///
    /// The caller compares [`VerifiedAppend::previous`] with the root that it knows.
    pub fn verify(self) -> Result<VerifiedAppend, AppendError> {
        let mut compression = Compression::new();
        let block = self.block.hash(&mut compression);
        let (domain, head) = (self.domain, self.head);
        let (previous, root, previous_head) = match &self.place {
            Place::EmptyHistory => {
                let leaf = hash_domain(&mut compression, domain, block.words(), head);
                (Root::ZERO, Root::from_words(leaf.words()), None)
            }
            Place::NewDomain {
                neighbour,
                history_part,
            } => {
                let leaf = hash_domain(&mut compression, domain, block.words(), head);
                let insertion =
                    insert_domain(&mut compression, neighbour, history_part, domain, leaf)?;
                let [before, after] = roots(&insertion);
                (before, after, None)
            }
            Place::After {
                newest,
                domain_part,
                head: old_head,
                history_part,
            } => {
                let number = self.block.number;
                let part = domain_part.as_path_ref();
                let trees = insert_block(&mut compression, newest, &part, number, block)?;
                let old = hash_domain(&mut compression, domain, trees.before.words(), *old_head);
                let new = hash_domain(&mut compression, domain, trees.after.words(), head);
                let part = history_part.as_path_ref();
                let mut fold = |leaf| {
                    part.fold(&HISTORY_NODES, &mut compression, &domain, leaf)
                        .map_err(|error| AppendError::HistoryPart(InsertionError::Path(error)))
                };
                let [before, after] = roots(&Insertion {
                    before: fold(old)?,
                    after: fold(new)?,
                });
                (before, after, Some(*old_head))
            }
        };
        Ok(VerifiedAppend {
            previous,
            root,
            domain,
            block: self.block,
            previous_head,
            head,
        })
    }

    /// The canonical encoding.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.number(LAYOUT).identifier(self.domain.as_bytes());
        self.block.write(&mut writer);
        writer.identifier(self.head.as_bytes());
        match &self.place {
            Place::EmptyHistory => {
                writer.number(EMPTY_HISTORY);
            }
            Place::NewDomain {
                neighbour,
                history_part,
            } => {
                writer.number(NEW_DOMAIN);
                neighbour.write(&mut writer);
                history_part.as_path_ref().write(&mut writer);
            }
            Place::After {
                newest,
                domain_part,
                head,
                history_part,
            } => {
                writer.number(AFTER);
                newest.write(&mut writer);
                domain_part.as_path_ref().write(&mut writer);
                writer.identifier(head.as_bytes());
                history_part.as_path_ref().write(&mut writer);
            }
        }
        writer.finish()
    }

    /// Reads the canonical encoding.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let aligned = AlignedBytes::new(bytes)?;
        let mut reader = Reader::new(aligned.words());
        let append = Self::read(&mut reader)?;
        reader.finish()?;
        Ok(append)
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let layout = reader.number("layout")?;
        if layout != LAYOUT {
            return Err(DecodeError::UnknownTag {
                field: "layout",
                got: layout,
            });
        }
        Ok(Self {
            domain: DomainId::from_memory(reader.identifier("domain")?),
            block: BlockLeaf::read(reader)?,
            head: HeadState::from_memory(reader.identifier("head state")?),
            place: Place::read(reader)?,
        })
    }
}

impl Place {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let domain_bits = <u64 as Key>::BITS;
        let history_bits = <DomainId as Key>::BITS;
        match reader.number("place")? {
            EMPTY_HISTORY => Ok(Self::EmptyHistory),
            NEW_DOMAIN => Ok(Self::NewDomain {
                neighbour: DomainLeaf::read(reader)?,
                history_part: PathRef::read(reader, history_bits)?.to_path(),
            }),
            AFTER => Ok(Self::After {
                newest: BlockLeaf::read(reader)?,
                domain_part: PathRef::read(reader, domain_bits)?.to_path(),
                head: HeadState::from_memory(reader.identifier("head state")?),
                history_part: PathRef::read(reader, history_bits)?.to_path(),
            }),
            got => Err(DecodeError::UnknownTag {
                field: "place",
                got,
            }),
        }
    }
}

fn roots(insertion: &Insertion) -> [Root; 2] {
    [&insertion.before, &insertion.after].map(|node| Root::from_words(node.words()))
}

fn insert_domain(
    compression: &mut Compression,
    neighbour: &DomainLeaf,
    history_part: &Path,
    domain: DomainId,
    leaf: Node,
) -> Result<Insertion, AppendError> {
    if neighbour.root == DomainRoot::ZERO {
        return Err(AppendError::EmptyDomainRoot {
            domain: neighbour.domain,
        });
    }
    let present = (&neighbour.domain, neighbour.hash(compression));
    insert(
        &HISTORY_NODES,
        compression,
        present,
        &history_part.as_path_ref(),
        &domain,
        leaf,
    )
    .map_err(AppendError::HistoryPart)
}

fn insert_block(
    compression: &mut Compression,
    newest: &BlockLeaf,
    domain_part: &PathRef<'_>,
    number: u64,
    leaf: Node,
) -> Result<Insertion, AppendError> {
    let malformed = |error| AppendError::DomainPart(InsertionError::Path(error));
    domain_part.check::<u64>().map_err(malformed)?;
    if !domain_part.is_rightmost(&newest.number) {
        return Err(AppendError::NotTheNewest {
            number: newest.number,
        });
    }
    if number <= newest.number {
        return Err(AppendError::NotNewer {
            number,
            newest: newest.number,
        });
    }
    let present = (&newest.number, newest.hash(compression));
    insert(
        &DOMAIN_NODES,
        compression,
        present,
        domain_part,
        &number,
        leaf,
    )
    .map_err(AppendError::DomainPart)
}

impl VerifiedAppend {
    /// The root before.
    pub const fn previous(&self) -> Root {
        self.previous
    }

    /// The root after.
    pub const fn root(&self) -> Root {
        self.root
    }

    /// The domain of the block.
    pub const fn domain(&self) -> DomainId {
        self.domain
    }

    /// The block.
    pub const fn block(&self) -> BlockLeaf {
        self.block
    }

    /// The domain's head state before; `None` if the domain is new.
    pub const fn previous_head(&self) -> Option<HeadState> {
        self.previous_head
    }

    /// The domain's head state after.
    pub const fn head(&self) -> HeadState {
        self.head
    }
}
