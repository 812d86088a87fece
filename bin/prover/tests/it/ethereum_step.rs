//! The light client in the zkVM: attacks b1 to b4, b11 and b12 and changed bytes are refused in the words of the host,
//! and honest steps publish what the host computes.

use std::ops::Range;
use std::sync::Arc;

use valence_coprocessor_ethereum_bls::{SignatureError, verify_advised};
use valence_coprocessor_ethereum_light_client::{
    Hasher, StepError, StepInput, StepOutput, UpdateError, step,
};
use valence_coprocessor_forged_chain::{corrupted_steps, honest_steps, refused_steps};
use valence_coprocessor_protocol::AlignedBytes;
use valence_coprocessor_recorded_chain::{folder, recorded_steps};
use valence_coprocessor_zkvm::{Zkvm as _, ZkvmError};
use valence_coprocessor_zkvm_sp1::Sp1Children;

use crate::guests::{artifact, execute};
use crate::hostile::children;

/// Bytes of one input that are changed in the zkVM; the host changes all.
const CHANGED_BYTES: usize = 30;

/// The circuit, and what runs it.
struct Guest {
    zkvm: Sp1Children,
    elf: Arc<[u8]>,
}

impl Guest {
    fn new() -> Self {
        Self {
            zkvm: children(),
            elf: artifact("ethereum-step.elf"),
        }
    }

    /// Demands that the zkVM publishes this.
    async fn publishes(&self, name: &str, input: &[u8], expected: &StepOutput) {
        let execution = execute(&self.zkvm, &self.elf, input)
            .await
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        let expected = expected.public_values().encode();
        assert_eq!(execution.public_values, expected, "{name}");
    }

    /// Demands that the zkVM refuses with these words.
    async fn refuses(&self, name: &str, input: &[u8], refusal: &str) {
        match execute(&self.zkvm, &self.elf, input).await {
            Err(ZkvmError::GuestPanicked { message }) => {
                assert!(
                    message.contains(refusal),
                    "{name}: {message}, not {refusal}"
                );
            }
            other => panic!("{name}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn attacks_b1_to_b12_on_the_light_client_are_refused_in_the_zkvm_in_the_words_of_the_host() {
    let guest = Guest::new();
    for case in honest_steps() {
        let expected = step(&case.input).expect("honest steps are accepted");
        guest.publishes(case.name, &case.input, &expected).await;
    }
    let refused = refused_steps();
    assert!(refused.len() >= 25, "{} attacks", refused.len());
    for case in refused {
        let refusal = step(&case.input).expect_err(case.name).to_string();
        guest.refuses(case.name, &case.input, &refusal).await;
    }
    guest.zkvm.shutdown().await;
}

#[tokio::test]
async fn a_changed_byte_of_each_field_is_refused_in_the_zkvm_in_the_words_of_the_host() {
    let guest = Guest::new();
    let corrupted = corrupted_steps();
    assert!(corrupted.len() >= 55, "{} fields", corrupted.len());
    for case in corrupted {
        let refusal = step(&case.input).expect_err(&case.name);
        assert!(case.expects(&refusal), "{}: {refusal:?}", case.name);
        guest
            .refuses(&case.name, &case.input, &refusal.to_string())
            .await;
    }
    guest.zkvm.shutdown().await;
}

#[tokio::test]
async fn steps_over_recorded_chains_are_proven_in_the_zkvm() {
    let guest = Guest::new();
    let steps = recorded_steps();
    assert!(
        folder().is_none() || steps.len() >= 14,
        "{} steps",
        steps.len()
    );
    for recorded in steps {
        let step = recorded.step;
        guest
            .publishes(&recorded.name, &step.input, &step.output)
            .await;
    }
    guest.zkvm.shutdown().await;
}

/// A finality update of mainnet, of which 490 of 512 signed.
fn mainnet_step() -> Option<Vec<u8>> {
    let is_wanted = |name: &str| name == "a finality update of Electra";
    let found = recorded_steps()
        .into_iter()
        .find(|recorded| is_wanted(&recorded.name));
    assert!(folder().is_none() || found.is_some());
    Some(found?.step.input)
}

/// Where the advice of the only update lies in an input.
fn advice_range(input: &[u8]) -> Range<usize> {
    let aligned = AlignedBytes::new(input).expect("whole words");
    let decoded = StepInput::decode(aligned.words()).expect("an input");
    let words = decoded.updates[0].advice.words();
    let start = words.as_ptr() as usize - aligned.words().as_ptr() as usize;
    start..start + 8 * words.len()
}

/// Each position of the sample in another way: what the host refuses is refused, and what it accepts, a step from
/// another state or another slot of the signature, publishes the same.
#[tokio::test]
async fn changed_bytes_of_an_input_are_taken_in_the_zkvm_as_on_the_host() {
    let Some(honest) = mainnet_step() else {
        return;
    };
    let guest = Guest::new();
    let advice = advice_range(&honest);
    // All but the advice, and the number of its words.
    let last = advice.start - 8;
    let mut refused = 0;
    for at in (0..last).step_by(last / CHANGED_BYTES) {
        let mut changed = honest.clone();
        changed[at] ^= 1 << (at % 8);
        let name = format!("byte {at}");
        match step(&changed) {
            Ok(output) => guest.publishes(&name, &changed, &output).await,
            Err(error) => {
                // What leads to another signed message leads to other advice too, which may be what is refused first.
                let refusal = match error {
                    StepError::Update {
                        index,
                        error: error @ UpdateError::Signature(_),
                    } => format!("update {index} is refused: {error}"),
                    other => other.to_string(),
                };
                guest.refuses(&name, &changed, &refusal).await;
                refused += 1;
            }
        }
    }
    assert!(refused > CHANGED_BYTES / 2, "only {refused}");
    guest.zkvm.shutdown().await;
}

/// Advice is what the host does not look at, so its words are those of the circuit's verification.
#[tokio::test]
async fn changed_advice_is_refused_in_the_zkvm() {
    let Some(honest) = mainnet_step() else {
        return;
    };
    let guest = Guest::new();
    let range = advice_range(&honest);
    let count = range.len() / 8;
    for word in (0..count).step_by(count / 6) {
        let mut changed = honest.clone();
        changed[range.start + 8 * word + word % 8] ^= 1 << (word % 8);
        let refusal = StepError::Update {
            index: 0,
            error: UpdateError::Signature(advised(&changed)),
        };
        guest
            .refuses(&format!("word {word}"), &changed, &refusal.to_string())
            .await;
    }
    guest.zkvm.shutdown().await;
}

/// What the circuit's verification says of the signature in an input, by the advice in it.
fn advised(input: &[u8]) -> SignatureError {
    let aligned = AlignedBytes::new(input).expect("whole words");
    let decoded = StepInput::decode(aligned.words()).expect("an input");
    let update = &decoded.updates[0];
    let root = update.signing_root(&mut Hasher::new(), &decoded.config);
    verify_advised(
        &update.signers.aggregate_pubkey,
        update.signers.absent,
        &root,
        &update.signature,
        &update.advice,
    )
    .expect_err("wrong advice")
}
