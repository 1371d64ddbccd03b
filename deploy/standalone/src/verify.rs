//! `verify`: checks logs, projections against the fold of their log, and streams against their logs; or, from outside, a feed.

use std::fmt::{self, Display, Formatter};
use std::path::Path;

use agents_service::maintenance::ProjectionName;
use anyhow::{Context, bail};
use event_store::bus::NatsSettings;
use event_store::feed::HttpFeed;
use event_store::log::verify::Report;
use event_store::log::{Diverged, Identity, Log, LogPoint, verify};
use event_store::projections::rebuild::RebuildError;
use event_store::relay::verify::compare;
use serde::Serialize;
use web::cli::{self, Format};
use web::settings::Settings;

use crate::progress::Progress;

/// The result of an equal projection.
const FOLD: &str = "equals the fold of its log";
/// Why a projection is left out: a comparison writes its fold into shadow tables.
const LEFT_OUT: &str = "not compared, since the database takes no writes";
/// Of both services.
const VIEWS: usize = 5;

/// The differences of a projection, or a note where it cannot be compared.
pub fn or_left_out(view: &str, compared: Result<Vec<String>, RebuildError>) -> Result<Vec<String>, RebuildError> {
    if let Err(RebuildError::ReadOnly) = compared {
        println!("projection {view}: {LEFT_OUT}");
        return Ok(Vec::new());
    }
    compared
}

/// Verifies everything; the exit code states whether faults were found.
pub async fn run(settings: &Settings, format: Format) -> anyhow::Result<u8> {
    let (agents_database, agents_log) = agents_service::maintenance::open_existing(settings).await?;
    let (signups_database, signups_log) = signup_service::maintenance::open_existing(settings).await?;
    let mut findings = Findings { format, ..Findings::default() };
    for log in [&agents_log, &signups_log] {
        findings.log(log).await?;
    }
    let mut progress = Progress::new("views", agents_log.head().await?.position);
    let faults = signup_service::maintenance::compare(&signups_database, &agents_log, |step| progress.step(step)).await;
    findings.view("keys", faults)?;
    for (view, log) in [
        (ProjectionName::Directory, &agents_log),
        (ProjectionName::Sales, &signups_log),
        (ProjectionName::Decisions, &agents_log),
    ] {
        let mut progress = Progress::new("views", log.head().await?.position);
        let faults =
            agents_service::maintenance::compare(&agents_database, view, log, |step| progress.step(step)).await;
        findings.view(view.name(), faults)?;
    }
    let mut progress = Progress::new("key usage", signups_log.head().await?.position);
    let step = |step| progress.step(step);
    let faults = signup_service::maintenance::compare_usage(&signups_database, &signups_log, step).await;
    findings.view("key-usage", faults)?;
    findings.note_left_out();
    let faults = agents_service::maintenance::check(&agents_database).await?;
    findings.add("agents tables", "agree with their log", faults);
    let faults = signup_service::maintenance::check(&signups_database, &signups_log).await?;
    findings.add("signups tables", "agree with their log", faults);
    match &settings.nats {
        Some(nats) => findings.streams(nats, &[&agents_log, &signups_log]).await?,
        None => findings.note("streams", "not checked, SIGNPOST_NATS_URL is not set"),
    }
    Ok(findings.conclude())
}

/// Verifies the log behind a replay endpoint, as whoever may read all its events can do without the databases. The file holds
/// the token.
pub async fn feed(base: &str, token_file: &Path, format: Format) -> anyhow::Result<u8> {
    let token = std::fs::read_to_string(token_file).with_context(|| format!("the file {}", token_file.display()))?;
    let mut feed = HttpFeed::new(base, token.trim())?;
    let mut findings = Findings { format, ..Findings::default() };
    let (report, service) = read_feed(base, &mut feed).await?;
    let well = format!("{} events, dense and chained", report.events);
    findings.add(&format!("feed {service}"), &well, report.faults);
    Ok(findings.conclude())
}

