//! The environment variables of this program, each declared once.

use std::{env, ffi::OsString};

/// Address of the service; `--url` counts more, `valence.toml` less.
pub(crate) const URL: &str = "VALENCE_COPROCESSOR_URL";

/// The secret key that signs requests, in hexadecimal; `--key FILE` counts more.
pub(crate) const SIGNING_KEY: &str = "VALENCE_SIGNING_KEY";

/// The text of a variable, if it is set and not empty.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place where this program reads variables"
)]
pub(crate) fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|text| !text.is_empty())
}

/// Everything, for the compilers that `build` starts.
pub(crate) fn all() -> impl Iterator<Item = (OsString, OsString)> {
    env::vars_os()
}
