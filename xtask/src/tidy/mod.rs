//! Rules of the repository that no compiler and no lint knows, checked from the files and from
//! `cargo metadata`. Each rule says what is wrong and what to do.

mod documents;
mod layers;
mod lints;
mod metrics;
mod sources;

use anyhow::bail;

use crate::{command::say, repository::Repository};

/// What the rules found; each entry names a file or a package.
#[derive(Debug, Default)]
pub(crate) struct Findings(Vec<String>);

impl Findings {
    /// Notes something that breaks a rule.
    pub(crate) fn add(&mut self, place: &str, problem: &str) {
        self.0.push(format!("{place}: {problem}"));
    }
}

/// Checks every rule.
pub(crate) fn run(repository: &Repository) -> anyhow::Result<()> {
    let findings = check(repository)?;
    for finding in &findings.0 {
        say(finding);
    }
    if !findings.0.is_empty() {
        bail!("{} findings of tidy", findings.0.len());
    }
    say("tidy: no findings");
    Ok(())
}

fn check(repository: &Repository) -> anyhow::Result<Findings> {
    let mut findings = Findings::default();
    let files = repository.files()?;
    layers::check(repository, &mut findings)?;
    lints::check(repository, &files, &mut findings)?;
    sources::check(repository, &files, &mut findings)?;
    documents::check(repository, &files, &mut findings)?;
    metrics::check(repository, &files, &mut findings);
    Ok(findings)
}

#[cfg(test)]
mod tests {
    use crate::repository::Repository;

    #[test]
    fn the_repository_is_tidy() {
        let repository = Repository::open().expect("the test runs in a checkout");
        let findings = super::check(&repository).expect("the checkout can be read");
        assert!(findings.0.is_empty(), "{}", findings.0.join("\n"));
    }
}
