//! Solidity's `bytes`, `string` and arrays in storage: recorded ones, and all lengths by its documentation's rules.

use alloy_primitives::{U256, keccak256};
use valence_coprocessor_ethereum_state_proof::{
    Address, Field, Slot, SlotValue, StateProof, StateProofError, TrieError, ValueError,
    encode_nodes,
};
use valence_coprocessor_protocol::StateRoot;

use crate::fixtures::{self, eth_get_proofs, fixed, nodes};
use crate::naive_trie::NaiveTrie;
use crate::world::{ADDRESS, account_value, decoded, every_byte_counts, storage_of};

/// The slots of a `bytes` at slot 0, as Solidity's documentation describes them.
fn stored(bytes: &[u8]) -> Vec<([u8; 32], U256)> {
    let length = U256::from(bytes.len());
    if bytes.len() < 32 {
        let mut word = [0; 32];
        word[..bytes.len()].copy_from_slice(bytes);
        return vec![([0; 32], U256::from_be_bytes(word) | (length << 1))];
    }
    let first = U256::from_be_bytes(keccak256([0; 32]).0);
    let mut slots = vec![([0; 32], (length << 1) | U256::from(1))];
    for (index, chunk) in bytes.chunks(32).enumerate() {
        let mut word = [0; 32];
        word[..chunk.len()].copy_from_slice(chunk);
        slots.push((
            (first + U256::from(index)).to_be_bytes(),
            U256::from_be_bytes(word),
        ));
    }
    slots
}

/// A contract with some slots, and the proof of slots of it.
struct Contract {
    state: NaiveTrie,
    storage: NaiveTrie,
}

impl Contract {
    fn new(slots: &[([u8; 32], U256)]) -> Self {
        // A slot of value zero is not stored.
        let slots: Vec<_> = slots
            .iter()
            .filter(|(_, value)| !value.is_zero())
            .copied()
            .collect();
        let storage = storage_of(&slots);
        let mut state = NaiveTrie::default();
        state.insert(
            keccak256(ADDRESS.as_bytes()).as_slice(),
            &account_value(storage.root(), 1, U256::ZERO),
        );
        Self { state, storage }
    }

    fn root(&self) -> StateRoot {
        StateRoot::from_bytes(self.state.root())
    }

    fn prove(&self, slots: &[[u8; 32]]) -> Vec<u8> {
        let mut paths = vec![self.state.proof(keccak256(ADDRESS.as_bytes()).as_slice())];
        paths.extend(
            slots
                .iter()
                .map(|slot| self.storage.proof(keccak256(slot).as_slice())),
        );
        encode_nodes(paths.iter().map(Vec::as_slice))
    }

    fn bytes(&self, proof: &mut StateProof<'_>, limit: usize) -> Result<Vec<u8>, StateProofError> {
        let account = proof.account(&self.root(), &ADDRESS)?;
        proof.bytes(&account, &Slot::variable(0), limit)
    }
}

fn keys(slots: &[([u8; 32], U256)]) -> Vec<[u8; 32]> {
    slots.iter().map(|(slot, _)| *slot).collect()
}

#[test]
fn bytes_of_all_lengths_are_read() {
    for length in (0..100).chain([127, 128, 129, 255, 256, 1000]) {
        // Whole words of zeros in between: such slots are absent.
        let bytes: Vec<u8> = (0..length)
            .map(|at| {
                if at / 32 % 3 == 1 {
                    0
                } else {
                    u8::try_from(at % 256).expect("small")
                }
            })
            .collect();
        let slots = stored(&bytes);
        let contract = Contract::new(&slots);
        let proof = contract.prove(&keys(&slots));
        assert_eq!(
            decoded(&proof, |proof| contract.bytes(proof, length)),
            Ok(bytes)
        );
        let listed: Vec<_> = Slot::variable(0)
            .long_data(length)
            .map(|slot| *slot.as_bytes())
            .collect();
        assert_eq!(listed, keys(&slots)[1..], "{length}");
        if length > 0 {
            let refused = decoded(&proof, |proof| contract.bytes(proof, length - 1));
            let limit = length - 1;
            assert_eq!(
                refused,
                Err(StateProofError::Value(ValueError::TooLong { limit }))
            );
        }
    }
}

