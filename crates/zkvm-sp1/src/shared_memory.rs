//! Shared memory that SP1's executor leaves behind when it is killed.
//!
//! Each execution keeps the circuit's memory and its trace in named segments, which the process that runs it removes
//! when it is done. A killed process removes nothing, and a segment without an owner is memory lost until the machine
//! restarts. So whoever kills a prover process lists its segments first.

use std::{collections::BTreeSet, fs, path::PathBuf};

const FOLDER: &str = "/dev/shm/";
const PREFIX: &str = "/dev/shm/sp1_";

/// The segments and semaphores of SP1 that a process has mapped.
pub(crate) fn of_process(id: u32) -> BTreeSet<PathBuf> {
    let Ok(maps) = fs::read_to_string(format!("/proc/{id}/maps")) else {
        return BTreeSet::new();
    };
    let mut segments = BTreeSet::new();
    for path in maps
        .lines()
        .filter_map(|line| line.find(FOLDER).map(|start| &line[start..]))
    {
        if let Some(identity) = path
            .strip_prefix(PREFIX)
            .and_then(|name| name.get(..name.len().checked_sub(2)?))
        {
            segments.insert(PathBuf::from(path));
            for end in ["filled", "empty"] {
                segments.insert(PathBuf::from(format!("{FOLDER}sem.sp1_{identity}_t_{end}")));
            }
        }
    }
    segments
}

/// Removes what [`of_process`] listed; what is gone already is fine.
pub(crate) fn remove(segments: &BTreeSet<PathBuf>) {
    for segment in segments {
        let _ = fs::remove_file(segment);
    }
}
