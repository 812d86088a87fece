//! Attack d4: programs and inputs that panic, spin, or are no programs at all.

use std::time::Duration;

use valence_coprocessor_zkvm::{
    CancellationToken, Limits, MemorySize, ProgressSender, Proof, ProofKind, ProveRequest,
    VerifyingKey, VerifyingKeyHash, Zkvm as _, ZkvmError,
};
use valence_coprocessor_zkvm_sp1::{ChildConfig, Requirements, Sp1Children};

use crate::program;

pub(crate) const LIMITS: Limits = Limits {
    cycles: 10_000_000,
    duration: Duration::from_mins(2),
};

pub(crate) fn config() -> ChildConfig {
    ChildConfig::new(env!("CARGO_BIN_EXE_valence-coprocessor-prover").into())
}

pub(crate) fn children() -> Sp1Children {
    Sp1Children::new(config()).expect("a temporary folder")
}

async fn run(children: &Sp1Children, elf: std::sync::Arc<[u8]>, limits: Limits) -> ZkvmError {
    children
        .execute(elf, b"input".as_slice().into(), limits)
        .await
        .expect_err("no program here ends well")
}

#[tokio::test]
async fn attack_d4_programs_that_fail_name_the_reason_and_the_next_call_works() {
    let children = children();

    let panicked = run(
        &children,
        program::panics("the balance is negative"),
        LIMITS,
    )
    .await;
    let ZkvmError::GuestPanicked { message } = &panicked else {
        panic!("{panicked}")
    };
    assert!(message.contains("the balance is negative"), "{message}");

    let illegal = run(&children, program::illegal(), LIMITS).await;
    let ZkvmError::InvalidElf { reason } = &illegal else {
        panic!("{illegal}")
    };
    assert!(reason.contains("decode instruction"), "{reason}");

    let silent = run(&children, program::commits_nothing(), LIMITS).await;
    let ZkvmError::InvalidElf { reason } = &silent else {
        panic!("{silent}")
    };
    assert!(reason.contains("SHA-256"), "{reason}");

    for garbage in [
        b"".as_slice(),
        b"\0asm\x01\0\0\0",
        b"\x7fELF\x02\x01",
        &[0x7f; 4096],
    ] {
        let refused = run(&children, garbage.into(), LIMITS).await;
        assert!(matches!(refused, ZkvmError::InvalidElf { .. }), "{refused}");
        let refused = children
            .verifying_key(garbage.into())
            .await
            .expect_err("garbage has no key");
        assert!(matches!(refused, ZkvmError::InvalidElf { .. }), "{refused}");
    }

    let again = run(&children, program::panics("still here"), LIMITS).await;
    assert!(
        matches!(&again, ZkvmError::GuestPanicked { message } if message.contains("still here")),
        "{again}"
    );
    children.shutdown().await;
}

#[tokio::test]
async fn attack_d4_a_circuit_that_spins_is_stopped_by_cycles_or_by_time() {
    let children = children();
    let limits = Limits {
        cycles: 10_000_000,
        duration: Duration::from_mins(5),
    };
    let stopped = run(&children, program::spins_on_memory(), limits).await;
    assert_eq!(stopped, ZkvmError::CycleLimit { limit: 10_000_000 });

    let duration = Duration::from_secs(3);
    let stopped = run(
        &children,
        program::spins(),
        Limits {
            cycles: 10_000_000,
            duration,
        },
    )
    .await;
    assert_eq!(stopped, ZkvmError::Timeout { limit: duration });

    let next = run(&children, program::panics("free again"), LIMITS).await;
    assert!(matches!(next, ZkvmError::GuestPanicked { .. }), "{next}");
    children.shutdown().await;
}

