//! Steps: several periods at once, one after the other, and a client that is recorded in between.

use valence_coprocessor_ethereum_beacon::ClientRecord;
use valence_coprocessor_ethereum_light_client::{Fork, MAINNET, step};

use crate::fixtures::{self, NOW};

const CHAIN: &str = "01-beacon-mainnet/deneb-chain-1347-1406-ssz";

/// One step over six periods leads to the very state that six steps of one period lead to.
#[test]
fn one_step_or_many_lead_to_one_state() {
    let path = format!("{CHAIN}/bootstrap_slot11034656_period1347.ssz");
    let Some(bootstrap) = fixtures::ssz_bootstrap(&path, Fork::Deneb) else {
        return;
    };
    let updates = fixtures::ssz_updates(&format!("{CHAIN}/updates_period1347_count46.ssz"))
        .expect("recorded");
    let client = fixtures::trusting(MAINNET, &bootstrap);
    let genesis = client.store().state();
    let mut together = client.begin();
    let mut alone = client;
    let mut head = genesis;
    // The first update supplies a committee and advances nothing: it cannot be a step of its own.
    let (supply, rest) = updates[..6].split_first().expect("updates");
    let mut pending = Some(supply);
    together.push(supply, NOW).expect("a recorded update");
    for update in rest {
        together.push(update, NOW).expect("a recorded update");
        let mut builder = alone.begin();
        for update in pending.take().into_iter().chain([update]) {
            builder.push(update, NOW).expect("a recorded update");
        }
        let single = builder.finish().expect("a step");
        assert_eq!(single.output.previous, head, "each step extends the head");
        assert_eq!(
            step(&single.input).expect("what the circuit does"),
            single.output
        );
        head = single.output.state;
        // As an operator does between two runs.
        let text = serde_json::to_string(&ClientRecord::of(&single.client)).expect("JSON");
        let record: ClientRecord = serde_json::from_str(&text).expect("a record");
        alone = record.restore(MAINNET).expect("a record of this chain");
        assert_eq!(alone, single.client);
        assert_eq!(alone.store().state(), head);
    }
    let together = together.finish().expect("a step");
    assert_eq!(together.output.previous, genesis);
    assert_eq!(together.output.state, head);
    assert_eq!(together.client, alone);
    assert_eq!(
        step(&together.input).expect("what the circuit does"),
        together.output
    );
}
