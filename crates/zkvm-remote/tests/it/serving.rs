//! What a worker does for services that mean well.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use valence_coprocessor_zkvm::{Execution, Made, Priority, ProofKind, Zkvm as _, ZkvmError};
use valence_coprocessor_zkvm_mock::ScriptedZkvm;
use valence_coprocessor_zkvm_remote::{
    KindStatus, Missing, RemoteConfig, RemoteError, WorkerConfig,
};

use crate::{
    proxy::Proxy,
    running::{
        Running, Started, execution, proof, public_values, run, secret, service, soon, until,
        until_load, work,
    },
};

#[tokio::test]
async fn runs_and_proofs_come_back_over_tls() {
    let zkvm = Arc::new(ScriptedZkvm::echo());
    let config = WorkerConfig {
        backend: "scripted".to_owned(),
        slots: 2,
        ..WorkerConfig::default()
    };
    let worker = Running::start(Arc::clone(&zkvm) as _, config, Some(secret("s"))).await;
    let service = worker.service();
    let made = run(&service, &execution(b"in")).await.expect("it runs");
    assert_eq!(
        made,
        Made::Execution(Execution {
            public_values: b"in".to_vec(),
            cycles: 2
        })
    );
    let Made::Proof(proof) = run(&service, &proof(b"in")).await.expect("it proves") else {
        panic!("a run came back")
    };
    let key = zkvm
        .verifying_key(execution(b"").elf)
        .await
        .expect("an ELF");
    zkvm.verify(&key, &proof).await.expect("honest");
    let status = soon(service.status()).await.expect("it answers");
    assert_eq!((status.capacity, status.backend.as_str()), (2, "scripted"));
    assert!(ProofKind::ALL.into_iter().all(|kind| status.can(kind)));
}

#[tokio::test]
async fn a_circuits_panic_and_limits_arrive_by_name() {
    let zkvm = ScriptedZkvm::new(|_, input| match input {
        b"panic" => Err(ZkvmError::GuestPanicked {
            message: "no such slot".to_owned(),
        }),
        _ => Ok(Execution {
            public_values: Vec::new(),
            cycles: 1000,
        }),
    });
    let mut config = WorkerConfig::default();
    config.limits.cycles = 999;
    let worker = Running::open(Arc::new(zkvm), config).await;
    let service = worker.service();
    let failed = run(&service, &execution(b"panic")).await;
    assert!(
        matches!(&failed, Err(RemoteError::Work(ZkvmError::GuestPanicked { message })) if message == "no such slot"),
        "{failed:?}"
    );
    let failed = run(&service, &execution(b"long")).await;
    assert!(
        matches!(
            failed,
            Err(RemoteError::Work(ZkvmError::CycleLimit { limit: 999 }))
        ),
        "the worker's own limit: {failed:?}"
    );
}

#[tokio::test]
async fn a_kind_that_the_worker_lacks_is_named_with_its_cure() {
    let zkvm = Arc::new(ScriptedZkvm::echo());
    let config = WorkerConfig {
        kinds: vec![KindStatus {
            kind: ProofKind::Compressed,
            missing: Some(Missing {
                what: "proving".to_owned(),
                hint: "use another backend".to_owned(),
            }),
        }],
        ..WorkerConfig::default()
    };
    let worker = Running::open(Arc::clone(&zkvm) as _, config).await;
    let service = worker.service();
    let failed = run(&service, &proof(b"in")).await;
    assert!(
        matches!(&failed, Err(RemoteError::Work(ZkvmError::Unavailable { what, hint }))
            if what == "proving" && hint == "use another backend"),
        "{failed:?}"
    );
    assert_eq!(zkvm.proves(), 0);
    let status = soon(service.status()).await.expect("it answers");
    assert!(!status.can(ProofKind::Compressed) && status.can(ProofKind::Core));
}

#[tokio::test]
async fn a_program_is_sent_once_however_many_need_it() {
    let zkvm = Arc::new(ScriptedZkvm::echo());
    let config = WorkerConfig {
        slots: 8,
        ..WorkerConfig::default()
    };
    let worker = Running::open(Arc::clone(&zkvm) as _, config).await;
    let wire = Proxy::before(worker.address).await;
    let service = Arc::new(service(wire.address, None, RemoteConfig::default()));
    let program = vec![7; 3 << 20];
    let started: Vec<_> = (0..8_u8)
        .map(|input| Started::new(&service, work(&program, &[input], ProofKind::Execute)))
        .collect();
    for (input, started) in (0..8_u8).zip(started) {
        assert_eq!(public_values(started.made().await), [input]);
    }
    let sent = wire.to_worker();
    assert!((3 << 20..4 << 20).contains(&sent), "{sent} bytes were sent");
    assert_eq!(wire.connections(), 1, "one connection for all");
    assert_eq!(zkvm.executions(), 8);
}

