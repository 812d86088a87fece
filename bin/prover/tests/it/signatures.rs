//! Signatures of sync committees in the zkVM: false claims and wrong advice end in the words of the host.

use valence_coprocessor_forged_chain::{false_signatures, true_signatures};
use valence_coprocessor_zkvm::{Zkvm as _, ZkvmError};

use crate::guests::{artifact, execute};
use crate::hostile::children;

#[tokio::test]
async fn attack_b1_signatures_are_judged_in_the_zkvm_as_on_the_host() {
    let zkvm = children();
    let elf = artifact("bls-cycles.elf");
    let mut refused = 0;
    for case in [true_signatures(), false_signatures()].concat() {
        match (case.verdict, execute(&zkvm, &elf, &case.input).await) {
            (Ok(root), Ok(execution)) => assert!(execution.public_values.ends_with(&root)),
            (Err(refusal), Err(ZkvmError::GuestPanicked { message })) => {
                assert!(message.contains(&refusal), "{}: {message}", case.name);
                refused += 1;
            }
            (expected, got) => panic!("{}: {got:?}, not {expected:?}", case.name),
        }
    }
    assert!(refused >= 13, "{refused} refused");
    zkvm.shutdown().await;
}
