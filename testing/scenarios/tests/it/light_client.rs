//! A domain that the light client follows, from its genesis to a balance: a simulated beacon chain, its operator, the
//! real circuits.

use anyhow::Context as _;
use serde_json::{Value, json};
use tempfile::TempDir;
use valence_coprocessor_devnet::{Fault, Participation};
use valence_coprocessor_ethereum_operator::Operator;
use valence_coprocessor_harness::{
    Anvil, Artifacts, DEVNET_DOMAIN, DevnetDomain, Programs, Service, Token,
    balance_on_devnet_arguments,
};
use valence_coprocessor_zkvm::CancellationToken;

use crate::stage::{EXECUTION, HOLDER, options, statement, word};

/// Everything between a node and a service.
struct Followed {
    service: Service,
    domain: DevnetDomain,
    operator: Operator,
    anvil: Anvil,
    token: Token,
    _folder: TempDir,
}

impl Followed {
    async fn start() -> anyhow::Result<Self> {
        let folder = tempfile::tempdir().context("making a folder")?;
        let programs = Programs::find()?;
        let anvil = Anvil::start(&programs.anvil, folder.path()).await?;
        let domain = DevnetDomain::start(anvil.node()).await?;
        let token = Token::deploy(anvil.node()).await?;
        let service = Service::start(&options(&programs, &folder, Some(anvil.url()))).await?;
        let guest = Artifacts::default().ethereum()?;
        service
            .coprocessor()
            .deploy_domain(DEVNET_DOMAIN, &guest)
            .await?;
        let operator = domain.operator(service.coprocessor())?;
        Ok(Self {
            service,
            domain,
            operator,
            anvil,
            token,
            _folder: folder,
        })
    }

    /// Moves some of the token, makes that final and appends it; answers the number of the block.
    async fn move_and_append(&mut self, value: u128) -> anyhow::Result<u64> {
        self.token
            .transfer(self.anvil.node(), HOLDER, value)
            .await?;
        let steps = self.domain.append(&mut self.operator).await?;
        Ok(steps.last().context("the move became final")?.number)
    }

    /// Makes the same moves in each block of an epoch, so that they are in the one that becomes final; answers its
    /// number.
    async fn move_together_and_append(&mut self, values: &[u128]) -> anyhow::Result<u64> {
        let node = self.anvil.node();
        let devnet = self.domain.devnet();
        let before = node.block("latest").await?.number;
        for _ in 0..devnet.rules().preset().slots_per_epoch() {
            self.token.transfer_together(node, HOLDER, values).await?;
        }
        while devnet.finalized().payload().block_number <= before {
            devnet.advance(1).await?;
        }
        // The committee signs a block in the next one.
        devnet.advance(1).await?;
        let steps = self.operator.once(&CancellationToken::new()).await?;
        Ok(steps.last().context("the moves became final")?.number)
    }
}

#[tokio::test]
async fn a_balance_is_proven_under_blocks_that_the_light_client_accepted() -> anyhow::Result<()> {
    let mut followed = Followed::start().await?;
    let example = Artifacts::default().storage_proof_on_devnet()?;
    let circuit = followed.service.coprocessor().deploy(&example, 0).await?;
    let devnet = followed.domain.devnet();
    let period = devnet.rules().preset().slots_per_period();
    let mut numbers = vec![followed.move_and_append(1_000).await?];
    followed
        .domain
        .devnet()
        .set_participation(Participation::TwoThirds);
    numbers.push(followed.move_and_append(200).await?);
    // Two periods pass, and a checkpoint's slot among those that are missed: the committees rotate.
    followed.domain.devnet().advance(2 * period).await?;
    followed.domain.devnet().miss(3).await;
    numbers.push(followed.move_and_append(30).await?);

    let (coprocessor, node) = (followed.service.coprocessor(), followed.anvil.node());
    let root = coprocessor.root().await?;
    for number in numbers {
        let arguments = balance_on_devnet_arguments(HOLDER, number);
        let id = coprocessor
            .prove(&circuit, None, "execute", &arguments)
            .await?;
        let job = coprocessor.finish(&id, EXECUTION, |_| ()).await?;
        let statement = statement(&job)?;
        assert_eq!(statement.root, root);
        let says = node
            .balance(followed.token.address(), HOLDER, number)
            .await?;
        assert_eq!(statement.value, says, "block {number}");
    }
    Ok(())
}

