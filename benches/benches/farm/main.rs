//! Services, workers and a Redis as processes of their own, under load: what a deployment on several machines does, on one.
//!
//! It measures for minutes, so it does nothing unless it is told what: see [`USAGE`].

mod overhead;
mod reads;
mod stage;
mod throughput;

use std::process::ExitCode;

const USAGE: &str = "\
cargo bench --workspace --bench farm --profile dev -- WHAT

  throughput          jobs per second of two services on one Redis, with 1, 2 and 3 workers that execute
  overhead            what two services on one Redis add to each of 50 jobs per second
  reads [SECONDS]     2,000 reads per second beside 1,000 event streams [default: 600]
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    // Cargo adds `--bench`.
    let words: Vec<&str> = arguments
        .iter()
        .map(String::as_str)
        .filter(|word| *word != "--bench")
        .collect();
    let runtime = tokio::runtime::Runtime::new().expect("threads start");
    let measured = match words.as_slice() {
        ["throughput"] => runtime.block_on(throughput::measure()),
        ["overhead"] => runtime.block_on(overhead::measure()),
        ["reads"] => runtime.block_on(reads::measure(600)),
        ["reads", seconds] if seconds.parse::<u64>().is_ok() => {
            runtime.block_on(reads::measure(seconds.parse().unwrap_or(600)))
        }
        _ => {
            stage::print(USAGE);
            return ExitCode::SUCCESS;
        }
    };
    match measured {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            stage::print(&format!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}
