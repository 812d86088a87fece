//! `LightClientStore::verify`: every check that an update passes before it may change the store.

use crate::ssz::{Hasher, ZERO};
use crate::{
    BlockRoot, FinalizedHeader, Fork, GeneralizedIndex, LightClientStore, SyncCommitteeRoot,
    Update, UpdateError, VerifiedUpdate,
};

/// Which of the store's committees signed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum SigningCommittee {
    Current,
    Next(SyncCommitteeRoot),
}

/// Sync committee periods of what an update speaks of.
struct Periods {
    store: u64,
    attested: u64,
    finalized: u64,
}

impl LightClientStore {
    /// Checks an update (`validate_light_client_update`, and the conditions of `process_light_client_update`
    /// under which it is applied). The signature comes last, as it costs most.
    pub fn verify(&self, update: &Update<'_>) -> Result<VerifiedUpdate, UpdateError> {
        let mut hasher = Hasher::new();
        self.check_participation(update)?;
        check_slots(update)?;
        let fork = self.config.fork(update.attested.beacon.slot);
        if fork < Fork::Altair {
            let slot = update.attested.beacon.slot;
            return Err(UpdateError::BeforeAltair { slot });
        }
        let signing = self.signing_committee(update)?;
        let periods = self.periods(update);
        self.check_relevance(update, &periods)?;
        update
            .attested
            .verify(&mut hasher, &self.config)
            .map_err(UpdateError::AttestedHeader)?;
        let finalized = self.check_finality(&mut hasher, update, fork)?;
        self.check_next_committee(&mut hasher, update, fork, &periods)?;
        self.check_signature(&mut hasher, update, signing)?;
        Ok(self.applied(update, finalized, &periods))
    }

    fn check_participation(&self, update: &Update<'_>) -> Result<(), UpdateError> {
        let bits = &update.sync_committee_bits;
        let size = bits.committee_size();
        let expected = self.config.preset.committee_size();
        if size != expected {
            return Err(UpdateError::CommitteeSize {
                got: size,
                expected,
            });
        }
        let participants = bits.participants();
        if participants * 3 < size * 2 {
            return Err(UpdateError::Supermajority { participants, size });
        }
        Ok(())
    }

    /// The committee of the signature's period: no period is skipped.
    fn signing_committee(&self, update: &Update<'_>) -> Result<SigningCommittee, UpdateError> {
        let preset = &self.config.preset;
        let store = preset.period(self.checkpoint.slot);
        let got = preset.period(update.signature_slot);
        match self.checkpoint.next_sync_committee {
            _ if got == store => Ok(SigningCommittee::Current),
            Some(next) if got.checked_sub(store) == Some(1) => Ok(SigningCommittee::Next(next)),
            next => Err(UpdateError::SignaturePeriod {
                got,
                store,
                next_known: next.is_some(),
            }),
        }
    }

    fn periods(&self, update: &Update<'_>) -> Periods {
        let preset = &self.config.preset;
        Periods {
            store: preset.period(self.checkpoint.slot),
            attested: preset.period(update.attested.beacon.slot),
            finalized: preset.period(update.finalized.beacon.slot),
        }
    }

    /// The finalized header is newer, or the update supplies the committee that the store lacks: that of
    /// the store's own period, known from a header of that period which is final.
    fn check_relevance(&self, update: &Update<'_>, periods: &Periods) -> Result<(), UpdateError> {
        let finalized = update.finalized.beacon.slot;
        let stored = self.checkpoint.slot;
        if finalized > stored {
            return Ok(());
        }
        let supplies =
            self.checkpoint.next_sync_committee.is_none() && update.next_sync_committee.is_some();
        if !supplies {
            return Err(UpdateError::FinalizedNotNewer { finalized, stored });
        }
        if periods.attested != periods.store {
            return Err(UpdateError::NextSyncCommitteePeriod {
                got: periods.attested,
                store: periods.store,
            });
        }
        if periods.finalized != periods.attested {
            return Err(UpdateError::NextSyncCommitteeNotFinal {
                finalized: periods.finalized,
                attested: periods.attested,
            });
        }
        Ok(())
    }

