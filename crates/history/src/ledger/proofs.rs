//! What the ledger shows to others: openings and append proofs, at any root that ever was.

use valence_coprocessor_merkle::Path;
use valence_coprocessor_protocol::sha256::{Compression, digest_words};
use valence_coprocessor_protocol::{DomainId, PayloadHash, Root};

use super::Ledger;
use crate::record::{Record, Tree};
use crate::tables::ReadRecords;
use crate::{BlockAppend, BlockLeaf, DomainLeaf, LedgerError, Opening, Place};

impl<R: ReadRecords> Ledger<R> {
    /// The path of a block to a root, the current one or any older.
    pub fn opening(
        &self,
        root: &Root,
        domain: DomainId,
        number: u64,
    ) -> Result<Opening, LedgerError<R::Error>> {
        let sequence = self
            .sequence_of(root)?
            .ok_or(LedgerError::UnknownRoot { root: *root })?;
        if sequence == 0 {
            return Err(LedgerError::UnknownDomain { domain });
        }
        let history = self.walk(self.record(sequence)?, &domain)?;
        if history.leaf.domain() != domain {
            return Err(LedgerError::UnknownDomain { domain });
        }
        let history_part = history.path();
        let head = history.leaf.head();
        let newest = history.leaf.number();
        let blocks = self.walk(history.leaf, &number)?;
        if blocks.leaf.number() != number {
            return Err(self.missing(domain, number, newest)?);
        }
        Ok(Opening {
            head,
            domain_part: blocks.path(),
            history_part,
        })
    }

    /// The proof that an append, however old, led from its previous root to its root.
    pub fn append_proof(&self, sequence: u64) -> Result<BlockAppend, LedgerError<R::Error>> {
        if sequence == 0 {
            return Err(LedgerError::UnknownSequence { sequence });
        }
        let record = self.record(sequence)?;
        let domain = record.domain();
        let place = match (record.previous_in_domain(), sequence) {
            (0, 1) => Place::EmptyHistory,
            (0, _) => {
                let walk = self.walk(self.record(sequence - 1)?, &domain)?;
                let neighbour = DomainLeaf {
                    domain: walk.leaf.domain(),
                    root: walk.leaf.domain_root(),
                    head: walk.leaf.head(),
                };
                Place::NewDomain {
                    neighbour,
                    history_part: walk.path(),
                }
            }
            (previous, _) => {
                let newest = self.record(previous)?;
                Place::After {
                    newest: block_leaf(&newest),
                    domain_part: path(&newest, Tree::Domain),
                    head: newest.head(),
                    history_part: path(&record, Tree::History),
                }
            }
        };
        Ok(BlockAppend {
            domain,
            block: block_leaf(&record),
            head: record.head(),
            place,
        })
    }

    /// The error for a number that is not there at a root where `newest` is the domain's newest.
    fn missing(
        &self,
        domain: DomainId,
        number: u64,
        newest: u64,
    ) -> Result<LedgerError<R::Error>, LedgerError<R::Error>> {
        if number > newest {
            let below = Some(newest);
            return Ok(LedgerError::MissingBlock {
                domain,
                number,
                below,
                above: None,
            });
        }
        // Numbers only grow, so what came after the root is larger than `newest` and never nearest.
        let nearest = self.neighbours(domain, number)?;
        let (below, above) = (nearest.below, nearest.above);
        Ok(LedgerError::MissingBlock {
            domain,
            number,
            below,
            above,
        })
    }
}

fn block_leaf(record: &Record<'_>) -> BlockLeaf {
    let payload = digest_words(&mut Compression::new(), record.payload());
    BlockLeaf {
        number: record.number(),
        state_root: record.state_root(),
        payload: PayloadHash::from_words(&payload),
    }
}

fn path(record: &Record<'_>, tree: Tree) -> Path {
    let mut path = Path::with_capacity(record.count(tree));
    for step in record.steps(tree) {
        path.push(step.index, step.sibling);
    }
    path
}