#[test]
fn attack_b8_missing_data_of_a_string() {
    let bytes = vec![0x61; 100];
    let slots = stored(&bytes);
    let contract = Contract::new(&slots);
    for left_out in 1..slots.len() {
        let mut shown = keys(&slots);
        shown.remove(left_out);
        let refused = decoded(&contract.prove(&shown), |proof| contract.bytes(proof, 100));
        assert!(
            matches!(
                refused,
                Err(StateProofError::Slot(TrieError::MissingNode { .. }))
            ),
            "{left_out}: {refused:?}"
        );
    }
    let more = [keys(&slots), vec![[9; 32]]].concat();
    let refused = decoded(
        &Contract::new(&[slots, vec![([9; 32], U256::from(4))]].concat()).prove(&more),
        |proof| contract.bytes(proof, 100),
    );
    assert!(refused.is_err(), "another state");
    every_byte_counts(
        &contract.prove(&keys(&stored(&bytes))),
        &[1, 0x40],
        |encoded| decoded(encoded, |proof| contract.bytes(proof, 100)),
    );
}

/// Words that no contract of Solidity stores for a `bytes`: reading them, contracts panic (0x22).
#[test]
fn attack_b8_lengths_that_contradict_the_form() {
    let one = U256::from(1);
    for word in [
        U256::from(64),
        U256::from(254),
        one,
        U256::from(63),
        U256::from(31),
    ] {
        let contract = Contract::new(&[([0; 32], word)]);
        let refused = decoded(&contract.prove(&[[0; 32]]), |proof| {
            contract.bytes(proof, usize::MAX)
        });
        assert_eq!(
            refused,
            Err(StateProofError::Value(ValueError::BytesEncoding)),
            "{word}"
        );
    }
    for word in [
        U256::MAX,
        (one << 65) | one,
        (one << 64) | one,
        (one << 33) | one,
    ] {
        let contract = Contract::new(&[([0; 32], word)]);
        let refused = decoded(&contract.prove(&[[0; 32]]), |proof| {
            contract.bytes(proof, 1 << 20)
        });
        assert_eq!(
            refused,
            Err(StateProofError::Value(ValueError::TooLong {
                limit: 1 << 20
            })),
            "{word}"
        );
    }
}

/// Bytes that old compilers left after the end are not part of the value: contracts do not read them.
#[test]
fn bytes_after_the_end_do_not_count() {
    let contract = Contract::new(&[(
        [0; 32],
        U256::from_be_slice(b"abcdefghijklmnopqrstuvwxyz01234\x06"),
    )]);
    let read = decoded(&contract.prove(&[[0; 32]]), |proof| {
        contract.bytes(proof, 31)
    });
    assert_eq!(read, Ok(b"abc".to_vec()));
}

#[test]
fn strings_are_text() {
    let text = "Grüße, und noch etwas mehr als ein Wort";
    for (bytes, expected) in [
        (text.as_bytes(), Ok(text.to_owned())),
        (b"", Ok(String::new())),
        (
            b"\xff\xfe",
            Err(StateProofError::Value(ValueError::NotText)),
        ),
    ] {
        let slots = stored(bytes);
        let contract = Contract::new(&slots);
        let read = decoded(&contract.prove(&keys(&slots)), |proof| {
            let account = proof.account(&contract.root(), &ADDRESS)?;
            proof.string(&account, &Slot::variable(0), 100)
        });
        assert_eq!(read, expected);
    }
}

