//! The mock refuses what a real zkVM refuses, else the engine's tests would mean nothing.

use std::{sync::Arc, time::Duration};

use valence_coprocessor_zkvm::{
    CancellationToken, Limits, ProgressSender, Proof, ProofKind, ProveRequest, Zkvm, ZkvmError,
};
use valence_coprocessor_zkvm_mock::{ScriptedZkvm, forge_proof};

const LIMITS: Limits = Limits {
    cycles: 100,
    duration: Duration::from_secs(1),
};

fn elf(tail: &[u8]) -> Arc<[u8]> {
    [b"\x7fELF".as_slice(), tail].concat().into()
}

fn request(input: &[u8]) -> ProveRequest {
    ProveRequest {
        elf: elf(b"a"),
        input: input.into(),
        kind: ProofKind::Compressed,
        limits: LIMITS,
    }
}

#[tokio::test]
async fn an_honest_proof_verifies_and_others_do_not() {
    let zkvm = ScriptedZkvm::echo();
    let (progress, _) = ProgressSender::channel();
    let proof = zkvm
        .prove(request(b"in"), progress, CancellationToken::new())
        .await
        .expect("echo proves");
    assert_eq!(proof.public_values, b"in");
    let key = zkvm.verifying_key(elf(b"a")).await.expect("an ELF");
    let other_key = zkvm.verifying_key(elf(b"b")).await.expect("an ELF");
    zkvm.verify(&key, &proof).await.expect("honest");
    let other_values = Proof {
        public_values: b"other".to_vec(),
        ..proof.clone()
    };
    for (key, proof) in [(&other_key, &proof), (&key, &other_values)] {
        let refused = zkvm.verify(key, proof).await;
        assert!(
            matches!(refused, Err(ZkvmError::InvalidProof { .. })),
            "{refused:?}"
        );
    }
}

#[tokio::test]
async fn limits_scripts_and_cancellation_reach_the_caller() {
    let zkvm = ScriptedZkvm::echo().with_closed_gate();
    let long = zkvm.execute(elf(b""), vec![0; 101].into(), LIMITS).await;
    assert_eq!(long, Err(ZkvmError::CycleLimit { limit: 100 }));
    assert!(matches!(
        zkvm.verifying_key(b"wasm".as_slice().into()).await,
        Err(ZkvmError::InvalidElf { .. })
    ));

    let cancel = CancellationToken::new();
    cancel.cancel();
    let (progress, _) = ProgressSender::channel();
    assert_eq!(
        zkvm.prove(request(b"in"), progress.clone(), cancel).await,
        Err(ZkvmError::Cancelled)
    );

    let foreign = forge_proof(&elf(b"b"), ProofKind::Compressed, b"in");
    zkvm.script_proof(Ok(foreign.clone()));
    zkvm.prove_gate().pass();
    assert_eq!(
        zkvm.prove(request(b"in"), progress, CancellationToken::new())
            .await,
        Ok(foreign)
    );
}

#[tokio::test]
async fn nothing_runs_after_shutdown() {
    let zkvm = ScriptedZkvm::echo();
    zkvm.shutdown().await;
    assert_eq!(
        zkvm.execute(elf(b""), b"".as_slice().into(), LIMITS).await,
        Err(ZkvmError::ShutDown)
    );
    assert_eq!(zkvm.executions(), 0);
}
