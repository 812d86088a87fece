//! Recorded answers of nodes to `eth_getProof`: mainnet's, Sepolia's, and those of the execution APIs' test chain.

use valence_coprocessor_ethereum_state_proof::{Account, SlotValue};

use crate::fixtures::{self, eth_get_proofs, fixed};
use crate::world::decoded;

#[test]
fn nodes_answers_are_proven() {
    let answers = eth_get_proofs();
    assert!(
        fixtures::folder().is_none() || answers.len() >= 17,
        "{} answers",
        answers.len()
    );
    for answer in answers {
        let bytes = answer.encode();
        decoded(&bytes, |proof| {
            let account = proof.account(&answer.state_root, &answer.address)?;
            let Account::Present(state) = account else {
                panic!("the account is recorded as present")
            };
            assert_eq!(state.balance, fixed::<32>(&answer.proof["balance"]));
            assert_eq!(
                state.nonce.to_be_bytes(),
                fixed::<8>(&answer.proof["nonce"])
            );
            assert_eq!(
                state.storage_root,
                fixed::<32>(&answer.proof["storageHash"])
            );
            assert_eq!(state.code_hash, fixed::<32>(&answer.proof["codeHash"]));
            for (index, recorded) in answer.slots().iter().enumerate() {
                let value = proof.slot(&account, &answer.slot(index))?;
                let expected = fixed::<32>(&recorded["value"]);
                assert_eq!(value.to_word(), expected);
                assert_eq!(value == SlotValue::Absent, expected == [0; 32]);
            }
            Ok(())
        })
        .expect("a recorded answer is proven");
    }
}
