//! Steps with proofs: verified here before anybody gets them.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use valence_coprocessor_ethereum_light_client::step;
use valence_coprocessor_ethereum_operator::{OperatorError, StepProver};
use valence_coprocessor_zkvm::{Execution, Limits, Proof, ProofKind, ZkvmError};
use valence_coprocessor_zkvm_mock::{ScriptedZkvm, forge_proof};

use crate::beacon_node::{NEWEST, Recording};
use crate::service::{ELF, Service};
use crate::world::{Said, config, genesis, limits, operator};

/// A zkVM that runs what the circuit runs.
fn light_client() -> ScriptedZkvm {
    ScriptedZkvm::new(|_, input| {
        let output = step(input).map_err(|error| ZkvmError::GuestPanicked {
            message: error.to_string(),
        })?;
        Ok(Execution {
            public_values: output.public_values().encode().to_vec(),
            cycles: 1_000,
        })
    })
}

fn prover(zkvm: &Arc<ScriptedZkvm>) -> StepProver {
    let limits = Limits {
        cycles: 1_000_000,
        duration: Duration::from_mins(1),
    };
    StepProver::Compressed {
        zkvm: Arc::clone(zkvm) as _,
        elf: Arc::from(ELF),
        execution: limits,
        proof: limits,
    }
}

#[tokio::test]
async fn a_step_is_run_proven_verified_and_appended() {
    let Some(recording) = Recording::read() else {
        return;
    };
    let service = Service::start(genesis(&recording)).await;
    let node = recording.serve().await;
    let zkvm = Arc::new(light_client());
    let said = Said::default();
    let mut operator = operator(
        config(),
        &[node.url()],
        limits(),
        &service,
        prover(&zkvm),
        &said,
    );
    let appended = operator
        .once(&CancellationToken::new())
        .await
        .expect("it is proven");
    assert_eq!(service.slot(), Some(NEWEST));
    assert_eq!((zkvm.executions(), zkvm.proves()), (1, 1));
    assert_eq!(appended[0].cycles, Some(1_000));
    assert_eq!(appended[0].proof_bytes, Some(32));
    assert_eq!(said.count("proven and verified"), 1, "{}", said.all());
}

/// A prover that is wrong, or of another version, reaches neither file nor domain.
#[tokio::test]
async fn a_wrong_proof_reaches_nobody() {
    let Some(recording) = Recording::read() else {
        return;
    };
    let service = Service::start(genesis(&recording)).await;
    let node = recording.serve().await;
    let zkvm = Arc::new(light_client());
    let planned = operator(
        config(),
        &[node.url()],
        limits(),
        &service,
        prover(&zkvm),
        &Said::default(),
    )
    .plan()
    .await
    .expect("a plan");
    assert_eq!(planned.len(), 1);
    let other_values = forge_proof(ELF, ProofKind::Compressed, &[7; 144]);
    let core = forge_proof(ELF, ProofKind::Core, &[7; 144]);
    let broken = ZkvmError::Failed {
        reason: "broken".to_owned(),
    };
    for answer in [Ok(other_values), Ok(core), Err(broken)] {
        zkvm.script_proof(answer);
        let mut operator = operator(
            config(),
            &[node.url()],
            limits(),
            &service,
            prover(&zkvm),
            &Said::default(),
        );
        let error = operator
            .once(&CancellationToken::new())
            .await
            .expect_err("no such proof");
        assert!(error.is_permanent(), "{error}");
    }
    assert_eq!(service.appends(), 0);
    assert!(service.record().is_none());
}

/// Right public values under bytes that are no proof of them.
#[tokio::test]
async fn a_proof_that_does_not_verify_reaches_nobody() {
    let Some(recording) = Recording::read() else {
        return;
    };
    let service = Service::start(genesis(&recording)).await;
    let node = recording.serve().await;
    let honest = Arc::new(light_client());
    let mut first = operator(
        config(),
        &[node.url()],
        limits(),
        &service,
        prover(&honest),
        &Said::default(),
    );
    first.once(&CancellationToken::new()).await.expect("honest");
    let public_values = service.blocks()[0].encode().to_vec();

    let recording = Recording::read().expect("as before");
    let service = Service::start(genesis(&recording)).await;
    let zkvm = Arc::new(light_client());
    zkvm.script_proof(Ok(Proof {
        kind: ProofKind::Compressed,
        public_values,
        bytes: vec![0; 32],
    }));
    let mut second = operator(
        config(),
        &[node.url()],
        limits(),
        &service,
        prover(&zkvm),
        &Said::default(),
    );
    let error = second
        .once(&CancellationToken::new())
        .await
        .expect_err("no proof");
    assert!(
        matches!(
            error,
            OperatorError::Zkvm {
                action: "verifying the proof",
                ..
            }
        ),
        "{error}"
    );
    assert_eq!(service.appends(), 0);
    assert!(service.record().is_none());
}

/// A circuit of another version computes other values: nothing is proven for nothing.
#[tokio::test]
async fn a_circuit_of_another_version_is_found_before_it_is_proven() {
    let Some(recording) = Recording::read() else {
        return;
    };
    let service = Service::start(genesis(&recording)).await;
    let node = recording.serve().await;
    let zkvm = Arc::new(ScriptedZkvm::echo());
    let limits_of_it = Limits {
        cycles: u64::MAX,
        duration: Duration::from_mins(1),
    };
    let prover = StepProver::Compressed {
        zkvm: Arc::clone(&zkvm) as _,
        elf: Arc::from(ELF),
        execution: limits_of_it,
        proof: limits_of_it,
    };
    let mut operator = operator(
        config(),
        &[node.url()],
        limits(),
        &service,
        prover,
        &Said::default(),
    );
    let error = operator
        .once(&CancellationToken::new())
        .await
        .expect_err("another circuit");
    assert!(
        matches!(error, OperatorError::OtherPublicValues { .. }),
        "{error}"
    );
    assert_eq!((zkvm.proves(), service.appends()), (0, 0));
}