/// Follows a feed to the end of its log; also the name of its service.
async fn read_feed(base: &str, feed: &mut HttpFeed) -> anyhow::Result<(Report, &'static str)> {
    let (mut report, mut service) = (Report::default(), "without events");
    let (mut at, mut known_id) = (LogPoint::START, None);
    let mut progress: Option<Progress> = None;
    loop {
        let page = feed.next(at.position).await?;
        let (Some(log_id), Some(head)) = (page.log_id, page.head) else { bail!("{base} is no service of Signpost") };
        if *known_id.get_or_insert(log_id) != log_id {
            report.fault("the log was replaced by another one meanwhile".to_owned());
            break;
        }
        let Some(first) = page.events.first() else {
            // What was appended since the page was read comes with the next one.
            if !feed.next(at.position).await?.events.is_empty() {
                continue;
            }
            if head != at {
                report.fault(format!("the feed ends at position {}, its head says {}", at.position, head.position));
            }
            break;
        };
        service = if first.type_name.starts_with("signpost.agents.") { "agents" } else { "signups" };
        match at.behind(&page.events, &Identity { service, log_id }) {
            Ok(next) => at = next,
            Err(Diverged { position }) => {
                report
                    .fault(format!("position {position}: the event is missing, or its hash does not fit the history"));
                break;
            }
        }
        report.events = at.position;
        progress.get_or_insert_with(|| Progress::new("feed", head.position)).at(at.position);
    }
    Ok((report, service))
}

/// The results; printed line by line, or as one JSON object at the end.
#[derive(Default, Serialize)]
struct Findings {
    verified: bool,
    checks: Vec<Check>,
    /// Projections that could not be compared.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    left_out: Vec<String>,
    #[serde(skip)]
    format: Format,
}

#[derive(Serialize)]
struct Check {
    what: String,
    /// The result of a check without faults.
    #[serde(skip_serializing_if = "Option::is_none")]
    found: Option<String>,
    faults: Vec<String>,
}

impl Findings {
    fn add(&mut self, what: &str, well: &str, faults: Vec<String>) {
        let found = faults.is_empty().then(|| well.to_owned());
        let check = Check { what: what.to_owned(), found, faults };
        if !self.format.json {
            print!("{check}");
        }
        self.checks.push(check);
    }

    fn note(&mut self, what: &str, text: &str) {
        self.add(what, text, Vec::new());
    }

    fn view(&mut self, name: &str, compared: Result<Vec<String>, RebuildError>) -> Result<(), RebuildError> {
        match compared {
            Err(RebuildError::ReadOnly) => self.left_out.push(name.to_owned()),
            compared => self.add(&format!("projection {name}"), FOLD, compared?),
        }
        Ok(())
    }

    fn note_left_out(&mut self) {
        match self.left_out.len() {
            0 => {}
            VIEWS => self.note("views", LEFT_OUT),
            _ => self.note(&format!("projections {}", self.left_out.join(", ")), LEFT_OUT),
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

    fn conclude(mut self) -> u8 {
        let is_well = self.faults() == 0;
        self.verified = is_well && self.left_out.is_empty();
        cli::print(&self, self.format);
        if is_well { cli::ALL_WELL } else { cli::WORK_DUE }
    }

    fn faults(&self) -> usize {
        self.checks.iter().map(|check| check.faults.len()).sum()
    }
}

impl Display for Findings {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        match self.faults() {
            0 if !self.left_out.is_empty() => write!(out, "no faults found; not all projections were compared"),
            0 => write!(out, "verified: nothing is lost, nothing is doubled"),
            faults => write!(out, "NOT verified: {faults} faults"),
        }
    }
}

impl Display for Check {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        if let Some(found) = &self.found {
            writeln!(out, "{}: {found}", self.what)?;
        }
        self.faults.iter().try_for_each(|fault| writeln!(out, "{}: WRONG: {fault}", self.what))
    }
}
