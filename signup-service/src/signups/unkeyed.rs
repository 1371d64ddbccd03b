//! Signups without an `Idempotency-Key`: within an hour, the same body from the same sender is the same request. So a
//! client that sends a form again after a lost response is not treated as a stranger with a known address.

use std::time::Duration;

use contract::clock::{Clock, Moment};
use contract::ids::new_id;
use event_store::log::{CommandMeta, Log};
use event_store::sql::{Database, Sql, SqlError};

const HOUR_SECONDS: i64 = 3_600;
/// How often expired entries are deleted.
const FORGET_EVERY: Duration = Duration::from_mins(1);

static NOTE: Sql = Sql::new(
    "INSERT INTO unkeyed_signups AS t (digest, id, noted_at) VALUES ($1, $2, $3)
     ON CONFLICT (digest) DO UPDATE SET id = CASE WHEN t.noted_at > $4 THEN t.id ELSE excluded.id END,
         noted_at = CASE WHEN t.noted_at > $4 THEN t.noted_at ELSE excluded.noted_at END
     RETURNING id",
);
static FORGET: Sql = Sql::new("DELETE FROM unkeyed_signups WHERE noted_at <= $1");

/// The command, with the id of an equal one within the last hour, if there was one. It is stored as a keyed digest,
/// which reveals nothing, beside the log, so that it can be deleted.
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

/// Deletes expired entries until the task is aborted.
pub async fn forget_now_and_then(database: Database, clock: Clock) {
    loop {
        if let Err(error) = database.execute(&FORGET, &[an_hour_before(clock.now()).into()]).await {
            tracing::warn!(error = %error, "expired digests of signups could not be deleted; retrying later");
        }
        tokio::time::sleep(FORGET_EVERY).await;
    }
}

fn an_hour_before(now: Moment) -> Moment {
    now.plus_seconds(-HOUR_SECONDS)
}
