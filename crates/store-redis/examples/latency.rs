//! Measures what one read, one scan and one commit take, on a Redis of its own or on the one that a URL names.

use std::{
    env,
    io::{self, Write as _},
    time::{Duration, Instant},
};

use valence_coprocessor_redis_server::RedisServer;
use valence_coprocessor_store::{Batch, KeyRange, Order, Store as _, Table};
use valence_coprocessor_store_redis::{RedisConfig, RedisStore};

type Failure = Box<dyn std::error::Error>;

const ROUNDS: u32 = 5_000;
const ROWS: u32 = 10_000;
/// Bytes of a value: about those of a record of the history.
const VALUE: usize = 1_500;

fn main() -> Result<(), Failure> {
    let given = env::args().nth(1);
    let own = match &given {
        Some(_) => None,
        None => Some(RedisServer::start_with(&["--appendfsync", "everysec"])?),
    };
    let url = own
        .as_ref()
        .map_or(given.unwrap_or_default(), RedisServer::url);
    let config: RedisConfig = url.parse()?;
    let store = RedisStore::open(&config)?;
    for part in (0..ROWS).step_by(1_000) {
        let mut batch = Batch::new();
        for number in part..part + 1_000 {
            batch.put(Table::Records, number.to_be_bytes(), [7; VALUE]);
        }
        store.commit(batch)?;
    }
    measure("begin a snapshot", |_| {
        drop(store.snapshot()?);
        Ok(())
    })?;
    let snapshot = store.snapshot()?;
    measure("get", |round| {
        let key = (round * 7_919 % ROWS).to_be_bytes();
        drop(snapshot.get(Table::Records, &key)?);
        Ok(())
    })?;
    measure("scan of 256", |_| {
        let all = KeyRange::all();
        let rows = snapshot.scan(Table::Records, &all, Order::Descending, 256)?;
        assert_eq!(rows.len(), 256);
        Ok(())
    })?;
    let mut present = None;
    measure("commit of one expectation and three writes", |round| {
        let mut batch = Batch::new();
        batch.expect(Table::Meta, b"head", present.clone());
        batch.put(Table::Meta, b"head", round.to_be_bytes());
        batch.put(Table::Jobs, round.to_be_bytes(), [7; 256]);
        batch.put(Table::JobIndex, round.to_be_bytes(), [7; 32]);
        store.commit(batch)?;
        present = Some(round.to_be_bytes().to_vec());
        Ok(())
    })
}

fn measure(what: &str, mut work: impl FnMut(u32) -> Result<(), Failure>) -> Result<(), Failure> {
    let mut times = Vec::new();
    for round in 0..ROUNDS {
        let start = Instant::now();
        work(round)?;
        times.push(start.elapsed());
    }
    times.sort_unstable();
    let at = |share: usize| micros(times[(times.len() - 1) * share / 100]);
    writeln!(
        io::stdout(),
        "{what}: median {} µs, p99 {} µs",
        at(50),
        at(99)
    )?;
    Ok(())
}

fn micros(time: Duration) -> u128 {
    time.as_micros()
}
