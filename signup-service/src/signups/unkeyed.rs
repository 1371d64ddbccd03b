//! Signups without an `Idempotency-Key`: for an hour, the same from the same sender is the same request, so that whoever sends it
//! again after a lost answer is not taken for a stranger who uses a known address.

use std::time::Duration;

use contract::clock::{Clock, Moment};
use contract::ids::new_id;
use event_store::log::{CommandMeta, Log};
use event_store::sql::{Database, Sql, SqlError};

/// How long the same is the same request.
const HOUR_SECONDS: i64 = 3_600;
/// How often those of before that are forgotten.
const FORGET_EVERY: Duration = Duration::from_mins(1);

static NOTE: Sql = Sql::new(
    "INSERT INTO unkeyed_signups AS t (digest, id, noted_at) VALUES ($1, $2, $3)
     ON CONFLICT (digest) DO UPDATE SET id = CASE WHEN t.noted_at > $4 THEN t.id ELSE excluded.id END,
         noted_at = CASE WHEN t.noted_at > $4 THEN t.noted_at ELSE excluded.noted_at END
     RETURNING id",
);
static FORGET: Sql = Sql::new("DELETE FROM unkeyed_signups WHERE noted_at <= $1");

/// The command with the id that the same had within the last hour, if there was one. It is noted by a keyed digest, which tells
/// nobody what was sent, beside the log, since it is to be forgotten.
pub async fn same_within_an_hour(
    log: &Log,
    now: Moment,
    command: CommandMeta,
    scope: &str,
) -> Result<CommandMeta, SqlError> {
    let sent = format!("{} {scope}\n{}", command.actor, command.fingerprint);
    let digest = log.secret().digest("unkeyed-signup", &sent);
    let mut tx = log.database().begin().await?;
    let row = tx.row(&NOTE, &[digest.into(), new_id().into(), now.into(), an_hour_before(now).into()]).await?;
    let id = row.ok_or(SqlError::Column { column: "id".to_owned() })?.uuid("id")?;
    tx.commit().await?;
    Ok(CommandMeta { id: format!("{} unkeyed {id}", command.actor), ..command })
}

/// Forgets what is older, until the task is aborted.
pub async fn forget_now_and_then(database: Database, clock: Clock) {
    loop {
        if let Err(error) = database.execute(&FORGET, &[an_hour_before(clock.now()).into()]).await {
            tracing::warn!(error = %error, "digests of signups of an hour ago could not be removed; it is tried again");
        }
        tokio::time::sleep(FORGET_EVERY).await;
    }
}

fn an_hour_before(now: Moment) -> Moment {
    now.plus_seconds(-HOUR_SECONDS)
}
