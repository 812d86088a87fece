//! `Rank`: which of two updates is better (Altair, `light-client/sync-protocol.md`).
//!
//! A node needs it, since it keeps one update for each period. Our own light client does not: it takes what two thirds
//! signed and what is final, at once, and keeps nothing that it might be forced to take later.

use std::cmp::Reverse;

use crate::{Preset, Update};

/// An update's place: the greater, the better. What comes first decides first, as in `is_better_update`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rank {
    has_supermajority: bool,
    /// Signers, which count before all else where they are too few.
    minority: usize,
    has_relevant_committee: bool,
    finality: Finality,
    signers: usize,
    attested: Reverse<u64>,
    signature: Reverse<u64>,
}

/// What an update finalizes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Finality {
    Nothing,
    OtherPeriod,
    /// So that the next committee is final as well.
    AttestedPeriod,
}

/// What an update is ranked by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Merits {
    /// Members that signed.
    pub signers: usize,
    /// Members of the committee.
    pub committee_size: usize,
    /// Whether it brings the next committee.
    pub has_next_committee: bool,
    /// The slot of the attested header.
    pub attested: u64,
    /// The slot of the finalized header, if it has one.
    pub finalized: Option<u64>,
    /// The slot of the signature.
    pub signature: u64,
}

impl Merits {
    /// The rank in a chain of this preset.
    #[must_use]
    pub fn rank(&self, preset: Preset) -> Rank {
        let has_supermajority = 3 * self.signers >= 2 * self.committee_size;
        let attested_period = preset.period(self.attested);
        Rank {
            has_supermajority,
            minority: if has_supermajority { 0 } else { self.signers },
            has_relevant_committee: self.has_next_committee
                && attested_period == preset.period(self.signature),
            finality: match self.finalized {
                None => Finality::Nothing,
                Some(slot) if preset.period(slot) == attested_period => Finality::AttestedPeriod,
                Some(_) => Finality::OtherPeriod,
            },
            signers: self.signers,
            attested: Reverse(self.attested),
            signature: Reverse(self.signature),
        }
    }
}

impl From<&Update> for Merits {
    fn from(update: &Update) -> Self {
        Self {
            signers: update.aggregate.signers(),
            committee_size: update.aggregate.bits.len(),
            has_next_committee: update.next_sync_committee.is_some(),
            attested: update.attested.slot(),
            finalized: update.finalized.as_ref().map(|block| block.slot()),
            signature: update.signature_slot,
        }
    }
}
