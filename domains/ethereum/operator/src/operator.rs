//! `Operator`: keeps a domain at the newest final block.

use tokio::time::sleep;
use valence_coprocessor_client::Client as ServiceClient;
use valence_coprocessor_controller_abi::StepEvidence;
use valence_coprocessor_ethereum_beacon::{Client, Step};
use valence_coprocessor_protocol::Root;
use valence_coprocessor_zkvm::CancellationToken;

use crate::domain::{Domain, Head, failed};
use crate::nodes::with_sources;
use crate::restore::{checkpoint, restore};
use crate::{
    BeaconNodes, Event, GenesisReport, OperatorConfig, OperatorError, OperatorRecord, Reporter,
    StepProver, StepReport, gather,
};

/// Keeps a domain at the newest final block. It holds nothing that another operator could not find again.
#[derive(Debug)]
pub struct Operator {
    config: OperatorConfig,
    nodes: BeaconNodes,
    domain: Domain,
    prover: StepProver,
    reporter: Reporter,
    /// The client of the head that was seen last.
    client: Option<Client>,
}

/// What became of one look at the chain.
enum Advance {
    Appended(Box<StepReport>),
    /// Somebody else was faster.
    Overtaken,
    UpToDate,
}

impl Operator {
    /// An operator of one domain.
    pub fn new(
        config: OperatorConfig,
        nodes: BeaconNodes,
        service: ServiceClient,
        prover: StepProver,
        reporter: Reporter,
    ) -> Result<Self, OperatorError> {
        if config.periods_per_step < 2 {
            let got = config.periods_per_step;
            return Err(OperatorError::PeriodsPerStep { got });
        }
        Ok(Self {
            domain: Domain::new(service, config.domain.as_str()),
            config,
            nodes,
            prover,
            reporter,
            client: None,
        })
    }

    /// The state at the checkpoint, which a domain set pins. The service is not asked.
    pub async fn genesis(&mut self) -> Result<GenesisReport, OperatorError> {
        let client = checkpoint(&mut self.nodes, &self.config, &self.reporter).await?;
        Ok(GenesisReport::of(self.config.domain.as_str(), &client))
    }

    /// What would be appended now, without proving or writing anything. The circuit is run, if there is one.
    pub async fn plan(&mut self) -> Result<Vec<StepReport>, OperatorError> {
        let mut planned = Vec::new();
        let mut client = self.restored().await?;
        while let Some((step, updates)) = self.next_step(&client).await? {
            let mut report = StepReport::of(&step, updates);
            self.prover
                .execute(&step, &mut report, &self.reporter)
                .await?;
            planned.push(report);
            client = step.client;
        }
        Ok(planned)
    }

    /// Appends until the domain is at the newest final block; gives up after as many failures in a row as configured.
    pub async fn once(
        &mut self,
        cancel: &CancellationToken,
    ) -> Result<Vec<StepReport>, OperatorError> {
        let mut appended = Vec::new();
        let mut failures = 0;
        loop {
            match self.advance_unless_cancelled(cancel).await {
                Ok(Advance::Appended(report)) => {
                    failures = 0;
                    appended.push(*report);
                }
                Ok(Advance::Overtaken) => {}
                Ok(Advance::UpToDate) => return Ok(appended),
                Err(error) => {
                    failures += 1;
                    if error.is_permanent() || failures >= self.config.attempts {
                        return Err(error);
                    }
                    self.wait_after(&error, failures, cancel).await?;
                }
            }
        }
    }

    /// Keeps the domain at the newest final block until it is told to stop, or somebody must change something.
    pub async fn run(&mut self, cancel: &CancellationToken) -> Result<(), OperatorError> {
        let mut failures: u32 = 0;
        loop {
            match self.advance_unless_cancelled(cancel).await {
                Ok(Advance::UpToDate) => {
                    failures = 0;
                    tokio::select! {
                        () = cancel.cancelled() => return Err(OperatorError::Cancelled),
                        () = sleep(self.config.interval) => {}
                    }
                }
                Ok(_) => failures = 0,
                Err(error) if error.is_permanent() => return Err(error),
                Err(error) => {
                    failures = failures.saturating_add(1);
                    self.wait_after(&error, failures, cancel).await?;
                }
            }
        }
    }

    async fn wait_after(
        &self,
        error: &OperatorError,
        failures: u32,
        cancel: &CancellationToken,
    ) -> Result<(), OperatorError> {
        metrics::counter!("valence_ethereum_failures_total").increment(1);
        let wait = self.config.backoff.after(failures);
        let reason = with_sources(error);
        self.reporter.report(&Event::Retry { reason, wait });
        tokio::select! {
            () = cancel.cancelled() => Err(OperatorError::Cancelled),
            () = sleep(wait) => Ok(()),
        }
    }

