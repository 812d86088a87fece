//! Callbacks as the engine makes them: one id, at least once, across restarts, without any hold on the outcome.

use std::collections::VecDeque;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use valence_coprocessor::{
    Callback, CallbackAnswer, CallbackState, Callbacks, EngineConfig, EngineError, ErrorKind, Job,
    JobId, JobState, ProofRequest,
};
use valence_coprocessor_protocol::CircuitId;
use valence_coprocessor_store::{MemoryStore, Store};
use valence_coprocessor_zkvm::ProofKind;

use crate::controllers::{PANIC, keeper, writes_then};
use crate::world::{ANYBODY, BOB, World, config, end_of, request, settable_clock, zkvm};

const URL: &str = "https://receiver.example/?token=secret";

/// A receiver that answers as it is told, and then takes everything.
#[derive(Debug, Default)]
struct Receiver {
    answers: Mutex<VecDeque<CallbackAnswer>>,
    calls: Mutex<Vec<Call>>,
    /// Whether calls never end.
    hangs: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Call {
    url: String,
    job: JobId,
    failure: Option<String>,
    proof: Option<Vec<u8>>,
}

impl Receiver {
    fn answering(answers: impl IntoIterator<Item = CallbackAnswer>) -> Arc<Self> {
        Arc::new(Self {
            answers: Mutex::new(answers.into_iter().collect()),
            ..Self::default()
        })
    }

    fn calls(&self) -> Vec<Call> {
        self.calls.lock().expect("no test panics with it").clone()
    }
}

#[async_trait]
impl Callbacks for Receiver {
    fn check(&self, url: &str) -> Result<(), EngineError> {
        if url.starts_with("https://") {
            return Ok(());
        }
        Err(EngineError::InvalidCallback {
            reason: "not https".to_owned(),
        })
    }

