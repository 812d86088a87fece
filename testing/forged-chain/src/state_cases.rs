//! Inputs of the circuit `state-proof-cycles`: attacks b7 and b8, on a state that is made for them. What the host says to
//! them is what the zkVM must say.

use alloy_primitives::{U256, keccak256};
use alloy_trie::EMPTY_ROOT_HASH;
use valence_coprocessor_ethereum_state_proof::encode_state_proof;
use valence_coprocessor_protocol::Writer;

use crate::trie::{account, account_fields, hashed, prove};
use crate::{Asked, NodePath};

const MINE: [u8; 20] = [0x11; 20];
const THEIRS: [u8; 20] = [0x22; 20];
const NOBODY: [u8; 20] = [0x33; 20];
/// Accounts and slots beside those that are asked for, so that paths have several nodes.
const OTHERS: u64 = 300;

/// An input of the circuit.
#[derive(Debug, Clone)]
pub struct StateCase {
    /// What is special about it.
    pub name: &'static str,
    /// What the circuit reads.
    pub input: Vec<u8>,
}

/// A state with two contracts, each with a storage.
struct World {
    root: [u8; 32],
    my_storage: [u8; 32],
    mine: NodePath,
    theirs: NodePath,
    nobody: NodePath,
    /// Slots 0 and 1 of my contract, slot 0 of the other.
    slots: [NodePath; 3],
}

/// The key of a slot.
fn slot(index: u64) -> [u8; 32] {
    U256::from(index).to_be_bytes()
}

impl World {
    /// Slot 0 of my contract holds this value, given as it stands in the trie.
    fn new(balance: U256, value: Vec<u8>) -> Self {
        let others = |from: u64| {
            (from..OTHERS).map(|index| (hashed(&slot(index)), alloy_rlp::encode(index + 1)))
        };
        let mut storage: Vec<_> = others(1).collect();
        storage.push((hashed(&slot(0)), value));
        let asked = [hashed(&slot(0)), hashed(&slot(1))];
        let (my_storage, my_slots) = prove(storage, &asked);
        let (their_storage, their_slots) = prove(others(0).collect(), &asked[..1]);
        let accounts = (0..OTHERS)
            .map(|index| {
                (
                    hashed(&index.to_be_bytes()),
                    account(U256::from(index), EMPTY_ROOT_HASH.0),
                )
            })
            .chain([
                (hashed(&MINE), account(balance, my_storage)),
                (hashed(&THEIRS), account(U256::ZERO, their_storage)),
            ]);
        let keys = [MINE, THEIRS, NOBODY].map(|address| hashed(&address));
        let (root, paths) = prove(accounts.collect(), &keys);
        let [mine, theirs, nobody] = paths.try_into().expect("one path for each key");
        let slots = [my_slots, their_slots].concat();
        Self {
            root,
            my_storage,
            mine,
            theirs,
            nobody,
            slots: slots.try_into().expect("one path for each slot"),
        }
    }

    fn usual() -> Self {
        Self::new(U256::from(5), alloy_rlp::encode(77_u8))
    }

    /// My contract's slot 0, by these paths.
    fn ask(&self, name: &'static str, account: &NodePath, slots: &[NodePath]) -> StateCase {
        self.ask_of(name, MINE, encode_state_proof(account, slots))
    }

    fn ask_of(&self, name: &'static str, address: [u8; 20], proof: Vec<u8>) -> StateCase {
        let asked = Asked::slots(self.root, address, &[slot(0)], proof);
        let input = Asked::input(&[asked]);
        StateCase { name, input }
    }
}

