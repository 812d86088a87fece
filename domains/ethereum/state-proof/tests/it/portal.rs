//! The state network's test data (portal-spec-tests): nodes of mainnet in their own encoding, two lists of offsets deep.

use valence_coprocessor_ethereum_state_proof::{
    Address, BlockHash, Header, Slot, encode_state_proof,
};

use crate::fixtures::{self, hex};
use crate::world::decoded;

const FOLDER: &str = "04-eip1186-mainnet/portal-state-validation";

/// An offer: what is said of it, the block's header, and what is offered.
struct Offer {
    comments: Vec<String>,
    header: Vec<u8>,
    value: Vec<u8>,
}

fn offers(file: &str) -> Vec<Offer> {
    let Some(folder) = fixtures::folder() else {
        return Vec::new();
    };
    let text = std::fs::read_to_string(folder.join(FOLDER).join(file))
        .expect("the file of recorded data is readable");
    let (mut offers, mut comments, mut header) = (Vec::new(), Vec::new(), Vec::new());
    let value = |text: &str| hex(text.trim().trim_matches('\''));
    for line in text.lines() {
        let line = line.trim_start_matches(['-', ' ']);
        if let Some(comment) = line.strip_prefix("# ") {
            comments.push(comment.to_owned());
        } else if let Some(text) = line.strip_prefix("block_header: ") {
            header = value(text);
        } else if let Some(text) = line.strip_prefix("content_value_offer: ") {
            offers.push(Offer {
                comments: std::mem::take(&mut comments),
                header: std::mem::take(&mut header),
                value: value(text),
            });
        }
    }
    offers
}

impl Offer {
    /// What follows a word in the comments.
    fn said(&self, word: &str) -> Option<&str> {
        let mut comments = self.comments.iter();
        comments.find_map(|comment| comment.strip_prefix(word)?.split(' ').next())
    }

    fn is_leaf(&self) -> bool {
        let mut comments = self.comments.iter();
        comments.any(|comment| comment.starts_with("Leaf node"))
    }

    /// The header, which is that of the block named in the offer.
    fn header(&self, hash_at: usize) -> Header {
        let hash = *self.value[hash_at..].first_chunk().expect("a hash");
        Header::verify(&self.header, &BlockHash::from_bytes(hash)).expect("the block's header")
    }

    fn address(&self) -> Address {
        let address = hex(self.said("Address: ").expect("an address"));
        Address::from_bytes(address.try_into().expect("20 bytes"))
    }
}

fn offset(bytes: &[u8]) -> usize {
    u32::from_le_bytes(*bytes.first_chunk().expect("an offset")) as usize
}

/// A list of byte lists: offsets first.
fn nodes(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut starts: Vec<_> = (0..offset(bytes) / 4)
        .map(|index| offset(&bytes[4 * index..]))
        .collect();
    starts.push(bytes.len());
    starts
        .windows(2)
        .map(|pair| bytes[pair[0]..pair[1]].to_vec())
        .collect()
}

#[test]
fn accounts_are_proven_by_offered_nodes() {
    let offers = offers("account_trie_node.yaml");
    let mut proven = 0;
    for offer in &offers {
        let root = offer.header(4).state_root;
        let path = nodes(&offer.value[offset(&offer.value)..]);
        let proof = encode_state_proof::<Vec<u8>>(&path, &[]);
        let account = decoded(&proof, |proof| proof.account(&root, &offer.address()));
        // What is offered beside leaves are paths to inner nodes, which prove no account.
        assert_eq!(account.is_ok(), offer.is_leaf(), "{:?}", offer.comments);
        if let Ok(account) = account {
            account.present().expect("the account is there");
            proven += 1;
        }
    }
    assert!(
        offers.is_empty() || proven == 2,
        "{proven} of {}",
        offers.len()
    );
}

/// The decimals of WETH, in slot 2.
#[test]
fn slots_are_proven_by_offered_nodes() {
    let offers = offers("contract_storage_trie_node.yaml");
    let mut proven = 0;
    for offer in offers.iter().filter(|offer| offer.is_leaf()) {
        let root = offer.header(8).state_root;
        let (storage_at, account_at) = (offset(&offer.value), offset(&offer.value[4..]));
        let storage = nodes(&offer.value[storage_at..account_at]);
        let account = nodes(&offer.value[account_at..]);
        let slot = offer.said("Storage slot: ").expect("a slot");
        let slot = Slot::variable(slot.parse().expect("a number"));
        let value = decoded(&encode_state_proof(&account, &[storage]), |proof| {
            let account = proof.account(&root, &offer.address())?;
            proof.slot(&account, &slot)
        });
        let mut eighteen = [0; 32];
        eighteen[31] = 18;
        assert_eq!(value.expect("the slot is proven").to_word(), eighteen);
        proven += 1;
    }
    assert!(
        offers.is_empty() || proven == 1,
        "{proven} of {}",
        offers.len()
    );
}
