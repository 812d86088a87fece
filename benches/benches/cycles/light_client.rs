//! Steps of Ethereum's light client, and the signature that is most of them.

use valence_coprocessor_forged_chain::{honest_steps, true_signatures};
use valence_coprocessor_recorded_chain::recorded_steps;

use crate::table::{Row, Table};

/// What a finality update may cost, whoever of 512 is absent.
const FINALITY_UPDATE: u64 = 4_000_000;

/// Names of forged steps, what each is, and whether it is a finality update.
const FORGED: [(&str, &str, bool); 3] = [
    (
        "finality-512-of-512",
        "a finality update, 512 of 512 signed",
        true,
    ),
    (
        "finality-342-of-512",
        "a finality update, 342 of 512 signed, every third absent",
        true,
    ),
    (
        "period-512-of-512",
        "a period update, 512 of 512 signed",
        false,
    ),
];

/// The same of recorded steps.
const RECORDED: [(&str, &str, bool); 3] = [
    (
        "a finality update of Electra",
        "a finality update of mainnet (slot 12,320,448), 490 of 512 signed",
        true,
    ),
    (
        "a period of Capella",
        "a period update of mainnet in Capella",
        false,
    ),
    (
        "six periods of Capella and a finality update",
        "six of these and a finality update, in one step",
        false,
    ),
];

/// Steps with 512 keys.
pub(crate) fn steps() -> Table {
    let steps = honest_steps();
    let forged = FORGED.iter().map(|(name, what, is_finality)| {
        let mut steps = steps.iter();
        let case = steps.find(|case| case.name == *name);
        row(what, &case.expect("a forged step").input, *is_finality)
    });
    let steps = recorded_steps();
    // Without recorded data there are none, which is said.
    let wanted = RECORDED.iter().filter(|_| !steps.is_empty());
    let recorded = wanted.map(|(name, what, is_finality)| {
        let mut steps = steps.iter();
        let recorded = steps.find(|recorded| recorded.name == *name);
        let input = &recorded.expect("a recorded step").step.input;
        row(what, input, *is_finality)
    });
    Table {
        program: "ethereum-step.elf",
        rows: forged.chain(recorded).collect(),
    }
}

fn row(what: &str, input: &[u8], is_finality: bool) -> Row {
    let row = Row::new(what, input.to_vec());
    if is_finality {
        row.aim(FINALITY_UPDATE)
    } else {
        row
    }
}

/// A signature alone.
pub(crate) fn signatures() -> Table {
    let cases = true_signatures().into_iter();
    Table {
        program: "bls-cycles.elf",
        rows: cases.map(|case| Row::new(case.name, case.input)).collect(),
    }
}
