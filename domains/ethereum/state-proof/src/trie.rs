//! The walk through a Merkle-Patricia trie (Yellow Paper, appendix D) along one key.

use crate::rlp::{Item, Items};
use crate::{NodeList, RlpError, TrieError, keccak256};

/// The root of a trie with nothing in it: keccak of the empty string's RLP.
const EMPTY_ROOT: [u8; 32] = [
    0x56, 0xe8, 0x1f, 0x17, 0x1b, 0xcc, 0x55, 0xa6, 0xff, 0x83, 0x45, 0xe6, 0x92, 0xc0, 0xf8, 0x6e,
    0x5b, 0x48, 0xe0, 0x1b, 0x99, 0x6c, 0xad, 0xc0, 0x01, 0x62, 0x2f, 0xb5, 0xe3, 0x63, 0xb4, 0x21,
];
/// Items of a branch: sixteen children and a value.
const BRANCH: usize = 17;

/// What the walk does next.
enum Step<'a> {
    /// The key ends here, or leads nowhere.
    Done(Option<&'a [u8]>),
    /// Below the next `nibbles` of the key is the node that `child` names.
    Down { child: Item<'a>, nibbles: usize },
}

/// Proves what `key` leads to under `root`: a value, or nothing.
///
/// Each node of the list is checked against the hash that its parent gives; nodes of less than 32
/// bytes stand inside their parents and are not in the list. All nodes must be used.
pub fn prove<'a>(
    root: &[u8; 32],
    key: &[u8],
    nodes: NodeList<'a>,
) -> Result<Option<&'a [u8]>, TrieError> {
    let mut nodes = nodes.into_iter();
    let found = if *root == EMPTY_ROOT {
        None
    } else {
        walk(root, key, &mut nodes)?
    };
    match nodes.count() {
        0 => Ok(found),
        extra => Err(TrieError::ExtraNodes { extra }),
    }
}

fn walk<'a>(
    root: &[u8; 32],
    key: &[u8],
    nodes: &mut impl Iterator<Item = &'a [u8]>,
) -> Result<Option<&'a [u8]>, TrieError> {
    let mut depth = 0;
    let mut node = named(root, depth, nodes)?;
    loop {
        let step = step(node, key, depth)?;
        let (child, nibbles) = match step {
            Step::Done(found) => return Ok(found),
            Step::Down { child, nibbles } => (child, nibbles),
        };
        let parent_depth = depth;
        depth += nibbles;
        node = match child {
            Item::List { encoded, .. } if encoded.len() < 32 => encoded,
            Item::String(bytes) => match bytes.try_into() {
                Ok(hash) => named(hash, depth, nodes)?,
                Err(_) => {
                    return Err(TrieError::Child {
                        depth: parent_depth,
                    });
                }
            },
            Item::List { .. } => {
                return Err(TrieError::Child {
                    depth: parent_depth,
                });
            }
        };
    }
}

/// The next node of the list, which must hash to what names it.
fn named<'a>(
    hash: &[u8; 32],
    depth: usize,
    nodes: &mut impl Iterator<Item = &'a [u8]>,
) -> Result<&'a [u8], TrieError> {
    let node = nodes.next().ok_or(TrieError::MissingNode { depth })?;
    if keccak256(node) == *hash {
        Ok(node)
    } else {
        Err(TrieError::NodeHash { depth })
    }
}

fn step<'a>(node: &'a [u8], key: &[u8], depth: usize) -> Result<Step<'a>, TrieError> {
    let failed = |source: RlpError| TrieError::Rlp { depth, source };
    let mut items = Items::of_list(node).map_err(failed)?;
    let first = items.take().map_err(failed)?;
    let second = items.take().map_err(failed)?;
    if items.is_empty() {
        return short_step(first.string().map_err(failed)?, second, key, depth);
    }
    branch_step([first, second], items, key, depth)
}

/// A branch: the child at the next nibble, or the value if the key ends.
fn branch_step<'a>(
    head: [Item<'a>; 2],
    mut rest: Items<'a>,
    key: &[u8],
    depth: usize,
) -> Result<Step<'a>, TrieError> {
    let failed = |source: RlpError| TrieError::Rlp { depth, source };
    let wanted = if depth < 2 * key.len() {
        usize::from(nibble(key, depth))
    } else {
        BRANCH - 1
    };
    let mut chosen = head[wanted & 1];
    let mut count = head.len();
    while !rest.is_empty() {
        let item = rest.take().map_err(failed)?;
        if count == wanted {
            chosen = item;
        }
        count += 1;
        if count > BRANCH {
            break;
        }
    }
    if count != BRANCH {
        return Err(TrieError::NodeItems { depth, got: count });
    }
    match chosen {
        Item::String([]) => Ok(Step::Done(None)),
        value if wanted == BRANCH - 1 => Ok(Step::Done(Some(value.string().map_err(failed)?))),
        child => Ok(Step::Down { child, nibbles: 1 }),
    }
}

/// A leaf or an extension: two items, the first a compact path (Yellow Paper, appendix C).
fn short_step<'a>(
    path: &[u8],
    second: Item<'a>,
    key: &[u8],
    depth: usize,
) -> Result<Step<'a>, TrieError> {
    let malformed = TrieError::NodePath { depth };
    let first = *path.first().ok_or(malformed)?;
    let is_leaf = match first >> 4 {
        0 | 1 => false,
        2 | 3 => true,
        _ => return Err(malformed),
    };
    let odd = first & 0x10 != 0;
    if !odd && first & 0x0f != 0 {
        return Err(malformed);
    }
    // Nibbles of the path begin after the flag, or after the flag and its padding.
    let start = if odd { 1 } else { 2 };
    let length = 2 * path.len() - start;
    let remaining = 2 * key.len() - depth;
    let agrees = length <= remaining
        && (0..length).all(|index| nibble(path, start + index) == nibble(key, depth + index));
    if is_leaf {
        let value = second
            .string()
            .map_err(|source| TrieError::Rlp { depth, source })?;
        return match value {
            [] => Err(TrieError::EmptyValue { depth }),
            value => Ok(Step::Done((agrees && length == remaining).then_some(value))),
        };
    }
    if length == 0 {
        return Err(malformed);
    }
    Ok(if agrees {
        Step::Down {
            child: second,
            nibbles: length,
        }
    } else {
        Step::Done(None)
    })
}

const fn nibble(bytes: &[u8], index: usize) -> u8 {
    let byte = bytes[index / 2];
    if index.is_multiple_of(2) {
        byte >> 4
    } else {
        byte & 0x0f
    }
}
