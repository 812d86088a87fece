//! Signatures of mainnet's sync committees, recorded.
//!
//! The signing root is computed here by hand, after the consensus specs: `BeaconBlockHeader`, `ForkData` and
//! `SigningData` have fixed fields, so their roots are a few SHA-256 of pairs.

use serde_json::Value;
use valence_coprocessor_ethereum_bls::{PublicKey, Signature, SigningRoot};
use valence_coprocessor_protocol::sha256::digest;

use crate::committee::Claim;
use crate::fixtures;

const MEMBERS: usize = 512;
const GENESIS_VALIDATORS_ROOT: &str =
    "0x4b363db94e286120d76eb905340fdd4e54bfe9f06bf33ff6cf5ad27f511bfe95";
const DENEB: [u8; 4] = [4, 0, 0, 0];
const DOMAIN_SYNC_COMMITTEE: [u8; 4] = [7, 0, 0, 0];

fn pair(left: [u8; 32], right: [u8; 32]) -> [u8; 32] {
    digest(&[left, right].concat())
}

fn padded(bytes: &[u8]) -> [u8; 32] {
    let mut chunk = [0; 32];
    chunk[..bytes.len()].copy_from_slice(bytes);
    chunk
}

/// The signing root of a header under the fork version of Deneb.
fn signing_root(header: &Header) -> SigningRoot {
    let [slot, proposer] =
        [header.slot, header.proposer_index].map(|number| padded(&number.to_le_bytes()));
    let zero = pair([0; 32], [0; 32]);
    let left = pair(
        pair(slot, proposer),
        pair(header.parent_root, header.state_root),
    );
    let header_root = pair(left, pair(pair(header.body_root, [0; 32]), zero));
    let fork = pair(padded(&DENEB), fixtures::hex(GENESIS_VALIDATORS_ROOT));
    let mut domain = [0; 32];
    domain[..4].copy_from_slice(&DOMAIN_SYNC_COMMITTEE);
    domain[4..].copy_from_slice(&fork[..28]);
    SigningRoot(pair(header_root, domain))
}

/// `BeaconBlockHeader`.
struct Header {
    slot: u64,
    proposer_index: u64,
    parent_root: [u8; 32],
    state_root: [u8; 32],
    body_root: [u8; 32],
}

impl Header {
    fn from_json(value: &Value) -> Self {
        let number = |name: &str| value[name].as_str().and_then(|text| text.parse().ok());
        let root = |name: &str| fixtures::hex(value[name].as_str().expect("a root"));
        Self {
            slot: number("slot").expect("a slot"),
            proposer_index: number("proposer_index").expect("an index"),
            parent_root: root("parent_root"),
            state_root: root("state_root"),
            body_root: root("body_root"),
        }
    }

    fn from_ssz(bytes: &[u8]) -> Self {
        let number = |at: usize| u64::from_le_bytes(bytes[at..at + 8].try_into().expect("8 bytes"));
        let root = |at: usize| bytes[at..at + 32].try_into().expect("32 bytes");
        Self {
            slot: number(0),
            proposer_index: number(8),
            parent_root: root(16),
            state_root: root(48),
            body_root: root(80),
        }
    }
}

/// `SyncCommittee`.
#[derive(Clone)]
struct SyncCommittee {
    keys: Vec<PublicKey>,
    aggregate: PublicKey,
}

impl SyncCommittee {
    fn from_json(value: &Value) -> Self {
        let key = |value: &Value| PublicKey(fixtures::hex(value.as_str().expect("a key")));
        let keys: Vec<_> = value["pubkeys"]
            .as_array()
            .expect("keys")
            .iter()
            .map(key)
            .collect();
        assert_eq!(keys.len(), MEMBERS);
        Self {
            keys,
            aggregate: key(&value["aggregate_pubkey"]),
        }
    }

    fn from_ssz(bytes: &[u8]) -> Self {
        let mut keys: Vec<_> = bytes.as_chunks::<48>().0[..=MEMBERS]
            .iter()
            .copied()
            .map(PublicKey)
            .collect();
        let aggregate = keys.pop().expect("the aggregate follows the keys");
        Self { keys, aggregate }
    }

    fn claim(&self, header: &Header, bits: [u8; 64], signature: [u8; 96]) -> Claim {
        let absent = |member: &usize| bits[member / 8] >> (member % 8) & 1 == 0;
        Claim {
            aggregate: self.aggregate,
            absent: (0..MEMBERS)
                .filter(absent)
                .map(|member| self.keys[member])
                .collect(),
            root: signing_root(header),
            signature: Signature(signature),
        }
    }
}

/// The committee of period 1167 signed an update and a finality update of that period.
#[test]
fn two_updates_of_period_1167() {
    let json = |name: &str| -> Option<Value> {
        let bytes = fixtures::read(&format!("01-beacon-mainnet/deneb-1167-e2e-json/{name}"))?;
        Some(serde_json::from_slice(&bytes).expect("JSON"))
    };
    let Some(bootstrap) = json("BootstrapDeneb.json") else {
        return;
    };
    let committee = SyncCommittee::from_json(&bootstrap["data"]["current_sync_committee"]);
    let updates = [
        json("FinalityUpdateDeneb.json"),
        json("UpdateDeneb.json").map(|updates| updates[0].clone()),
    ];
    for update in updates {
        let update = &update.expect("the file is there")["data"];
        let aggregate = &update["sync_aggregate"];
        let claim = committee.claim(
            &Header::from_json(&update["attested_header"]["beacon"]),
            fixtures::hex(aggregate["sync_committee_bits"].as_str().expect("bits")),
            fixtures::hex(
                aggregate["sync_committee_signature"]
                    .as_str()
                    .expect("a signature"),
            ),
        );
        assert_eq!(claim.verdict(), Ok(()));
        let mut other = claim;
        other.root.0[0] ^= 1;
        assert!(other.verdict().is_err());
    }
}

/// The updates of 46 periods, each signed by the committee that the one before it announces.
#[test]
fn the_updates_of_46_periods() {
    let folder = "01-beacon-mainnet/deneb-chain-1347-1406-ssz";
    let Some(bootstrap) =
        fixtures::read(&format!("{folder}/bootstrap_slot11034656_period1347.ssz"))
    else {
        return;
    };
    let updates = fixtures::read(&format!("{folder}/updates_period1347_count46.ssz"))
        .expect("the file is there");
    // LightClientBootstrap: the header's offset, the committee, its branch, the header.
    let mut committee = SyncCommittee::from_ssz(&bootstrap[4..]);
    let mut rest = &updates[..];
    let mut count = 0;
    while let Some((length, after)) = rest.split_first_chunk::<8>() {
        // The length counts the digest of the fork, which comes first.
        let (update, after) =
            after.split_at(u64::from_le_bytes(*length).try_into().expect("a length"));
        rest = after;
        let update = &update[4..];
        let at = u32::from_le_bytes(*update.first_chunk().expect("an offset")) as usize;
        // LightClientHeader: the beacon header, then what Capella added. The sync aggregate ends 8 bytes before it.
        let header = Header::from_ssz(&update[at..]);
        let aggregate = &update[at - 8 - 160..at - 8];
        let bits = *aggregate.first_chunk().expect("bits");
        let signature = *aggregate.last_chunk().expect("a signature");
        let claim = committee.claim(&header, bits, signature);
        assert_eq!(claim.verdict(), Ok(()), "update {count}");
        committee = SyncCommittee::from_ssz(&update[4..]);
        count += 1;
    }
    assert_eq!(count, 46);
}