#[tokio::test]
async fn a_spinning_circuit_delays_neither_keys_nor_other_circuits() {
    let children = children();
    let forever = Limits {
        cycles: u64::MAX,
        duration: Duration::from_hours(1),
    };
    let spinning = children.execute(program::spins(), b"".as_slice().into(), forever);
    let others = async {
        children
            .verifying_key(program::spins())
            .await
            .expect("a spinning program has a key too");
        run(&children, program::panics("beside it"), LIMITS).await
    };
    let outcome = tokio::select! {
        ended = spinning => panic!("{ended:?}"),
        outcome = others => outcome,
    };
    assert!(
        matches!(outcome, ZkvmError::GuestPanicked { .. }),
        "{outcome}"
    );
    children.shutdown().await;
}

#[tokio::test]
async fn attack_d5_garbage_proofs_are_refused_for_every_kind() {
    let children = children();
    let key = children
        .verifying_key(program::panics("a"))
        .await
        .expect("a program");
    let other = children
        .verifying_key(program::panics("b"))
        .await
        .expect("a program");
    assert_ne!(key.hash, other.hash);
    assert_eq!(key.hash.as_bytes()[0], 0, "the hash has 248 bits");
    for kind in [
        ProofKind::Core,
        ProofKind::Compressed,
        ProofKind::Groth16,
        ProofKind::Plonk,
    ] {
        for bytes in [b"".as_slice(), &[0; 16], &[0; 1000], &[0xff; 1000]] {
            let proof = Proof {
                kind,
                public_values: vec![0; 32],
                bytes: bytes.to_vec(),
            };
            let refused = children.verify(&key, &proof).await.expect_err("garbage");
            assert!(
                matches!(refused, ZkvmError::InvalidProof { .. }),
                "{kind}: {refused}"
            );
        }
    }
    let nothing = Proof {
        kind: ProofKind::Execute,
        public_values: vec![0; 32],
        bytes: Vec::new(),
    };
    assert_eq!(
        children.verify(&key, &nothing).await,
        Err(ZkvmError::NoProof)
    );

    let swapped = VerifyingKey {
        hash: other.hash,
        ..key.clone()
    };
    let word = VerifyingKey {
        hash: VerifyingKeyHash::from_bytes([0x7f; 32]),
        ..key
    };
    let proof = Proof {
        kind: ProofKind::Core,
        public_values: vec![0; 32],
        bytes: vec![0; 16],
    };
    for key in [swapped, word] {
        let refused = children
            .verify(&key, &proof)
            .await
            .expect_err("hash and bytes differ");
        assert!(
            matches!(refused, ZkvmError::InvalidVerifyingKey { .. }),
            "{refused}"
        );
    }
    children.shutdown().await;
}

#[tokio::test]
async fn proofs_that_cannot_be_made_are_refused_before_anything_starts() {
    let requirements = Requirements {
        compressed: MemorySize::from_gibibytes(1 << 20),
        ..Requirements::default()
    };
    let children = Sp1Children::new(ChildConfig {
        requirements,
        ..config()
    })
    .expect("a temporary folder");
    let prove = async |kind| {
        let elf = program::panics("never reached");
        let request = ProveRequest {
            elf,
            input: b"".as_slice().into(),
            kind,
            limits: LIMITS,
        };
        let (progress, _) = ProgressSender::channel();
        children
            .prove(request, progress, CancellationToken::new())
            .await
            .expect_err("refused")
    };
    let refused = prove(ProofKind::Compressed).await;
    let ZkvmError::OutOfMemory { kind, needed, free } = refused else {
        panic!("{refused}")
    };
    assert_eq!(
        (kind, needed),
        (ProofKind::Compressed, requirements.compressed)
    );
    assert!(free < needed);
    for kind in [ProofKind::Groth16, ProofKind::Plonk] {
        let refused = prove(kind).await;
        let ZkvmError::Unavailable { what, hint } = &refused else {
            panic!("{refused}")
        };
        assert!(
            what.contains(kind.name()) && hint.contains("compressed"),
            "{what} {hint}"
        );
    }
    assert_eq!(prove(ProofKind::Execute).await, ZkvmError::NoProof);
}