    /// Being dropped at any point is no worse than a crash, which the order of writes is made for.
    async fn advance_unless_cancelled(
        &mut self,
        cancel: &CancellationToken,
    ) -> Result<Advance, OperatorError> {
        tokio::select! {
            biased;
            () = cancel.cancelled() => Err(OperatorError::Cancelled),
            done = self.advance(cancel) => done,
        }
    }

    async fn advance(&mut self, cancel: &CancellationToken) -> Result<Advance, OperatorError> {
        let client = self.restored().await?;
        self.measure(&client);
        let Some((step, updates)) = self.next_step(&client).await? else {
            return Ok(Advance::UpToDate);
        };
        let mut report = StepReport::of(&step, updates);
        self.prover
            .execute(&step, &mut report, &self.reporter)
            .await?;
        let evidence = self
            .prover
            .evidence(&step, &mut report, &self.reporter, cancel)
            .await?;
        let record = OperatorRecord::of(&client, &step.client);
        let Some(root) = self.publish(&step, &record, evidence).await? else {
            self.reporter.report(&Event::Overtaken);
            return Ok(Advance::Overtaken);
        };
        report.root = root.map(|root| root.to_string());
        metrics::counter!("valence_ethereum_steps_total").increment(1);
        self.measure(&step.client);
        self.client = Some(step.client);
        self.reporter
            .report(&Event::Appended(Box::new(report.clone())));
        Ok(Advance::Appended(Box::new(report)))
    }

    async fn next_step(&mut self, client: &Client) -> Result<Option<(Step, usize)>, OperatorError> {
        gather::next_step(&mut self.nodes, client, &self.config, &self.reporter).await
    }

    /// The client of the domain's head, as the service has it now.
    async fn restored(&mut self) -> Result<Client, OperatorError> {
        let head = self.domain.head().await?;
        if let (Some(head), Some(client)) = (head, &self.client)
            && client.store().state() == head.state
        {
            return Ok(client.clone());
        }
        let client = restore(
            &self.domain,
            head,
            &mut self.nodes,
            &self.config,
            &self.reporter,
        )
        .await?;
        self.client = Some(client.clone());
        Ok(client)
    }

    /// Writes the record, then appends. The evidence may have cost an hour, so what passes is waited for. The root is
    /// not known if the answer was lost; nothing is returned if the domain's head has become another.
    async fn publish(
        &self,
        step: &Step,
        record: &OperatorRecord,
        evidence: StepEvidence,
    ) -> Result<Option<Option<Root>>, OperatorError> {
        let mut failures = 0;
        loop {
            let tried = match self.settled(step).await {
                Ok(Some(settled)) => return Ok(settled),
                // The record of a step that cannot be appended any more must not hide that of one that was.
                Ok(None) => self.try_publish(step, record, evidence.clone()).await,
                Err(error) => Err(error),
            };
            let error = match tried {
                Ok(root) => return Ok(Some(Some(root))),
                Err(error) => error,
            };
            if let Ok(Some(settled)) = self.settled(step).await {
                return Ok(settled);
            }
            failures += 1;
            if error.is_permanent() || failures >= self.config.attempts {
                return Err(error);
            }
            self.wait_after(&error, failures, &CancellationToken::new())
                .await?;
        }
    }

    /// Whether the step was appended already, or another; nothing as long as it may be.
    async fn settled(&self, step: &Step) -> Result<Option<Option<Option<Root>>>, OperatorError> {
        Ok(match self.domain.head().await? {
            Some(Head { state, .. }) if state == step.output.state => Some(Some(None)),
            Some(Head { state, .. }) if state != step.output.previous => Some(None),
            _ => None,
        })
    }

    async fn try_publish(
        &self,
        step: &Step,
        record: &OperatorRecord,
        evidence: StepEvidence,
    ) -> Result<Root, OperatorError> {
        self.domain.set_record(record).await?;
        let added = self.domain.append(&step.output.payload, evidence).await;
        let added = added.map_err(|source| failed("appending the block", source))?;
        Ok(Root::from_bytes(added.smt))
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "gauges are floating-point numbers"
    )]
    fn measure(&self, client: &Client) {
        let slot = client.store().checkpoint().slot;
        let age = self
            .config
            .clock
            .now()
            .saturating_sub(self.config.network.time_of(slot));
        metrics::gauge!("valence_ethereum_head_slot").set(slot as f64);
        metrics::gauge!("valence_ethereum_head_age_seconds").set(age as f64);
    }
}
