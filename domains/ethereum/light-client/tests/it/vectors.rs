//! Replays `testing/vectors`, which a Python script makes from the layouts in docs/protocol.md.

use serde_json::Value;
use valence_coprocessor_ethereum_light_client::{
    BlockRoot, ChainConfig, Checkpoint, ForkSchedule, HOODI, LightClientStore, MAINNET, Preset,
    SEPOLIA, ScheduledFork, StepInput, StepOutput, SyncCommitteeRoot,
};
use valence_coprocessor_ethereum_state_proof::{BlockPayload, HeaderError};
use valence_coprocessor_protocol::{AlignedBytes, HeadState, StateRoot, StepPublicValues};

fn vectors() -> Value {
    let all: Value =
        serde_json::from_str(include_str!("../../../../../testing/vectors/vectors.json"))
            .expect("vectors.json is JSON");
    all["ethereum"].clone()
}

fn bytes(value: &Value) -> Vec<u8> {
    let text = value.as_str().expect("a text");
    let digit = |at: usize| u8::from_str_radix(&text[at..at + 2], 16).expect("hexadecimal");
    (0..text.len()).step_by(2).map(digit).collect()
}

fn hash(value: &Value) -> [u8; 32] {
    bytes(value).try_into().expect("32 bytes")
}

fn minimal() -> ChainConfig {
    let versions: [[u8; 4]; 7] =
        std::array::from_fn(|index| [u8::try_from(index).expect("seven forks"), 0, 0, 1]);
    let epochs = [0, 0, 0, 0, 0, 1, ForkSchedule::NEVER];
    ChainConfig {
        preset: Preset::MINIMAL,
        genesis_validators_root: [0; 32],
        forks: ForkSchedule::new(std::array::from_fn(|index| {
            ScheduledFork::new(versions[index], epochs[index])
        }))
        .expect("forks in order"),
    }
}

#[test]
fn configurations_and_states_are_those_of_the_drawing() {
    let vectors = vectors();
    let networks = vectors["networks"].as_array().expect("networks");
    assert_eq!(networks.len(), 4);
    for network in networks {
        let config = match network["name"].as_str().expect("a name") {
            "mainnet" => MAINNET,
            "sepolia" => SEPOLIA,
            "hoodi" => HOODI,
            _ => minimal(),
        };
        assert_eq!(config.digest().to_bytes(), hash(&network["digest"]));
        for state in network["states"].as_array().expect("states") {
            let next = hash(&state["next"]);
            let checkpoint = Checkpoint {
                block_root: BlockRoot::from_bytes(&hash(&state["block_root"])),
                slot: state["slot"]
                    .as_str()
                    .and_then(|slot| slot.parse().ok())
                    .expect("a slot"),
                current_sync_committee: SyncCommitteeRoot::from_bytes(&hash(&state["current"])),
                next_sync_committee: (next != [0; 32])
                    .then(|| SyncCommitteeRoot::from_bytes(&next)),
            };
            let store = LightClientStore::trusted(config, checkpoint);
            assert_eq!(store.state(), HeadState::from_bytes(hash(&state["state"])));
        }
    }
}

#[test]
fn payload_and_public_values_are_those_of_the_drawing() {
    let vectors = vectors();
    let encoded = bytes(&vectors["payload"]);
    let payload = BlockPayload::decode(&encoded).expect("the length of a payload");
    assert_eq!(
        (payload.slot, payload.timestamp),
        (12_320_448, 1_754_669_399)
    );
    assert_eq!(payload.encode().as_slice(), encoded);
    let expected = bytes(&vectors["public_values"]);
    let decoded = StepPublicValues::decode(&expected).expect("the length of public values");
    let output = StepOutput {
        previous: decoded.previous,
        state: decoded.state,
        number: 23_097_441,
        time: 1_754_669_399,
        state_root: StateRoot::from_bytes(*decoded.state_root.as_bytes()),
        payload,
    };
    assert_eq!(output.public_values().encode().as_slice(), expected);
    assert_eq!(output.public_values(), decoded);
    assert_eq!(
        decoded.payload_hash.as_bytes(),
        &hash(&vectors["payload_hash"])
    );
    let shorter = StepPublicValues::decode(&expected[..143]);
    let longer = StepPublicValues::decode(&[expected.as_slice(), &[0]].concat());
    assert!(shorter.is_err() && longer.is_err());
    let (got, expected) = (BlockPayload::LENGTH - 1, BlockPayload::LENGTH);
    let refused = BlockPayload::decode(&encoded[1..]);
    assert_eq!(refused, Err(HeaderError::PayloadLength { got, expected }));
}

#[test]
fn the_input_of_a_step_is_that_of_the_drawing() {
    let encoded = bytes(&vectors()["step_input"]);
    let aligned = AlignedBytes::new(&encoded).expect("whole words");
    let input = StepInput::decode(aligned.words()).expect("the drawing's encoding");
    assert_eq!(input.config, minimal());
    assert_eq!(input.previous.slot, 12_320_448);
    assert_eq!(input.updates.len(), 2);
    let [period, finality] = input.updates.as_slice() else {
        panic!("two updates")
    };
    assert_eq!(period.signers.absent.len(), 3);
    assert_eq!(period.signers.siblings.len(), 7);
    assert!(period.next_sync_committee.is_some() && finality.next_sync_committee.is_none());
    assert!(finality.attested.execution.is_some() && finality.finalized.execution.is_none());
    assert_eq!(finality.sync_committee_bits.participants(), 32);
    assert_eq!(input.encode(), encoded);
}

/// Every shorter and every longer input is refused, and so is one with a byte of padding set.
#[test]
fn the_input_has_no_second_encoding() {
    let encoded = bytes(&vectors()["step_input"]);
    for words in 0..encoded.len() / 8 {
        let aligned = AlignedBytes::new(&encoded[..8 * words]).expect("whole words");
        assert!(StepInput::decode(aligned.words()).is_err(), "{words} words");
    }
    let longer = [encoded.as_slice(), &[0; 8]].concat();
    let aligned = AlignedBytes::new(&longer).expect("whole words");
    assert!(StepInput::decode(aligned.words()).is_err());
    // Whatever byte is changed, what is decoded encodes to the very same bytes, or is refused.
    for at in 0..encoded.len() {
        let mut changed = encoded.clone();
        changed[at] ^= 1;
        let aligned = AlignedBytes::new(&changed).expect("whole words");
        if let Ok(input) = StepInput::decode(aligned.words()) {
            assert_eq!(input.encode(), changed, "byte {at}");
        }
    }
}