/// Of each receipt in an appended block, whose transactions came together: the log and the header as the node has them.
#[tokio::test]
async fn logs_and_headers_are_proven_under_blocks_that_the_light_client_accepted()
-> anyhow::Result<()> {
    let mut followed = Followed::start().await?;
    let guest = Artifacts::default().transfer()?;
    let circuit = followed.service.coprocessor().deploy(&guest, 0).await?;
    let mut numbers = Vec::new();
    for _ in 0..2 {
        numbers.push(followed.move_together_and_append(&[500, 60, 7]).await?);
    }
    let (coprocessor, node) = (followed.service.coprocessor(), followed.anvil.node());
    for number in numbers {
        let tag = format!("{number:#x}");
        let header = node
            .call("eth_getBlockByNumber", json!([tag, false]))
            .await?;
        let receipts = node.call("eth_getBlockReceipts", json!([tag])).await?;
        let receipts = receipts.as_array().context("receipts are a list")?;
        assert_eq!(receipts.len(), 3, "block {number}");
        for (transaction, receipt) in receipts.iter().enumerate() {
            let arguments = transfer_arguments(number, transaction);
            let id = coprocessor
                .prove(&circuit, None, "execute", &arguments)
                .await?;
            let job = coprocessor.finish(&id, EXECUTION, |_| ()).await?;
            let log = &receipt["logs"][0];
            let expected = [
                &header["number"],
                &header["timestamp"],
                &header["gasUsed"],
                &log["topics"][1],
                &log["topics"][2],
                &log["data"],
            ];
            let expected: Vec<_> = expected.into_iter().map(word).collect::<Result<_, _>>()?;
            assert_eq!(statement(&job)?.words, expected, "{number}, {transaction}");
        }
        // That there is no fourth, the circuit knows by a proof as well.
        let arguments = transfer_arguments(number, receipts.len());
        let id = coprocessor
            .prove(&circuit, None, "execute", &arguments)
            .await?;
        let job = coprocessor.finish(&id, EXECUTION, |_| ()).await?;
        let message = job["failure"]["message"].as_str().unwrap_or_default();
        assert!(message.contains("has no transaction 3"), "{job}");
    }
    Ok(())
}

/// What the circuit of a transfer takes: the receipt, the header, and which log it is.
fn transfer_arguments(number: u64, transaction: usize) -> Value {
    let domain = DEVNET_DOMAIN;
    json!({"witnesses": [
        {"domain": domain, "arguments": {"receipts": [transaction], "number": number}},
        {"domain": domain, "arguments": {"header": true, "number": number}},
        {"data": format!("0x{transaction:016x}{:016x}", 0)},
    ]})
}

#[tokio::test]
async fn attack_b1_what_the_committee_did_not_sign_is_never_appended() -> anyhow::Result<()> {
    let mut followed = Followed::start().await?;
    followed.move_and_append(1).await?;
    let root = followed.service.coprocessor().root().await?;
    for fault in [
        Fault::WrongSignature,
        Fault::NoSignature,
        Fault::FewSigners { count: 21 },
        Fault::WrongDomain,
        Fault::WrongForkVersion,
    ] {
        let shown = format!("{fault:?}");
        followed.domain.devnet().clear_faults();
        followed.domain.devnet().switch_on(fault)?;
        followed
            .token
            .transfer(followed.anvil.node(), HOLDER, 1)
            .await?;
        followed.domain.devnet().finalize().await?;
        let ended = followed.operator.once(&CancellationToken::new()).await;
        assert!(ended.is_err(), "{shown}: {ended:?}");
        assert_eq!(
            followed.service.coprocessor().root().await?,
            root,
            "{shown}"
        );
    }
    followed.domain.devnet().clear_faults();
    followed.move_and_append(1).await?;
    assert_ne!(followed.service.coprocessor().root().await?, root);
    Ok(())
}

#[tokio::test]
async fn another_operator_goes_on_where_one_was_lost() -> anyhow::Result<()> {
    let mut followed = Followed::start().await?;
    followed.move_and_append(1).await?;
    // It keeps nothing on its machine, so a new one knows no less.
    followed.operator = followed.domain.operator(followed.service.coprocessor())?;
    followed.move_and_append(1).await?;
    let again = followed.operator.once(&CancellationToken::new()).await?;
    assert!(again.is_empty(), "{again:?}");
    Ok(())
}
