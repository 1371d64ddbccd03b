//! `repair`: finds what stops the pair, and repairs it only with consent: streams that differ from their logs, logs
//! that accept no writes, tables and projections that differ from their logs.

mod stream;
mod surplus;

use std::path::Path;

use agents_service::maintenance::{ProjectionName, fault_of};
use agents_service::restored;
use contract::clock::Clock;
use event_store::log::Log;
use event_store::projections::{Checkpoint, FollowedLog};
use event_store::sql::Database;
use signup_service::maintenance as signups;
use web::cli::{ALL_WELL, WORK_DUE};
use web::settings::Settings;

use crate::verify::or_left_out;

/// What the operator agreed to.
#[derive(Clone, Copy, Debug, Default)]
pub struct Consent {
    /// Repair, instead of only printing what would be done.
    pub yes: bool,
    /// Give up events that a log lost: those that only the stream has (saved to a file), and those that only the
    /// other service's projection has applied.
    pub from_log: bool,
}

/// Checks everything, the streams first: events restored from them change the rest.
pub async fn run(settings: &Settings, consent: Consent) -> anyhow::Result<u8> {
    let agents = agents_service::maintenance::open_existing(settings).await?;
    let signups = signups::open_existing(settings).await?;
    let streams_are_due = streams(settings, consent, [&agents.1, &signups.1]).await?;
    // The operator must decide about the streams before tables and projections are adapted to the logs.
    if streams_are_due && consent.yes {
        return Ok(WORK_DUE);
    }
    let pair = Pair { agents, signups, consent };
    if streams_are_due {
        if pair.print_faults().await? > 0 {
            println!(
                "logs, tables and projections: what is left of this once the streams are mended is mended after them"
            );
        }
        return Ok(WORK_DUE);
    }
    Ok(if pair.run().await? { WORK_DUE } else { ALL_WELL })
}

async fn streams(settings: &Settings, consent: Consent, logs: [&Log; 2]) -> anyhow::Result<bool> {
    let Some(nats) = &settings.nats else { return Ok(false) };
    let bus = crate::connect(nats, "repair").await?;
    let here = Path::new(".");
    let folder = if settings.data_dir.is_dir() { settings.data_dir.as_path() } else { here };
    let mut is_due = false;
    for log in logs {
        let repair = stream::Repair { log, bus: &bus, replicas: settings.stream_replicas, folder, consent };
        is_due |= repair.run().await?;
    }
    Ok(is_due)
}

/// Both services' data.
struct Pair {
    agents: (Database, Log),
    signups: (Database, Log),
    consent: Consent,
}

impl Pair {
    /// Returns whether something is still to be done.
    async fn run(&self) -> anyhow::Result<bool> {
        let faults = self.print_faults().await?;
        if faults == 0 {
            println!("logs, tables and projections: nothing to repair");
            return Ok(false);
        }
        let lost = self.lost().await?;
        for lost in &lost {
            println!("{lost}");
        }
        if !lost.is_empty() && !self.consent.from_log {
            println!(
                "restore the database that has these events, or give them up with `signpost repair --from-log --yes`"
            );
            return Ok(true);
        }
        if !self.consent.yes {
            println!("with `signpost repair --yes`, tables and projections are made to tell what their logs tell");
            return Ok(true);
        }
        self.mend().await?;
        println!("logs, tables and projections: checked again");
        // Not every fault can be repaired from the logs.
        let remaining = self.print_faults().await?;
        if remaining == 0 {
            println!("logs, tables and projections: repaired");
        } else {
            println!("logs, tables and projections: {remaining} faults remain, which the logs cannot mend");
        }
        Ok(remaining > 0)
    }

    /// What the other service has followed, and no log or stream has any more.
    async fn lost(&self) -> anyhow::Result<Vec<String>> {
        let ((agents, agents_log), (signups, signups_log)) = (&self.agents, &self.signups);
        let follows = [(agents, ProjectionName::Sales.name(), signups_log), (signups, signups::PROJECTION, agents_log)];
        let mut lost = Vec::new();
        for (database, projection, log) in follows {
            let followed = FollowedLog::of(&Checkpoint::open_existing(database.clone(), projection)).await?;
            let service = log.identity().service;
            lost.extend(followed.against(log).await?.map(|fault| format!("log {service}: {fault}")));
        }
        Ok(lost)
    }

