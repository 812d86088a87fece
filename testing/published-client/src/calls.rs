//! Every call of the published crate, with what must come back.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, ensure};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use valence_domain_clients::{
    clients::coprocessor::CoprocessorClient, coprocessor::base_client::CoprocessorBaseClient as _,
};

const CONTROLLER: &str = include_str!("controller.wat");

pub async fn make_all(url: &str, circuit: &str) -> anyhow::Result<()> {
    let client = CoprocessorClient::new(url.to_owned());
    let elf = std::fs::read(circuit).with_context(|| format!("reading {circuit}"))?;
    let controller = wat::parse_str(CONTROLLER)?;
    // Two runs against one service must not meet each other's deployments.
    let nonce = SystemTime::now().duration_since(UNIX_EPOCH)?.as_micros() as u64;
    let signed = std::env::var_os("VALENCE_SIGNER").is_some();

    ensure!(
        client.stats().await?["version"].is_string(),
        "`stats` names no version"
    );
    let id = client
        .deploy_controller(&controller, &elf, Some(nonce))
        .await
        .context("deploy_controller")?;
    ensure!(id.len() == 64, "the id is `{id}`");

    storage(&client, &id).await.context("storage")?;
    blocks(&client, nonce, &controller, &elf)
        .await
        .context("domains")?;
    circuits(&client, &id, &controller, &elf, url)
        .await
        .context("circuits")?;
    proof(&client, &id).await.context("prove")?;
    provers(&client, signed).await.context("provers")
}

async fn storage(client: &CoprocessorClient, id: &str) -> anyhow::Result<()> {
    ensure!(
        client.get_storage_raw(id).await?.is_none(),
        "raw storage is not empty at first"
    );
    client.set_storage_raw(id, b"foo").await?;
    ensure!(
        client.get_storage_raw(id).await?.as_deref() == Some(b"foo"),
        "raw storage is another"
    );

    let path = "/var/share/data.txt";
    ensure!(
        client.get_storage_file(id, path).await?.is_none(),
        "there is a file at first"
    );
    client.set_storage_file(id, path, b"bar").await?;
    ensure!(
        client.get_storage_file(id, path).await?.as_deref() == Some(b"bar"),
        "the file is another"
    );
    Ok(())
}

async fn blocks(
    client: &CoprocessorClient,
    nonce: u64,
    controller: &[u8],
    elf: &[u8],
) -> anyhow::Result<()> {
    let name = format!("published-{nonce}");
    let domain = client.deploy_domain(&name, controller, elf).await?;
    let before = client.root().await?;
    let block = json!({"number": 7, "root": vec![9u8; 32], "payload": [1, 2, 3]});
    let added = client.add_domain_block(&name, &block).await?;
    for field in ["domain", "prev_smt", "smt", "root"] {
        let bytes: Vec<u8> = serde_json::from_value(added[field].clone())
            .with_context(|| format!("`{field}` in {added}"))?;
        ensure!(bytes.len() == 32, "`{field}` has {} bytes", bytes.len());
    }
    ensure!(
        added["number"] == 7 && added["payload"] == json!([1, 2, 3]) && added["log"].is_array(),
        "{added}"
    );
    let after = client.root().await?;
    ensure!(after != before, "the root is still {before}");

    let latest = client.get_latest_domain_block(&name).await?;
    ensure!(
        latest["domain"] == Value::from(domain) && latest["number"] == 7,
        "{latest}"
    );
    ensure!(
        latest["root"] == "09".repeat(32) && latest["payload"] == "010203",
        "{latest}"
    );
    ensure!(latest["coprocessor"] == Value::from(after), "{latest}");
    Ok(())
}

async fn circuits(
    client: &CoprocessorClient,
    id: &str,
    controller: &[u8],
    elf: &[u8],
    url: &str,
) -> anyhow::Result<()> {
    let computed = client.get_witnesses(id, &json!({"value": 42})).await?;
    ensure!(
        computed.witnesses["witnesses"] == json!([{"Data": [42, 0, 0, 0, 0, 0, 0, 0]}]),
        "{computed:?}"
    );
    ensure!(
        computed.witnesses["root"] == Value::from(client.root().await?),
        "{computed:?}"
    );
    ensure!(computed.witnesses["proofs"] == json!([]), "{computed:?}");

    let arguments = json!({"payload": {"cmd": "store", "path": "/etc/foo.bin"}});
    let called = client.entrypoint(id, &arguments).await?;
    ensure!(
        called.ret == arguments && called.log == ["called"],
        "{called:?}"
    );
    ensure!(
        client.get_storage_file(id, "/etc/foo.bin").await?.is_some(),
        "the entry point stored nothing"
    );

    ensure!(
        !client.get_vk(id).await?.is_empty(),
        "the verifying key is empty"
    );
    ensure!(
        client.get_domain_vk().await?.starts_with("0x"),
        "the crate's own constant"
    );
    ensure!(
        client.get_circuit(id).await? == elf,
        "the circuit is another"
    );
    ensure!(
        client.get_runtime(id).await? == controller,
        "the controller is another"
    );

    let migrated = client.migrate(id, url).await?;
    let here = client.deploy_controller(controller, elf, None).await?;
    ensure!(migrated == Value::from(here), "migrated to {migrated}");
    Ok(())
}

async fn proof(client: &CoprocessorClient, id: &str) -> anyhow::Result<()> {
    let root = client.root().await?;
    let proof = client.prove(id, &json!({"value": 42})).await?;
    let program = STANDARD.decode(&proof.program.inputs)?;
    let domain = STANDARD.decode(&proof.domain.inputs)?;
    ensure!(
        program.len() >= 32 && program[..32] == domain[..],
        "the proof is of another root"
    );
    let root: Vec<u8> = (0..32)
        .map(|index| u8::from_str_radix(&root[2 * index..2 * index + 2], 16))
        .collect::<Result<_, _>>()?;
    ensure!(domain == root, "the root is another");
    ensure!(
        !STANDARD.decode(&proof.program.proof)?.is_empty(),
        "there is no proof"
    );
    Ok(())
}

/// A prover belongs to a key, so an unsigned request for one is refused, with an error object.
async fn provers(client: &CoprocessorClient, signed: bool) -> anyhow::Result<()> {
    let address = "127.0.0.1:37282";
    if !signed {
        lists(client, &[]).await?;
        ensure!(
            client.provers_add(address).await?["code"] == "signature_required",
            "anybody may add a prover"
        );
        return Ok(());
    }
    ensure!(
        client.provers_add(address).await? == json!({"added": address}),
        "provers_add"
    );
    lists(client, &[address]).await?;
    ensure!(
        client.provers_remove(address).await? == json!({"removed": address}),
        "provers_remove"
    );
    lists(client, &[]).await
}

/// The two members that this client knows; others may stand beside them.
async fn lists(client: &CoprocessorClient, owned: &[&str]) -> anyhow::Result<()> {
    let provers = client.provers().await?;
    ensure!(
        provers["public"] == json!([]) && provers["owned"] == json!(owned),
        "the provers are {provers}, not {owned:?}"
    );
    Ok(())
}