#[tokio::test]
async fn what_waits_is_told_its_place_and_the_urgent_runs_first() {
    let order = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&order);
    let zkvm = ScriptedZkvm::new(move |_, input| {
        seen.lock().expect("no panic").push(input[0]);
        Ok(Execution {
            public_values: input.to_vec(),
            cycles: 1,
        })
    });
    let zkvm = Arc::new(zkvm.with_closed_gate());
    let worker = Running::open(Arc::clone(&zkvm) as _, WorkerConfig::default()).await;
    let service = Arc::new(worker.service());
    let mut all = vec![Started::new(&service, proof(&[0]))];
    all[0].says("proving").await;
    for (number, priority) in [
        (1, Priority::Low),
        (2, Priority::Normal),
        (3, Priority::High),
    ] {
        let urgent = valence_coprocessor_zkvm::Work {
            priority,
            ..proof(&[number])
        };
        all.push(Started::new(&service, urgent));
        until_load(&service, 1, u64::from(number)).await;
    }
    all[1].says("queued, 2 before it").await;
    all[2].says("queued, 1 before it").await;
    for _ in 0..4 {
        zkvm.prove_gate().pass();
    }
    for started in all {
        started.made().await.expect("each ends well");
    }
    assert_eq!(*order.lock().expect("no panic"), [0, 3, 2, 1]);
}

#[tokio::test]
async fn cancelled_work_frees_its_slot_and_its_place() {
    let zkvm = Arc::new(ScriptedZkvm::echo().with_closed_gate());
    let worker = Running::open(Arc::clone(&zkvm) as _, WorkerConfig::default()).await;
    let service = Arc::new(worker.service());
    let mut running = Started::new(&service, proof(b"running"));
    running.says("proving").await;
    let waiting = Started::new(&service, proof(b"waiting"));
    until_load(&service, 1, 1).await;
    waiting.cancel.cancel();
    let cancelled = waiting.made().await;
    assert!(
        matches!(cancelled, Err(RemoteError::Work(ZkvmError::Cancelled))),
        "{cancelled:?}"
    );
    until_load(&service, 1, 0).await;
    // A service that dies says nothing: its work is dropped all the same.
    running.made.abort();
    until_load(&service, 0, 0).await;
    assert_eq!(
        public_values(run(&service, &execution(b"next")).await),
        b"next"
    );
    assert_eq!(zkvm.proves(), 1, "what waited never began");
}

#[tokio::test]
async fn a_worker_that_ends_sends_back_what_waits_and_finishes_what_runs() {
    let zkvm = Arc::new(ScriptedZkvm::echo().with_closed_gate());
    let config = WorkerConfig {
        drain: Duration::from_mins(1),
        ..WorkerConfig::default()
    };
    let worker = Running::open(Arc::clone(&zkvm) as _, config).await;
    let service = Arc::new(worker.service());
    let mut running = Started::new(&service, proof(b"running"));
    running.says("proving").await;
    let waiting = Started::new(&service, proof(b"waiting"));
    until_load(&service, 1, 1).await;
    worker.stop.cancel();
    let sent_back = waiting.made().await;
    assert!(
        matches!(sent_back, Err(RemoteError::Lost { .. })),
        "{sent_back:?}"
    );
    let late = run(&service, &execution(b"late")).await;
    let is_sent_away = matches!(
        late,
        Err(RemoteError::Lost { .. } | RemoteError::Unreachable(_))
    );
    assert!(is_sent_away, "{late:?}");
    zkvm.prove_gate().pass();
    assert_eq!(public_values(running.made().await), b"running");
    worker.ended().await;
}

#[tokio::test]
async fn a_worker_that_may_not_drain_gives_up_what_runs() {
    let zkvm = Arc::new(ScriptedZkvm::echo().with_closed_gate());
    let worker = Running::open(zkvm, WorkerConfig::default()).await;
    let service = Arc::new(worker.service());
    let mut running = Started::new(&service, proof(b"running"));
    running.says("proving").await;
    worker.stop.cancel();
    let given_up = running.made().await;
    assert!(
        matches!(given_up, Err(RemoteError::Lost { .. })),
        "{given_up:?}"
    );
    worker.ended().await;
    until(|| async {
        let gone = service.status().await;
        matches!(gone, Err(RemoteError::Unreachable(_)))
    })
    .await;
}
