//! The tables of a store: one per kind of record, each with its own key space.

use core::fmt;

/// The longest key that a store accepts, so that no adapter needs a limit of its own.
pub const MAX_KEY_BYTES: usize = 1024;

/// A table. The name is what adapters that know names (files, remote stores) use on disk, so it never changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Table {
    /// History: one record per append, by sequence.
    Records,
    /// History: root to sequence.
    Roots,
    /// History: domain and number to sequence.
    Blocks,
    /// History: domain to its latest sequence.
    Domains,
    /// Single values, such as the newest sequence and the format version.
    Meta,
    /// Circuits and domains by id.
    Registry,
    /// ELF and wasm bytes by their hash.
    Modules,
    /// Stored files of circuits.
    Files,
    /// Raw storage of circuits.
    Raw,
    /// Jobs by id.
    Jobs,
    /// Secondary keys of jobs.
    JobIndex,
    /// Finished proofs.
    Proofs,
    /// Signatures that were used, so that each counts once.
    Nonces,
}

impl Table {
    /// Every table, in declaration order.
    pub const ALL: [Self; 13] = [
        Self::Records,
        Self::Roots,
        Self::Blocks,
        Self::Domains,
        Self::Meta,
        Self::Registry,
        Self::Modules,
        Self::Files,
        Self::Raw,
        Self::Jobs,
        Self::JobIndex,
        Self::Proofs,
        Self::Nonces,
    ];

    /// The name on disk.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Records => "records",
            Self::Roots => "roots",
            Self::Blocks => "blocks",
            Self::Domains => "domains",
            Self::Meta => "meta",
            Self::Registry => "registry",
            Self::Modules => "modules",
            Self::Files => "files",
            Self::Raw => "raw",
            Self::Jobs => "jobs",
            Self::JobIndex => "job-index",
            Self::Proofs => "proofs",
            Self::Nonces => "nonces",
        }
    }

    /// The position in [`Table::ALL`], for adapters that keep an array of tables.
    pub const fn index(self) -> usize {
        self as usize
    }
}

impl fmt::Display for Table {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}
