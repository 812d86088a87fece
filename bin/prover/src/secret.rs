//! The secret that workers share with their services: where a program finds it.

use std::{env, fs, path::Path};

use anyhow::{Context as _, bail};
use valence_coprocessor_zkvm_remote::Secret;

/// The variable that holds it.
const VARIABLE: &str = "VALENCE_PROVER_SECRET";

/// The secret in a file, or else in the variable `VALENCE_PROVER_SECRET`. One that is set but unusable is an error: nobody
/// should go without by mistake.
pub fn worker_secret(file: Option<&Path>) -> anyhow::Result<Option<Secret>> {
    if let Some(path) = file {
        let text = fs::read_to_string(path)
            .with_context(|| format!("cannot read the secret in {}", path.display()))?;
        return Secret::new(&text)
            .with_context(|| format!("in {}", path.display()))
            .map(Some);
    }
    #[expect(
        clippy::disallowed_methods,
        reason = "programs read their configuration; clap would take it as an argument too, which everybody sees"
    )]
    let text = env::var(VARIABLE);
    match text {
        Ok(text) => Secret::new(&text)
            .with_context(|| format!("in {VARIABLE}"))
            .map(Some),
        Err(env::VarError::NotPresent) => Ok(None),
        Err(env::VarError::NotUnicode(_)) => bail!("{VARIABLE} is no text"),
    }
}
