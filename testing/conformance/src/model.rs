//! Random histories of batches, replayed on the store and on plain maps, which must agree at every step.

use core::ops::Bound;
use std::collections::BTreeMap;

use proptest::{
    collection::vec,
    option,
    prelude::*,
    sample::select,
    test_runner::{Config, TestRunner},
};
use valence_coprocessor_store::{Batch, KeyRange, Order, Store, StoreError, Table};

type Map = BTreeMap<(Table, Vec<u8>), Vec<u8>>;

#[derive(Debug, Clone)]
enum Step {
    Put(Table, Vec<u8>, Vec<u8>),
    Delete(Table, Vec<u8>),
    ExpectTruth(Table, Vec<u8>),
    Expect(Table, Vec<u8>, Option<Vec<u8>>),
}

/// What is asked after each batch.
#[derive(Debug, Clone)]
struct Query {
    table: Table,
    start: Bound<Vec<u8>>,
    end: Bound<Vec<u8>>,
    is_descending: bool,
    limit: usize,
}

pub(crate) fn random_histories_agree<S: Store>(cases: u32, open: &dyn Fn() -> S) {
    let config = Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    };
    TestRunner::new(config)
        .run(&vec((vec(step(), 0..12), query()), 1..12), |history| {
            let store = open();
            let mut model = Map::new();
            for (steps, query) in history {
                replay(&store, &mut model, &steps)?;
                ask(&store, &model, &query)?;
            }
            Ok(())
        })
        .unwrap_or_else(|failure| panic!("store and model disagree: {failure}"));
}

fn table() -> impl Strategy<Value = Table> {
    select(vec![Table::Records, Table::Blocks])
}

fn key() -> impl Strategy<Value = Vec<u8>> {
    // Few distinct bytes and lengths, so that keys collide, extend one another and share beginnings.
    vec(select(vec![0u8, 1, 0x10, 0x7f, 0xff]), 0..4)
}

fn value() -> impl Strategy<Value = Vec<u8>> {
    vec(any::<u8>(), 0..3)
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        12 => (table(), key(), value()).prop_map(|(table, key, value)| Step::Put(table, key, value)),
        6 => (table(), key()).prop_map(|(table, key)| Step::Delete(table, key)),
        2 => (table(), key()).prop_map(|(table, key)| Step::ExpectTruth(table, key)),
        1 => (table(), key(), option::of(value()))
            .prop_map(|(table, key, value)| Step::Expect(table, key, value)),
    ]
}

fn bound() -> impl Strategy<Value = Bound<Vec<u8>>> {
    prop_oneof![
        Just(Bound::Unbounded),
        key().prop_map(Bound::Included),
        key().prop_map(Bound::Excluded),
    ]
}

fn query() -> impl Strategy<Value = Query> {
    (table(), bound(), bound(), any::<bool>(), 0usize..20).prop_map(
        |(table, start, end, is_descending, limit)| Query {
            table,
            start,
            end,
            is_descending,
            limit,
        },
    )
}

fn replay(store: &dyn Store, model: &mut Map, steps: &[Step]) -> Result<(), TestCaseError> {
    let mut batch = Batch::new();
    let mut after = model.clone();
    let mut holds = true;
    for step in steps.iter().cloned() {
        match step {
            Step::Put(table, key, value) => {
                batch.put(table, key.clone(), value.clone());
                after.insert((table, key), value);
            }
            Step::Delete(table, key) => {
                batch.delete(table, key.clone());
                after.remove(&(table, key));
            }
            Step::ExpectTruth(table, key) => {
                let truth = model.get(&(table, key.clone())).cloned();
                batch.expect(table, key, truth);
            }
            Step::Expect(table, key, value) => {
                holds &= model.get(&(table, key.clone())) == value.as_ref();
                batch.expect(table, key, value);
            }
        }
    }
    match store.commit(batch) {
        Ok(()) => {
            prop_assert!(holds, "a broken expectation was committed");
            *model = after;
        }
        Err(StoreError::Conflict { .. }) => prop_assert!(!holds, "a true expectation was refused"),
        Err(other) => return Err(TestCaseError::fail(format!("{other:?}"))),
    }
    Ok(())
}

fn ask(store: &dyn Store, model: &Map, query: &Query) -> Result<(), TestCaseError> {
    let is_inside = |key: &[u8]| {
        // Spelled out here again, so that a wrong `KeyRange::contains` cannot hide itself.
        (match &query.start {
            Bound::Unbounded => true,
            Bound::Included(start) => key >= start.as_slice(),
            Bound::Excluded(start) => key > start.as_slice(),
        }) && (match &query.end {
            Bound::Unbounded => true,
            Bound::Included(end) => key <= end.as_slice(),
            Bound::Excluded(end) => key < end.as_slice(),
        })
    };
    let mut expected: Vec<_> = model
        .iter()
        .filter(|((table, key), _)| *table == query.table && is_inside(key))
        .map(|((_, key), value)| (key.clone(), value.clone()))
        .collect();
    let order = if query.is_descending {
        expected.reverse();
        Order::Descending
    } else {
        Order::Ascending
    };
    expected.truncate(query.limit);
    let fail = |error: StoreError| TestCaseError::fail(format!("{error:?}"));
    let snapshot = store.snapshot().map_err(fail)?;
    let range = KeyRange::new(query.start.clone(), query.end.clone());
    let found: Vec<_> = snapshot
        .scan(query.table, &range, order, query.limit)
        .map_err(fail)?
        .into_iter()
        .map(|(key, value)| (key, Vec::from(value)))
        .collect();
    prop_assert_eq!(found, expected);
    for ((table, key), value) in model {
        let found = snapshot.get(*table, key).map_err(fail)?;
        prop_assert_eq!(found.as_deref(), Some(value.as_slice()));
    }
    Ok(())
}
