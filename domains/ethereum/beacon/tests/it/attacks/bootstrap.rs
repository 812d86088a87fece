//! Bootstraps of other blocks, with other committees, and from before there were any.

use valence_coprocessor_ethereum_beacon::{BeaconError, Bootstrap, Client};
use valence_coprocessor_ethereum_light_client::{
    BlockRoot, BootstrapError, ChainConfig, ForkSchedule, HeaderError, MAINNET, ScheduledFork,
};

use crate::fixtures;

fn refusal(config: ChainConfig, root: BlockRoot, bootstrap: &Bootstrap) -> BootstrapError {
    match Client::bootstrap(config, root, bootstrap) {
        Err(BeaconError::Bootstrap(error)) => error,
        other => panic!("{other:?}"),
    }
}

#[test]
fn only_the_trusted_block_and_its_committee_are_taken() {
    let Some((honest, ..)) = fixtures::electra() else {
        return;
    };
    let root = fixtures::block_root(&honest);
    let other = BlockRoot::from_bytes(&[1; 32]);
    assert_eq!(
        refusal(MAINNET, other, &honest),
        BootstrapError::TrustedBlockRoot {
            got: root,
            expected: other
        }
    );
    let mut committee = honest.clone();
    committee.current_sync_committee.pubkeys.swap(0, 1);
    assert_eq!(
        refusal(MAINNET, root, &committee),
        BootstrapError::CurrentSyncCommitteeBranch
    );
    let mut branch = honest.clone();
    branch.current_sync_committee_branch[5].0[31] ^= 1;
    assert_eq!(
        refusal(MAINNET, root, &branch),
        BootstrapError::CurrentSyncCommitteeBranch
    );
    branch.current_sync_committee_branch.pop();
    assert_eq!(
        refusal(MAINNET, root, &branch),
        BootstrapError::CurrentSyncCommitteeBranchDepth {
            got: 5,
            expected: 6
        }
    );
    let mut payload = honest;
    let slot = payload.header.beacon.slot;
    let execution = payload.header.execution.as_mut().expect("a payload");
    execution.block_number += 1;
    assert_eq!(
        refusal(MAINNET, root, &payload),
        BootstrapError::Header(HeaderError::ExecutionBranch { slot })
    );
}

#[test]
fn there_is_no_bootstrap_before_altair() {
    let Some((bootstrap, ..)) = fixtures::electra() else {
        return;
    };
    let mut forks = [ScheduledFork::new([0; 4], ForkSchedule::NEVER); 7];
    forks[0].epoch = 0;
    let config = ChainConfig {
        forks: ForkSchedule::new(forks).expect("forks in order"),
        ..MAINNET
    };
    let slot = bootstrap.header.beacon.slot;
    assert_eq!(
        refusal(config, fixtures::block_root(&bootstrap), &bootstrap),
        BootstrapError::BeforeAltair { slot }
    );
}
