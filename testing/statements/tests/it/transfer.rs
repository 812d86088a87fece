//! A transfer in a block whose receipts and header are made here, by other crates than ours.

use alloy_primitives::{Address, B256, Bloom, Log, U256, keccak256};
use alloy_trie::{HashBuilder, Nibbles, proof::ProofRetainer};
use storage_proof_core::{DEMO_TOKEN, DEVNET};
use valence_coprocessor_circuit_sdk::{StateProof, StateRoot, WitnessError};
use valence_coprocessor_ethereum_state_proof::{
    BlockHash, BlockPayload, HeaderError, ReceiptError, ReceiptsRoot, StateProofError,
    encode_header, encode_nodes,
};
use valence_coprocessor_protocol::DomainId;
use valence_coprocessor_statements::{StatementError, transfer, transfer_question};

use crate::world::{Witness, prove, refused};

const NUMBER: u64 = 12;
const TIME: u64 = 1_700_000_144;
const GAS: u64 = 51_000;
/// The transaction and the log of the transfer.
const PLACE: (u64, u64) = (1, 1);

fn token() -> Address {
    Address::from(*DEMO_TOKEN.contract.as_bytes())
}

fn party(byte: u8) -> B256 {
    Address::repeat_byte(byte).into_word()
}

fn moved(contract: Address, value: u64) -> Log {
    let event = keccak256("Transfer(address,address,uint256)");
    let data = U256::from(value).to_be_bytes::<32>().to_vec();
    Log::new_unchecked(contract, vec![event, party(1), party(2)], data.into())
}

/// A receipt as EIP-2718 encodes it.
fn receipt(gas: u64, logs: &[Log]) -> Vec<u8> {
    let bloom: Bloom = logs.iter().collect();
    let fields = [
        alloy_rlp::encode(true),
        alloy_rlp::encode(gas),
        alloy_rlp::encode(bloom),
        alloy_rlp::encode(logs.to_vec()),
    ]
    .concat();
    let mut receipt = vec![2];
    let header = alloy_rlp::Header {
        list: true,
        payload_length: fields.len(),
    };
    header.encode(&mut receipt);
    receipt.extend(fields);
    receipt
}

/// A block with three transactions, of which the second moves the token, after another contract's log.
struct Block {
    receipts: Vec<Vec<u8>>,
    header: Vec<u8>,
    payload: BlockPayload,
}

impl Block {
    fn new() -> Self {
        let other = moved(Address::repeat_byte(0xee), 9);
        let mut approval = moved(token(), 5);
        approval.data = alloy_primitives::LogData::new_unchecked(
            vec![
                keccak256("Approval(address,address,uint256)"),
                party(1),
                party(2),
            ],
            approval.data.data.clone(),
        );
        let receipts = vec![
            receipt(21_000, &[]),
            receipt(GAS - 21_000, &[other, moved(token(), 1_000), approval]),
            receipt(GAS, &[]),
        ];
        let (root, _) = prove_receipt(&receipts, 0);
        let zero = [0; 32];
        let bloom = [0; 256];
        let significant = |number: u64| U256::from(number).to_be_bytes_trimmed_vec();
        let (number, time, gas) = (significant(NUMBER), significant(TIME), significant(GAS));
        let header = encode_header(&[
            &zero,
            &zero,
            &zero[..20],
            &zero,
            &zero,
            &root.0,
            &bloom,
            &[],
            &number,
            &[],
            &gas,
            &time,
            &[],
            &zero,
            &zero[..8],
        ]);
        let payload = BlockPayload {
            block_hash: BlockHash::from_bytes(keccak256(&header).0),
            parent: BlockHash::from_bytes([0; 32]),
            receipts_root: ReceiptsRoot::from_bytes(root.0),
            prev_randao: [0; 32],
            beacon_block_root: [0; 32],
            slot: 12,
            timestamp: TIME,
        };
        Self {
            receipts,
            header,
            payload,
        }
    }

    fn state_proof(&self, proof: Vec<u8>) -> StateProof {
        StateProof {
            domain: DEVNET.id,
            number: NUMBER,
            state_root: StateRoot::from_bytes([0; 32]),
            payload: self.payload.encode().to_vec(),
            proof,
        }
    }

    /// The witnesses for a log of a transaction.
    fn witnesses(&self, (transaction, log): (u64, u64)) -> [Witness; 3] {
        let (_, nodes) = prove_receipt(&self.receipts, transaction);
        [
            Witness::StateProof(self.state_proof(encode_nodes([nodes.as_slice()]))),
            Witness::StateProof(self.state_proof(self.header.clone())),
            Witness::Data(transfer_question(transaction, log)),
        ]
    }
}

