//! Two real proofs of Ethereum's light client, the second going on from where the first ends, at a service that takes
//! proven blocks only. testing/proofs says how they were made.

use anyhow::{Context as _, ensure};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use valence_coprocessor_harness::{
    Answer, Artifacts, Coprocessor, Programs, Service, ServiceOptions, StoreChoice, repository_root,
};
use valence_coprocessor_protocol::sha256;
use valence_coprocessor_recorded_chain::{RecordedStep, consecutive_steps};
use valence_coprocessor_verifier::ProofFile;

use crate::stage::hex;

const DOMAIN: &str = "ethereum-mainnet";

/// The body that the operator posts for a step, with the proof of a file.
fn body(recorded: &RecordedStep, file: &ProofFile) -> Value {
    json!({
        "payload": STANDARD.encode(recorded.step.output.payload.encode()),
        "evidence": {"proof": {
            "public_values": STANDARD.encode(file.public_values()),
            "proof": STANDARD.encode(file.proof()),
        }},
    })
}

fn proof(number: usize) -> anyhow::Result<ProofFile> {
    let name = format!("testing/proofs/ethereum-step-{number}.compressed.proof");
    let bytes = std::fs::read(repository_root().join(&name)).context(name)?;
    Ok(ProofFile::decode(&bytes)?)
}

async fn post(coprocessor: &Coprocessor, body: &Value) -> anyhow::Result<Answer> {
    coprocessor.add_block(DOMAIN, body).await
}

/// A service whose domain set elects this light client, from where the first step starts.
async fn start(folder: &std::path::Path, first: &RecordedStep) -> anyhow::Result<Service> {
    let guest = Artifacts::default().ethereum()?;
    let file = proof(1)?;
    let set = format!(
        "[[domain]]\nname = \"{DOMAIN}\"\ncontroller = \"{}\"\nverifying_key = \"{}\"\ngenesis = \"{}\"\n",
        hex(&sha256::digest(&guest.controller)),
        file.verifying_key(),
        first.step.output.previous,
    );
    let path = folder.join("domains.toml");
    std::fs::write(&path, set).context("writing the domain set")?;
    let path = path.to_str().context("a path in UTF-8")?;
    let options = ServiceOptions::new(&Programs::find()?, StoreChoice::Memory, folder);
    let service = Service::start(&options.with(["--domain-set", path])).await?;
    // It computes the key of the circuit, and refuses one that is not elected.
    service.coprocessor().deploy_domain(DOMAIN, &guest).await?;
    Ok(service)
}

#[tokio::test]
async fn attack_b12_two_real_steps_are_taken_in_their_order_and_once() -> anyhow::Result<()> {
    let Some([first, second]) = consecutive_steps() else {
        return Ok(());
    };
    let folder = tempfile::tempdir().context("making a folder")?;
    let service = start(folder.path(), &first).await?;
    let coprocessor = service.coprocessor();
    let (one, other) = (body(&first, &proof(1)?), body(&second, &proof(2)?));
    let empty = coprocessor.root().await?;

    let early = post(coprocessor, &other).await?;
    ensure!(early.code() == "step_not_next", "{early:?}");
    let mut forged = one.clone();
    let values = STANDARD.encode([0; 144]);
    forged["evidence"]["proof"]["public_values"] = json!(values);
    ensure!(
        post(coprocessor, &forged).await?.status == 400,
        "public values of nobody"
    );
    let mut swapped = one.clone();
    swapped["evidence"]["proof"]["proof"] = other["evidence"]["proof"]["proof"].clone();
    let swapped = post(coprocessor, &swapped).await?;
    ensure!(
        swapped.code() == "invalid_step",
        "the proof of another step: {swapped:?}"
    );
    ensure!(coprocessor.root().await? == empty, "something was appended");

    for (recorded, body) in [(&first, &one), (&second, &other)] {
        let added = post(coprocessor, body).await?.expect_status(200)?;
        ensure!(added["number"] == recorded.step.output.number, "{added}");
        ensure!(added["dev"] == false, "it is marked as unproven: {added}");
        let again = post(coprocessor, body).await?;
        ensure!(again.status == 409, "it was taken twice: {again:?}");
        let number = recorded.step.output.number;
        let kept = coprocessor
            .get(&format!("/api/historical/{DOMAIN}/{number}/proof"))
            .await?;
        let kept = kept.expect_status(200)?;
        ensure!(
            kept["proof"] == body["evidence"]["proof"]["proof"],
            "another proof is kept"
        );
    }
    Ok(())
}
