//! The names of keys and entries in Redis, as docs/protocol.md draws them.

use core::ops::Bound;

use valence_coprocessor_store::{KeyRange, Table};

/// Ends the name of a table; no table has it in its name, so no table's entries lie among another's.
const END_OF_TABLE: u8 = b'/';

/// The keys of one deployment, in the order in which every script takes them.
pub(crate) fn keys(namespace: &str) -> [String; 6] {
    let tag = tag(namespace);
    ["state", "entries", "names", "past", "commits", "log"].map(|name| format!("{tag}{name}"))
}

/// What all keys begin with. A cluster places keys by what stands in braces, so they are all on one node.
pub(crate) fn tag(namespace: &str) -> String {
    format!("{{valence/{namespace}}}/")
}

/// The name of an entry.
pub(crate) fn entry(table: Table, key: &[u8]) -> Vec<u8> {
    let mut name = Vec::with_capacity(table.name().len() + 1 + key.len());
    name.extend_from_slice(table.name().as_bytes());
    name.push(END_OF_TABLE);
    name.extend_from_slice(key);
    name
}

/// The key in the name of an entry.
pub(crate) fn key_of(table: Table, name: &[u8]) -> Option<&[u8]> {
    name.strip_prefix(table.name().as_bytes())?
        .strip_prefix(&[END_OF_TABLE])
}

/// The bounds of a range as `ZRANGE … BYLEX` takes them, smaller one first.
pub(crate) fn bounds(table: Table, range: &KeyRange) -> (Vec<u8>, Vec<u8>) {
    let first = match range.start() {
        Bound::Included(key) => bound(b'[', &entry(table, key)),
        Bound::Excluded(key) => bound(b'(', &entry(table, key)),
        Bound::Unbounded => bound(b'[', &entry(table, &[])),
    };
    let last = match range.end() {
        Bound::Included(key) => bound(b'[', &entry(table, key)),
        Bound::Excluded(key) => bound(b'(', &entry(table, key)),
        Bound::Unbounded => {
            let mut after = entry(table, &[]);
            if let Some(end) = after.last_mut() {
                *end += 1;
            }
            bound(b'(', &after)
        }
    };
    (first, last)
}

/// The bound that excludes an entry which was already seen.
pub(crate) fn beyond(name: &[u8]) -> Vec<u8> {
    bound(b'(', name)
}

fn bound(kind: u8, name: &[u8]) -> Vec<u8> {
    let mut bound = Vec::with_capacity(1 + name.len());
    bound.push(kind);
    bound.extend_from_slice(name);
    bound
}
