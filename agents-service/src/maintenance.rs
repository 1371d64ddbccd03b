//! The operator's commands on this service's data: migrate, check, compare, rebuild, handle parked events.

use event_store::log::{Log, MIGRATIONS};
use event_store::projections::rebuild::{self, RebuildError, Step};
use event_store::projections::{Projection, parked};
use event_store::sql::{Database, Migration, Sql, SqlError};
use web::cli::service::{OpenError, ServiceData};
use web::settings::Settings;

use crate::projection::{AgentsProjection, DecisionsProjection};
use crate::registry::{decisions, directory};
use crate::restored::{Unerased, unerased};
use crate::sales::projection::SalesProjection;
use crate::start_error::StartError;
use crate::statements;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProjectionName {
    /// Of the service's own log.
    Directory,
    /// Of the signups' log.
    Sales,
    /// What commands are decided by: taken logins, commission terms, payments, the ledger; of the service's own log.
    Decisions,
}

impl ProjectionName {
    pub fn named(name: &str) -> Option<Self> {
        [Self::Directory, Self::Sales, Self::Decisions].into_iter().find(|kept| kept.name() == name)
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Directory => AgentsProjection::NAME,
            Self::Sales => SalesProjection::NAME,
            Self::Decisions => DecisionsProjection::NAME,
        }
    }
}

/// The service's own tables.
const OWN_MIGRATIONS: [Migration; 12] = [
    Migration { version: 1_101, name: "agents", text: include_str!("../migrations/1101_agents.sql") },
    Migration { version: 1_102, name: "commission", text: include_str!("../migrations/1102_commission.sql") },
    Migration { version: 1_103, name: "payout_files", text: include_str!("../migrations/1103_payout_files.sql") },
    Migration { version: 1_104, name: "statements", text: include_str!("../migrations/1104_statements.sql") },
    Migration { version: 1_105, name: "analysis", text: include_str!("../migrations/1105_analysis.sql") },
    Migration { version: 1_106, name: "terms_languages", text: include_str!("../migrations/1106_terms_languages.sql") },
    Migration { version: 1_107, name: "readers", text: include_str!("../migrations/1107_readers.sql") },
    Migration {
        version: 1_108,
        name: "signup_challenge",
        text: include_str!("../migrations/1108_signup_challenge.sql"),
    },
    Migration { version: 1_109, name: "operators_pages", text: include_str!("../migrations/1109_operators_pages.sql") },
    Migration { version: 1_110, name: "saved_lists", text: include_str!("../migrations/1110_saved_lists.sql") },
    Migration { version: 1_111, name: "webhooks", text: include_str!("../migrations/1111_webhooks.sql") },
    Migration { version: 1_112, name: "times", text: include_str!("../migrations/1112_times.sql") },
];

// Each operator has a role and each agent has terms, so only a database from before these tables has neither.
static HAS_DECISIONS: Sql =
    Sql::new("SELECT (EXISTS (SELECT 1 FROM operator_roles) OR EXISTS (SELECT 1 FROM commission_terms)) AS kept");
// The writer keeps each payment, so only a database from before the analysis has payments that are counted nowhere, or one whose
// directory is about to count the first.
static HAS_ANALYSIS: Sql =
    Sql::new("SELECT (EXISTS (SELECT 1 FROM money_payments) OR NOT EXISTS (SELECT 1 FROM payments)) AS kept");
