//! c10 for workers: too large, too much.

use std::{sync::Arc, time::Duration};

use valence_coprocessor_zkvm::{ProofKind, ZkvmError};
use valence_coprocessor_zkvm_mock::{ScriptedZkvm, forge_proof};
use valence_coprocessor_zkvm_remote::{RemoteConfig, RemoteError, WorkerConfig};

use crate::running::{
    Running, Started, execution, proof, public_values, run, service, until_load, work,
};

#[tokio::test]
async fn attack_c10_a_full_queue_refuses_and_says_when_to_come_again() {
    let zkvm = Arc::new(ScriptedZkvm::echo().with_closed_gate());
    let config = WorkerConfig {
        queue: 1,
        retry_after: Duration::from_secs(7),
        ..WorkerConfig::default()
    };
    let worker = Running::open(Arc::clone(&zkvm) as _, config).await;
    let service = Arc::new(worker.service());
    let first = Started::new(&service, proof(b"first"));
    until_load(&service, 1, 0).await;
    let second = Started::new(&service, proof(b"second"));
    until_load(&service, 1, 1).await;
    let refused = run(&service, &proof(b"third")).await;
    assert!(
        matches!(&refused, Err(RemoteError::Refused { retry_after, .. }) if retry_after.as_secs() == 7),
        "{refused:?}"
    );
    zkvm.prove_gate().pass();
    zkvm.prove_gate().pass();
    assert_eq!(public_values(first.made().await), b"first");
    assert_eq!(public_values(second.made().await), b"second");
    zkvm.prove_gate().pass();
    assert_eq!(
        public_values(run(&service, &proof(b"third")).await),
        b"third"
    );
}

#[tokio::test]
async fn attack_c10_programs_and_inputs_that_are_too_large_are_refused_by_name() {
    let zkvm = Arc::new(ScriptedZkvm::echo());
    let config = WorkerConfig {
        program_bytes: 2 << 20,
        input_bytes: 1 << 20,
        ..WorkerConfig::default()
    };
    let worker = Running::open(Arc::clone(&zkvm) as _, config).await;
    let service = worker.service();
    let large_program = work(&vec![1; 5 << 20], b"", ProofKind::Execute);
    let refused = run(&service, &large_program).await;
    assert!(
        matches!(&refused, Err(RemoteError::Work(ZkvmError::Unavailable { what, .. })) if what.starts_with("a program of 5242884 bytes")),
        "{refused:?}"
    );
    let refused = run(&service, &execution(&vec![1; 2 << 20])).await;
    assert!(
        matches!(&refused, Err(RemoteError::Work(ZkvmError::Unavailable { what, .. })) if what.starts_with("an input of 2097152 bytes")),
        "{refused:?}"
    );
    assert_eq!(zkvm.executions(), 0);
    let fits = vec![1; 1 << 20];
    assert_eq!(public_values(run(&service, &execution(&fits)).await), fits);
}

/// What a worker sends is as untrusted as what it is sent.
#[tokio::test]
async fn attack_c10_a_result_that_is_too_large_is_not_taken() {
    let zkvm = Arc::new(ScriptedZkvm::echo());
    let worker = Running::open(Arc::clone(&zkvm) as _, WorkerConfig::default()).await;
    let config = RemoteConfig {
        result_bytes: 1 << 20,
        ..RemoteConfig::default()
    };
    let service = service(worker.address, None, config);
    let mut endless = forge_proof(&proof(b"").elf, ProofKind::Compressed, b"");
    endless.bytes = vec![0; 2 << 20];
    zkvm.script_proof(Ok(endless));
    let refused = run(&service, &proof(b"")).await;
    assert!(
        matches!(&refused, Err(RemoteError::Work(ZkvmError::Failed { reason })) if reason.contains("larger than")),
        "{refused:?}"
    );
    assert_eq!(public_values(run(&service, &proof(b"next")).await), b"next");
}
