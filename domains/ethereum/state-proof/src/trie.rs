//! The walk through a Merkle-Patricia trie (Yellow Paper, appendix D) along one key.

use crate::nodes::EMBEDDED_BELOW;
use crate::rlp::{Item, Items, STRING};
use crate::{NodeSet, RlpError, TrieError};

/// The root of a trie with nothing in it: keccak of the empty string's RLP.
const EMPTY_ROOT: [u8; 32] = [
    0x56, 0xe8, 0x1f, 0x17, 0x1b, 0xcc, 0x55, 0xa6, 0xff, 0x83, 0x45, 0xe6, 0x92, 0xc0, 0xf8, 0x6e,
    0x5b, 0x48, 0xe0, 0x1b, 0x99, 0x6c, 0xad, 0xc0, 0x01, 0x62, 0x2f, 0xb5, 0xe3, 0x63, 0xb4, 0x21,
];
/// Items of a branch: sixteen children and a value.
const BRANCH: usize = 17;
/// A branch with sixteen hashes and no value: a header of three bytes, 33 for each hash, one for no value.
const FULL_BRANCH: usize = 3 + 16 * 33 + 1;

/// What the walk does next.
enum Step<'a> {
    /// The key ends here, or leads nowhere.
    Done(Option<&'a [u8]>),
    /// Below the next `nibbles` of the key is the node that `child` names.
    Down { child: Item<'a>, nibbles: usize },
}

/// Proves what `key` leads to under `root`: a value, or nothing.
///
/// Each node is found by the hash that its parent gives; nodes of less than 32 bytes stand inside their
/// parents. The set remembers which nodes walks came to.
pub fn prove<'a>(
    root: &[u8; 32],
    key: &[u8],
    nodes: &mut NodeSet<'a>,
) -> Result<Option<&'a [u8]>, TrieError> {
    if *root == EMPTY_ROOT {
        return Ok(None);
    }
    let mut depth = 0;
    let mut node = nodes.take(root).ok_or(TrieError::MissingNode { depth })?;
    loop {
        let (child, nibbles) = match step(node, key, depth)? {
            Step::Done(found) => return Ok(found),
            Step::Down { child, nibbles } => (child, nibbles),
        };
        node = below(child, depth, depth + nibbles, nodes)?;
        depth += nibbles;
    }
}

/// The node that a child names, or that it is. `parent` and `depth` are the nibbles walked to each.
fn below<'a>(
    child: Item<'a>,
    parent: usize,
    depth: usize,
    nodes: &mut NodeSet<'a>,
) -> Result<&'a [u8], TrieError> {
    let not_a_child = TrieError::Child { depth: parent };
    match child {
        Item::List { encoded, .. } if encoded.len() < EMBEDDED_BELOW => Ok(encoded),
        Item::List { .. } => Err(not_a_child),
        Item::String(bytes) => {
            let hash = bytes.try_into().map_err(|_| not_a_child)?;
            let node = nodes.take(hash).ok_or(TrieError::MissingNode { depth })?;
            match node.len() {
                got @ ..EMBEDDED_BELOW => Err(TrieError::ShortNode { depth, got }),
                _ => Ok(node),
            }
        }
    }
}

fn step<'a>(node: &'a [u8], key: &[u8], depth: usize) -> Result<Step<'a>, TrieError> {
    if depth < 2 * key.len()
        && let Some(child) = full_branch_child(node, nibble(key, depth))
    {
        return Ok(Step::Down { child, nibbles: 1 });
    }
    let failed = |source: RlpError| TrieError::Rlp { depth, source };
    let mut items = Items::of_list(node).map_err(failed)?;
    let first = items.take().map_err(failed)?;
    let second = items.take().map_err(failed)?;
    if items.is_empty() {
        return short_step(first.string().map_err(failed)?, second, key, depth);
    }
    branch_step([first, second], items, key, depth)
}

/// The child of a branch with sixteen hashes, as most nodes near a large trie's root are. The bytes that are
/// compared leave no other reading of the node, so nothing is less checked than in [`branch_step`].
fn full_branch_child(node: &[u8], nibble: u8) -> Option<Item<'_>> {
    let node: &[u8; FULL_BRANCH] = node.try_into().ok()?;
    let (header, rest) = node.split_first_chunk::<3>()?;
    let (children, value) = rest.as_chunks::<33>();
    // Long list of 0x211 bytes: two bytes of length.
    let is_full = *header == [0xf9, 0x02, 0x11]
        && value == [STRING]
        && children.iter().all(|child| child[0] == STRING + 32);
    let child = children.get(usize::from(nibble)).filter(|_| is_full)?;
    Some(Item::String(&child[1..]))
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
    let wrong = |got| TrieError::NodeItems { depth, got };
    let mut chosen = head[wanted & 1];
    for index in head.len()..BRANCH {
        if rest.is_empty() {
            return Err(wrong(index));
        }
        if index == wanted {
            chosen = rest.take().map_err(failed)?;
        } else {
            rest.skip().map_err(failed)?;
        }
    }
    if !rest.is_empty() {
        return Err(wrong(BRANCH + 1));
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
