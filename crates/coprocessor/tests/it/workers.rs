//! Workers are believed about nothing, and none of them decides how a job ends.

use std::sync::Arc;
use std::time::Duration;

use valence_coprocessor::{ErrorKind, Job, JobState};
use valence_coprocessor_fleet::{Fleet, FleetConfig};
use valence_coprocessor_protocol::Root;
use valence_coprocessor_store::MemoryStore;
use valence_coprocessor_wasm::NetworkRules;
use valence_coprocessor_zkvm::{
    Execution, Made, Proof, ProofKind, Provers, WorkerError, WorkerHealth, WorkerName, ZkvmError,
};
use valence_coprocessor_zkvm_mock::{ScriptedWorker, forge_proof};

use crate::controllers::keeper;
use crate::world::{ALICE, ANYBODY, BOB, World, config, elf, request, zkvm};

/// Quick pauses, as tests need them.
fn fleet_config() -> FleetConfig {
    FleetConfig {
        check_interval: Duration::from_millis(50),
        first_back_off: Duration::from_millis(5),
        ..FleetConfig::default()
    }
}

/// A worker that is chosen after all whose load is less.
fn worker(name: &str, load: u64) -> Arc<ScriptedWorker> {
    let worker = ScriptedWorker::new(name, zkvm());
    worker.set_queued(load);
    Arc::new(worker)
}

async fn world_of(workers: &[&Arc<ScriptedWorker>]) -> (World, Arc<Fleet>) {
    let public = workers.iter().map(|worker| worker.as_port()).collect();
    let fleet = Arc::new(Fleet::start(fleet_config(), public, None));
    all_answered(&fleet).await;
    let provers: Arc<dyn Provers> = Arc::clone(&fleet) as _;
    let store = Arc::new(MemoryStore::new());
    let world = World::proving_with(store, config(), Arc::new(zkvm()), provers).await;
    (world, fleet)
}

async fn all_answered(fleet: &Fleet) {
    let mut ticks = tokio::time::interval(Duration::from_millis(1));
    while fleet
        .workers()
        .iter()
        .any(|worker| worker.health == WorkerHealth::Unknown)
    {
        ticks.tick().await;
    }
}

fn is_distrusted(fleet: &Fleet, name: &str) -> bool {
    fleet.workers().iter().any(|worker| {
        worker.name.0 == name
            && matches!(&worker.health, WorkerHealth::SetAside { reason, .. } if reason.contains("wrong"))
    })
}

async fn run_of(world: &World, kind: ProofKind, elf_tag: &str) -> Job {
    let circuit = world
        .engine
        .deploy_circuit(&ANYBODY, keeper(), elf(elf_tag), 0)
        .await
        .expect("a fine circuit");
    let job = world
        .engine
        .prove(&ANYBODY, request(circuit, kind, b"witness"))
        .await
        .expect("there is room");
    world.end_of(&job.id).await
}

/// What the circuit publishes about the one witness of these tests.
async fn honest_values() -> Vec<u8> {
    let (world, _) = world_of(&[&worker("a", 0)]).await;
    let job = run_of(&world, ProofKind::Execute, "circuit").await;
    job.result.expect("it is done").public_values
}

/// Everything that a worker could return in the place of a core proof of `values`.
fn lies(values: &[u8]) -> Vec<(&'static str, Made)> {
    let proof =
        |elf_tag, kind, values: &[u8]| Made::Proof(forge_proof(&elf(elf_tag), kind, values));
    let invalid = Proof {
        bytes: vec![1, 2, 3],
        ..forge_proof(&elf("circuit"), ProofKind::Core, values)
    };
    let other_inputs = [&values[..32], b"another output"].concat();
    let claims_these = Proof {
        public_values: values.to_vec(),
        ..forge_proof(&elf("circuit"), ProofKind::Core, &other_inputs)
    };
    vec![
        ("an invalid proof", Made::Proof(invalid)),
        (
            "of other inputs",
            proof("circuit", ProofKind::Core, &other_inputs),
        ),
        ("of other inputs, which it hides", Made::Proof(claims_these)),
        ("of another key", proof("other", ProofKind::Core, values)),
        (
            "of another kind",
            proof("circuit", ProofKind::Compressed, values),
        ),
        (
            "no proof at all",
            Made::Execution(Execution {
                public_values: values.to_vec(),
                cycles: 1,
            }),
        ),
    ]
}

