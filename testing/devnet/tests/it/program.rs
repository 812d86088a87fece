//! The program: it listens, its slots pass by the clock or when asked, and it ends when told to.

use std::{path::Path, time::Duration};

use valence_coprocessor_harness::Process;

use crate::anvil::execution;

/// Long enough for a machine that is busy with something else.
const LIMIT: Duration = Duration::from_mins(1);

#[tokio::test]
async fn the_program_serves_until_it_is_told_to_end() {
    let execution = execution().await;
    let logs = tempfile::tempdir().expect("a folder");
    let program = Path::new(env!("CARGO_BIN_EXE_valence-coprocessor-devnet"));
    let arguments = [
        "--execution",
        execution.anvil.url(),
        "--bind",
        "127.0.0.1:0",
        "--fork",
        "deneb,electra=1",
        "--seconds-per-slot",
        "0",
        "--participation",
        "24",
    ];
    let mut process = Process::start(program, arguments, &logs.path().join("devnet.log"))
        .await
        .expect("it starts");
    let url = process
        .wait_for(LIMIT, "its address", |line| {
            line.strip_prefix("Listening on ").map(str::to_owned)
        })
        .await
        .expect("an address");
    let client = reqwest::Client::new();
    let answer = client
        .post(format!("{url}/admin/advance?slots=9"))
        .send()
        .await;
    assert!(answer.expect("an answer").status().is_success());
    let answer = reqwest::get(format!(
        "{url}/eth/v1/beacon/light_client/optimistic_update"
    ))
    .await;
    let answer: serde_json::Value = answer.expect("an answer").json().await.expect("JSON");
    assert_eq!(answer["version"], "electra");
    assert_eq!(answer["data"]["signature_slot"], "9");
    let bits = answer["data"]["sync_aggregate"]["sync_committee_bits"]
        .as_str()
        .expect("bits");
    let bits = u32::from_str_radix(bits.trim_start_matches("0x"), 16).expect("32 bits");
    assert_eq!(bits.count_ones(), 24);
    let status = process.terminate(LIMIT).await.expect("it ends");
    assert!(status.success());
}
