//! How much memory is free, and who lost its life for lack of it.
//!
//! Everything here is what Linux shows in `/proc` and `/sys`; where that cannot be read, nothing is known and no proof
//! is refused.

use std::{fs, path::Path};

use valence_coprocessor_zkvm::MemorySize;

/// What the machine has, or what the control group allows, whichever is less.
pub(crate) fn total() -> Option<MemorySize> {
    let machine = fs::read_to_string("/proc/meminfo")
        .ok()
        .and_then(|text| field(&text, "MemTotal:"))?
        << 10;
    let groups = control_groups(|folder| number(&folder.join("memory.max")));
    Some(MemorySize::from_bytes(
        machine.min(groups.unwrap_or(u64::MAX)),
    ))
}

/// What a new process may take: what the machine has free, or what the control group leaves, whichever is less.
pub(crate) fn free() -> Option<MemorySize> {
    let machine = fs::read_to_string("/proc/meminfo")
        .ok()
        .and_then(|text| field(&text, "MemAvailable:"))?
        << 10;
    Some(MemorySize::from_bytes(
        machine.min(control_groups(left_in).unwrap_or(u64::MAX)),
    ))
}

/// The memory that the process group of `leader` holds and would give back or use again.
pub(crate) fn resident(leader: u32) -> MemorySize {
    let status = fs::read_to_string(format!("/proc/{leader}/status"));
    let kibibytes = status
        .ok()
        .and_then(|text| field(&text, "VmRSS:"))
        .unwrap_or_default();
    MemorySize::from_bytes(kibibytes << 10)
}

/// How often the kernel has killed a process for lack of memory since it started.
pub(crate) fn kills() -> Option<u64> {
    fs::read_to_string("/proc/vmstat")
        .ok()
        .and_then(|text| field(&text, "oom_kill"))
}

/// The least that `of` says of the control group of this process (version 2) and of those above it.
fn control_groups(of: impl Fn(&Path) -> Option<u64>) -> Option<u64> {
    let groups = fs::read_to_string("/proc/self/cgroup").ok()?;
    let group = groups.lines().find_map(|line| line.strip_prefix("0::/"))?;
    let folder = Path::new("/sys/fs/cgroup").join(group);
    folder
        .ancestors()
        .take_while(|folder| folder.starts_with("/sys/fs/cgroup"))
        .filter_map(of)
        .min()
}

fn left_in(folder: &Path) -> Option<u64> {
    let limit = number(&folder.join("memory.max"))?;
    let used = number(&folder.join("memory.current"))?;
    let cache = fs::read_to_string(folder.join("memory.stat"))
        .ok()
        .and_then(|text| field(&text, "inactive_file"))
        .unwrap_or_default();
    Some(limit.saturating_sub(used.saturating_sub(cache)))
}

/// The one number in a file; none where it says `max`.
fn number(file: &Path) -> Option<u64> {
    fs::read_to_string(file).ok()?.trim().parse().ok()
}

/// The number after a name at the start of a line.
fn field(text: &str, name: &str) -> Option<u64> {
    text.lines().find_map(|line| {
        let mut words = line.split_whitespace();
        (words.next() == Some(name))
            .then(|| words.next()?.parse().ok())
            .flatten()
    })
}

#[cfg(test)]
mod tests {
    use super::{field, free, resident};

    #[test]
    fn reads_the_named_field_only() {
        let text = "MemTotal:       24000000 kB\nMemAvailable:   22000000 kB\noom_kill 3\noom_kill_other 4\n";
        assert_eq!(field(text, "MemAvailable:"), Some(22_000_000));
        assert_eq!(field(text, "oom_kill"), Some(3));
        assert_eq!(field(text, "MemFree:"), None);
    }

    #[test]
    fn this_machine_has_memory_and_this_process_uses_some() {
        let free = free().expect("/proc/meminfo is there on Linux");
        assert!(free.bytes() > 0);
        assert!(resident(std::process::id()).bytes() > 0);
    }
}
