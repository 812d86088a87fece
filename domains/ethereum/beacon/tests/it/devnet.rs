//! Two runs of a devnet with the minimal preset, in Fulu.

use valence_coprocessor_ethereum_beacon::PreparedUpdate;
use valence_coprocessor_ethereum_light_client::Fork;

use crate::fixtures::{NOW, devnet_run};

fn replay(name: &str) {
    let Some(run) = devnet_run(name) else { return };
    let config = *run.client.store().config();
    let mut step = run.client.begin();
    for (update, signing) in &run.updates {
        assert_eq!(config.fork(update.attested_header.beacon.slot), Fork::Fulu);
        let prepared = step.client().prepare(update).expect("a recorded update");
        let with_recorded = PreparedUpdate::new(update, signing, &config);
        assert_eq!(prepared, with_recorded.expect("a recorded update"));
        step.push(update, NOW).expect("a recorded update");
        let finalized = update.finalized_header.beacon.slot;
        assert_eq!(step.client().store().checkpoint().slot, finalized);
    }
    let step = step.finish().expect("a step");
    // The recorded state proof is under the last finalized block.
    assert_eq!(step.output.state_root, run.state_root);
}

#[test]
fn a_transfer_and_back() {
    replay("Test_ICS20TransferERC20TokenfromEthereumToCosmosAndBack");
}

#[test]
fn several_periods() {
    replay("Test_MultiPeriodClientUpdateToCosmos");
}
