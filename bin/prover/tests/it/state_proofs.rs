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
    for (case, output) in honest_states() {
        let execution = execute(&zkvm, &elf, &case.input).await.expect(case.name);
        let public_values = [&[0; 32], &output[..]].concat();
        assert_eq!(execution.public_values, public_values, "{}", case.name);
        assert_eq!(
            answer(&case.input).as_ref(),
            Ok(&public_values),
            "{}",
            case.name
        );
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
        let mut asked = vec![recorded.asked(&[])];
        if !slots.is_empty() {
            asked.push(recorded.asked(&slots));
        }
        let execution = execute(&zkvm, &elf, &Asked::input(&asked))
            .await
            .unwrap_or_else(|error| panic!("{}: {error}", recorded.path));
        let values = recorded
            .slots()
            .iter()
            .map(|slot| fixed::<32>(&slot["value"]));
        let values: Vec<_> = values.collect();
        let root = [0; 32];
        let account = recorded.account_fields();
        let expected = [&root, &account[..], values.as_flattened()].concat();
        assert_eq!(execution.public_values, expected, "{}", recorded.path);
    }
    let (accounts, fields): (Vec<_>, Vec<_>) = account_tries().into_iter().unzip();
    assert!(folder().is_none() || accounts.len() >= 11);
    // All at once: each has a proof of its own.
    let execution = execute(&zkvm, &elf, &Asked::input(&accounts))
        .await
        .expect("all are right");
    assert_eq!(
        execution.public_values,
        [&[0; 32], &fields.concat()[..]].concat()
    );
    if let Some((header, state_root)) = asked_header() {
        let execution = execute(&zkvm, &elf, &Asked::input(&[header]))
            .await
            .expect("the header is right");
        assert_eq!(execution.public_values, [[0; 32], state_root].concat());
    }
    zkvm.shutdown().await;
}
