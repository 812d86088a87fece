//! What most scenarios start from: a node with the token, a service with domain and example.

use std::time::Duration;

use anyhow::{Context as _, ensure};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Value;
use tempfile::TempDir;
use valence_coprocessor_harness::{
    Anvil, Artifacts, Programs, Service, ServiceOptions, StoreChoice, TRUSTED_DOMAIN, Token,
    balance_arguments, block_arguments,
};

/// Whose balance is proven: anvil's second account.
pub(crate) const HOLDER: &str = "0x70997970c51812dc3a010c7d01b50e0d17dc79c8";

/// An executed job, on a busy machine.
pub(crate) const EXECUTION: Duration = Duration::from_mins(5);

/// A running node and service.
pub(crate) struct Stage {
    pub(crate) service: Service,
    pub(crate) anvil: Anvil,
    pub(crate) token: Token,
    pub(crate) circuit: String,
    /// Holds the data while the stage stands.
    _folder: TempDir,
}

/// What a finished job says.
pub(crate) struct Statement {
    pub(crate) root: String,
    /// The output, which is words of 32 bytes.
    pub(crate) words: Vec<String>,
    /// The last word.
    pub(crate) value: String,
}

impl Stage {
    /// Starts everything, with the embedded store.
    pub(crate) async fn set() -> anyhow::Result<Self> {
        Self::set_with(Vec::new()).await
    }

    /// The same with further arguments of the service.
    pub(crate) async fn set_with(arguments: Vec<String>) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir().context("making a folder")?;
        let programs = Programs::find()?;
        let anvil = Anvil::start(&programs.anvil, folder.path()).await?;
        let token = Token::deploy(anvil.node()).await?;
        let options = ServiceOptions {
            arguments,
            ..options(&programs, &folder, Some(anvil.url()))
        };
        let service = Service::start(&options).await?;
        let artifacts = Artifacts::default();
        let coprocessor = service.coprocessor();
        coprocessor
            .deploy_domain(TRUSTED_DOMAIN, &artifacts.ethereum_trusted()?)
            .await?;
        let circuit = coprocessor.deploy(&artifacts.storage_proof()?, 0).await?;
        Ok(Self {
            service,
            anvil,
            token,
            circuit,
            _folder: folder,
        })
    }

    /// Moves some of the token to the holder, and feeds the block of that move; answers its number.
    pub(crate) async fn move_and_feed(&self, value: u128) -> anyhow::Result<u64> {
        let node = self.anvil.node();
        self.token.transfer(node, HOLDER, value).await?;
        let number = node.block("latest").await?.number;
        let (_, arguments) = block_arguments(node, number).await?;
        self.service
            .coprocessor()
            .add_block(TRUSTED_DOMAIN, &arguments)
            .await?
            .expect_status(200)?;
        Ok(number)
    }

    /// Asks for the holder's balance at a block, under a root; answers the ended job.
    pub(crate) async fn prove(
        &self,
        number: u64,
        root: Option<&str>,
        kind: &str,
        limit: Duration,
    ) -> anyhow::Result<Value> {
        let coprocessor = self.service.coprocessor();
        let arguments = balance_arguments(HOLDER, number);
        let id = coprocessor
            .prove(&self.circuit, root, kind, &arguments)
            .await?;
        coprocessor.finish(&id, limit, |_| {}).await
    }

    /// What the node says of the holder's balance at a block: 32 bytes as hexadecimal.
    pub(crate) async fn balance(&self, number: u64) -> anyhow::Result<String> {
        let node = self.anvil.node();
        node.balance(self.token.address(), HOLDER, number).await
    }
}

/// A service of this build with the embedded store.
pub(crate) fn options(
    programs: &Programs,
    folder: &TempDir,
    ethereum: Option<&str>,
) -> ServiceOptions {
    let store = StoreChoice::Embedded(folder.path().join("data"));
    ServiceOptions {
        ethereum: ethereum.map(str::to_owned),
        ..ServiceOptions::new(programs, store, folder.path())
    }
}

/// Reads what a finished job states.
pub(crate) fn statement(job: &Value) -> anyhow::Result<Statement> {
    ensure!(job["state"] == "done", "the job did not finish: {job}");
    let public_values = job["result"]["public_values"]
        .as_str()
        .context("the job has public values")?;
    let bytes = STANDARD
        .decode(public_values)
        .context("public values are base64")?;
    let (words, rest) = bytes.as_chunks::<32>();
    ensure!(rest.is_empty(), "public values are no words");
    let mut words = words.iter().map(|word| hex(word));
    let root = words.next().context("public values begin with a root")?;
    let words: Vec<_> = words.collect();
    let value = words.last().context("there is an output")?.clone();
    Ok(Statement { root, words, value })
}

/// A number or a word, as a node writes it, as the word that a circuit outputs.
pub(crate) fn word(value: &Value) -> anyhow::Result<String> {
    let text = value.as_str().context("numbers of a node are text")?;
    Ok(format!("{:0>64}", text.trim_start_matches("0x")))
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a string takes all text");
        text
    })
}
