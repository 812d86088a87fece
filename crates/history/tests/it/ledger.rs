//! The ledger against the model: nothing lost, every older root opens, every append is provable.

use proptest::prelude::*;
use valence_coprocessor_attacks::MemoryRecords;
use valence_coprocessor_history::{
    Appended, BlockAppend, Ledger, LedgerError, NewBlock, Opening, open,
};
use valence_coprocessor_protocol::sha256::Compression;
use valence_coprocessor_protocol::{Root, StateProof};

use crate::model::{Model, block};

/// A ledger that was committed in batches, and the model at each of its roots.
struct History {
    records: MemoryRecords,
    models: Vec<(Root, Model)>,
    appended: Vec<(NewBlock, Appended)>,
}

fn append_all(blocks: &[NewBlock], batch: usize) -> Result<History, TestCaseError> {
    let mut model = Model::default();
    let mut history = History {
        records: MemoryRecords::default(),
        models: vec![(Root::ZERO, model.clone())],
        appended: Vec::new(),
    };
    for blocks in blocks.chunks(batch) {
        let mut ledger = Ledger::new(history.records.clone());
        for block in blocks {
            let newest = model
                .domains
                .get(&block.domain)
                .and_then(|(all, _)| all.last_key_value());
            let newest = newest.map(|(number, _)| *number);
            let before = ledger.root().expect("memory does not fail");
            match ledger.append(block) {
                Ok(appended) => {
                    prop_assert!(newest.is_none_or(|newest| newest < block.number));
                    model.append(block);
                    prop_assert_eq!(appended.previous, before);
                    prop_assert_eq!(appended.root, model.root());
                    prop_assert_eq!(ledger.root().expect("memory does not fail"), appended.root);
                    history.models.push((appended.root, model.clone()));
                    history.appended.push((block.clone(), appended));
                }
                Err(LedgerError::AlreadyPresent { number, .. }) => {
                    prop_assert_eq!(number, block.number);
                    prop_assert!(model.domains[&block.domain].0.contains_key(&number));
                }
                Err(LedgerError::NotNewer {
                    number,
                    newest: claimed,
                    ..
                }) => {
                    prop_assert_eq!((number, Some(claimed)), (block.number, newest));
                    prop_assert!(!model.domains[&block.domain].0.contains_key(&number));
                }
                Err(error) => prop_assert!(false, "{}", error),
            }
            check_root(&ledger, &model.root(), &model)?;
        }
        history.records.commit(ledger.into_writes());
    }
    Ok(history)
}

/// Every block of the model opens at the root, and every other number names its neighbours.
fn check_root(
    ledger: &Ledger<MemoryRecords>,
    root: &Root,
    model: &Model,
) -> Result<(), TestCaseError> {
    for (domain, (blocks, _)) in &model.domains {
        let newest = blocks.last_key_value().map(|(number, _)| *number);
        for (number, block) in blocks {
            let opening = ledger.opening(root, *domain, *number).expect("present");
            let decoded = Opening::decode(&opening.encode()).expect("canonical");
            prop_assert_eq!(&decoded, &opening);
            let state_proof = StateProof {
                domain: *domain,
                number: *number,
                state_root: block.state_root,
                payload: block.payload.clone(),
                proof: Vec::new(),
            };
            let proof = state_proof.as_state_proof_ref();
            let opened = open(
                &mut Compression::new(),
                root,
                proof,
                &opening.as_opening_ref(),
            );
            let opened = opened.expect("the opening leads to the root");
            prop_assert_eq!(opened.is_newest(), Some(*number) == newest);
            for missing in [number.wrapping_sub(1), number.wrapping_add(1), u64::MAX, 0] {
                if !blocks.contains_key(&missing) {
                    let error = ledger.opening(root, *domain, missing).expect_err("absent");
                    let LedgerError::MissingBlock {
                        below,
                        above,
                        number,
                        ..
                    } = error
                    else {
                        return Err(TestCaseError::fail(error.to_string()));
                    };
                    prop_assert_eq!(number, missing);
                    prop_assert_eq!((below, above), model.nearest(*domain, missing));
                }
            }
        }
    }
    let absent = block(200, 0, 0).domain;
    let error = ledger.opening(root, absent, 1).expect_err("absent");
    let named = matches!(error, LedgerError::UnknownDomain { domain } if domain == absent);
    prop_assert!(named, "{}", error);
    Ok(())
}

