//! Makes every call of the published client crate against a running service.
//!
//! The first process plays the host that `prove` asks, and starts itself twice behind that proxy: without and with a key.

mod calls;
mod domain_prover;

use std::{env, process::ExitCode};

use anyhow::Context as _;
use tokio::process::Command;

/// Any key does; this one is used nowhere else.
const SIGNER: &str =
    r#"{"SecretEccNistP256":"5b8ef7ea1e7e1c2f6b2f7a0c9d3e4f5061728394a5b6c7d8e9fa0b1c2d3e4f50"}"#;

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let outcome = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [url, circuit] => supervise(url, circuit).await,
        ["calls", url, circuit] => calls::make_all(url, circuit).await,
        _ => Err(anyhow::anyhow!(
            "usage: published-client SERVICE_URL CIRCUIT_ELF"
        )),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn supervise(url: &str, circuit: &str) -> anyhow::Result<()> {
    let proxy = domain_prover::start(url).await?;
    for signer in [None, Some(SIGNER)] {
        let mut command = Command::new(env::current_exe()?);
        command
            .args(["calls", url, circuit])
            .env("HTTP_PROXY", &proxy)
            .env("http_proxy", &proxy)
            .env("NO_PROXY", "127.0.0.1,localhost")
            .env("no_proxy", "127.0.0.1,localhost")
            .env_remove("VALENCE_SIGNER");
        if let Some(signer) = signer {
            command.env("VALENCE_SIGNER", signer);
        }
        let signed = if signer.is_some() {
            "signed"
        } else {
            "unsigned"
        };
        let status = command.status().await.context("starting the calls")?;
        anyhow::ensure!(status.success(), "the {signed} calls failed");
        println!("{signed}: every call works");
    }
    Ok(())
}
