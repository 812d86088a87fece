//! Finding recorded data, which is read in place.

use serde_json::Value;
pub(crate) use valence_coprocessor_recorded_data::folder;

/// A file.
pub(crate) fn bytes(path: &str) -> Option<Vec<u8>> {
    let file = folder()?.join(path);
    Some(std::fs::read(file).expect("the file of recorded data is readable"))
}

/// A JSON file.
pub(crate) fn json(path: &str) -> Option<Value> {
    let text = bytes(path)?;
    Some(serde_json::from_slice(&text).expect("the file of recorded data is JSON"))
}

/// A file in snappy's block format, as the consensus spec tests have it.
pub(crate) fn snappy(path: &str) -> Option<Vec<u8>> {
    let mut decoder = snap::raw::Decoder::new();
    let text = decoder.decompress_vec(&bytes(path)?);
    Some(text.expect("the file of recorded data is snappy"))
}

/// The value of a key in a flat YAML file, whatever its layout.
pub(crate) fn yaml(path: &str, key: &str) -> Option<String> {
    let text = String::from_utf8(bytes(path)?).expect("the file of recorded data is text");
    let start = text.find(key).expect("the key is there") + key.len() + 1;
    let value = text[start..].trim_start().trim_start_matches('\'');
    let end = value
        .find(|letter: char| !letter.is_ascii_alphanumeric())
        .unwrap_or(value.len());
    Some(value[..end].to_owned())
}

/// The names of the files in a folder, in order.
pub(crate) fn names(path: &str) -> Option<Vec<String>> {
    let entries = std::fs::read_dir(folder()?.join(path)).expect("a folder");
    let mut names: Vec<String> = entries
        .map(|entry| {
            let name = entry.expect("an entry").file_name();
            name.into_string().expect("a plain name")
        })
        .collect();
    names.sort();
    Some(names)
}

/// Whether the chain of a case stays in one fork: each fork starts with the chain, or never.
pub(crate) fn is_of_one_fork(case: &str) -> bool {
    let text = bytes(&format!("{case}/config.yaml")).expect("the folder is there");
    let text = String::from_utf8(text).expect("the file of recorded data is text");
    text.lines()
        .filter_map(|line| line.split_once("_FORK_EPOCH: "))
        .all(|(_, epoch)| ["0", "18446744073709551615"].contains(&epoch.trim()))
}
