//! Reading and opening one state proof: the co-processor's own cost.

use benches::{OPENING_CYCLES, openings};

use crate::table::{Row, Table, grouped};

/// An opening under a history of the promised size.
pub(crate) fn table() -> Table {
    let row = |(number, input): (u64, Vec<u8>)| {
        let number = grouped(Some(number));
        let what = format!("4 KB of proof, block {number} of 100,000, 64 domains");
        Row::new(what, input).aim(OPENING_CYCLES)
    };
    Table {
        program: "opening-cycles.elf",
        rows: openings().inputs.into_iter().map(row).collect(),
    }
}