#[tokio::test]
async fn attack_d5_a_wrong_proof_is_found_out_and_made_elsewhere() {
    let values = honest_values().await;
    for (what, lie) in lies(&values) {
        let (liar, honest) = (worker("liar", 0), worker("honest", 5));
        liar.script(Ok(lie));
        let (world, fleet) = world_of(&[&liar, &honest]).await;
        let job = run_of(&world, ProofKind::Core, "circuit").await;
        assert_eq!(job.state, JobState::Done, "{what}");
        assert_eq!(job.worker.as_deref(), Some("honest"), "{what}");
        assert_eq!((liar.given().len(), honest.given().len()), (1, 1), "{what}");
        assert!(
            is_distrusted(&fleet, "liar") && !is_distrusted(&fleet, "honest"),
            "{what}"
        );
        assert!(
            job.log[0].contains("attempt 1 of 2 failed on worker `liar`"),
            "{:?}",
            job.log
        );
        let proof = world.engine.proof(&job.id).expect("it is done");
        assert_eq!(
            proof.bytes,
            forge_proof(&elf("circuit"), ProofKind::Core, &values).bytes
        );
        // The next job does not go there at all.
        let next = run_of(&world, ProofKind::Core, "next").await;
        assert_eq!(
            (next.state, liar.given().len()),
            (JobState::Done, 1),
            "{what}"
        );
    }
}

#[tokio::test]
async fn attack_d5_when_all_lie_the_job_fails_with_the_reason() {
    let values = honest_values().await;
    for (what, lie) in lies(&values) {
        let liars = [worker("a", 0), worker("b", 1), worker("c", 2)];
        for liar in &liars {
            for _ in 0..3 {
                liar.script(Ok(lie.clone()));
            }
        }
        let (world, fleet) = world_of(&liars.each_ref()).await;
        let job = run_of(&world, ProofKind::Core, "circuit").await;
        assert_eq!(
            (job.state, &job.result),
            (JobState::Failed, &None),
            "{what}"
        );
        assert_eq!(
            job.failure.expect("it says why").code,
            "invalid_proof",
            "{what}"
        );
        // Two attempts, each with somebody else.
        let given: Vec<_> = liars.iter().map(|liar| liar.given().len()).collect();
        assert_eq!(given, [1, 1, 0], "{what}");
        assert!(
            is_distrusted(&fleet, "a") && is_distrusted(&fleet, "b"),
            "{what}"
        );
        let told = world.outcome(job.circuit).expect("failures are delivered");
        assert_eq!(told["success"], false, "{what}");
        world.engine.proof(&job.id).expect_err(what);
    }
}

/// A proof job never uses a worker's cycles, key or public values: they are of this machine.
#[tokio::test]
async fn attack_d7_figures_of_a_proof_are_this_machines_own() {
    let liar = worker("liar", 0);
    let (world, _) = world_of(&[&liar]).await;
    let job = run_of(&world, ProofKind::Core, "circuit").await;
    assert_eq!(world.zkvm.executions(), 1);
    // The scripted circuit takes as many cycles as its input has bytes.
    assert_eq!(job.cycles, Some(liar.given()[0].input.len() as u64));
    let summary = world.summary(job.circuit);
    let result = job.result.expect("it is done");
    assert_eq!(result.verifying_key, summary.verifying_key);
    // That the circuit panicked is not to be believed either: it ran here.
    let (liar, honest) = (worker("liar", 0), worker("honest", 5));
    let message = "balance is 0".to_owned();
    liar.script(Err(WorkerError::Work(ZkvmError::GuestPanicked { message })));
    let (world, fleet) = world_of(&[&liar, &honest]).await;
    let job = run_of(&world, ProofKind::Core, "circuit").await;
    assert_eq!(
        (job.state, job.worker.as_deref()),
        (JobState::Done, Some("honest"))
    );
    assert!(is_distrusted(&fleet, "liar"));
}

