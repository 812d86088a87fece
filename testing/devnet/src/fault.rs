//! What a dishonest node or committee does, on demand.

use serde::{Deserialize, Serialize};
use valence_coprocessor_faulty_server::TransportFault;

use crate::{
    Aggregate, DevnetError, Fork, GENESIS_FORK_VERSION, Rules, Update,
    merkle::sha256,
    signing::{
        DOMAIN_BEACON_ATTESTER, DOMAIN_SYNC_COMMITTEE, compute_domain, compute_signing_root,
    },
};

/// A lie or a failure, until it is switched off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// Signatures are of the right members, over another block.
    WrongSignature,
    /// No bit is set, and the signature is the point at infinity.
    NoSignature,
    /// Signatures are valid, but of this many members only.
    FewSigners {
        /// How many.
        count: usize,
    },
    /// Signatures are made in the domain of attestations.
    WrongDomain,
    /// Signatures are made under the version of another fork.
    WrongForkVersion,
    /// Updates name the committee of one period later, under the branch of the right one.
    WrongNextCommittee,
    /// Updates from this period on are not given: 404 if it is the first asked for.
    WithheldUpdate {
        /// The period.
        period: u64,
    },
    /// A sibling of the newest attested block is signed as well; answers come from both chains in turn,
    /// beginning with the honest one.
    Fork,
    /// Another chain, in which the newest finalized block has another state root, is signed by the same
    /// committees; every answer comes from it.
    Equivocation,
    /// Answers to a route are damaged on their way.
    Transport {
        /// Beginning of path and query; empty for all.
        route: String,
        /// How.
        fault: TransportFault,
    },
}

/// An update as `fault` makes it.
pub(crate) fn forge(
    rules: &Rules,
    mut update: Update,
    fault: &Fault,
) -> Result<Update, DevnetError> {
    let root = update.attested.root();
    let signature_slot = update.signature_slot;
    let bits = update.aggregate.bits.clone();
    let period = rules.preset().period(signature_slot);
    let committee = rules.validators().committee(period)?;
    let sign = |bits, signing_root| rules.validators().sign_as(&committee, bits, signing_root);
    let honest = rules.sync_signing_root(root, signature_slot);
    let fork = rules.fork_at_slot(signature_slot.max(1) - 1);
    let chain = rules.genesis_validators_root();
    match fault {
        Fault::WrongSignature => {
            let other = sha256(&[b"another block", root.as_slice()]);
            let signing_root = rules.sync_signing_root(other, signature_slot);
            update.aggregate = sign(bits, signing_root);
        }
        Fault::NoSignature => {
            update.aggregate = Aggregate::empty(bits.len());
        }
        Fault::FewSigners { count } => {
            update.aggregate = sign(first(*count, bits.len()), honest);
        }
        Fault::WrongDomain => {
            let domain = compute_domain(DOMAIN_BEACON_ATTESTER, fork.version(), chain);
            update.aggregate = sign(bits, compute_signing_root(root, domain));
        }
        Fault::WrongForkVersion => {
            let version = other_version(fork);
            let domain = compute_domain(DOMAIN_SYNC_COMMITTEE, version, chain);
            update.aggregate = sign(bits, compute_signing_root(root, domain));
        }
        Fault::WrongNextCommittee => {
            if update.next_sync_committee.is_some() {
                let later = rules.preset().period(update.attested.slot()) + 2;
                update.next_sync_committee = Some(rules.validators().committee(later)?);
            }
        }
        Fault::WithheldUpdate { .. }
        | Fault::Fork
        | Fault::Equivocation
        | Fault::Transport { .. } => {}
    }
    Ok(update)
}

/// The version of the fork before, as a signer has it who slept through the last one.
fn other_version(fork: Fork) -> [u8; 4] {
    match (fork as usize).checked_sub(1) {
        Some(before) => Fork::ALL[before].version(),
        None => GENESIS_FORK_VERSION,
    }
}

fn first(count: usize, size: usize) -> Vec<bool> {
    (0..size).map(|seat| seat < count).collect()
}
