//! State proofs in the zkVM: attacks b7 and b8 end as on the host, and what nodes answered is proven.

use valence_coprocessor_forged_chain::{Asked, answer, honest_states, refused_states};
use valence_coprocessor_recorded_chain::{
    account_tries, asked_header, eth_get_proofs, fixed, folder,
};
use valence_coprocessor_zkvm::{Zkvm as _, ZkvmError};

use crate::guests::{artifact, execute};
use crate::hostile::children;

#[tokio::test]
async fn attacks_b7_and_b8_on_state_proofs_end_in_the_zkvm_as_on_the_host() {
    let zkvm = children();
    let elf = artifact("state-proof-cycles.elf");
    for case in honest_states() {
        let expected = answer(&case.input).expect(case.name);
        let execution = execute(&zkvm, &elf, &case.input).await.expect(case.name);
        assert_eq!(execution.public_values, expected, "{}", case.name);
    }
    let refused = refused_states();
    assert!(refused.len() >= 14, "{} attacks", refused.len());
    for case in refused {
        let refusal = answer(&case.input).expect_err(case.name);
        match execute(&zkvm, &elf, &case.input).await {
            Err(ZkvmError::GuestPanicked { message }) => {
                assert!(message.contains(&refusal), "{}: {message}", case.name);
            }
            other => panic!("{}: {other:?}", case.name),
        }
    }
    zkvm.shutdown().await;
}

/// Every recorded answer to `eth_getProof`, the accounts of Ethereum's trie tests, and a header.
#[tokio::test]
async fn recorded_state_proofs_are_proven_in_the_zkvm() {
    let zkvm = children();
    let elf = artifact("state-proof-cycles.elf");
    let answers = eth_get_proofs();
    assert!(folder().is_none() || answers.len() >= 17);
    for recorded in answers {
        let slots: Vec<usize> = (0..recorded.slots().len()).collect();
        let input = Asked::input(&[recorded.asked(&slots)]);
        let execution = execute(&zkvm, &elf, &input)
            .await
            .unwrap_or_else(|error| panic!("{}: {error}", recorded.path));
        let words = recorded
            .slots()
            .iter()
            .map(|slot| fixed::<32>(&slot["value"]));
        let expected: Vec<u8> = [0; 32].into_iter().chain(words.flatten()).collect();
        assert_eq!(execution.public_values, expected, "{}", recorded.path);
    }
    let accounts: Vec<_> = account_tries()
        .into_iter()
        .map(|(_, asked)| asked)
        .collect();
    let others = [accounts, asked_header().into_iter().collect()].concat();
    assert!(folder().is_none() || others.len() >= 12);
    if !others.is_empty() {
        // All at once: each has a proof of its own.
        let input = Asked::input(&others);
        let execution = execute(&zkvm, &elf, &input).await.expect("all are right");
        assert_eq!(
            execution.public_values,
            answer(&input).expect("all are right")
        );
    }
    zkvm.shutdown().await;
}