fn check_history(history: &History) -> Result<(), TestCaseError> {
    let ledger = Ledger::new(history.records.clone());
    for (root, model) in &history.models {
        check_root(&ledger, root, model)?;
    }
    for ((block, appended), sequence) in history.appended.iter().zip(1..) {
        prop_assert_eq!(appended.sequence, sequence);
        let update = ledger.update(&appended.root).expect("memory does not fail");
        let update = update.expect("the root is known");
        prop_assert_eq!((update.sequence, update.time), (sequence, block.time));
        prop_assert_eq!(
            (update.previous, update.root),
            (appended.previous, appended.root)
        );
        prop_assert_eq!(&update.block.payload, &block.payload);
        prop_assert_eq!(update.uuid()[8..].to_vec(), sequence.to_be_bytes().to_vec());
        let stored = ledger
            .block(block.domain, block.number)
            .expect("memory does not fail");
        prop_assert_eq!(stored, Some(update));
        let append = ledger
            .append_proof(sequence)
            .expect("every append can be proven");
        let decoded = BlockAppend::decode(&append.encode()).expect("canonical");
        prop_assert_eq!(&decoded, &append);
        let verified = append.verify().expect("the append is honest");
        prop_assert_eq!(verified.previous(), appended.previous);
        prop_assert_eq!(verified.root(), appended.root);
        prop_assert_eq!(
            (verified.domain(), verified.head()),
            (block.domain, block.head)
        );
        let before = &history.models[history
            .appended
            .iter()
            .position(|(_, own)| own == appended)
            .expect("it is in the list")]
        .1;
        let old_head = before.domains.get(&block.domain).map(|(_, head)| *head);
        prop_assert_eq!(verified.previous_head(), old_head);
    }
    let (root, model) = history.models.last().expect("the empty history is there");
    prop_assert_eq!(ledger.root().expect("memory does not fail"), *root);
    for (domain, (blocks, head)) in &model.domains {
        let latest = ledger
            .latest(*domain)
            .expect("memory does not fail")
            .expect("has blocks");
        prop_assert_eq!(
            Some(&latest.block.number),
            blocks.last_key_value().map(|(number, _)| number)
        );
        prop_assert_eq!(latest.head, *head);
    }
    Ok(())
}

fn numbers() -> impl Strategy<Value = u64> {
    prop_oneof![8 => 0..60u64, 1 => any::<u64>(), 1 => (u64::MAX - 3)..=u64::MAX]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_ledger_is_the_model(
        blocks in prop::collection::vec((0..12u8, numbers(), any::<u8>()), 0..40),
        batch in 1..10usize,
    ) {
        let mut blocks: Vec<_> = blocks;
        // Half of the blocks in rising order: otherwise most would be refused.
        let half = blocks.len() / 2;
        blocks[half..].sort_by_key(|(_, number, _)| *number);
        let blocks: Vec<_> = blocks
            .into_iter()
            .map(|(domain, number, contents)| block(domain, number, contents))
            .collect();
        check_history(&append_all(&blocks, batch)?)?;
    }

    /// Few state roots over many blocks, among them A, B, A: no root returns, nothing is lost.
    #[test]
    fn attack_a11_state_roots_repeat(
        contents in prop::collection::vec(0..3u8, 30..60),
        domains in 1..3u8,
    ) {
        let blocks: Vec<_> = (0..)
            .zip(contents)
            .map(|(number, contents)| block(u8::from(domains == 2 && number % 2 == 1), number, contents))
            .collect();
        let history = append_all(&blocks, 7)?;
        prop_assert_eq!(history.appended.len(), blocks.len());
        let roots: std::collections::BTreeSet<_> =
            history.models.iter().map(|(root, _)| *root).collect();
        prop_assert_eq!(roots.len(), history.models.len());
        check_history(&history)?;
    }

    /// Times that fall or stand still change nothing: order is that of the sequence.
    #[test]
    fn attack_a15_the_clock_is_set_back(times in prop::collection::vec(any::<u64>(), 10..30)) {
        let at = |(number, time): (u64, &u64)| NewBlock { time: *time, ..block(1, number, 9) };
        let blocks: Vec<_> = (0..).zip(&times).map(at).collect();
        let history = append_all(&blocks, 4)?;
        prop_assert_eq!(history.appended.len(), times.len());
        check_history(&history)?;
        let still: Vec<_> = (0..).zip(&times).map(|(number, _)| block(1, number, 9)).collect();
        let other = append_all(&still, 4)?;
        let roots = |history: &History| {
            history.models.iter().map(|(root, _)| *root).collect::<Vec<_>>()
        };
        prop_assert_eq!(roots(&history), roots(&other));
    }
}

/// A missing block or domain is answered by the nearest numbers, never with somebody else's path.
#[test]
fn attack_a12_missing_blocks_name_the_nearest() {
    let mut ledger = Ledger::new(MemoryRecords::default());
    let mut roots = Vec::new();
    for number in [10, 12, 20] {
        roots.push(
            ledger
                .append(&block(1, number, 3))
                .expect("numbers rise")
                .root,
        );
    }
    let domain = block(1, 0, 0).domain;
    let text = |root: &Root, number| {
        ledger
            .opening(root, domain, number)
            .expect_err("absent")
            .to_string()
    };
    let missing =
        |number: u64, rest| format!("domain {domain} has no block {number}; the nearest {rest}");
    assert_eq!(text(&roots[2], 11), missing(11, "are 10 and 12"));
    assert_eq!(text(&roots[2], 13), missing(13, "are 12 and 20"));
    assert_eq!(text(&roots[2], 21), missing(21, "is 20"));
    assert_eq!(text(&roots[2], 9), missing(9, "is 10"));
    // At an older root, later blocks are not there.
    assert_eq!(text(&roots[0], 12), missing(12, "is 10"));
    assert_eq!(text(&roots[1], 20), missing(20, "is 12"));
    let unknown = Root::from_bytes([1; 32]);
    let error = ledger
        .opening(&unknown, domain, 10)
        .expect_err("no such root");
    assert!(matches!(error, LedgerError::UnknownRoot { root } if root == unknown));
    let error = ledger.opening(&Root::ZERO, domain, 10).expect_err("empty");
    assert!(matches!(error, LedgerError::UnknownDomain { .. }));
    let error = ledger.append_proof(4).expect_err("three appends");
    assert!(matches!(
        error,
        LedgerError::UnknownSequence { sequence: 4 }
    ));
}
