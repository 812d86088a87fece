//! Several engines on one store: whose a job is, and what becomes of it when an engine dies, sleeps or leaves.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use valence_coprocessor::{Engine, ErrorKind, JobFilter, JobId, JobState};
use valence_coprocessor_protocol::CircuitId;
use valence_coprocessor_store::{KeyRange, Order, Store as _, Table};
use valence_coprocessor_zkvm::ProofKind;

use crate::cluster::{Cluster, Machine, times, writes_job};
use crate::controllers::{keeper, reader};
use crate::world::{ANYBODY, BOB, World, config, elf, request, zkvm};

/// Two machines, of which the first one's prover waits, and a circuit.
async fn two(cluster: &Arc<Cluster>) -> (Machine, Machine, CircuitId) {
    let a = Machine::start(cluster, zkvm().with_closed_gate()).await;
    let b = Machine::start(cluster, zkvm()).await;
    let circuit = circuit(&b).await;
    (a, b, circuit)
}

async fn circuit(machine: &Machine) -> CircuitId {
    let deploy = async |engine: Engine| {
        let elf = elf("circuit");
        engine.deploy_circuit(&ANYBODY, keeper(), elf, 0).await
    };
    machine.run(deploy).await.expect("a fine circuit")
}

fn assert_ended_once(cluster: &Cluster, id: &JobId) {
    assert_eq!(cluster.ends(id), 1, "job {id} ended");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_same_request_at_two_engines_is_one_job() {
    let cluster = Cluster::new();
    let (a, b, circuit) = two(&cluster).await;
    for round in 0..16_u8 {
        let asked = request(circuit, ProofKind::Execute, &[round]);
        let (first, second) = tokio::join!(a.prove(asked.clone()), b.prove(asked));
        let first = first.expect("there is room");
        let second = second.expect("there is room");
        assert_eq!(first.id, second.id);
        for machine in [&a, &b] {
            assert_eq!(machine.end_of(first.id).await.state, JobState::Done);
        }
        assert_ended_once(&cluster, &first.id);
    }
    assert_eq!(cluster.ended(), 16);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn any_engine_answers_for_a_job() {
    let cluster = Cluster::new();
    let (a, b, circuit) = two(&cluster).await;
    let asked = request(circuit, ProofKind::Core, b"a");
    let job = a.prove(asked.clone()).await.expect("there is room");
    b.reaches(job.id, JobState::Proving).await;
    let listed = b.engine.jobs(&JobFilter::default()).expect("sound");
    assert_eq!((listed.len(), listed[0].id), (1, job.id));
    assert_eq!(b.engine.stats().expect("sound").live_jobs, 1);
    let again = b.prove(asked).await.expect("there is room");
    assert_eq!(again.id, job.id);
    let error = b.engine.proof(&job.id).expect_err("it is not done");
    assert_eq!(error.code(), "no_proof");
    a.zkvm.prove_gate().pass();
    assert_eq!(b.end_of(job.id).await, a.end_of(job.id).await);
    let proofs = [&a, &b].map(|machine| machine.engine.proof(&job.id).expect("it is done"));
    assert_eq!(proofs[0], proofs[1]);
    assert_eq!(b.zkvm.proves(), 0);
    assert_ended_once(&cluster, &job.id);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn attack_d6_jobs_of_an_engine_that_died_are_finished_by_another() {
    let cluster = Cluster::new();
    let (a, b, circuit) = two(&cluster).await;
    let mut ids = Vec::new();
    for data in 0..8_u8 {
        let asked = request(circuit, ProofKind::Core, &[data]);
        ids.push(a.prove(asked).await.expect("there is room").id);
    }
    a.reaches(ids[0], JobState::Queued).await;
    drop(a);
    for id in ids {
        let job = b.end_of(id).await;
        assert_eq!((job.state, job.resumed), (JobState::Done, 1));
        assert_ended_once(&cluster, &id);
        assert_eq!(cluster.deliveries(&id), 1, "under its own id");
    }
    assert_eq!(b.engine.stats().expect("sound").live_jobs, 0);
}

/// The engine falls asleep right before it commits something about a job, and wakes up when another has finished it.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_engine_that_slept_neither_ends_nor_delivers_what_another_took_over() {
    let moments: [fn(&valence_coprocessor_store::Batch) -> bool; 4] = [
        |batch| writes_job(batch, JobState::Queued),
        |batch| writes_job(batch, JobState::Delivering),
        |batch| {
            batch
                .writes()
                .iter()
                .any(|write| write.table == Table::Files)
        },
        |batch| writes_job(batch, JobState::Done),
    ];
    for (place, moment) in moments.into_iter().enumerate() {
        let cluster = Cluster::new();
        let (a, b, circuit) = two(&cluster).await;
        a.door.close_before(moment);
        a.zkvm.prove_gate().pass();
        let asked = request(circuit, ProofKind::Core, b"a");
        let id = a.prove(asked).await.expect("there is room").id;
        let job = b.end_of(id).await;
        assert_eq!((job.state, job.resumed), (JobState::Done, 1), "{place}");
        let delivered = cluster.deliveries(&id);
        a.door.open();
        // It lives again: its next job is its own, and the one that it lost is the other's.
        let asked = request(circuit, ProofKind::Execute, b"b");
        let next = a.prove(asked).await.expect("there is room").id;
        assert_eq!(a.end_of(next).await.state, JobState::Done);
        assert_eq!(a.end_of(id).await, job);
        assert_ended_once(&cluster, &id);
        assert_eq!(cluster.deliveries(&id), delivered, "{place}");
        // Only who slept between the delivery and the end has delivered too.
        assert_eq!(delivered, if place == 3 { 2 } else { 1 });
    }
}

/// Nobody is asked twice to wait: the prover of a job that was lost is stopped, and its engine goes on.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_engine_that_slept_while_it_proved_stops_the_prover() {
    let cluster = Cluster::new();
    let (a, b, circuit) = two(&cluster).await;
    let asked = request(circuit, ProofKind::Core, b"a");
    let id = a.prove(asked).await.expect("there is room").id;
    a.reaches(id, JobState::Proving).await;
    a.door.close();
    assert_eq!(b.end_of(id).await.state, JobState::Done);
    a.door.open();
    assert_eq!(a.end_of(id).await.state, JobState::Done);
    // The one prover of the engine is free again: it waited for a gate that nobody opened.
    let asked = request(circuit, ProofKind::Core, b"b");
    let next = a.prove(asked).await.expect("there is room").id;
    a.zkvm.prove_gate().pass();
    assert_eq!(a.end_of(next).await.state, JobState::Done);
    assert_ended_once(&cluster, &id);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_job_is_cancelled_from_any_engine() {
    let cluster = Cluster::new();
    let (a, b, circuit) = two(&cluster).await;
    let asked = request(circuit, ProofKind::Core, b"a");
    let of_bob = a
        .run(async move |engine| engine.prove(&BOB, asked).await)
        .await
        .expect("there is room");
    let id = of_bob.id;
    let error = b
        .run(async move |engine| engine.cancel(&ANYBODY, &id).await)
        .await
        .expect_err("not theirs");
    assert_eq!(error.kind(), ErrorKind::Forbidden);
    for _ in 0..2 {
        let job = b
            .run(async move |engine| engine.cancel(&BOB, &id).await)
            .await;
        assert_eq!(job.expect("his own").state, JobState::Cancelled);
    }
    assert_eq!(a.end_of(id).await.state, JobState::Cancelled);
    assert_ended_once(&cluster, &id);
    assert_eq!(cluster.deliveries(&id), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_wish_to_cancel_outlives_the_owner_of_the_job() {
    let cluster = Cluster::new();
    let (a, _, circuit) = two(&cluster).await;
    let b = Machine::start(&cluster, zkvm().with_closed_gate()).await;
    let asked = request(circuit, ProofKind::Core, b"a");
    let id = a.prove(asked).await.expect("there is room").id;
    a.reaches(id, JobState::Proving).await;
    a.door.close();
    let job = b
        .run(async move |engine| engine.cancel(&ANYBODY, &id).await)
        .await;
    // Whichever other engine took it over, it either was cancelled there or had ended before.
    match job {
        Ok(job) => assert_eq!(job.state, JobState::Cancelled),
        Err(error) => assert_eq!(error.code(), "job_not_cancellable"),
    }
    a.door.open();
    assert!(a.end_of(id).await.state.is_terminal());
    assert_ended_once(&cluster, &id);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_engine_that_shuts_down_leaves_its_jobs_to_another_at_once() {
    let cluster = Cluster::new();
    // Nobody is ever taken for dead here.
    let mut config = times(config());
    config.cluster.dead_after = Duration::from_hours(1);
    let a = Machine::with(&cluster, config.clone(), zkvm().with_closed_gate()).await;
    let b = Machine::with(&cluster, config, zkvm()).await;
    let circuit = circuit(&b).await;
    let mut ids = Vec::new();
    for data in 0..4_u8 {
        let asked = request(circuit, ProofKind::Core, &[data]);
        ids.push(a.prove(asked).await.expect("there is room").id);
    }
    a.reaches(ids[0], JobState::Queued).await;
    assert_eq!(cluster.beats(), 2);
    a.run(async move |engine| engine.shutdown(Duration::ZERO).await)
        .await;
    assert_eq!(cluster.beats(), 1, "who left is forgotten");
    for id in ids {
        let job = b.end_of(id).await;
        assert_eq!((job.state, job.resumed), (JobState::Done, 1));
        assert_eq!(cluster.deliveries(&id), 1);
        assert_ended_once(&cluster, &id);
    }
}

/// The store fails for longer than a runner tries: the job rests, and is taken up again when the store is back.
#[tokio::test]
async fn a_job_rests_while_the_store_fails() {
    let store = Arc::new(crate::cluster::FailingDoor::default());
    let config = crate::cluster::times(crate::world::config());
    let world = World::over(Arc::clone(&store) as _, config, zkvm().with_closed_gate()).await;
    let circuit = world.circuit(keeper()).await;
    let job = world
        .engine
        .prove(&ANYBODY, request(circuit, ProofKind::Core, b"a"))
        .await
        .expect("there is room");
    let mut news = world.engine.watch(&job.id).expect("it exists");
    let proving = news.wait_for(|job| job.state == JobState::Proving).await;
    drop(proving.expect("it gets there"));
    store.fail(true);
    world.zkvm.prove_gate().pass();
    store.wait_for_failures(8).await;
    store.fail(false);
    world.zkvm.prove_gate().pass();
    let job = world.end_of(&job.id).await;
    assert_eq!((job.state, job.resumed), (JobState::Done, 1));
}

#[tokio::test]
async fn a_delivery_that_the_store_does_not_keep_is_repeated() {
    let store = Arc::new(crate::cluster::FailingDoor::default());
    let config = crate::cluster::times(crate::world::config());
    let world = World::over(Arc::clone(&store) as _, config, zkvm()).await;
    let circuit = world.circuit(keeper()).await;
    store.fail_once(|batch| {
        let mut tables = batch.writes().iter().map(|write| write.table);
        tables.any(|table| table == Table::Files)
    });
    let job = world
        .engine
        .prove(&ANYBODY, request(circuit, ProofKind::Execute, b"a"))
        .await
        .expect("there is room");
    let job = world.end_of(&job.id).await;
    assert_eq!((job.state, job.resumed), (JobState::Done, 1));
    let files = store.snapshot().expect("memory");
    let files = files.scan(Table::Files, &KeyRange::all(), Order::Ascending, 2);
    let [(_, kept)] = files.expect("memory").try_into().expect("one file");
    let kept: Value = serde_json::from_slice(&kept).expect("what the controller kept");
    assert_eq!(kept["delivery"]["id"], job.id.to_string());
}

/// A controller that finds nothing because the store was away must not decide anything by that.
#[tokio::test]
async fn what_a_controller_could_not_read_is_no_outcome() {
    let store = Arc::new(crate::cluster::FailingDoor::default());
    let world = World::over(Arc::clone(&store) as _, times(config()), zkvm()).await;
    let circuit = world.circuit(reader()).await;
    // While it computes witnesses, and when it is told the outcome.
    store.fail_reads([true, false, true]);
    let asked = request(circuit, ProofKind::Execute, b"a");
    let job = world.engine.prove(&ANYBODY, asked).await;
    let job = world.end_of(&job.expect("there is room").id).await;
    assert_eq!((job.state, job.resumed), (JobState::Done, 2));
    assert_eq!(job.log, [""; 0]);
    let told = world.outcome(circuit).expect("it was delivered");
    assert_eq!(told["delivery"]["id"], job.id.to_string());
}

/// A commit that one machine has, and others should have, is nothing to rely on: neither for who asked, nor for the controller.
#[tokio::test]
async fn what_the_store_does_not_confirm_is_told_nobody() {
    let store = Arc::new(crate::cluster::LaggingDoor::default());
    let world = World::over(
        Arc::clone(&store) as _,
        times(config()),
        zkvm().with_closed_gate(),
    )
    .await;
    let circuit = world.circuit(keeper()).await;
    let asked = request(circuit, ProofKind::Core, b"a");
    store.lag(true);
    for _ in 0..2 {
        let unsure = world.engine.prove(&ANYBODY, asked.clone()).await;
        assert_eq!(unsure.expect_err("it is not confirmed").code(), "internal");
    }
    store.lag(false);
    let job = world.engine.prove(&ANYBODY, asked).await;
    let id = job.expect("there is room").id;
    let mut news = world.engine.watch(&id).expect("it exists");
    let proving = news.wait_for(|job| job.state == JobState::Proving).await;
    drop(proving.expect("it gets there"));
    store.lag(true);
    world.zkvm.prove_gate().pass();
    // Longer than a step is offered to the store.
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(world.outcome(circuit).is_none(), "the controller was told");
    store.lag(false);
    for _ in 0..4 {
        world.zkvm.prove_gate().pass();
    }
    assert_eq!(world.end_of(&id).await.state, JobState::Done);
    let jobs = world.engine.jobs(&JobFilter::default()).expect("sound");
    assert_eq!(jobs.len(), 1, "one request, one job");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn attack_d6_a_hundred_jobs_among_random_deaths_end_exactly_once_each() {
    const JOBS: usize = 100;
    let cluster = Cluster::new();
    let mut machines = Vec::new();
    for _ in 0..3 {
        machines.push(Machine::start(&cluster, zkvm().with_closed_gate()).await);
    }
    let circuit = circuit(&machines[0]).await;
    // A fixed sequence of numbers that look random, so that a failure can be repeated.
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = move |below: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        usize::try_from(seed % below as u64).expect("it is small")
    };
    let mut ids = Vec::new();
    for place in 0..JOBS {
        let kind = [ProofKind::Execute, ProofKind::Core][place % 2];
        let asked = request(circuit, kind, &place.to_be_bytes());
        let machine = &machines[random(machines.len())];
        ids.push(machine.prove(asked).await.expect("there is room").id);
        // Some proofs end before their machine does, and some do not.
        machines[random(machines.len())].zkvm.prove_gate().pass();
        if random(10) == 0 {
            let dead = machines.swap_remove(random(machines.len()));
            drop(dead);
            machines.push(Machine::start(&cluster, zkvm().with_closed_gate()).await);
        }
    }
    for machine in &machines {
        for _ in 0..JOBS {
            machine.zkvm.prove_gate().pass();
        }
    }
    let mut resumed = 0;
    for (place, id) in ids.iter().enumerate() {
        let job = machines[place % machines.len()].end_of(*id).await;
        assert_eq!(job.state, JobState::Done, "{:?}", job.failure);
        resumed += job.resumed;
        assert_ended_once(&cluster, id);
        assert!(cluster.deliveries(id) >= 1);
    }
    assert_eq!(cluster.ended(), JOBS);
    assert!(resumed > 0, "nobody died at work");
}
