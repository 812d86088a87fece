//! Attack b4: branches of other forks, of other indices, of no length.

use valence_coprocessor_ethereum_beacon::Bytes;
use valence_coprocessor_ethereum_light_client::{HeaderError, NextSyncCommittee, UpdateError};

use super::honest::{client, plan, refusal, refusal_of};
use crate::fixtures::NOW;
use crate::forge::Plan;

#[test]
fn attack_b4_branches_of_other_forks_and_indices() {
    let client = client();
    // Proven where Deneb had them, shown for Electra.
    let deneb = Plan {
        finalized_index: 105,
        ..plan()
    };
    assert_eq!(
        refusal(&client, &deneb.forge()),
        UpdateError::FinalityBranchDepth {
            got: 6,
            expected: 7
        }
    );
    let deneb = Plan {
        next_index: 55,
        ..plan()
    };
    assert_eq!(
        refusal(&client, &deneb.forge()),
        UpdateError::NextSyncCommitteeBranchDepth {
            got: 5,
            expected: 6
        }
    );
    // Proven somewhere else at the right depth: the epoch beside the root, the current committee beside the next.
    let epoch = Plan {
        finalized_index: 168,
        ..plan()
    };
    assert_eq!(
        refusal(&client, &epoch.forge()),
        UpdateError::FinalityBranch
    );
    let current = Plan {
        next_index: 86,
        ..plan()
    };
    assert_eq!(
        refusal(&client, &current.forge()),
        UpdateError::NextSyncCommitteeBranch
    );
    let slot = plan().attested_slot;
    let body = Plan {
        execution_index: 24,
        ..plan()
    };
    assert_eq!(
        refusal(&client, &body.forge()),
        UpdateError::AttestedHeader(HeaderError::ExecutionBranch { slot })
    );
}

#[test]
fn attack_b4_branches_that_are_empty_or_too_long() {
    let client = client();
    assert_eq!(
        refusal_of(&client, |update| update.finality_branch = &[]),
        UpdateError::FinalityBranchDepth {
            got: 0,
            expected: 7
        }
    );
    assert_eq!(
        refusal_of(&client, |update| {
            let root = update.next_sync_committee.expect("a committee").root;
            update.next_sync_committee = Some(NextSyncCommittee { root, branch: &[] });
        }),
        UpdateError::NextSyncCommitteeBranchDepth {
            got: 0,
            expected: 6
        }
    );
    assert_eq!(
        refusal_of(&client, |update| {
            let mut execution = update.finalized.execution.expect("a payload");
            execution.branch = &execution.branch[..3];
            update.finalized.execution = Some(execution);
        }),
        UpdateError::FinalizedHeader(HeaderError::ExecutionBranchDepth {
            got: 3,
            expected: 4
        })
    );
    // A node that is not zero in front of a right branch is no layout of a newer fork.
    let mut update = plan().forge();
    update.finality_branch.insert(0, Bytes([1; 32]));
    assert_eq!(
        refusal(&client, &update),
        UpdateError::FinalityBranchDepth {
            got: 8,
            expected: 7
        }
    );
    // Zeros are: the specification's `normalize_merkle_branch`.
    update.finality_branch[0] = Bytes::ZERO;
    let mut client = client;
    client
        .process(&update, NOW)
        .expect("the layout of a newer fork");
}
