//! The two kinds of guest: what they are built for and what comes out.

use std::fmt;

/// What a guest runs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum GuestKind {
    /// A program of the zkVM: an ELF for `riscv64im-succinct-zkvm-elf`.
    Circuit,
    /// A module of the sandbox: wasm for `wasm32-unknown-unknown`.
    Controller,
}

impl GuestKind {
    /// The target triple.
    pub const fn target(self) -> &'static str {
        match self {
            Self::Circuit => "riscv64im-succinct-zkvm-elf",
            Self::Controller => "wasm32-unknown-unknown",
        }
    }

    /// The extension of a built file, without the dot.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Circuit => "elf",
            Self::Controller => "wasm",
        }
    }
}

impl fmt::Display for GuestKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Circuit => "circuit",
            Self::Controller => "controller",
        })
    }
}
