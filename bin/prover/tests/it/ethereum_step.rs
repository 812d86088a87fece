//! The light client in the zkVM: attacks b1 to b4, b11 and b12 are refused in the words of the host, and honest steps
//! publish what the host computes.

use valence_coprocessor_ethereum_light_client::step;
use valence_coprocessor_forged_chain::{honest_steps, refused_steps};
use valence_coprocessor_zkvm::{Zkvm as _, ZkvmError};

use crate::guests::{artifact, execute};
use crate::hostile::children;

#[tokio::test]
async fn attacks_b1_to_b12_on_the_light_client_are_refused_in_the_zkvm_in_the_words_of_the_host() {
    let zkvm = children();
    let elf = artifact("ethereum-step.elf");
    for case in honest_steps() {
        let execution = execute(&zkvm, &elf, &case.input)
            .await
            .expect("honest steps are accepted");
        let expected = step(&case.input).expect("honest steps are accepted");
        assert_eq!(
            execution.public_values,
            expected.public_values().encode(),
            "{}",
            case.name
        );
    }
    let refused = refused_steps();
    assert!(refused.len() >= 19, "{} attacks", refused.len());
    for case in refused {
        let refusal = step(&case.input).expect_err(case.name).to_string();
        match execute(&zkvm, &elf, &case.input).await {
            Err(ZkvmError::GuestPanicked { message }) => {
                assert!(message.contains(&refusal), "{}: {message}", case.name);
            }
            other => panic!("{}: {other:?}", case.name),
        }
    }
    zkvm.shutdown().await;
}