// Only rows from before these columns have no times, and they are the first ones.
static HAS_TIMES: Sql = Sql::new(
    "SELECT NOT EXISTS (SELECT 1 FROM (SELECT created_at FROM agents ORDER BY position LIMIT 1) a WHERE created_at IS NULL)
     AND NOT EXISTS (SELECT 1 FROM (SELECT created_at FROM call_plans ORDER BY position LIMIT 1) p WHERE created_at IS NULL)
     AND NOT EXISTS (SELECT 1 FROM (SELECT created_at FROM customer_groups ORDER BY position LIMIT 1) g WHERE created_at IS NULL) AS kept",
);
static AGENTS_WITHOUT_ACCOUNT: Sql = Sql::new(
    "SELECT COUNT(*) AS n FROM events e WHERE e.type = 'signpost.agents.agent_created.v1'
     AND NOT EXISTS (SELECT 1 FROM agent_accounts a WHERE 'agent-' || {text_of a.agent_id} = e.stream)",
);
static ACCOUNTS_WITHOUT_AGENT: Sql = Sql::new(
    "SELECT COUNT(*) AS n FROM agent_accounts a
     WHERE NOT EXISTS (SELECT 1 FROM events s WHERE s.stream = 'agent-' || {text_of a.agent_id})",
);
static OPERATORS_WITHOUT_ACCOUNT: Sql = Sql::new(
    "SELECT COUNT(*) AS n FROM events e WHERE e.type = 'signpost.agents.operator_created.v1'
     AND NOT EXISTS (SELECT 1 FROM operator_accounts a WHERE 'operator-' || {text_of a.operator_id} = e.stream)",
);
static ACCOUNTS_WITHOUT_OPERATOR: Sql = Sql::new(
    "SELECT COUNT(*) AS n FROM operator_accounts a
     WHERE NOT EXISTS (SELECT 1 FROM events s WHERE s.stream = 'operator-' || {text_of a.operator_id})",
);
// An event's subject ends with the id of its message.
static EVENTS_WITHOUT_MESSAGE: Sql = Sql::new(
    "SELECT COUNT(*) AS n FROM events e WHERE e.type = 'signpost.agents.message_posted.v1'
     AND NOT EXISTS (SELECT 1 FROM messages m
         WHERE {text_of m.message_id} = REPLACE(e.subject, 'agents.v1.message.posted.', '')
         AND 'messages-' || {text_of m.agent_id} = e.stream)",
);
static MESSAGES_WITHOUT_EVENT: Sql = Sql::new(
    "SELECT COUNT(*) AS n FROM messages m
     WHERE NOT EXISTS (SELECT 1 FROM events e WHERE e.stream = 'messages-' || {text_of m.agent_id}
         AND e.subject = 'agents.v1.message.posted.' || {text_of m.message_id})",
);

pub fn migrations() -> Vec<Migration> {
    MIGRATIONS.iter().chain(&OWN_MIGRATIONS).copied().collect()
}

pub fn data(settings: &Settings) -> ServiceData {
    ServiceData {
        name: "agents",
        url: settings.agents_database_url.clone(),
        migrations: migrations(),
        projections: &[(AgentsProjection::NAME, "agents"), (SalesProjection::NAME, "signups")],
    }
}

/// Opens the service's database and log without creating or migrating anything.
pub async fn open_existing(settings: &Settings) -> Result<(Database, Log), OpenError> {
    data(settings).open().await
}

/// Opens the service's database and log; migrates the database first. Tables that a migration has added are made from the log.
pub async fn open(settings: &Settings) -> Result<(Database, Log), StartError> {
    let database = Database::connect(&settings.agents_database_url, &migrations()).await?;
    let log = Log::open(database.clone(), "agents").await?;
    // Rebuilding is rare, and the future of every start would have its size.
    if lacks(&database, &HAS_DECISIONS).await? && log.head().await?.position > 0 {
        tracing::info!("what commands are decided by is made from the log");
        Box::pin(rebuild::rebuild(&decisions(), &database, &log, |_| {})).await?;
    }
    if lacks(&database, &HAS_ANALYSIS).await? || lacks(&database, &HAS_TIMES).await? {
        tracing::info!("what is shown is made from the log");
        Box::pin(rebuild::rebuild(&directory(), &database, &log, |_| {})).await?;
    }
    if SalesProjection::lacks_sums(&database).await? {
        tracing::info!("the sales are followed anew, from the first event on");
        Box::pin(SalesProjection::follow_anew(&database)).await?;
    }
    Ok((database, log))
}

async fn lacks(database: &Database, kept: &Sql) -> Result<bool, SqlError> {
    let row = database.row(kept, &[]).await?;
    Ok(row.map(|row| row.flag("kept")).transpose()? == Some(false))
}

