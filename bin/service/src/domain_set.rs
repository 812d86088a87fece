//! The file that names the elected domains.

use std::{fs, path::Path, str::FromStr};

use anyhow::Context as _;
use serde::Deserialize;
use valence_coprocessor::{DomainSet, ElectedDomain};
use valence_coprocessor_protocol::DomainName;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    domain: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: String,
    controller: String,
    verifying_key: String,
    genesis: String,
}

/// Reads the elected domains.
pub(crate) fn read(path: &Path) -> anyhow::Result<DomainSet> {
    let text = fs::read_to_string(path)
        .with_context(|| format!("cannot read the domain set {}", path.display()))?;
    parse(&text).with_context(|| format!("the domain set {} is malformed", path.display()))
}

fn parse(text: &str) -> anyhow::Result<DomainSet> {
    let file: File = toml::from_str(text)?;
    let mut domains: Vec<ElectedDomain> = Vec::new();
    for entry in file.domain {
        let name =
            DomainName::new(&entry.name).with_context(|| format!("domain `{}`", entry.name))?;
        anyhow::ensure!(
            domains.iter().all(|known| known.name != name),
            "domain `{name}` is named twice"
        );
        domains.push(ElectedDomain {
            controller: field(&name, "controller", &entry.controller)?,
            verifying_key: field(&name, "verifying_key", &entry.verifying_key)?,
            genesis: field(&name, "genesis", &entry.genesis)?,
            name,
        });
    }
    Ok(DomainSet::new(domains))
}

fn field<T>(domain: &DomainName, name: &str, text: &str) -> anyhow::Result<T>
where
    T: FromStr<Err: std::error::Error + Send + Sync + 'static>,
{
    text.parse()
        .with_context(|| format!("`{name}` of domain `{domain}`"))
}

#[cfg(test)]
mod tests {
    use super::parse;

    fn entry(name: &str) -> String {
        let hash = "11".repeat(32);
        format!(
            "[[domain]]\nname = \"{name}\"\ncontroller = \"{hash}\"\nverifying_key = \"{hash}\"\ngenesis = \"{hash}\"\n"
        )
    }

    #[test]
    fn a_set_is_read_and_may_be_empty() -> anyhow::Result<()> {
        assert_eq!(parse("")?.iter().count(), 0);
        assert_eq!(parse(&(entry("one") + &entry("two")))?.iter().count(), 2);
        Ok(())
    }

    #[test]
    fn doubtful_sets_are_refused() {
        for doubtful in [
            entry("one") + &entry("one"),
            entry("One"),
            entry("one").replace("1111", ""),
            entry("one").replace("genesis", "genesys"),
            entry("one") + "extra = 1\n",
        ] {
            parse(&doubtful).expect_err(&doubtful);
        }
    }
}
