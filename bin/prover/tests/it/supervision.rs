//! Attack d6, this side of it: prover processes that die, and a parent that does.

use std::{
    collections::BTreeSet,
    fs,
    io::{BufRead as _, BufReader},
    path::PathBuf,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use valence_coprocessor_zkvm::{Limits, Zkvm as _, ZkvmError};

use crate::{
    hostile::{LIMITS, children},
    program,
};

/// The processes whose parent is `parent`.
fn children_of(parent: u32) -> BTreeSet<u32> {
    let processes = fs::read_dir("/proc")
        .expect("Linux shows its processes")
        .flatten();
    let ids = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    ids.filter(|id| parent_of(*id) == Some(parent)).collect()
}

fn parent_of(id: u32) -> Option<u32> {
    let status = fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    let zombie = status
        .lines()
        .any(|line| line.starts_with("State:") && line.contains('Z'));
    let parent = status.lines().find_map(|line| line.strip_prefix("PPid:"))?;
    (!zombie).then(|| parent.trim().parse().ok()).flatten()
}

/// Looks until `look` finds something; what is waited for here is another process's doing.
async fn eventually<Found>(what: &str, mut look: impl FnMut() -> Option<Found>) -> Found {
    let begun = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(
            begun.elapsed() < Duration::from_mins(2),
            "waited too long for {what}"
        );
        tokio::task::yield_now().await;
    }
}

fn kill(id: u32) {
    let status = Command::new("kill")
        .args(["-9", &id.to_string()])
        .status()
        .expect("kill is everywhere");
    assert!(status.success());
}

/// The executor that a prover process runs a circuit in, with its prover process.
fn executor_below(program: u32) -> Option<(u32, u32)> {
    let mut provers = children_of(program).into_iter();
    provers.find_map(|prover| {
        children_of(prover)
            .first()
            .map(|executor| (prover, *executor))
    })
}

#[tokio::test]
async fn attack_d6_a_prover_that_is_killed_mid_execution_is_named_and_the_next_call_works() {
    let children = children();
    let forever = Limits {
        cycles: u64::MAX,
        duration: Duration::from_hours(1),
    };
    let spinning = children.execute(program::spins(), b"".as_slice().into(), forever);
    let killing = async {
        let (prover, executor) =
            eventually("an executor", || executor_below(std::process::id())).await;
        kill(prover);
        executor
    };
    let (died, executor) = tokio::join!(spinning, killing);
    let ZkvmError::ProverDied { reason } = died.expect_err("killed") else {
        panic!("not named")
    };
    assert!(
        reason.contains("signal 9") || reason.contains("lack of memory"),
        "{reason}"
    );
    eventually("the executor's end", || {
        parent_of(executor).is_none().then_some(())
    })
    .await;

    let next = children
        .execute(program::panics("alive"), b"".as_slice().into(), LIMITS)
        .await;
    assert!(
        matches!(next, Err(ZkvmError::GuestPanicked { .. })),
        "{next:?}"
    );
    children.shutdown().await;
}

#[tokio::test]
async fn attack_d4_a_timeout_leaves_no_process_and_no_shared_memory() {
    let children = children();
    let limits = Limits {
        cycles: u64::MAX,
        duration: Duration::from_hours(1),
    };
    let spinning = children.execute(program::spins(), b"".as_slice().into(), limits);
    let working = async {
        let (prover, executor) =
            eventually("an executor", || executor_below(std::process::id())).await;
        let segments = eventually("shared memory", || {
            Some(segments_of(prover)).filter(|found| !found.is_empty())
        })
        .await;
        (prover, executor, segments)
    };
    let (prover, executor, segments) = tokio::select! {
        ended = spinning => panic!("{ended:?}"),
        found = working => found,
    };
    // The caller is gone, as it is after a timeout.
    eventually("the end of both", || {
        (parent_of(prover).is_none() && parent_of(executor).is_none()).then_some(())
    })
    .await;
    eventually("free memory", || {
        segments
            .iter()
            .all(|segment| !segment.exists())
            .then_some(())
    })
    .await;
    children.shutdown().await;
    let refused = children
        .execute(program::spins(), b"".as_slice().into(), limits)
        .await;
    assert_eq!(refused, Err(ZkvmError::ShutDown));
}

/// The shared memory of SP1 that a process has mapped.
fn segments_of(process: u32) -> BTreeSet<PathBuf> {
    let maps = fs::read_to_string(format!("/proc/{process}/maps")).unwrap_or_default();
    let paths = maps.lines().filter_map(|line| {
        line.find("/dev/shm/sp1_")
            .map(|start| PathBuf::from(&line[start..]))
    });
    paths.filter(|path| path.exists()).collect()
}

#[tokio::test]
async fn attack_d6_a_parent_that_is_killed_takes_its_provers_and_executors_with_it() {
    let folder = std::env::temp_dir().join(format!("valence-prover-test-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder");
    let (elf, input) = (folder.join("spins.elf"), folder.join("input"));
    fs::write(&elf, program::spins()).expect("a file");
    fs::write(&input, b"").expect("a file");
    let mut parent = Command::new(env!("CARGO_BIN_EXE_valence-coprocessor-prover"))
        .arg("execute")
        .args([&elf, &input])
        .stdin(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program runs");
    let (prover, executor) = eventually("an executor", || executor_below(parent.id())).await;
    parent.kill().expect("it runs");
    parent.wait().expect("it was started here");
    eventually("the end of all", || {
        (parent_of(prover).is_none() && parent_of(executor).is_none()).then_some(())
    })
    .await;
    // Standard error closes only when the last process that holds it is gone.
    let mut lines = BufReader::new(parent.stderr.take().expect("piped")).lines();
    while lines.next().is_some() {}
    fs::remove_dir_all(&folder).expect("made above");
}
