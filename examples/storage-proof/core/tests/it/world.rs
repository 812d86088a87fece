//! A small chain state with a token in it, and a history that holds its blocks.

use std::collections::BTreeMap;

use alloy_primitives::{B256, U256, keccak256};
use alloy_trie::proof::ProofRetainer;
use alloy_trie::{HashBuilder, Nibbles};
use storage_proof_core::{BalanceError, TRUSTED, Token};
use valence_coprocessor_attacks::MemoryRecords;
use valence_coprocessor_circuit_sdk::{
    CircuitError, DomainId, HeadState, OpenedWitness, Root, StateProof, StateRoot, Verified,
    Witnesses, encode_witnesses, run,
};
use valence_coprocessor_ethereum_state_proof::{
    Address, BlockHash, Header, Slot, TrustedPayload, encode_header, encode_state_proof,
    keccak256 as keccak,
};
use valence_coprocessor_history::{Ledger, NewBlock};

/// The function of a circuit.
pub(crate) type Circuit = fn(&Verified<Witnesses<'_>>) -> Result<Vec<u8>, BalanceError>;

/// A holder of the token, and somebody without.
pub(crate) const HOLDER: Address = Address::from_bytes([0xaa; 20]);
pub(crate) const STRANGER: Address = Address::from_bytes([0xbb; 20]);
/// A contract that is not the token, with the same storage layout.
pub(crate) const IMPOSTOR: Address = Address::from_bytes([0xee; 20]);

/// A trie by hashed keys.
#[derive(Clone, Default)]
struct Trie(BTreeMap<B256, Vec<u8>>);

impl Trie {
    fn insert(&mut self, key: &[u8], value: Vec<u8>) {
        self.0.insert(keccak256(key), value);
    }

    fn prove(&self, key: &[u8]) -> (B256, Vec<Vec<u8>>) {
        let key = Nibbles::unpack(keccak256(key));
        let mut builder = HashBuilder::default().with_proof_retainer(ProofRetainer::new(vec![key]));
        for (key, value) in &self.0 {
            builder.add_leaf(Nibbles::unpack(key), value);
        }
        let root = builder.root();
        let nodes = builder.take_proof_nodes().into_nodes_sorted();
        (
            root,
            nodes.into_iter().map(|(_, node)| node.to_vec()).collect(),
        )
    }
}

/// An account with nonce 1, no balance and code of hash zero.
fn account(storage_root: B256) -> Vec<u8> {
    let fields = [
        vec![1, 0x80],
        alloy_rlp::encode(storage_root),
        alloy_rlp::encode(B256::ZERO),
    ]
    .concat();
    let mut encoded = Vec::new();
    alloy_rlp::Header {
        list: true,
        payload_length: fields.len(),
    }
    .encode(&mut encoded);
    [encoded, fields].concat()
}

/// The state of one block.
#[derive(Clone)]
pub(crate) struct State {
    accounts: Trie,
    storages: BTreeMap<Address, Trie>,
}

impl State {
    /// The token and an impostor; `balance` is the holder's in the token.
    pub(crate) fn new(token: &Token, balance: U256) -> Self {
        let mut storages = BTreeMap::new();
        for (contract, amount) in [(token.contract, balance), (IMPOSTOR, U256::from(1_000_000))] {
            let mut storage = Trie::default();
            storage.insert(token.slot(&HOLDER).as_bytes(), alloy_rlp::encode(amount));
            // The holder's entry in the mapping beside the balances, as an allowance would be.
            let beside = Slot::variable(token.balances + 1).entry_of(&HOLDER);
            storage.insert(beside.as_bytes(), alloy_rlp::encode(U256::from(777)));
            for other in 1..30_u8 {
                storage.insert(
                    token.slot(&Address::from_bytes([other; 20])).as_bytes(),
                    alloy_rlp::encode(other),
                );
            }
            storages.insert(contract, storage);
        }
        let mut accounts = Trie::default();
        for other in 1..30_u8 {
            accounts.insert(&[other; 20], account(B256::ZERO));
        }
        for (contract, storage) in &storages {
            let storage_root = storage.prove(&[]).0;
            accounts.insert(contract.as_bytes(), account(storage_root));
        }
        Self { accounts, storages }
    }

    /// The same without the token.
    pub(crate) fn without(mut self, contract: &Address) -> Self {
        self.accounts.0.remove(&keccak256(contract.as_bytes()));
        self
    }

    pub(crate) fn root(&self) -> StateRoot {
        StateRoot::from_bytes(self.accounts.prove(&[]).0.0)
    }

    /// The proof of one slot of a contract.
    pub(crate) fn prove(&self, contract: &Address, slot: &Slot) -> Vec<u8> {
        let account = self.accounts.prove(contract.as_bytes()).1;
        let storage = self
            .storages
            .get(contract)
            .map_or_else(Vec::new, |storage| storage.prove(slot.as_bytes()).1);
        encode_state_proof(&account, &[storage])
    }
}

/// What an honest controller would return for a block, still to be changed by an attack.
#[derive(Clone)]
pub(crate) struct Request {
    pub(crate) state_proof: StateProof,
    pub(crate) holder: Vec<u8>,
}

/// The payload of a trusted block.
pub(crate) fn payload(number: u64, timestamp: u64, state_root: &StateRoot) -> Vec<u8> {
    let number = number.to_be_bytes();
    let timestamp = timestamp.to_be_bytes();
    let significant = |bytes: &'static [u8]| bytes;
    let (zero, bloom) = (significant(&[0; 32]), significant(&[0; 256]));
    let trim = |bytes: &[u8]| {
        bytes
            .iter()
            .copied()
            .skip_while(|byte| *byte == 0)
            .collect::<Vec<_>>()
    };
    let (number, timestamp) = (trim(&number), trim(&timestamp));
    let fields: [&[u8]; 15] = [
        zero,
        zero,
        &zero[..20],
        state_root.as_bytes(),
        zero,
        zero,
        bloom,
        &[],
        &number,
        &[],
        &[],
        &timestamp,
        &[],
        zero,
        &zero[..8],
    ];
    let encoded = encode_header(&fields);
    let hash = BlockHash::from_bytes(keccak(&encoded));
    let header = Header::verify(&encoded, &hash).expect("the header was encoded here");
    TrustedPayload::of(&header).encode().to_vec()
}

/// An honest request.
pub(crate) fn request(state: &State, token: &Token, number: u64, holder: &Address) -> Request {
    let state_root = state.root();
    Request {
        state_proof: StateProof {
            domain: TRUSTED.id,
            number,
            state_root,
            payload: payload(number, 1_700_000_000 + number, &state_root),
            proof: state.prove(&token.contract, &token.slot(holder)),
        },
        holder: holder.as_bytes().to_vec(),
    }
}

/// A history of blocks.
pub(crate) struct History {
    ledger: Ledger<MemoryRecords>,
    root: Root,
}

impl History {
    /// Holds the block of each request, after a block of another domain.
    pub(crate) fn of(blocks: &[&StateProof]) -> Self {
        let mut history = Self {
            ledger: Ledger::new(MemoryRecords::default()),
            root: Root::ZERO,
        };
        history.append(
            DomainId::from_bytes([9; 32]),
            1,
            StateRoot::from_bytes([8; 32]),
            Vec::new(),
        );
        for block in blocks {
            history.append(
                block.domain,
                block.number,
                block.state_root,
                block.payload.clone(),
            );
        }
        history
    }

    fn append(&mut self, domain: DomainId, number: u64, state_root: StateRoot, payload: Vec<u8>) {
        let block = NewBlock {
            domain,
            number,
            state_root,
            payload,
            head: HeadState::ZERO,
            time: 0,
        };
        self.root = self.ledger.append(&block).expect("the block is new").root;
    }

    /// The circuit's input: the request with the opening of the block `opened`.
    pub(crate) fn input(&self, request: &Request, opened: &StateProof) -> Vec<u8> {
        let opening = self
            .ledger
            .opening(&self.root, opened.domain, opened.number)
            .expect("the block is there");
        let state_proof = OpenedWitness::StateProof {
            state_proof: request.state_proof.clone(),
            opening,
        };
        encode_witnesses(
            &self.root,
            &[state_proof, OpenedWitness::Data(request.holder.clone())],
        )
    }

    /// Runs a circuit; the root must be the one of this history.
    pub(crate) fn run(
        &self,
        circuit: Circuit,
        input: &[u8],
    ) -> Result<Vec<u8>, CircuitError<BalanceError>> {
        let public_values = run(input, circuit)?;
        let (root, output) = public_values.split_at(32);
        assert_eq!(root, self.root.as_bytes());
        Ok(output.to_vec())
    }
}

/// Runs a request whose own block is the history's newest.
pub(crate) fn run_alone(
    circuit: Circuit,
    request: &Request,
) -> Result<Vec<u8>, CircuitError<BalanceError>> {
    let history = History::of(&[&request.state_proof]);
    history.run(circuit, &history.input(request, &request.state_proof))
}
