//! Attack a13, at the store: `kill -9` of a writing process loses nothing acknowledged and leaves no half batch.

use std::{
    env,
    io::{BufRead as _, BufReader, Write as _},
    path::Path,
    process::{Command, Stdio},
};

use tempfile::TempDir;
use valence_coprocessor_store::{Batch, KeyRange, Order, Store as _, Table};
use valence_coprocessor_store_redb::RedbStore;

/// Set for the child: the data directory into which it writes until it is killed.
const DIRECTORY: &str = "STORE_CRASH_DIRECTORY";
const ROUNDS: usize = 12;
const NAME: &str = "crash::acknowledged_batches_survive_kill_9";

/// The test starts itself as the child, so that no second binary has to be found.
#[test]
fn acknowledged_batches_survive_kill_9() {
    #[expect(clippy::disallowed_methods, reason = "tells the child from the parent")]
    if let Some(directory) = env::var_os(DIRECTORY) {
        write_for_ever(Path::new(&directory));
    }
    let directory = TempDir::new().expect("a temporary directory");
    let mut kept = 0;
    for round in 0..ROUNDS {
        let acknowledged = write_and_kill(directory.path(), 1 + 7 * round);
        assert!(acknowledged > kept, "the child must have written");
        kept = check(directory.path(), acknowledged);
    }
}

/// Starts a child, waits for some acknowledgements, kills it, and returns the last number it acknowledged.
fn write_and_kill(directory: &Path, acknowledgements: usize) -> u64 {
    let mut child = Command::new(env::current_exe().expect("a test knows its binary"))
        .args([NAME, "--exact", "--nocapture"])
        .env(DIRECTORY, directory)
        .stdout(Stdio::piped())
        .spawn()
        .expect("the child starts");
    let output = BufReader::new(child.stdout.take().expect("stdout is piped"));
    let mut numbers = output.lines().filter_map(|line| {
        let line = line.expect("the pipe reads");
        line.strip_prefix("acknowledged ")?.parse::<u64>().ok()
    });
    let mut last = None;
    for _ in 0..acknowledgements {
        last = numbers.next();
        assert!(last.is_some(), "the child ended by itself");
    }
    child.kill().expect("the child is killed");
    // What it wrote to the pipe before it died was acknowledged too.
    let last = numbers.last().or(last);
    child.wait().expect("the child is gone");
    last.expect("at least one acknowledgement was awaited")
}

/// Opens what is left; returns the last number that is there, which may be one more than was acknowledged.
fn check(directory: &Path, acknowledged: u64) -> u64 {
    let store = RedbStore::open(directory).expect("the store opens after the crash");
    let snapshot = store.snapshot().expect("a snapshot opens");
    let numbers = |table| {
        let entries = snapshot.scan(table, &KeyRange::all(), Order::Ascending, usize::MAX);
        entries
            .expect("the table reads")
            .into_iter()
            .map(|(key, value)| {
                assert_eq!(value, vec![key[7]; 3_000], "a value is whole");
                u64::from_be_bytes(key.try_into().expect("eight bytes"))
            })
            .collect::<Vec<_>>()
    };
    let records = numbers(Table::Records);
    let last = *records.last().expect("something was written");
    assert_eq!(records, (1..=last).collect::<Vec<_>>(), "no gap");
    assert_eq!(numbers(Table::Blocks), records, "no half batch");
    assert!(
        last >= acknowledged,
        "{acknowledged} was acknowledged, {last} is the last"
    );
    last
}

fn write_for_ever(directory: &Path) -> ! {
    let store = RedbStore::open(directory).expect("the child opens the store");
    let snapshot = store.snapshot().expect("a snapshot opens");
    let last = snapshot
        .scan(Table::Records, &KeyRange::all(), Order::Descending, 1)
        .expect("the table reads");
    drop(snapshot);
    let last = last.first().map_or(0, |(key, _)| {
        u64::from_be_bytes(key.as_slice().try_into().expect("eight bytes"))
    });
    for number in last + 1.. {
        let key = number.to_be_bytes();
        let mut batch = Batch::new();
        batch.put(Table::Records, key, vec![key[7]; 3_000]);
        batch.put(Table::Blocks, key, vec![key[7]; 3_000]);
        store.commit(batch).expect("a batch commits");
        let mut output = std::io::stdout().lock();
        writeln!(output, "acknowledged {number}").expect("the parent listens");
        output.flush().expect("the parent listens");
    }
    unreachable!("the parent kills this process long before the numbers end");
}
