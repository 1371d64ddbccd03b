//! Browser sessions: a secret in a cookie, its digest in the database, and an end after idle time and after a working
//! day.

use contract::clock::Moment;
use contract::ids::{NoRandomness, digest_bytes, random_crockford};
use event_store::sql::{Database, Sql, SqlError};
use uuid::Uuid;

/// A session ends after so many seconds without a request of its owner. Requests that an open page sends by itself do
/// not count.
pub const MAX_IDLE_SECONDS: i64 = 30 * 60;
/// A session ends this long after sign-in, in seconds.
pub const MAX_AGE_SECONDS: i64 = 12 * 60 * 60;
/// Precision of a session's last use, in seconds: a write for each request would be too expensive.
const SEEN_EVERY_SECONDS: i64 = 60;
/// Crockford digits of a session's secret: 160 bits.
const SECRET_LENGTH: usize = 32;

static ADD: Sql = Sql::new(
    "INSERT INTO sessions (digest, account, account_id, session_epoch, started_at, seen_at) VALUES ($1, $2, $3, $4, $5, $5)",
);
/// The epoch is compared each time, so a session that begins while its account changes ends with the others.
static FIND: Sql = Sql::new(
    "SELECT s.account, s.seen_at FROM sessions s WHERE s.digest = $1 AND s.seen_at > $2 AND s.started_at > $3
     AND s.session_epoch = (SELECT o.session_epoch FROM operator_accounts o WHERE o.operator_id = s.account_id
         UNION ALL SELECT a.session_epoch FROM agent_accounts a WHERE a.agent_id = s.account_id)",
);
static SEEN: Sql = Sql::new("UPDATE sessions SET seen_at = $2 WHERE digest = $1 AND seen_at < $2");
static END: Sql = Sql::new("DELETE FROM sessions WHERE digest = $1");
static FORGET: Sql = Sql::new("DELETE FROM sessions WHERE seen_at <= $1 OR started_at <= $2");

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Account {
    Operator(Uuid),
    Agent(Uuid),
}

impl Account {
    /// The actor in events: `operator:<id>`, `agent:<id>`.
    pub fn actor(self) -> String {
        match self {
            Self::Operator(id) => format!("operator:{id}"),
            Self::Agent(id) => format!("agent:{id}"),
        }
    }

    pub fn id(self) -> Uuid {
        match self {
            Self::Operator(id) | Self::Agent(id) => id,
        }
    }

    fn read(actor: &str) -> Option<Self> {
        let (kind, id) = actor.split_once(':')?;
        let id = id.parse().ok()?;
        match kind {
            "operator" => Some(Self::Operator(id)),
            "agent" => Some(Self::Agent(id)),
            _ => None,
        }
    }
}

/// A session that has not ended.
#[derive(Clone, Copy, Debug)]
pub struct Session {
    pub account: Account,
    seen_at: Moment,
}

#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    #[error(transparent)]
    Sql(#[from] SqlError),
    #[error(transparent)]
    Randomness(#[from] NoRandomness),
}

/// Begins a session and returns its secret. `session_epoch` is the account's epoch at the password check: the session
/// ends when the account's epoch changes. Also deletes sessions that have ended.
pub async fn begin(
    database: &Database,
    account: Account,
    session_epoch: u64,
    now: Moment,
) -> Result<String, SessionError> {
    let secret = random_crockford(SECRET_LENGTH)?;
    database.execute(&FORGET, &[idle_since(now).into(), old_since(now).into()]).await?;
    let values =
        [digest_bytes(&secret).into(), account.actor().into(), account.id().into(), session_epoch.into(), now.into()];
    database.execute(&ADD, &values).await?;
    Ok(secret)
}

/// The session with this secret, if it has not ended. Does not extend it.
pub async fn find(database: &Database, secret: &str, now: Moment) -> Result<Option<Session>, SqlError> {
    let values = [digest_bytes(secret).into(), idle_since(now).into(), old_since(now).into()];
    let Some(row) = database.row(&FIND, &values).await? else { return Ok(None) };
    let seen_at = row.moment("seen_at")?;
    Ok(Account::read(&row.text("account")?).map(|account| Session { account, seen_at }))
}

/// Records a request of the owner, which extends the session.
pub async fn see(database: &Database, secret: &str, session: Session, now: Moment) -> Result<(), SqlError> {
    if session.seen_at.plus_seconds(SEEN_EVERY_SECONDS) <= now {
        database.execute(&SEEN, &[digest_bytes(secret).into(), now.into()]).await?;
    }
    Ok(())
}

pub async fn end(database: &Database, secret: &str) -> Result<(), SqlError> {
    database.execute(&END, &[digest_bytes(secret).into()]).await.map(drop)
}

fn idle_since(now: Moment) -> Moment {
    now.plus_seconds(-MAX_IDLE_SECONDS)
}

fn old_since(now: Moment) -> Moment {
    now.plus_seconds(-MAX_AGE_SECONDS)
}
