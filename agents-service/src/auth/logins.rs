//! Taken logins and active operators: a fold of the service's own log. The log's writer keeps it in its transactions,
//! since it decides whether a new login is free and whether an operator is the last active one. A login may be a
//! name, so the log and the table hold only a keyed digest of it.

use std::collections::BTreeSet;

use contract::clock::Moment;
use contract::events::agents::AgentsEvent;
use contract::ids::{from_hex, hex};
use contract::text::folded;
use event_store::log::{DIGEST_BYTES, Secret};
use event_store::projections::EventEnvelope;
use event_store::sql::{Database, Kind, Sql, SqlError, Tx};
use event_store::{projection_table, sql_rows};
use futures::future::BoxFuture;
use uuid::Uuid;

use crate::domain_error::DomainError;
use crate::facts::{Fact, Known};
use crate::projection::{Apply, Part};

/// A keyed digest of a login, regardless of case.
pub type LoginDigest = [u8; DIGEST_BYTES];

pub fn of_agent(secret: &Secret, login: &str) -> LoginDigest {
    secret.digest("agent-login", &folded(login))
}

/// The digest of an operator's login. It differs from the digest of an agent's equal login.
pub fn of_operator(secret: &Secret, login: &str) -> LoginDigest {
    secret.digest("operator-login", &folded(login))
}

/// The form in events.
pub fn to_text(digest: LoginDigest) -> String {
    hex(&digest)
}

sql_rows! {
    static ADD = "INSERT INTO logins{shadow} ({columns}) SELECT {columns} FROM {rows}";
    fn login_row(login: (Vec<u8>, Uuid)) {
        digest: Bytes = login.0,
        account_id: Uuid = login.1,
    }
}
static TAKEN: Sql = Sql::rows("SELECT digest FROM logins WHERE digest {among}", &[("digest", Kind::Bytes)]);

static ACTIVATE: Sql =
    Sql::new("INSERT INTO active_operators{shadow} (operator_id) VALUES ($1) ON CONFLICT (operator_id) DO NOTHING");
static DEACTIVATE: Sql = Sql::new("DELETE FROM active_operators{shadow} WHERE operator_id = $1");

pub const PART: Part = Part {
    tables: || {
        vec![projection_table!("logins", "digest": Bytes), projection_table!("active_operators", "operator_id": Uuid)]
    },
    apply: Apply::Page(|tx, events| Box::pin(apply(tx, events))),
};

pub fn login_taken() -> DomainError {
    DomainError::conflict("login_taken", "this login is taken")
}

/// Which of the requested logins are taken.
pub struct TakenLogins;

impl Fact for TakenLogins {
    type Key = LoginDigest;
    type Value = ();

    fn load(tx: &mut Tx, logins: BTreeSet<LoginDigest>, _: Moment) -> BoxFuture<'_, Result<Known<Self>, SqlError>> {
        Box::pin(async move {
            let rows = logins.into_iter().map(|login| vec![login.into()]).collect();
            tx.rows_for_many(&TAKEN, rows).await?.iter().map(|row| Ok((row.array("digest")?, ()))).collect()
        })
    }
}

/// Which of these logins are taken.
pub async fn taken(database: &Database, logins: Vec<LoginDigest>) -> Result<BTreeSet<LoginDigest>, SqlError> {
    let rows = logins.into_iter().map(|login| vec![login.into()]).collect();
    database.rows_for_many(&TAKEN, rows).await?.iter().map(|row| row.array("digest")).collect()
}

/// Records whether an operator may sign in.
async fn set_active(tx: &mut Tx, operator_id: Uuid, active: bool) -> Result<(), SqlError> {
    let sql = if active { &ACTIVATE } else { &DEACTIVATE };
    tx.execute(sql, &[operator_id.into()]).await.map(drop)
}

async fn apply(tx: &mut Tx, events: &[EventEnvelope<AgentsEvent>]) -> Result<(), SqlError> {
    let logins = events.iter().filter_map(|followed| match &followed.event {
        AgentsEvent::AgentCreated(event) => Some((from_hex(&event.login_digest)?, event.agent_id)),
        AgentsEvent::OperatorCreated(event) => Some((from_hex(&event.login_digest)?, event.operator_id)),
        _ => None,
    });
    let logins = logins.filter(|(digest, _)| !digest.is_empty());
    tx.queue(&ADD, logins.map(login_row).collect());
    for followed in events {
        match &followed.event {
            AgentsEvent::OperatorCreated(event) => set_active(tx, event.operator_id, true).await?,
            AgentsEvent::OperatorDisabled(event) => set_active(tx, event.operator_id, false).await?,
            AgentsEvent::OperatorEnabled(event) => set_active(tx, event.operator_id, true).await?,
            _ => {}
        }
    }
    Ok(())
}
