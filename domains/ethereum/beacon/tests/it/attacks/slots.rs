//! Attack b2: slots out of order, and clocks.

use valence_coprocessor_ethereum_beacon::BeaconError;
use valence_coprocessor_ethereum_bls::SignatureError;
use valence_coprocessor_ethereum_light_client::UpdateError;

use super::honest::{STORED, client, plan, refusal};
use crate::forge;
use crate::forge::Plan;

#[test]
fn attack_b2_slots_out_of_order() {
    let client = client();
    for signature in [0, STORED + 19, STORED + 20] {
        let plan = Plan {
            signature_slot: signature,
            ..plan()
        };
        assert_eq!(
            refusal(&client, &plan.forge()),
            UpdateError::SignatureNotAfterAttested {
                signature,
                attested: STORED + 20
            }
        );
    }
    let plan_of = |finalized, attested| Plan::new(forge::electra(), finalized, attested).forge();
    assert_eq!(
        refusal(&client, &plan_of(STORED + 21, STORED + 20)),
        UpdateError::FinalizedAfterAttested {
            finalized: STORED + 21,
            attested: STORED + 20
        }
    );
    for finalized in [1, STORED - 1, STORED] {
        assert_eq!(
            refusal(&client, &plan_of(finalized, STORED + 20)),
            UpdateError::FinalizedNotNewer {
                finalized,
                stored: STORED
            }
        );
    }
}

#[test]
fn attack_b2_a_clock_before_the_signature() {
    let mut client = client();
    let update = plan().forge();
    let signature = update.signature_slot;
    for current in [0, 1, signature - 1] {
        assert_eq!(
            client.process(&update, current),
            Err(BeaconError::FromTheFuture { signature, current })
        );
        let pushed = client.begin().push(&update, current);
        assert_eq!(
            pushed,
            Err(BeaconError::FromTheFuture { signature, current })
        );
    }
    // No check is skipped because of that one: with the clock right, the next fault is named.
    let worse = Plan {
        signer: 3,
        ..plan()
    }
    .forge();
    assert_eq!(
        refusal(&client, &worse),
        UpdateError::Signature(SignatureError::Mismatch)
    );
    client
        .process(&update, signature)
        .expect("the clock shows the signature's slot");
}