/// What is proven, each with what the circuit must publish: extreme balances, absence, a storage that is empty, slot 0.
pub fn honest_states() -> Vec<(StateCase, Vec<u8>)> {
    let of_balance = |name, balance: U256| {
        let world = World::new(balance, alloy_rlp::encode(77_u8));
        let proof = encode_state_proof(&world.mine, &[]);
        let input = Asked::input(&[Asked::slots(world.root, MINE, &[], proof)]);
        let output = account_fields(&account(balance, world.my_storage));
        assert_eq!(output[8..40], balance.to_be_bytes::<32>());
        (StateCase { name, input }, output)
    };
    let of_slot = |name, value: U256| {
        let world = World::new(U256::ZERO, alloy_rlp::encode(value));
        let case = world.ask(name, &world.mine, &world.slots[..1]);
        (case, value.to_be_bytes::<32>().to_vec())
    };
    let world = World::usual();
    let of_nobody = |slots: &[[u8; 32]]| {
        let proof = encode_state_proof(&world.nobody, &[]);
        Asked::input(&[Asked::slots(world.root, NOBODY, slots, proof)])
    };
    let empty = account(U256::from(1), EMPTY_ROOT_HASH.0);
    let (root, paths) = prove(vec![(hashed(&MINE), empty)], &[hashed(&MINE)]);
    let proof = encode_state_proof(&paths[0], &[]);
    let of_empty = Asked::input(&[Asked::slots(root, MINE, &[slot(0)], proof)]);
    let case = |name, input| StateCase { name, input };
    vec![
        of_balance("b7-balance-of-two-to-the-64", U256::from(1) << 64),
        of_balance("b7-largest-balance", U256::MAX),
        of_balance("b7-balance-of-zero", U256::ZERO),
        of_slot("b7-slot-zero", U256::from(77)),
        of_slot("b7-slot-zero-with-the-largest-value", U256::MAX),
        (case("b7-absent-account", of_nobody(&[])), Vec::new()),
        (
            case("b7-slot-of-an-absent-account", of_nobody(&[slot(0)])),
            vec![0; 32],
        ),
        (case("b7-empty-storage", of_empty), vec![0; 32]),
    ]
}

/// What is refused: facts of others, another root, nodes that are missing, too many, or out of order.
pub fn refused_states() -> Vec<StateCase> {
    let world = World::usual();
    let zero = World::new(U256::ZERO, alloy_rlp::encode(0_u8));
    let later = World::new(U256::from(6), alloy_rlp::encode(78_u8));
    let (account, slots) = (&world.mine, &world.slots[..1]);
    let cases = [
        zero.ask("b7-stored-zero", &zero.mine, &zero.slots[..1]),
        world.ask("b8-another-address", &world.theirs, slots),
        world.ask("b8-absent-address-for-a-present-one", &world.nobody, slots),
        world.ask("b8-slot-of-another-contract", account, &world.slots[2..]),
        world.ask("b8-another-slot", account, &world.slots[1..2]),
        later.ask("b8-another-root", account, slots),
        world.ask("b8-extra-slot", account, &world.slots[..2]),
        world.ask("b8-no-account", &Vec::new(), slots),
        world.ask("b8-no-slot", account, &[]),
    ];
    [cases.to_vec(), changed_nodes(&world)].concat()
}

/// The right nodes, but for one.
fn changed_nodes(world: &World) -> Vec<StateCase> {
    let mut nodes = [world.mine.clone(), world.slots[0].clone()].concat();
    nodes.sort_by_key(|node| keccak256(node));
    let last = nodes.len() - 1;
    let change = |name, change: &dyn Fn(&mut NodePath)| {
        let mut changed = nodes.clone();
        change(&mut changed);
        world.ask_of(name, MINE, encode_as_given(&changed))
    };
    vec![
        change("b8-missing-node", &|nodes| {
            nodes.remove(last);
        }),
        change("b8-node-twice", &|nodes| nodes.insert(0, nodes[0].clone())),
        change("b8-nodes-swapped", &|nodes| nodes.swap(0, last)),
        change("b8-empty-node", &|nodes| nodes.push(Vec::new())),
        change("b8-changed-byte", &|nodes| nodes[1][20] ^= 0x40),
    ]
}

/// Nodes as they are, in the given order, which need not be that of a proof.
fn encode_as_given(nodes: &[Vec<u8>]) -> Vec<u8> {
    let mut writer = Writer::new();
    writer.length(nodes.len());
    for node in nodes {
        writer.length(node.len()).bytes(node);
    }
    writer.finish()
}