    fn check_finality(
        &self,
        hasher: &mut Hasher,
        update: &Update<'_>,
        fork: Fork,
    ) -> Result<FinalizedHeader, UpdateError> {
        let header = &update.finalized;
        let mut finalized = FinalizedHeader {
            beacon: header.beacon,
            // The genesis is final under the zero root, as it is checkpointed before it has a block.
            block_root: BlockRoot::from_words(ZERO),
            execution: None,
        };
        if header.beacon.slot == 0 {
            if !header.beacon.is_default() || header.execution.is_some() {
                return Err(UpdateError::GenesisHeader);
            }
        } else {
            finalized.execution = header
                .verify(hasher, &self.config)
                .map_err(UpdateError::FinalizedHeader)?;
            finalized.block_root = header.beacon.hash_tree_root(hasher);
        }
        let index = GeneralizedIndex::finalized_root(fork);
        let branch = update.finality_branch;
        if branch.len() != index.depth() {
            return Err(UpdateError::FinalityBranchDepth {
                got: branch.len(),
                expected: index.depth(),
            });
        }
        let state_root = &update.attested.beacon.state_root;
        if !index.leads(hasher, finalized.block_root.words(), branch, state_root) {
            return Err(UpdateError::FinalityBranch);
        }
        Ok(finalized)
    }

    fn check_next_committee(
        &self,
        hasher: &mut Hasher,
        update: &Update<'_>,
        fork: Fork,
        periods: &Periods,
    ) -> Result<(), UpdateError> {
        let Some(next) = &update.next_sync_committee else {
            return Ok(());
        };
        if let Some(expected) = self.checkpoint.next_sync_committee
            && periods.attested == periods.store
            && next.root != expected
        {
            return Err(UpdateError::NextSyncCommitteeMismatch {
                got: next.root,
                expected,
            });
        }
        let index = GeneralizedIndex::next_sync_committee(fork);
        if next.branch.len() != index.depth() {
            return Err(UpdateError::NextSyncCommitteeBranchDepth {
                got: next.branch.len(),
                expected: index.depth(),
            });
        }
        let state_root = &update.attested.beacon.state_root;
        if !index.leads(hasher, next.root.words(), next.branch, state_root) {
            return Err(UpdateError::NextSyncCommitteeBranch);
        }
        Ok(())
    }

    fn check_signature(
        &self,
        hasher: &mut Hasher,
        update: &Update<'_>,
        signing: SigningCommittee,
    ) -> Result<(), UpdateError> {
        let expected = match signing {
            SigningCommittee::Current => self.checkpoint.current_sync_committee,
            SigningCommittee::Next(next) => next,
        };
        let got = update
            .signers
            .committee_root(hasher, &update.sync_committee_bits)
            .map_err(UpdateError::Signers)?;
        if got != expected {
            return Err(UpdateError::SyncCommittee { got, expected });
        }
        update.verify_signature(hasher, &self.config)
    }

    /// `apply_light_client_update`, with the next committee learnt only if its period is final.
    fn applied(
        &self,
        update: &Update<'_>,
        finalized: FinalizedHeader,
        periods: &Periods,
    ) -> VerifiedUpdate {
        let before = self.checkpoint;
        let mut after = before;
        let learnt = update
            .next_sync_committee
            .filter(|_| periods.finalized == periods.attested)
            .map(|next| next.root);
        match before.next_sync_committee {
            // The signature's period is that of the store, so what is final can be of no later one.
            None => after.next_sync_committee = learnt,
            Some(next) if periods.finalized > periods.store => {
                after.current_sync_committee = next;
                after.next_sync_committee = learnt;
            }
            Some(_) => {}
        }
        let newer = finalized.beacon.slot > before.slot;
        if newer {
            after.slot = finalized.beacon.slot;
            after.block_root = finalized.block_root;
        }
        VerifiedUpdate {
            before,
            after,
            advanced: newer.then_some(finalized),
        }
    }
}

const fn check_slots(update: &Update<'_>) -> Result<(), UpdateError> {
    let signature = update.signature_slot;
    let attested = update.attested.beacon.slot;
    let finalized = update.finalized.beacon.slot;
    if signature <= attested {
        return Err(UpdateError::SignatureNotAfterAttested {
            signature,
            attested,
        });
    }
    if finalized > attested {
        return Err(UpdateError::FinalizedAfterAttested {
            finalized,
            attested,
        });
    }
    Ok(())
}
