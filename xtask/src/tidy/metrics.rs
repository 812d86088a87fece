//! The dashboard and the documents name metrics that exist.

use std::collections::BTreeSet;

use super::Findings;
use crate::repository::Repository;

/// What all our metrics begin with.
const PREFIX: &str = "valence_";

/// What Prometheus adds to the name of a histogram.
const SUFFIXES: [&str; 3] = ["_bucket", "_count", "_sum"];

/// Names with our prefix that are no metrics.
const OTHERS: [&str; 3] = [
    "valence_coprocessor",
    "valence_coprocessor_wasm",
    "valence_domain_clients",
];

pub(super) fn check(repository: &Repository, files: &[String], findings: &mut Findings) {
    let read = |file: &String| std::fs::read_to_string(repository.path(file)).unwrap_or_default();
    let mut known: BTreeSet<String> = OTHERS.iter().map(|name| (*name).to_owned()).collect();
    let is_product = |file: &&String| {
        ["crates/", "bin/", "domains/"]
            .iter()
            .any(|folder| file.starts_with(folder))
    };
    for file in files
        .iter()
        .filter(|file| file.rsplit_once('.').is_some_and(|(_, end)| end == "rs"))
        .filter(is_product)
    {
        known.extend(names(&read(file)).map(str::to_owned));
    }
    let shows = |file: &&String| file.starts_with("docs/") && file.as_str() != "docs/openapi.json";
    for file in files.iter().filter(shows) {
        for name in names(&read(file)) {
            let whole = SUFFIXES.iter().find_map(|suffix| name.strip_suffix(suffix));
            if !known.contains(name) && !whole.is_some_and(|whole| known.contains(whole)) {
                findings.add(
                    file,
                    &format!("names the metric `{name}`, which no code has"),
                );
            }
        }
    }
}

/// Every word with our prefix.
fn names(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_'))
        .filter(|word| word.starts_with(PREFIX))
}

#[cfg(test)]
mod tests {
    #[test]
    fn names_are_words_with_the_prefix() {
        let text = r#"sum(rate(valence_a_total{x="1"}[5m])) / "valence_b", unvalence_c"#;
        let found: Vec<&str> = super::names(text).collect();
        assert_eq!(found, ["valence_a_total", "valence_b"]);
    }
}