    /// Prints all faults and returns their number.
    async fn print_faults(&self) -> anyhow::Result<usize> {
        let faults = self.faults().await?;
        for fault in &faults {
            println!("{fault}");
        }
        Ok(faults.len())
    }

    async fn faults(&self) -> anyhow::Result<Vec<String>> {
        let ((agents, agents_log), (signups, signups_log)) = (&self.agents, &self.signups);
        let mut faults = Vec::new();
        for log in [agents_log, signups_log] {
            let service = log.identity().service;
            faults.extend(log.halted().await?.map(|reason| format!("log {service}: takes no writes: {reason}")));
        }
        let decisions =
            agents_service::maintenance::compare(agents, ProjectionName::Decisions, agents_log, |_| {}).await;
        faults.extend(or_left_out("decisions", decisions)?);
        faults.extend(agents_service::maintenance::check(agents).await?);
        let usage = signups::compare_usage(signups, signups_log, |_| {}).await;
        faults.extend(or_left_out("key-usage", usage)?);
        faults.extend(signups::check(signups, signups_log).await?);
        faults.extend(fault_of(agents, ProjectionName::Directory, agents_log).await?);
        faults.extend(fault_of(agents, ProjectionName::Sales, signups_log).await?);
        faults.extend(signups::fault_of_keys(signups, agents_log).await?);
        faults.extend(signups::fault_of_words(signups, signups_log).await?);
        Ok(faults)
    }

    async fn mend(&self) -> anyhow::Result<()> {
        let ((agents, agents_log), (signups, signups_log)) = (&self.agents, &self.signups);
        agents_service::maintenance::rebuild(agents, ProjectionName::Decisions, agents_log, |_| {}).await?;
        let restored = restored::restore_tables(agents).await?;
        println!("agents: {restored} accounts and messages whose contents are lost have stand-ins; set passwords anew");
        signups::restore_tables(signups, signups_log).await?;
        for (view, log) in [(ProjectionName::Directory, agents_log), (ProjectionName::Sales, signups_log)] {
            if fault_of(agents, view, log).await?.is_some() {
                let position = agents_service::maintenance::rebuild(agents, view, log, |_| {}).await?;
                println!("projection {}: rebuilt, at position {position}", view.name());
            }
        }
        if signups::fault_of_keys(signups, agents_log).await?.is_some() {
            let position = signups::rebuild(signups, agents_log, |_| {}).await?;
            println!("projection {}: rebuilt, at position {position}", signups::PROJECTION);
        }
        if signups::fault_of_words(signups, signups_log).await?.is_some() {
            let position = signups::rebuild_words(signups, signups_log, |_| {}).await?;
            println!("projection customer-words: rebuilt, at position {position}");
        }
        // After the projections: a projection that followed lost events would contradict a log that goes on without
        // them.
        for log in [agents_log, signups_log] {
            log.resume().await?;
        }
        let settled = signups::settle_lost_data(signups, signups_log, Clock::System).await?;
        println!("signups: {settled} customers have lost their personal data; the log says so");
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use contract::ids::new_id;
    use event_store::sql::Sql;

    use super::*;

    #[tokio::test]
    async fn faults_that_cannot_be_repaired_are_reported_after_the_repair() {
        static ADD: Sql =
            Sql::new("INSERT INTO operator_accounts (operator_id, login, password_hash) VALUES ($1, 'nobody', 'none')");
        let folder = std::env::temp_dir().join(format!("signpost-repair-{}", new_id()));
        std::fs::create_dir_all(&folder).unwrap();
        let folder = ("SIGNPOST_DATA_DIR".to_owned(), folder.display().to_string());
        let settings = Settings::from([folder]).unwrap();
        let (agents, agents_log) = agents_service::maintenance::open(&settings).await.unwrap();
        signups::open(&settings).await.unwrap();
        let (yes, look) = (Consent { yes: true, from_log: false }, Consent::default());
        agents_log.halt("for a test").await.unwrap();
        for (consent, expected) in [(look, WORK_DUE), (yes, ALL_WELL), (look, ALL_WELL)] {
            assert_eq!(run(&settings, consent).await.unwrap(), expected, "{consent:?}");
        }
        agents.execute(&ADD, &[new_id().into()]).await.unwrap();
        for consent in [look, yes, yes] {
            assert_eq!(run(&settings, consent).await.unwrap(), WORK_DUE, "{consent:?}");
        }
    }
}
