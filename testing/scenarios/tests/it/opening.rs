//! Checking an opening as a circuit does, with nothing taken from the service but the bytes.

use anyhow::{Context as _, ensure};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use reqwest::Method;
use valence_coprocessor_harness::Coprocessor;
use valence_coprocessor_history::{Opening, open};
use valence_coprocessor_protocol::{
    DomainId, DomainName, Root, StateProof, StateRoot, sha256::Compression,
};

/// Asks for the opening of a block under a root, and opens it.
pub(crate) async fn check(
    coprocessor: &Coprocessor,
    domain: &str,
    number: u64,
    root: &str,
) -> anyhow::Result<()> {
    let path = format!("/api/historical/{domain}/{number}");
    let headers = [("valence-coprocessor-root", root)];
    let answer = coprocessor
        .request(Method::GET, &path, &headers, None)
        .await?
        .expect_status(200)
        .with_context(|| format!("asking for block {number} under root {root}"))?;
    let bytes = |name: &str| {
        let text = answer[name]
            .as_str()
            .with_context(|| format!("no {name}"))?;
        STANDARD
            .decode(text)
            .with_context(|| format!("{name} is no base64"))
    };
    let name: DomainName = domain.parse().context("a domain's name")?;
    let state_root: StateRoot = answer["state_root"]
        .as_str()
        .context("no state root")?
        .parse()
        .context("reading the state root")?;
    let state_proof = StateProof {
        domain: DomainId::of(&name),
        number,
        state_root,
        payload: bytes("payload")?,
        proof: Vec::new(),
    };
    let opening = Opening::decode(&bytes("opening")?).context("decoding the opening")?;
    let root: Root = root.parse().context("reading the root")?;
    let opened = open(
        &mut Compression::new(),
        &root,
        state_proof.as_state_proof_ref(),
        &opening.as_opening_ref(),
    )
    .context("opening the block")?;
    ensure!(opened.number() == number, "opened another block");
    Ok(())
}