/// The root of a block's receipts, and the path to one of them.
fn prove_receipt(receipts: &[Vec<u8>], index: u64) -> (B256, Vec<Vec<u8>>) {
    let key = |index: u64| Nibbles::unpack(alloy_rlp::encode(index));
    let mut entries: Vec<_> = (0..).map(key).zip(receipts).collect();
    entries.sort_unstable();
    let mut builder =
        HashBuilder::default().with_proof_retainer(ProofRetainer::new(vec![key(index)]));
    for (key, value) in entries {
        builder.add_leaf(key, value);
    }
    let root = builder.root();
    let nodes = builder.take_proof_nodes().into_nodes_sorted();
    (
        root,
        nodes.into_iter().map(|(_, node)| node.to_vec()).collect(),
    )
}

#[test]
fn a_transfer_is_proven() {
    let output = prove(transfer, &Block::new().witnesses(PLACE)).expect("it is honest");
    let expected = [
        B256::from(U256::from(NUMBER)),
        B256::from(U256::from(TIME)),
        B256::from(U256::from(GAS)),
        party(1),
        party(2),
        B256::from(U256::from(1_000)),
    ];
    assert_eq!(output, expected.concat());
}

#[test]
fn attack_logs_that_are_no_transfers_of_the_token() {
    let block = Block::new();
    for index in [0, 2] {
        let refused = refused(transfer, &block.witnesses((1, index)));
        assert_eq!(refused, StatementError::NotATransfer { index });
    }
    let beyond = StatementError::Log {
        error: ReceiptError::NoSuchLog {
            index: 3,
            available: 3,
        },
    };
    assert_eq!(refused(transfer, &block.witnesses((1, 3))), beyond);
    let missing = StatementError::NoTransaction {
        number: NUMBER,
        index: 3,
    };
    assert_eq!(refused(transfer, &block.witnesses((3, 0))), missing);
}

#[test]
fn attack_the_proof_of_another_receipt() {
    let block = Block::new();
    let [receipt, header, _] = block.witnesses(PLACE);
    let question = Witness::Data(transfer_question(2, 0));
    let error = refused(transfer, &[receipt, header, question]);
    assert!(
        matches!(
            &error,
            StatementError::StateProof {
                error: StateProofError::Receipt(_)
            }
        ),
        "{error}"
    );
}

#[test]
fn attack_another_header() {
    let block = Block::new();
    let [receipt, _, question] = block.witnesses(PLACE);
    for position in [0, block.header.len() / 2, block.header.len() - 1] {
        let mut header = block.header.clone();
        header[position] ^= 1;
        let header = Witness::StateProof(block.state_proof(header));
        assert_eq!(
            refused(transfer, &[receipt.clone(), header, question.clone()]),
            StatementError::Header {
                error: HeaderError::Hash
            }
        );
    }
    // The header of another block of the domain, which is opened as well.
    let mut other = block.state_proof(block.header.clone());
    other.number += 1;
    assert_eq!(
        refused(transfer, &[receipt, Witness::StateProof(other), question]),
        StatementError::OtherBlock {
            got: NUMBER + 1,
            expected: NUMBER
        }
    );
}

#[test]
fn attack_another_domain_payload_or_question() {
    let block = Block::new();
    let honest = block.witnesses(PLACE);
    for index in [0, 1] {
        let mut witnesses = honest.clone();
        let Witness::StateProof(proof) = &mut witnesses[index] else {
            panic!("a state proof");
        };
        proof.domain = DomainId::from_bytes([7; 32]);
        let wrong = WitnessError::WrongDomain {
            index,
            expected: DEVNET.id,
            got: proof.domain,
        };
        assert_eq!(
            refused(transfer, &witnesses),
            StatementError::Witness(wrong)
        );
    }
    let mut witnesses = honest.clone();
    for witness in &mut witnesses[..2] {
        if let Witness::StateProof(proof) = witness {
            proof.payload.push(0);
        }
    }
    let error = refused(transfer, &witnesses);
    assert!(matches!(error, StatementError::Payload { .. }), "{error}");
    let mut witnesses = honest.clone();
    witnesses[2] = Witness::Data(vec![0; 17]);
    assert_eq!(
        refused(transfer, &witnesses),
        StatementError::Question { got: 17 }
    );
    assert_eq!(
        refused(transfer, &honest[..2]),
        StatementError::WitnessCount {
            got: 2,
            expected: 3
        }
    );
}