#[test]
fn arrays_have_a_length_and_packed_elements() {
    // uint64[] of five elements in slot 0: four in the first slot of the data, one in the second.
    let first = U256::from_be_bytes(keccak256([0; 32]).0);
    let packed = (1..=4_u64).rev().fold(U256::ZERO, |word, element| {
        word << 64 | U256::from(element * 1000)
    });
    let slots = [
        ([0; 32], U256::from(5)),
        (first.to_be_bytes(), packed),
        ((first + U256::from(1)).to_be_bytes(), U256::from(5000)),
    ];
    let contract = Contract::new(&slots);
    decoded(&contract.prove(&keys(&slots)), |proof| {
        let account = proof.account(&contract.root(), &ADDRESS)?;
        assert_eq!(proof.array_length(&account, &Slot::variable(0)), Ok(5));
        for index in 0..5 {
            let (slot, field) = Slot::variable(0).packed_element(index, 8).expect("a width");
            let word = proof.slot(&account, &slot)?.to_word();
            assert_eq!(field.number(&word), Ok((index + 1) * 1000));
        }
        Ok(())
    })
    .expect("all is proven");
    let huge = Contract::new(&[([0; 32], U256::from(1) << 64)]);
    let refused = decoded(&huge.prove(&[[0; 32]]), |proof| {
        let account = proof.account(&huge.root(), &ADDRESS)?;
        proof.array_length(&account, &Slot::variable(0))
    });
    assert_eq!(refused, Err(StateProofError::Value(ValueError::Number)));
}

/// A vault on mainnet: request 0 is a struct of a packed id and owner, two numbers and a string, in mapping 9.
#[test]
fn a_recorded_struct_is_read() {
    let file = "04-eip1186-mainnet/electra-22816586-valence-vault/proof-short.json";
    let Some(folder) = fixtures::folder() else {
        return;
    };
    let text = std::fs::read_to_string(folder.join(file)).expect("the recorded answer is readable");
    let recorded: serde_json::Value =
        serde_json::from_str(&text).expect("the recorded answer is JSON");
    let (answer, expected) = (&recorded["proof"], &recorded["withdraw"]);
    let slots = answer["storageProof"].as_array().expect("slots are a list");
    let paths: Vec<_> = slots.iter().map(|slot| nodes(&slot["proof"])).collect();
    let bytes = valence_coprocessor_ethereum_state_proof::encode_state_proof(
        &nodes(&answer["accountProof"]),
        &paths,
    );
    let root = StateRoot::from_bytes(fixed(&recorded["root"]));
    decoded(&bytes, |proof| {
        let account = proof.account(&root, &Address::from_bytes(fixed(&recorded["account"])))?;
        let request = Slot::variable(9).entry_at(0);
        let head = proof.slot(&account, &request)?.to_word();
        let (id, owner) = (
            Field::new(0, 8).expect("fits"),
            Field::new(8, 20).expect("fits"),
        );
        assert_eq!(id.number(&head).ok(), expected["id"].as_u64());
        assert_eq!(
            owner.address(&head),
            Ok(Address::from_bytes(fixed(&expected["owner"])))
        );
        assert_eq!(
            proof.slot(&account, &request.plus(1))?.to_word(),
            fixed(&expected["redemptionRate"])
        );
        assert_eq!(
            proof.slot(&account, &request.plus(2))?.to_word(),
            fixed(&expected["sharesAmount"])
        );
        let receiver = proof.string(&account, &request.plus(3), 100)?;
        assert_eq!(Some(receiver.as_str()), expected["receiver"].as_str());
        Ok(())
    })
    .expect("the recorded struct is proven");
}

/// A contract on mainnet with an address in slot 1 and a short string in slot 2.
#[test]
fn a_recorded_short_string_is_read() {
    let all = eth_get_proofs();
    let recorded = all.iter().find(|answer| {
        answer.slots().len() == 2
            && answer.slots()[1]["value"]
                == "0x4272696467657273312e31000000000000000000000000000000000000000016"
    });
    let Some(answer) = recorded else {
        assert!(all.is_empty(), "the answer is recorded");
        return;
    };
    decoded(&answer.encode(), |proof| {
        let account = proof.account(&answer.state_root, &answer.address)?;
        assert_eq!(
            proof.string(&account, &Slot::variable(2), 31),
            Ok("Bridgers1.1".to_owned())
        );
        let SlotValue::Present(word) = proof.slot(&account, &Slot::variable(1))? else {
            panic!("the slot is recorded as present")
        };
        let address = fixed(&"0xa377aa6822603cc52e4e9ed6eaa045c46ef6b3e2".into());
        assert_eq!(
            Field::new(0, 20).expect("fits").address(&word),
            Ok(Address::from_bytes(address))
        );
        Ok(())
    })
    .expect("the recorded slots are proven");
}
