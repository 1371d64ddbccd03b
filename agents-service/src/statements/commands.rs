//! Issues statements. The number is the next after the last one that the log has when the command is decided.

use std::collections::BTreeSet;

use contract::clock::Moment;
use contract::events::statements::StatementOf;
use contract::zone::Zone;
use event_store::log::ExpectedVersion;
use event_store::sql::{Sql, SqlError, Tx};
use futures::future::BoxFuture;
use uuid::Uuid;

use crate::agents;
use crate::agents::commands::KnownDetails;
use crate::agents::model::Agent;
use crate::agents::snapshot::vat_terms;
use crate::batch::{BatchContext, Decided, Outcome};
use crate::command::{Command, Reply};
use crate::domain_error::DomainError;
use crate::facts::{Fact, Known, Needs};
use crate::settings;
use crate::settings::model::Settings;
use crate::statements::figures::{self, Figures, Subject};
use crate::statements::model::{Issue, Stated, Statement, id, stream};
use crate::statements::names::{self, Party};
use crate::statements::snapshot::StatementSnapshot;

static LAST: Sql = Sql::new("SELECT number, statement_id FROM statements ORDER BY number DESC LIMIT 1");

/// The company's last statement: its number, and its id.
struct LastStatement;

impl Fact for LastStatement {
    type Key = ();
    type Value = (u64, Uuid);

    fn load(tx: &mut Tx, _: BTreeSet<()>, _: Moment) -> BoxFuture<'_, Result<Known<Self>, SqlError>> {
        Box::pin(async move {
            let row = tx.row(&LAST, &[]).await?;
            let last = row.map(|row| Ok::<_, SqlError>(((), (row.count("number")?, row.uuid("statement_id")?))));
            last.transpose().map(|last| last.into_iter().collect())
        })
    }
}

/// Issues a statement. Asked for again, it is the one that was issued.
#[derive(Clone, Debug)]
pub struct IssueStatement {
    pub agent_id: Uuid,
    pub of: StatementOf,
    /// The number of the statement that it replaces, which is about the same.
    pub corrects: Option<u64>,
}

impl IssueStatement {
    pub fn statement_id(&self) -> Uuid {
        id(self.agent_id, &self.of, self.corrects)
    }

    fn subject(&self) -> Subject {
        Subject::of(self.agent_id, &self.of)
    }
}

impl Command for IssueStatement {
    fn stream(&self) -> String {
        stream(self.statement_id())
    }

    fn reads(&self) -> Vec<String> {
        vec![agents::model::stream(self.agent_id), settings::model::STREAM.to_owned()]
    }

    fn needs(&self, needs: &mut Needs) {
        needs.fact::<LastStatement>(());
        needs.fact::<KnownDetails>(self.agent_id);
        needs.fact::<Figures>(self.subject());
    }

    fn decide(&self, batch: &mut BatchContext) -> Result<Decided, DomainError> {
        let agent = batch.state::<Agent>(&agents::model::stream(self.agent_id));
        let Some(status) = agent.status() else {
            return Err(DomainError::invalid_field("agent_id", "agent_unknown", "there is no such agent"));
        };
        let details = batch.fact::<KnownDetails>(&self.agent_id).cloned().unwrap_or_default();
        let Settings { statements: settings, time_zone, .. } = batch.state::<Settings>(settings::model::STREAM);
        let time_zone = Zone::named(&time_zone).unwrap_or_default().name().to_owned();
        let (company, party) = (Party::of_company(&settings), Party::of_agent(&status.terms, &details));
        let mut stated: Option<Stated> = batch.fact::<Figures>(&self.subject()).cloned();
        if let Some(stated) = stated.as_mut().filter(|stated| stated.sections.is_empty()) {
            stated.sections.push(figures::empty(status.terms.currency));
        }
        let last = batch.fact::<LastStatement>(&()).copied();
        let (number, now) = (last.map_or(0, |(number, _)| number) + 1, batch.now());
        let issue = Issue {
            agent_id: self.agent_id,
            of: self.of.clone(),
            time_zone,
            corrects: self.corrects,
            number,
            settings,
            company: company.clone(),
            agent: party.clone(),
            vat: vat_terms(&status.terms),
            stated,
            now,
        };
        let mut decided = batch.decide::<Statement>(&self.stream(), issue)?;
        if !decided.happened.is_empty() {
            // Without the statement before it, this one would leave a gap.
            decided.expected_versions.extend(last.map(|(_, id)| ExpectedVersion { stream: stream(id), version: 1 }));
            let row = names::row(self.statement_id(), &company, &party, now).map_err(|_| DomainError::Unwritable)?;
            decided.beside.push((&names::ADD, row));
            batch.set_fact::<LastStatement>((), (number, self.statement_id()));
        }
        Ok(decided)
    }

    fn respond(&self, batch: &BatchContext, outcome: &Outcome) -> Reply {
        let issued = batch.state::<Statement>(&outcome.stream).0.map(StatementSnapshot::of);
        if outcome.last.is_some() { Reply::created(issued) } else { Reply::ok(issued) }
    }
}
