//! Writes what the circuit `ethereum-step` reads of two consecutive steps of mainnet, to OUT.1 and OUT.2, for making the
//! proofs in `testing/proofs`.

use std::error::Error;
use std::io::Write as _;

use valence_coprocessor_recorded_chain::consecutive_steps;

fn main() -> Result<(), Box<dyn Error>> {
    let out = std::env::args().nth(1).ok_or("consecutive_steps OUT")?;
    let steps = consecutive_steps().ok_or("the recorded data is missing")?;
    for (number, recorded) in (1..).zip(steps) {
        let path = format!("{out}.{number}");
        std::fs::write(&path, &recorded.step.input)?;
        writeln!(std::io::stdout(), "{path}: {}", recorded.name)?;
    }
    Ok(())
}