    async fn send(&self, callback: Callback<'_>) -> CallbackAnswer {
        let failure = callback.job.failure.as_ref();
        let call = Call {
            url: callback.url.to_owned(),
            job: callback.job.id,
            failure: failure.map(|failure| failure.code.clone()),
            proof: callback.proof.map(<[u8]>::to_vec),
        };
        self.calls
            .lock()
            .expect("no test panics with it")
            .push(call);
        if self.hangs {
            return std::future::pending().await;
        }
        let next = self
            .answers
            .lock()
            .expect("no test panics with it")
            .pop_front();
        next.unwrap_or(CallbackAnswer::Taken)
    }
}

fn no_answer() -> CallbackAnswer {
    CallbackAnswer::Failed {
        reason: "answered 500".to_owned(),
    }
}

fn calling(receiver: &Arc<Receiver>, first_pause: Duration) -> EngineConfig {
    let mut config = config();
    config.callbacks = Arc::clone(receiver) as _;
    config.limits.callback.first_pause = first_pause;
    config.limits.callback.longest_pause = first_pause * 2;
    config
}

fn with_callback(circuit: CircuitId, kind: ProofKind, data: &[u8]) -> ProofRequest {
    ProofRequest {
        callback_url: Some(URL.to_owned()),
        ..request(circuit, kind, data)
    }
}

async fn after_attempt(world: &World, id: &JobId) -> Job {
    let mut news = world.engine.watch(id).expect("the job exists");
    let attempted = |job: &Job| job.callback.is_some_and(|callback| callback.attempts == 1);
    news.wait_for(attempted).await.expect("it is tried").clone()
}

#[tokio::test]
async fn an_outcome_is_called_back_until_it_is_taken_under_one_id() {
    let receiver = Receiver::answering([no_answer(), no_answer()]);
    let world = World::with(calling(&receiver, Duration::from_millis(1)), zkvm()).await;
    let circuit = world.circuit(keeper()).await;
    let asked = with_callback(circuit, ProofKind::Compressed, b"a");
    let job = world
        .engine
        .prove(&ANYBODY, asked)
        .await
        .expect("there is room");
    let job = world.end_of(&job.id).await;
    assert_eq!((job.state, job.failure), (JobState::Done, None));
    let callback = job.callback.expect("it was asked for");
    assert_eq!(
        (callback.state, callback.attempts, callback.next),
        (CallbackState::Delivered, 3, None)
    );
    assert_eq!(job.log.len(), 2, "{:?}", job.log);
    assert!(job.log[1].contains("attempt 2") && job.log[1].contains("answered 500"));
    let call = Call {
        url: URL.to_owned(),
        job: job.id,
        failure: None,
        proof: Some(world.engine.proof(&job.id).expect("it is done").bytes),
    };
    assert_eq!(receiver.calls(), [call.clone(), call.clone(), call]);
    assert!(
        world.outcome(circuit).is_some(),
        "the controller is told, too"
    );
}

#[tokio::test]
async fn a_failure_is_called_back_and_a_large_proof_is_not_sent_along() {
    let receiver = Receiver::answering([]);
    let mut config = calling(&receiver, Duration::from_millis(1));
    config.limits.callback.proof_bytes = 1;
    let world = World::with(config, zkvm()).await;
    let circuit = world.circuit(keeper()).await;
    let mut failing = with_callback(circuit, ProofKind::Core, b"a");
    failing.args = serde_json::json!("no witnesses");
    for asked in [failing, with_callback(circuit, ProofKind::Core, b"b")] {
        let job = world
            .engine
            .prove(&ANYBODY, asked)
            .await
            .expect("there is room");
        world.end_of(&job.id).await;
    }
    let calls = receiver.calls();
    assert_eq!(calls.len(), 2);
    assert_eq!(
        calls[0].failure.as_deref(),
        Some("controller_invalid_return")
    );
    assert_eq!((&calls[1].failure, &calls[1].proof), (&None, &None));
}

#[tokio::test]
async fn who_is_gone_is_not_called_again_and_attempts_are_bounded() {
    let receiver = Receiver::answering([no_answer(), CallbackAnswer::Gone]);
    let mut config = calling(&receiver, Duration::from_millis(1));
    config.limits.callback.attempts = 3;
    let world = World::with(config, zkvm()).await;
    let circuit = world.circuit(keeper()).await;
    let asked = with_callback(circuit, ProofKind::Execute, b"a");
    let job = world
        .engine
        .prove(&ANYBODY, asked)
        .await
        .expect("there is room");
    let gone = world.end_of(&job.id).await;
    assert_eq!(gone.state, JobState::Done);
    assert_eq!(
        gone.callback
            .map(|callback| (callback.state, callback.attempts)),
        Some((CallbackState::Gone, 2))
    );
    assert!(
        gone.log.iter().any(|line| line.contains("410")),
        "{:?}",
        gone.log
    );

    for _ in 0..8 {
        receiver
            .answers
            .lock()
            .expect("sound")
            .push_back(no_answer());
    }
    let asked = with_callback(circuit, ProofKind::Execute, b"b");
    let job = world
        .engine
        .prove(&ANYBODY, asked)
        .await
        .expect("there is room");
    let given_up = world.end_of(&job.id).await;
    // The outcome is what it was.
    assert_eq!((given_up.state, given_up.failure), (JobState::Done, None));
    assert_eq!(
        given_up
            .callback
            .map(|callback| (callback.state, callback.attempts)),
        Some((CallbackState::GivenUp, 3))
    );
    assert_eq!(given_up.log.len(), 3, "{:?}", given_up.log);
    assert!(given_up.log[2].contains("the last"), "{:?}", given_up.log);
    assert_eq!(receiver.calls().len(), 5);
}

/// The total time counts as well as the number of attempts.
#[tokio::test]
async fn a_callback_is_given_up_after_its_time() {
    let receiver = Receiver::answering((0..64).map(|_| no_answer()));
    let mut config = calling(&receiver, Duration::from_millis(1));
    config.limits.callback.attempts = 1_000;
    // Each look at the clock of these tests takes a second.
    config.limits.callback.duration = Duration::from_secs(20);
    let world = World::with(config, zkvm()).await;
    let circuit = world.circuit(keeper()).await;
    let asked = with_callback(circuit, ProofKind::Execute, b"a");
    let job = world
        .engine
        .prove(&ANYBODY, asked)
        .await
        .expect("there is room");
    let job = world.end_of(&job.id).await;
    let callback = job.callback.expect("it was asked for");
    assert_eq!(
        (job.state, callback.state),
        (JobState::Done, CallbackState::GivenUp)
    );
    assert!((2..20).contains(&callback.attempts), "{callback:?}");
}

/// The service stops between two attempts: the next start goes on where it was, under the same id, and the controller is
/// not told again.
#[tokio::test]
async fn attack_d6_callbacks_go_on_after_a_restart() {
    let receiver = Receiver::answering([no_answer()]);
    let (clock, millis) = settable_clock();
    let hour = Duration::from_hours(1);
    let configured = || EngineConfig {
        clock: clock.clone(),
        ..calling(&receiver, hour)
    };
    let world = World::with(configured(), zkvm()).await;
    // Its entry point panics, so that each call of it is in the log.
    let circuit = world.circuit(writes_then(PANIC)).await;
    let asked = with_callback(circuit, ProofKind::Compressed, b"a");
    let job = world
        .engine
        .prove(&ANYBODY, asked)
        .await
        .expect("there is room");
    let waiting = after_attempt(&world, &job.id).await;
    assert_eq!(waiting.state, JobState::Delivering);
    let next = waiting.callback.and_then(|callback| callback.next);
    assert!(next.is_some_and(|next| next > waiting.times[0].at));
    // The result can be had before anybody took the callback.
    world.engine.proof(&job.id).expect("it is final");
    let error = world
        .engine
        .cancel(&ANYBODY, &job.id)
        .await
        .expect_err("it is too late");
    assert_eq!(error.code(), "job_not_cancellable");
    world.engine.shutdown(Duration::ZERO).await;
    assert_eq!(receiver.calls().len(), 1);

    millis.fetch_add(3 * 3_600_000, Ordering::SeqCst);
    let again = World::over(Arc::clone(&world.store), configured(), zkvm()).await;
    let ended = again.end_of(&job.id).await;
    let callback = ended.callback.expect("it was asked for");
    assert_eq!((ended.state, ended.resumed), (JobState::Done, 1));
    assert_eq!(
        (callback.state, callback.attempts),
        (CallbackState::Delivered, 2)
    );
    let calls = receiver.calls();
    assert_eq!(calls.len(), 2);
    assert_eq!(calls[0], calls[1]);
    let told = ended
        .log
        .iter()
        .filter(|line| line.contains("delivery failed"));
    assert_eq!(told.count(), 1, "{:?}", ended.log);
}

/// The service dies while it calls: the call is made again.
#[test]
fn attack_d6_a_callback_survives_the_death_of_the_service() {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let runtime = || {
        tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .expect("a runtime")
    };
    let hanging = Arc::new(Receiver {
        hangs: true,
        ..Receiver::default()
    });
    let dying = runtime();
    let id = dying.block_on(async {
        let config = calling(&hanging, Duration::from_millis(1));
        let world = World::over(Arc::clone(&store), config, zkvm()).await;
        let circuit = world.circuit(keeper()).await;
        let asked = with_callback(circuit, ProofKind::Core, b"a");
        let job = world
            .engine
            .prove(&ANYBODY, asked)
            .await
            .expect("there is room");
        let called = async {
            while hanging.calls().is_empty() {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_mins(1), called)
            .await
            .expect("it is called");
        job.id
    });
    dying.shutdown_timeout(Duration::from_secs(10));
    let receiver = Receiver::answering([]);
    runtime().block_on(async {
        let config = calling(&receiver, Duration::from_millis(1));
        let world = World::over(Arc::clone(&store), config, zkvm()).await;
        let job = end_of(&world.engine, &id).await;
        assert_eq!(job.state, JobState::Done);
        assert_eq!(receiver.calls(), hanging.calls());
    });
}

#[tokio::test]
async fn a_url_that_is_never_called_is_refused_at_once() {
    let receiver = Receiver::answering([]);
    let world = World::with(calling(&receiver, Duration::from_millis(1)), zkvm()).await;
    let circuit = world.circuit(keeper()).await;
    let mut asked = with_callback(circuit, ProofKind::Execute, b"a");
    for (url, code) in [
        (format!("https://a/{}", "a".repeat(2_048)), "too_large"),
        ("ftp://a".to_owned(), "invalid_callback"),
    ] {
        asked.callback_url = Some(url);
        let error = world
            .engine
            .prove(&ANYBODY, asked.clone())
            .await
            .expect_err("refused");
        assert_eq!(error.code(), code);
    }
    let silent = World::new().await;
    let circuit = silent.circuit(keeper()).await;
    let asked = with_callback(circuit, ProofKind::Execute, b"a");
    let error = silent
        .engine
        .prove(&ANYBODY, asked)
        .await
        .expect_err("refused");
    assert_eq!(
        (error.kind(), error.code()),
        (ErrorKind::Unavailable, "callbacks_disabled")
    );
}

#[tokio::test]
async fn the_url_is_part_of_the_request_and_shown_to_nobody() {
    let receiver = Receiver::answering([]);
    let world = World::with(calling(&receiver, Duration::from_millis(1)), zkvm()).await;
    let circuit = world.circuit(keeper()).await;
    let plain = request(circuit, ProofKind::Execute, b"a");
    let first = world
        .engine
        .prove(&ANYBODY, plain)
        .await
        .expect("there is room");
    let asked = with_callback(circuit, ProofKind::Execute, b"a");
    let second = world
        .engine
        .prove(&ANYBODY, asked)
        .await
        .expect("there is room");
    assert_ne!(first.id, second.id);
    let ended = world.end_of(&second.id).await;
    assert!(!format!("{ended:?}").contains("receiver.example"));
    assert_eq!(world.end_of(&first.id).await.callback, None);
    assert_eq!(receiver.calls().len(), 1);
}

/// Callbacks that nobody takes fill neither the queue nor the memory.
#[tokio::test]
async fn attack_c10_outstanding_callbacks_do_not_fill_the_queue() {
    let receiver = Receiver::answering((0..9).map(|_| no_answer()));
    let mut config = calling(&receiver, Duration::from_hours(1));
    config.limits.live_jobs = 1;
    config.limits.callback.pending = 1;
    let world = World::with(config, zkvm()).await;
    let circuit = world.circuit(keeper()).await;
    let asked = with_callback(circuit, ProofKind::Execute, b"a");
    let job = world
        .engine
        .prove(&ANYBODY, asked)
        .await
        .expect("there is room");
    after_attempt(&world, &job.id).await;
    let other = request(circuit, ProofKind::Execute, b"b");
    let other = world
        .engine
        .prove(&BOB, other)
        .await
        .expect("there is room");
    assert_eq!(world.end_of(&other.id).await.state, JobState::Done);
    let one_more = with_callback(circuit, ProofKind::Execute, b"c");
    let error = world
        .engine
        .prove(&BOB, one_more)
        .await
        .expect_err("one is outstanding");
    assert_eq!(
        (error.kind(), error.code()),
        (ErrorKind::Unavailable, "queue_full")
    );
}

#[tokio::test]
async fn a_cancelled_job_has_nothing_to_tell() {
    let receiver = Receiver::answering([]);
    let config = calling(&receiver, Duration::from_millis(1));
    let world = World::with(config, zkvm().with_closed_gate()).await;
    let circuit = world.circuit(keeper()).await;
    let asked = with_callback(circuit, ProofKind::Core, b"a");
    let job = world
        .engine
        .prove(&ANYBODY, asked)
        .await
        .expect("there is room");
    let job = world
        .engine
        .cancel(&ANYBODY, &job.id)
        .await
        .expect("nobody's");
    assert_eq!(
        job.callback.map(|callback| callback.state),
        Some(CallbackState::NotSent)
    );
    assert_eq!(receiver.calls(), []);
}

#[tokio::test]
async fn services_on_one_store_sign_with_one_key() {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let open = || World::over(Arc::clone(&store), config(), zkvm());
    let (one, two) = tokio::join!(open(), open());
    let key = |world: &World| world.engine.stats().expect("sound").callback_key;
    assert_eq!(key(&one), key(&two));
    drop((one, two));
    let three = open().await;
    let other = World::new().await;
    assert_ne!(key(&three), key(&other));
    let first = store
        .snapshot()
        .expect("sound")
        .get(valence_coprocessor_store::Table::Meta, b"callback-key")
        .expect("sound");
    let seed = <[u8; 32]>::try_from(&*first.expect("it is kept")).expect("32 bytes");
    assert_eq!(
        key(&three),
        valence_coprocessor::CallbackKey::from_seed(&seed).public()
    );
}
