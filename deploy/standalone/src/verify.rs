//! The proof that nothing is lost: logs whole, views equal to the fold of their log, streams equal to their logs.

use std::process::ExitCode;

use agents_service::operate::Kept;
use shared::bus::NatsSettings;
use shared::feed::Feed;
use shared::log::{Log, verify};
use shared::relay::verify::compare;
use shared::settings::Settings;

use crate::progress::Progress;

/// What is right of a view.
const FOLD: &str = "equals the fold of its log";

/// Checks everything; the exit code says whether all is well.
pub async fn run(settings: &Settings) -> anyhow::Result<ExitCode> {
    let (agents_database, agents_log) = agents_service::operate::open(settings).await?;
    let (signups_database, signups_log) = signup_service::operate::open(settings).await?;
    let mut findings = Findings::default();
    for log in [&agents_log, &signups_log] {
        findings.log(log).await?;
    }
    let mut progress = Progress::new("views", agents_log.head().await?.position);
    let source = Feed::Local(agents_log.clone());
    let faults = signup_service::operate::compare(&signups_database, source, |step| progress.step(step)).await?;
    findings.add("view keys", FOLD, faults);
    for (view, log) in [(Kept::Directory, &agents_log), (Kept::Sales, &signups_log)] {
        let mut progress = Progress::new("views", log.head().await?.position);
        let source = Feed::Local(log.clone());
        let faults =
            agents_service::operate::compare(&agents_database, view, source, |step| progress.step(step)).await?;
        findings.add(&format!("view {}", view.name()), FOLD, faults);
    }
    let faults = agents_service::operate::check(&agents_database, &agents_log).await?;
    findings.add("agents tables", "agree with their log", faults);
    let faults = signup_service::operate::check(&signups_database, &signups_log).await?;
    findings.add("signups tables", "agree with their log", faults);
    match &settings.nats {
        Some(nats) => findings.streams(nats, &[&agents_log, &signups_log]).await?,
        None => println!("streams: not checked, SIGNPOST_NATS_URL is not set"),
    }
    Ok(findings.conclude())
}

#[derive(Default)]
struct Findings {
    faults: usize,
}

impl Findings {
    fn add(&mut self, what: &str, well: &str, faults: Vec<String>) {
        if faults.is_empty() {
            println!("{what}: {well}");
        }
        self.faults += faults.len();
        for fault in faults {
            println!("{what}: WRONG: {fault}");
        }
    }

    async fn log(&mut self, log: &Log) -> anyhow::Result<()> {
        let service = log.identity().service;
        let mut progress = Progress::new("log", log.head().await?.position);
        let report = verify::verify(log, |at| progress.at(at)).await?;
        let well = format!("{} events in {} streams, dense and chained", report.events, report.streams);
        self.add(&format!("log {service}"), &well, report.faults);
        Ok(())
    }

    async fn streams(&mut self, nats: &NatsSettings, logs: &[&Log]) -> anyhow::Result<()> {
        let bus = crate::connect(nats, "verify").await?;
        for log in logs {
            let name = log.identity().stream_name();
            let mut progress = Progress::new("stream", log.head().await?.position);
            let report = compare(log, &bus, |at| progress.at(at)).await?;
            self.add(&format!("stream {name}"), &format!("{} messages, each its event", report.events), report.faults);
        }
        Ok(())
    }

    fn conclude(self) -> ExitCode {
        if self.faults == 0 {
            println!("verified: nothing is lost, nothing is doubled");
            return ExitCode::SUCCESS;
        }
        println!("NOT verified: {} faults", self.faults);
        ExitCode::FAILURE
    }
}
