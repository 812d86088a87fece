//! Replays `testing/vectors`, which a Python script makes from the layouts in docs/protocol.md.

use serde_json::Value;
use valence_coprocessor_attacks::MemoryRecords;
use valence_coprocessor_circuit_sdk::{OpenedWitness, Opening, encode_witnesses, run};
use valence_coprocessor_history::{BlockAppend, Ledger, NewBlock};
use valence_coprocessor_merkle::{Node, NodeStates};
use valence_coprocessor_protocol::sha256::{self, Compression};
use valence_coprocessor_protocol::{
    CircuitId, DomainId, DomainName, HeadState, PublicValues, Root, StateProof, StateRoot,
};

static DOMAIN_NODES: NodeStates<64> = NodeStates::new(b"valence-coprocessor/1/node/domain/");
static HISTORY_NODES: NodeStates<256> = NodeStates::new(b"valence-coprocessor/1/node/history/");

fn vectors() -> Value {
    serde_json::from_str(include_str!("../../../../testing/vectors/vectors.json"))
        .expect("vectors.json is JSON")
}

fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    let list = value[key]
        .as_array()
        .unwrap_or_else(|| panic!("{key} is a list"));
    assert!(!list.is_empty(), "{key} has vectors");
    list
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key]
        .as_str()
        .unwrap_or_else(|| panic!("{key} is a text"))
}

fn bytes(value: &Value, key: &str) -> Vec<u8> {
    let text = text(value, key);
    let digit = |at: usize| u8::from_str_radix(&text[at..at + 2], 16);
    let bytes: Result<_, _> = (0..text.len()).step_by(2).map(digit).collect();
    bytes.unwrap_or_else(|error| panic!("{key} is hexadecimal: {error}"))
}

fn identifier<T: From<[u8; 32]>>(value: &Value, key: &str) -> T {
    let bytes = <[u8; 32]>::try_from(bytes(value, key));
    T::from(bytes.unwrap_or_else(|_| panic!("{key} has 32 bytes")))
}

fn number(value: &Value, key: &str) -> u64 {
    text(value, key)
        .parse()
        .unwrap_or_else(|error| panic!("{key} is a number: {error}"))
}

fn new_block(value: &Value) -> NewBlock {
    NewBlock {
        domain: identifier(value, "domain"),
        number: number(value, "number"),
        state_root: identifier(value, "state_root"),
        payload: bytes(value, "payload"),
        head: identifier::<HeadState>(value, "head"),
        time: 0,
    }
}

#[test]
fn sha256_vectors() {
    for vector in list(&vectors(), "sha256") {
        assert_eq!(
            sha256::digest(&bytes(vector, "message")).to_vec(),
            bytes(vector, "digest")
        );
    }
}

#[test]
fn identifier_formulas() {
    for vector in list(&vectors(), "domain_ids") {
        let name = DomainName::new(text(vector, "name")).expect("the names are valid");
        assert_eq!(DomainId::of(&name), identifier(vector, "id"));
    }
    for vector in list(&vectors(), "circuit_ids") {
        let id = CircuitId::of(&bytes(vector, "elf"), number(vector, "nonce"));
        assert_eq!(id, identifier(vector, "id"));
    }
}

#[test]
fn nodes() {
    let node =
        |value: &Value, key: &str| Node::from_words(identifier::<Root>(value, key).to_words());
    for vector in list(&vectors(), "nodes") {
        let index = vector["index"]
            .as_u64()
            .and_then(|index| u8::try_from(index).ok());
        let index = index.expect("an index is a byte");
        let (left, right) = (node(vector, "left"), node(vector, "right"));
        let mut compression = Compression::new();
        let made = match text(vector, "tree") {
            "domain" => DOMAIN_NODES.node(&mut compression, index, &left, &right),
            _ => HISTORY_NODES.node(&mut compression, index, &left, &right),
        };
        assert_eq!(made, Some(node(vector, "node")));
    }
}

#[test]
fn history() {
    let vectors = vectors();
    let appends = list(&vectors, "history");
    let mut ledger = Ledger::new(MemoryRecords::default());
    for (vector, sequence) in appends.iter().zip(1..) {
        let block = new_block(&vector["block"]);
        let appended = ledger
            .append(&block)
            .expect("the vectors append rising numbers");
        assert_eq!(appended.sequence, sequence);
        assert_eq!(appended.previous, identifier(vector, "previous"));
        assert_eq!(appended.root, identifier(vector, "root"));
        let domain_root = ledger
            .domain_root(block.domain)
            .expect("memory does not fail");
        assert_eq!(domain_root, Some(identifier(vector, "domain_root")));
    }
    for (vector, sequence) in appends.iter().zip(1..) {
        let append = ledger
            .append_proof(sequence)
            .expect("every append can be proven");
        let encoding = bytes(vector, "append");
        assert_eq!(append.encode(), encoding, "append {sequence}");
        assert_eq!(BlockAppend::decode(&encoding).as_ref(), Ok(&append));
        let verified = append.verify().expect("the append is honest");
        assert_eq!(verified.previous(), identifier(vector, "previous"));
        assert_eq!(verified.root(), identifier(vector, "root"));
        for opening in list(vector, "openings") {
            let at = opening["block"]
                .as_u64()
                .and_then(|at| usize::try_from(at).ok());
            let block = new_block(&appends[at.expect("block is an index")]["block"]);
            let root = identifier(vector, "root");
            let made = ledger
                .opening(&root, block.domain, block.number)
                .expect("present");
            assert_eq!(made.encode(), bytes(opening, "encoding"), "at root {root}");
        }
    }
}

#[test]
fn witnesses_and_public_values() {
    let vectors = vectors();
    let appends = list(&vectors, "history");
    let vector = &vectors["witnesses"];
    let shown = vector["block"]
        .as_u64()
        .and_then(|at| usize::try_from(at).ok());
    let block = new_block(&appends[shown.expect("block is an index")]["block"]);
    let last = appends.last().expect("there are appends");
    let openings = list(last, "openings");
    let opening = openings
        .iter()
        .find(|opening| opening["block"] == vector["block"]);
    let opening = bytes(opening.expect("every block is opened"), "encoding");
    let root: Root = identifier(last, "root");
    let state_proof = StateProof {
        domain: block.domain,
        number: block.number,
        state_root: block.state_root,
        payload: block.payload.clone(),
        proof: bytes(vector, "proof"),
    };
    let opening = Opening::decode(&opening).expect("the vector is canonical");
    let witnesses = [
        OpenedWitness::StateProof {
            state_proof,
            opening,
        },
        OpenedWitness::Data(bytes(vector, "data")),
    ];
    let input = encode_witnesses(&root, &witnesses);
    assert_eq!(input, bytes(vector, "input"));
    let public_values = run(&input, |witnesses| {
        let opened = witnesses.state_proof(0, block.domain)?;
        assert_eq!(
            opened.state_root(),
            StateRoot::from_bytes(*block.state_root.as_bytes())
        );
        assert_eq!(opened.payload(), block.payload);
        assert_eq!(opened.proof(), bytes(vector, "proof"));
        witnesses.data(1).map(<[u8]>::to_vec)
    });
    let public_values = public_values.expect("the input is honest");
    assert_eq!(public_values, bytes(vector, "public_values"));
    let decoded = PublicValues::decode(&public_values).expect("the root is there");
    assert_eq!(
        (decoded.root, decoded.output),
        (root, bytes(vector, "data"))
    );
}