/// Folds a projection again and compares; returns a sentence for each difference. `log` is the followed log.
pub async fn compare(
    database: &Database,
    view: ProjectionName,
    log: &Log,
    progress: impl FnMut(Step),
) -> Result<Vec<String>, RebuildError> {
    match view {
        ProjectionName::Directory => rebuild::compare(&directory(), database, log, progress).await,
        ProjectionName::Sales => rebuild::compare(&SalesProjection, database, log, progress).await,
        ProjectionName::Decisions => rebuild::compare(&decisions(), database, log, progress).await,
    }
}

/// Rebuilds a projection and switches over; returns its position. `log` is the followed log.
pub async fn rebuild(
    database: &Database,
    view: ProjectionName,
    log: &Log,
    progress: impl FnMut(Step),
) -> Result<u64, RebuildError> {
    match view {
        ProjectionName::Directory => rebuild::rebuild(&directory(), database, log, progress).await,
        ProjectionName::Sales => rebuild::rebuild(&SalesProjection, database, log, progress).await,
        ProjectionName::Decisions => rebuild::rebuild(&decisions(), database, log, progress).await,
    }
}

/// Checks that every agent and operator in the log has an account, every message its text and every statement its names, and vice
/// versa; and that statements are numbered without gaps and say what the ledger says.
pub async fn check(database: &Database) -> Result<Vec<String>, SqlError> {
    let checks = [
        (&AGENTS_WITHOUT_ACCOUNT, "agents have no account"),
        (&ACCOUNTS_WITHOUT_AGENT, "accounts have no agent"),
        (&OPERATORS_WITHOUT_ACCOUNT, "operators have no account"),
        (&ACCOUNTS_WITHOUT_OPERATOR, "accounts have no operator"),
        (&EVENTS_WITHOUT_MESSAGE, "message events have no message"),
        (&MESSAGES_WITHOUT_EVENT, "messages have no event"),
    ];
    let mut faults = Vec::new();
    let mut tx = database.begin_snapshot().await?;
    for (sql, what) in checks {
        let row = tx.row(sql, &[]).await?;
        let count = row.map(|row| row.int("n")).transpose()?.unwrap_or(0);
        if count > 0 {
            faults.push(format!("{count} {what}"));
        }
    }
    faults.extend(statements::check::faults(&mut tx).await?);
    let Unerased { agents, operators, messages } = unerased(&mut tx).await?;
    let left = [(agents, "agents"), (operators, "operators"), (messages, "messages")];
    let left = left.into_iter().filter(|(ids, _)| !ids.is_empty());
    faults.extend(left.map(|(ids, what)| format!("{} erased {what} have personal data", ids.len())));
    Ok(faults)
}

/// Applies a stream's parked events; returns their number.
pub async fn retry(database: &Database, view: ProjectionName, stream: &str) -> Result<usize, SqlError> {
    match view {
        ProjectionName::Directory => parked::retry(&directory(), database, stream).await,
        ProjectionName::Sales => parked::retry(&SalesProjection, database, stream).await,
        // The log's writer never parks events.
        ProjectionName::Decisions => Ok(0),
    }
}

/// Drops a stream's parked events; returns their number.
pub async fn drop(database: &Database, view: ProjectionName, stream: &str, reason: &str) -> Result<u64, SqlError> {
    match view {
        ProjectionName::Directory => parked::drop_stream::<AgentsProjection>(database, stream, reason).await,
        ProjectionName::Sales => parked::drop_stream::<SalesProjection>(database, stream, reason).await,
        ProjectionName::Decisions => Ok(0),
    }
}

/// What is wrong with a projection's checkpoint in its log.
pub async fn fault_of(database: &Database, view: ProjectionName, log: &Log) -> Result<Option<String>, SqlError> {
    match view {
        ProjectionName::Directory => rebuild::fault_of_checkpoint::<AgentsProjection>(database, log).await,
        ProjectionName::Sales => rebuild::fault_of_checkpoint::<SalesProjection>(database, log).await,
        ProjectionName::Decisions => Ok(None),
    }
}
