//! The target of circuits as rustc reads it: SP1's `riscv64im-succinct-zkvm-elf`, which stock compilers lack.
//!
//! It is what `rustc --print target-spec-json --target riscv64im-unknown-none-elf` prints, with SP1's
//! `os`, `vendor` and single thread, and with atomics that the pass `lower-atomic` turns into plain
//! loads and stores.

use std::fs;
use std::path::{Path, PathBuf};

use crate::{BuildError, GuestKind};

pub(crate) const SPECIFICATION: &str = r#"{
  "arch": "riscv64",
  "code-model": "medium",
  "cpu": "generic-rv64",
  "crt-objects-fallback": "false",
  "data-layout": "e-m:e-p:64:64-i64:64-i128:128-n32:64-S128",
  "eh-frame-header": false,
  "emit-debug-gdb-scripts": false,
  "features": "+m",
  "linker": "rust-lld",
  "linker-flavor": "gnu-lld",
  "llvm-abiname": "lp64",
  "llvm-target": "riscv64",
  "max-atomic-width": 64,
  "os": "zkvm",
  "panic-strategy": "abort",
  "relocation-model": "static",
  "singlethread": true,
  "target-pointer-width": 64,
  "vendor": "succinct"
}
"#;

/// Writes the specification into `folder` and returns its path.
pub(crate) fn write(folder: &Path) -> Result<PathBuf, BuildError> {
    let path = folder
        .join(GuestKind::Circuit.target())
        .with_extension("json");
    fs::write(&path, SPECIFICATION).map_err(|source| BuildError::File {
        operation: "write",
        path: path.clone(),
        source,
    })?;
    Ok(path)
}
