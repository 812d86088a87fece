//! One real proof, made by a worker behind TLS and secret. It takes minutes of every core and 10 GiB, so it runs alone, and only in the
//! profile `full`, which `cargo xtask test` selects.

use std::time::Duration;

use anyhow::Context as _;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use valence_coprocessor_harness::{Programs, Worker, WorkerOptions};

use crate::{
    farm,
    stage::{Stage, statement},
};

/// Starting the prover, proving and verifying, on two busy cores.
const PROOF: Duration = Duration::from_mins(40);

#[tokio::test]
async fn a_core_proof_is_made_by_a_worker_and_verified_by_the_service() -> anyhow::Result<()> {
    let folder = tempfile::tempdir().context("making a folder")?;
    let worker = Worker::start(&WorkerOptions {
        backend: "cpu",
        slots: 1,
        ..farm::worker(&Programs::find()?, folder.path(), 0)
    })
    .await?;
    let address = format!("https://{}", worker.address());
    let stage = Stage::set_with(vec!["--prover".to_owned(), address.clone()]).await?;
    let number = stage.move_and_feed(123_456_789).await?;
    stage.move_and_feed(1).await?;
    let root = stage.service.coprocessor().root().await?;

    let job = stage.prove(number, Some(&root), "core", PROOF).await?;
    let statement = statement(&job)?;
    assert_eq!(statement.root, root);
    assert_eq!(statement.value, stage.balance(number).await?);
    assert_eq!(job["result"]["proven"], true);
    assert_eq!(job["worker"], address);
    let states: Vec<&str> = job["states"]
        .as_array()
        .context("a job has states")?
        .iter()
        .filter_map(|change| change["state"].as_str())
        .collect();
    // The service calls a job done only after it has verified the proof under its own key.
    let position = |state| states.iter().position(|name| *name == state);
    assert!(position("proving") < position("verifying"), "{states:?}");
    assert!(position("verifying") < position("done"), "{states:?}");
    let proof = job["result"]["proof"]
        .as_str()
        .context("there is a proof")?;
    let proof = STANDARD.decode(proof).context("the proof is base64")?;
    assert!(
        proof.len() > 10_000,
        "{} bytes are no core proof",
        proof.len()
    );

    for status in [stage.service.terminate().await?, worker.terminate().await?] {
        assert!(status.success(), "{status}");
    }
    Ok(())
}
