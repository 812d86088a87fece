//! Kinds, priorities, stages and texts.

use valence_coprocessor_zkvm::{Priority, ProofKind, Stage};

use super::messages;

/// A text of the other side for people: not too long, on one line.
pub(crate) fn shown(text: &str, longest: usize) -> String {
    text.chars()
        .take(longest)
        .map(|letter| if letter.is_control() { ' ' } else { letter })
        .collect()
}

pub(crate) const fn kind_sent(kind: ProofKind) -> messages::Kind {
    match kind {
        ProofKind::Execute => messages::Kind::Execute,
        ProofKind::Core => messages::Kind::Core,
        ProofKind::Compressed => messages::Kind::Compressed,
        ProofKind::Groth16 => messages::Kind::Groth16,
        ProofKind::Plonk => messages::Kind::Plonk,
    }
}

/// `None` for a kind that this version does not know.
pub(crate) fn kind_of(sent: i32) -> Option<ProofKind> {
    ProofKind::ALL
        .into_iter()
        .find(|kind| i32::from(kind_sent(*kind)) == sent)
}

pub(crate) const fn priority_sent(priority: Priority) -> messages::Priority {
    match priority {
        Priority::Low => messages::Priority::Low,
        Priority::Normal => messages::Priority::Normal,
        Priority::High => messages::Priority::High,
    }
}

/// What this version does not know is normal.
pub(crate) fn priority_of(sent: i32) -> Priority {
    [Priority::Low, Priority::High]
        .into_iter()
        .find(|priority| i32::from(priority_sent(*priority)) == sent)
        .unwrap_or_default()
}

pub(super) const fn stage_sent(stage: Stage) -> messages::Stage {
    match stage {
        Stage::Queued => messages::Stage::Queued,
        Stage::Starting => messages::Stage::Starting,
        Stage::Setup => messages::Stage::Setup,
        Stage::Proving => messages::Stage::Proving,
        Stage::Compressing => messages::Stage::Compressing,
        Stage::Wrapping => messages::Stage::Wrapping,
    }
}

/// Progress is harmless: a stage that this version does not know is the first.
pub(super) fn stage_of(sent: i32) -> Stage {
    [
        Stage::Starting,
        Stage::Setup,
        Stage::Proving,
        Stage::Compressing,
        Stage::Wrapping,
    ]
    .into_iter()
    .find(|stage| i32::from(stage_sent(*stage)) == sent)
    .unwrap_or_default()
}
