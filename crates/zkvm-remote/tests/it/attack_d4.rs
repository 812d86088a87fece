//! d4: work that panics, or that takes all memory.

use std::sync::Arc;

use valence_coprocessor_zkvm::{Execution, MemorySize, ProofKind, ZkvmError};
use valence_coprocessor_zkvm_mock::ScriptedZkvm;
use valence_coprocessor_zkvm_remote::{RemoteError, WorkerConfig};

use crate::running::{Running, execution, proof, public_values, run};

#[tokio::test]
async fn attack_d4_work_that_panics_fails_alone_with_its_reason() {
    let zkvm = ScriptedZkvm::new(|_, input| {
        assert_ne!(input, b"evil", "a witness that the zkVM cannot bear");
        Ok(Execution {
            public_values: input.to_vec(),
            cycles: 1,
        })
    });
    let worker = Running::open(Arc::new(zkvm), WorkerConfig::default()).await;
    let service = worker.service();
    for work in [execution(b"evil"), proof(b"evil")] {
        let failed = run(&service, &work).await;
        assert!(
            matches!(&failed, Err(RemoteError::Work(ZkvmError::Failed { reason }))
                if reason.contains("a witness that the zkVM cannot bear")),
            "{failed:?}"
        );
        // The only slot is free again.
        assert_eq!(
            public_values(run(&service, &execution(b"next")).await),
            b"next"
        );
    }
}

#[tokio::test]
async fn attack_d4_a_prover_that_dies_or_lacks_memory_fails_that_work_with_its_reason() {
    let zkvm = Arc::new(ScriptedZkvm::echo());
    let worker = Running::open(Arc::clone(&zkvm) as _, WorkerConfig::default()).await;
    let service = worker.service();
    for error in [
        ZkvmError::ProverDied {
            reason: "the kernel killed it for lack of memory".to_owned(),
        },
        ZkvmError::OutOfMemory {
            kind: ProofKind::Compressed,
            needed: MemorySize::from_gibibytes(18),
            free: MemorySize::from_gibibytes(3),
        },
    ] {
        zkvm.script_proof(Err(error.clone()));
        let failed = run(&service, &proof(b"large")).await;
        assert!(
            matches!(&failed, Err(RemoteError::Work(got)) if *got == error),
            "{failed:?}"
        );
        assert_eq!(public_values(run(&service, &proof(b"next")).await), b"next");
    }
}
