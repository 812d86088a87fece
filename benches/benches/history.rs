//! The history over stores: appends and openings at 100,000 blocks in one domain.

use benches::Chain;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;
use tempfile::TempDir;
use valence_coprocessor_store::{MemoryStore, Store};
use valence_coprocessor_store_redb::RedbStore;

const BLOCKS: u64 = 100_000;
const BATCH: u64 = 1_000;

/// Appends in batches of `batch`, each committed before the next.
fn append<S: Store>(criterion: &mut Criterion, name: &str, chain: &mut Chain<S>, batch: u64) {
    let mut group = criterion.benchmark_group("append");
    group.throughput(Throughput::Elements(batch));
    group.sample_size(20);
    group.bench_function(BenchmarkId::new(name, batch), |bencher| {
        bencher.iter(|| chain.append(batch));
    });
    group.finish();
}

/// Opens blocks all over the domain under the current root.
fn open<S: Store>(criterion: &mut Criterion, name: &str, chain: &Chain<S>) {
    let root = chain.root();
    let blocks = chain.len();
    let mut number = 0;
    let mut group = criterion.benchmark_group("opening");
    group.throughput(Throughput::Elements(1));
    group.bench_function(BenchmarkId::new(name, blocks), |bencher| {
        bencher.iter(|| {
            // A step that shares no factor with the number of blocks visits all, near ones apart.
            number = (number + 61_803) % blocks;
            black_box(chain.opening(&root, number))
        });
    });
    group.finish();
}

fn memory(criterion: &mut Criterion) {
    let mut chain = Chain::new(MemoryStore::new(), BLOCKS);
    open(criterion, "memory", &chain);
    append(criterion, "memory", &mut chain, BATCH);
}

fn embedded(criterion: &mut Criterion) {
    // Under the target directory of cargo rather than /tmp, which is memory on some machines.
    let directory = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).expect("a temporary directory");
    let store = RedbStore::open(directory.path()).expect("a new store opens");
    let mut chain = Chain::new(store, BLOCKS);
    open(criterion, "embedded", &chain);
    append(criterion, "embedded", &mut chain, BATCH);
    append(criterion, "embedded", &mut chain, 1);
}

criterion_group!(history, memory, embedded);
criterion_main!(history);
