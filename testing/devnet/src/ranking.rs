//! Which of two updates of one period is better (Altair, `light-client/sync-protocol.md`).

use crate::{Preset, Update};

/// `is_better_update`, for updates that both bring the next committee.
pub(crate) fn is_better_update(preset: Preset, new: &Update, old: &Update) -> bool {
    let signers = |update: &Update| update.aggregate.signers();
    let has_supermajority =
        |update: &Update| 3 * signers(update) >= 2 * update.aggregate.bits.len();
    if has_supermajority(new) != has_supermajority(old) {
        return has_supermajority(new);
    }
    if !has_supermajority(new) && signers(new) != signers(old) {
        return signers(new) > signers(old);
    }
    let has_finality = |update: &Update| update.finalized.is_some();
    if has_finality(new) != has_finality(old) {
        return has_finality(new);
    }
    // Whether the finalized block is of the attested block's period.
    let finalizes_period = |update: &Update| {
        update.finalized.as_ref().is_some_and(|finalized| {
            preset.period(finalized.slot()) == preset.period(update.attested.slot())
        })
    };
    if has_finality(new) && finalizes_period(new) != finalizes_period(old) {
        return finalizes_period(new);
    }
    if signers(new) != signers(old) {
        return signers(new) > signers(old);
    }
    if new.attested.slot() != old.attested.slot() {
        return new.attested.slot() < old.attested.slot();
    }
    new.signature_slot < old.signature_slot
}
