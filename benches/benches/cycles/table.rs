//! `Table`: one program, the inputs that it runs on, and their cycles as Markdown.

use std::fmt::Write as _;

/// The rows of one program.
pub(crate) struct Table {
    /// Its file in `guests/artifacts`.
    pub(crate) program: &'static str,
    pub(crate) rows: Vec<Row>,
}

/// One input.
pub(crate) struct Row {
    /// What it is.
    pub(crate) what: String,
    /// What the program reads.
    pub(crate) input: Vec<u8>,
    /// The cycles that it should cost at most.
    pub(crate) aim: Option<u64>,
    /// The same facts, each with a proof of its own.
    pub(crate) apart: Option<Vec<u8>>,
}

impl Row {
    pub(crate) fn new(what: impl Into<String>, input: Vec<u8>) -> Self {
        Self {
            what: what.into(),
            input,
            aim: None,
            apart: None,
        }
    }

    pub(crate) fn aim(self, cycles: u64) -> Self {
        Self {
            aim: Some(cycles),
            ..self
        }
    }

    pub(crate) fn apart(self, input: Vec<u8>) -> Self {
        Self {
            apart: Some(input),
            ..self
        }
    }
}

impl Table {
    /// The table with what was measured of each row.
    pub(crate) fn markdown(&self, measured: &[(u64, Option<u64>)]) -> String {
        let has_apart = self.rows.iter().any(|row| row.apart.is_some());
        let mut text = format!("\n`{}`\n\n", self.program);
        let (title, rule) = if has_apart {
            (" apart |", "---|")
        } else {
            ("", "")
        };
        text.push_str("| what | bytes of input | aim | cycles |");
        text.push_str(title);
        text.push_str("\n|---|---|---|---|");
        text.push_str(rule);
        text.push('\n');
        for (row, (cycles, apart)) in self.rows.iter().zip(measured) {
            let mut cells = vec![
                row.what.clone(),
                grouped(Some(row.input.len() as u64)),
                grouped(row.aim),
                grouped(Some(*cycles)),
            ];
            if has_apart {
                cells.push(grouped(*apart));
            }
            writeln!(text, "| {} |", cells.join(" | ")).expect("texts take everything");
        }
        text
    }
}

/// A number with its thousands apart; a dash for none.
pub(crate) fn grouped(number: Option<u64>) -> String {
    let Some(number) = number else {
        return "–".to_owned();
    };
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.char_indices() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