#[tokio::test]
async fn attack_d7_a_false_run_is_found_out() {
    let values = honest_values().await;
    let limit = config().limits.execution.cycles;
    let other_root = [Root::from_bytes([9; 32]).as_bytes().as_slice(), b"x"].concat();
    for (what, public_values, cycles) in [
        ("of another root", other_root, 5),
        ("of no root", vec![1, 2], 5),
        ("of impossible cycles", values.clone(), limit + 1),
    ] {
        let liar = worker("liar", 0);
        liar.script(Ok(Made::Execution(Execution {
            public_values,
            cycles,
        })));
        let (world, fleet) = world_of(&[&liar]).await;
        let job = run_of(&world, ProofKind::Execute, "circuit").await;
        assert_eq!(
            (job.state, job.worker.as_deref()),
            (JobState::Done, Some("here")),
            "{what}"
        );
        assert!(is_distrusted(&fleet, "liar"), "{what}");
        assert_eq!(
            job.result.expect("it is done").public_values,
            values,
            "{what}"
        );
    }
    for error in [
        ZkvmError::GuestPanicked {
            message: "it says".to_owned(),
        },
        ZkvmError::InvalidElf {
            reason: "it says".to_owned(),
        },
    ] {
        let liar = worker("liar", 0);
        liar.script(Err(WorkerError::Work(error)));
        let (world, fleet) = world_of(&[&liar]).await;
        let job = run_of(&world, ProofKind::Execute, "circuit").await;
        assert_eq!(job.state, JobState::Done);
        assert!(is_distrusted(&fleet, "liar"));
    }
}

/// Anybody may deploy a circuit that panics or publishes nonsense: that must not make honest workers look like liars.
#[tokio::test]
async fn a_circuits_fault_is_no_workers_fault() {
    for (tag, code) in [
        ("panic", "circuit_panicked"),
        ("rootless", "foreign_public_values"),
    ] {
        let honest = worker("honest", 0);
        let (world, fleet) = world_of(&[&honest]).await;
        for kind in [ProofKind::Execute, ProofKind::Core] {
            let job = run_of(&world, kind, tag).await;
            assert_eq!(job.failure.expect("it says why").code, code);
        }
        assert_eq!(fleet.workers()[0].health, WorkerHealth::Ready);
        assert_eq!(honest.given().len(), 1, "what fails here is not sent away");
    }
}

#[tokio::test]
async fn attack_d6_a_lost_workers_job_goes_on_elsewhere_and_uses_no_try() {
    let lost = Arc::new(ScriptedWorker::new("lost", zkvm()).with_closed_gate());
    let other = worker("other", 5);
    let (world, _) = world_of(&[&lost, &other]).await;
    let circuit = world.circuit(keeper()).await;
    let job = world
        .engine
        .prove(&ANYBODY, request(circuit, ProofKind::Core, b"witness"))
        .await
        .expect("there is room");
    let mut news = world.engine.watch(&job.id).expect("it exists");
    let at = |name: &'static str| {
        move |job: &Job| job.state == JobState::Proving && job.worker.as_deref() == Some(name)
    };
    news.wait_for(at("lost")).await.expect("it gets there");
    lost.lose();
    let job = world.end_of(&job.id).await;
    assert_eq!(
        (job.state, job.worker.as_deref()),
        (JobState::Done, Some("other"))
    );
    assert!(
        job.log.iter().all(|line| !line.contains("attempt")),
        "{:?}",
        job.log
    );
    assert_eq!(job.resumed, 0);
}

#[tokio::test]
async fn what_one_worker_lacks_another_may_have() {
    for error in [
        ZkvmError::Unavailable {
            what: "groth16".to_owned(),
            hint: "install it".to_owned(),
        },
        ZkvmError::CycleLimit { limit: 5 },
        // A worker's own limits are no reason for a job to fail, and its lies are none either.
        ZkvmError::Timeout {
            limit: Duration::ZERO,
        },
        ZkvmError::DeferredCore,
    ] {
        let small = [worker("a", 0), worker("b", 1), worker("c", 2)];
        for worker in &small {
            worker.script(Err(WorkerError::Work(error.clone())));
        }
        let large = worker("large", 5);
        let (world, _) = world_of(&[&small[0], &small[1], &small[2], &large]).await;
        let job = run_of(&world, ProofKind::Groth16, "circuit").await;
        assert_eq!(
            (job.state, job.worker.as_deref()),
            (JobState::Done, Some("large"))
        );
    }
}

/// A caller's worker that never ends holds up nobody who asks for the same.
#[tokio::test]
async fn attack_d3_a_callers_worker_that_hangs_holds_up_nobody_else() {
    let public = worker("public", 0);
    let own = Arc::new(ScriptedWorker::new("1.1.1.1:37282", zkvm()).with_closed_gate());
    let connect = {
        let own = own.as_port();
        move |_: &WorkerName| Ok(Arc::clone(&own))
    };
    let connector: valence_coprocessor_fleet::Connector = Arc::new(connect);
    let fleet = Fleet::start(fleet_config(), vec![public.as_port()], Some(connector));
    let fleet = Arc::new(fleet);
    all_answered(&fleet).await;
    let store = Arc::new(MemoryStore::new());
    let world = World::proving_with(store, config(), Arc::new(zkvm()), fleet).await;
    let key = ALICE.key().expect("she has one");
    let added = world.engine.add_prover(key, "1.1.1.1:37282").await;
    added.expect("a public address");
    let circuit = world.circuit(keeper()).await;
    let asked = || request(circuit, ProofKind::Core, b"the same");
    let first = world.engine.prove(&ALICE, asked()).await;
    own.wait_for_given(1).await;
    let second = world.engine.prove(&BOB, asked()).await;
    let second = world.end_of(&second.expect("there is room").id).await;
    assert_eq!(
        (second.state, second.worker.as_deref()),
        (JobState::Done, Some("public"))
    );
    let first = world.engine.job(&first.expect("there is room").id);
    assert!(!first.expect("it exists").state.is_terminal());
}

#[tokio::test]
async fn a_callers_workers_do_the_callers_jobs() {
    let (public, own) = (worker("public", 0), worker("1.1.1.1:37282", 9));
    let connect = {
        let own = own.as_port();
        move |_: &WorkerName| Ok(Arc::clone(&own))
    };
    let connector: valence_coprocessor_fleet::Connector = Arc::new(connect);
    let fleet = Arc::new(Fleet::start(
        fleet_config(),
        vec![public.as_port()],
        Some(connector),
    ));
    all_answered(&fleet).await;
    let store = Arc::new(MemoryStore::new());
    let world = World::proving_with(store, config(), Arc::new(zkvm()), fleet).await;
    let key = ALICE.key().expect("she has one");
    world
        .engine
        .add_prover(key, "1.1.1.1:37282")
        .await
        .expect("a public address");
    let circuit = world.circuit(keeper()).await;
    // What each reads is its own: a proof that was made before would need no worker.
    for (caller, kind, by, reads) in [
        (ALICE, ProofKind::Core, "own", b"1"),
        (ALICE, ProofKind::Execute, "own", b"2"),
        (BOB, ProofKind::Core, "public", b"3"),
        (ANYBODY, ProofKind::Core, "public", b"4"),
    ] {
        let job = world
            .engine
            .prove(&caller, request(circuit, kind, reads))
            .await
            .expect("there is room");
        let job = world.end_of(&job.id).await;
        assert_eq!(
            (job.state, job.worker.as_deref()),
            (JobState::Done, Some(by))
        );
    }
    let names = |key| -> Vec<String> {
        let workers = world.engine.workers(key).expect("sound");
        workers
            .iter()
            .map(|worker| worker.name.to_string())
            .collect()
    };
    assert_eq!(names(Some(key)), ["1.1.1.1:37282", "public"]);
    assert_eq!(names(BOB.key()), ["public"]);
}

#[tokio::test]
async fn attack_c10_a_callers_worker_is_where_the_operator_permits() {
    let mut config = config();
    let listed = ["127.0.0.1:99".parse().expect("a fine target")];
    config.worker_network = NetworkRules::allowing(listed);
    let world = World::with(config, zkvm()).await;
    let (engine, key) = (&world.engine, ALICE.key().expect("she has one"));
    for address in [
        "127.0.0.1:1",
        "http://169.254.169.254:80",
        "[::1]:99",
        "10.0.0.1:99",
    ] {
        let error = engine.add_prover(key, address).await.expect_err(address);
        assert_eq!(
            (error.kind(), error.code()),
            (ErrorKind::Forbidden, "prover_not_allowed")
        );
    }
    for address in ["", "ftp://1.1.1.1:1", "https://1.1.1.1:1/path"] {
        let error = engine.add_prover(key, address).await.expect_err(address);
        let code = error.code();
        assert!(
            matches!(code, "invalid_arguments" | "prover_not_allowed"),
            "{address}: {code}"
        );
    }
    assert_eq!(engine.provers(key).expect("sound"), Vec::<String>::new());
    engine
        .add_prover(key, "127.0.0.1:99")
        .await
        .expect("it is listed");
    let error = engine
        .remove_prover(key, "127.0.0.1:1")
        .await
        .expect_err("it is not there");
    assert_eq!(
        (error.kind(), error.code()),
        (ErrorKind::NotFound, "unknown_prover")
    );
    engine
        .remove_prover(key, "127.0.0.1:99")
        .await
        .expect("it is there");
}
