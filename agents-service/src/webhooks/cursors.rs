//! How far each endpoint is in each of its logs, and when its next attempt is due. A cursor moves by compare-and-set, so that two
//! senders do no harm.

use contract::clock::Moment;
use contract::events::webhooks::WebhookLog;
use event_store::log::{EventHash, LogPoint};
use event_store::sql::{Database, Row, Sql, SqlError, Tx};
use uuid::Uuid;

use crate::columns::{from_json, read_word, word};
use crate::webhooks::endpoints::Beside;

static START: Sql = Sql::new(
    "INSERT INTO webhook_cursors (endpoint_id, log, position, hash) VALUES ($1, $2, $3, $4)
     ON CONFLICT (endpoint_id, log) DO NOTHING",
);
static END: Sql = Sql::new("DELETE FROM webhook_cursors WHERE endpoint_id = $1 AND log = $2");
static RETRY_NOW: Sql = Sql::new(
    "UPDATE webhook_cursors SET attempts = 0, failing_since = NULL, next_attempt_at = NULL WHERE endpoint_id = $1",
);
static MOVE: Sql = Sql::new(
    "UPDATE webhook_cursors SET position = $3, hash = $4, attempts = 0, failing_since = NULL, next_attempt_at = NULL,
         fault = NULL
     WHERE endpoint_id = $1 AND log = $2",
);
// An event that was delivered meanwhile is left behind already.
static SKIP: Sql = Sql::new(
    "UPDATE webhook_cursors SET position = $3, hash = $4, attempts = 0, failing_since = NULL, next_attempt_at = NULL
     WHERE endpoint_id = $1 AND log = $2 AND position < $3",
);

macro_rules! served {
    ($columns:literal, $more:literal) => {
        concat!(
            "SELECT ",
            $columns,
            " FROM webhook_cursors c JOIN webhooks w ON w.endpoint_id = c.endpoint_id
             JOIN webhook_endpoints e ON e.endpoint_id = c.endpoint_id
             WHERE w.state = 'active' AND c.fault IS NULL AND e.url <> ''
             AND EXISTS (SELECT 1 FROM webhook_secrets s WHERE s.endpoint_id = c.endpoint_id AND s.ends_at IS NULL)",
            $more
        )
    };
}
static SERVED: Sql = Sql::new(served!("c.endpoint_id, c.log", ""));
static LOAD: Sql = Sql::new(served!(
    "w.types, e.url, c.position, c.hash, c.attempts, c.failing_since, c.attempted_at, c.next_attempt_at",
    " AND c.endpoint_id = $1 AND c.log = $2"
));
static PASS: Sql = Sql::new(
    "UPDATE webhook_cursors SET position = $4, hash = $5, attempts = 0, failing_since = NULL, next_attempt_at = NULL,
         attempted_at = COALESCE($6, attempted_at)
     WHERE endpoint_id = $1 AND log = $2 AND position = $3",
);
static FAIL: Sql = Sql::new(
    "UPDATE webhook_cursors SET attempts = attempts + 1, failing_since = COALESCE(failing_since, $5), attempted_at = $5,
         next_attempt_at = $6
     WHERE endpoint_id = $1 AND log = $2 AND position = $3 AND attempts = $4",
);
static FAULT: Sql =
    Sql::new("UPDATE webhook_cursors SET fault = $4 WHERE endpoint_id = $1 AND log = $2 AND position = $3");

/// An endpoint and one of its logs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Route {
    pub endpoint_id: Uuid,
    pub log: WebhookLog,
}

/// What the sender needs for a route.
pub struct Served {
    pub route: Route,
    pub url: String,
    pub types: Vec<String>,
    /// The last event that is done with.
    pub point: LogPoint,
    /// Failed attempts at the next one.
    pub attempts: u64,
    pub failing_since: Option<Moment>,
    pub attempted_at: Option<Moment>,
    pub next_attempt_at: Option<Moment>,
}

impl Served {
    /// Whether the endpoint gets events of this type.
    pub fn wants(&self, type_name: &str) -> bool {
        self.types.is_empty() || self.types.iter().any(|wanted| wanted == type_name)
    }

    /// Whether the next event may be sent. A clock that was set back since the last attempt tells nothing about the next one.
    pub fn is_due(&self, now: Moment) -> bool {
        self.next_attempt_at.is_none_or(|at| at <= now) || self.attempted_at.is_some_and(|at| at > now)
    }
}

/// Begins a log at a point, unless the endpoint is in it already.
pub fn start(endpoint_id: Uuid, log: WebhookLog, at: LogPoint) -> Beside {
    (&START, vec![endpoint_id.into(), word(&log).into(), at.position.into(), at.hash.0.into()])
}

/// Leaves a log.
pub fn end(endpoint_id: Uuid, log: WebhookLog) -> Beside {
    (&END, vec![endpoint_id.into(), word(&log).into()])
}

/// Makes the next attempts due at once, as the first ones.
pub fn retry_now(endpoint_id: Uuid) -> Beside {
    (&RETRY_NOW, vec![endpoint_id.into()])
}

/// Goes on behind this point, wherever the cursor was.
pub fn go_to(endpoint_id: Uuid, log: WebhookLog, point: LogPoint) -> Beside {
    (&MOVE, vec![endpoint_id.into(), word(&log).into(), point.position.into(), point.hash.0.into()])
}

/// Goes on behind this point, if the cursor is not there yet.
pub fn skip_to(endpoint_id: Uuid, log: WebhookLog, point: LogPoint) -> Beside {
    (&SKIP, vec![endpoint_id.into(), word(&log).into(), point.position.into(), point.hash.0.into()])
}

/// All routes that are served.
pub async fn served(database: &Database) -> Result<Vec<Route>, SqlError> {
    let rows = database.rows(&SERVED, &[]).await?;
    let route =
        |row: &Row| Ok(Route { endpoint_id: row.uuid("endpoint_id")?, log: read_word(row.text("log")?, "log")? });
    rows.iter().map(route).collect()
}

/// The route as it is now; `None` where it is not served.
pub async fn load(database: &Database, route: Route) -> Result<Option<Served>, SqlError> {
    let values = [route.endpoint_id.into(), word(&route.log).into()];
    let Some(row) = database.row(&LOAD, &values).await? else { return Ok(None) };
    Ok(Some(Served {
        route,
        url: row.text("url")?,
        types: from_json(&row, "types")?,
        point: LogPoint { position: row.count("position")?, hash: EventHash(row.array("hash")?) },
        attempts: row.count("attempts")?,
        failing_since: row.opt_moment("failing_since")?,
        attempted_at: row.opt_moment("attempted_at")?,
        next_attempt_at: row.opt_moment("next_attempt_at")?,
    }))
}

/// Moves a cursor that is still where it was read; `delivered_at` is absent where nothing was sent.
pub async fn pass(tx: &mut Tx, served: &Served, to: LogPoint, delivered_at: Option<Moment>) -> Result<bool, SqlError> {
    let Route { endpoint_id, log } = served.route;
    let values = [
        endpoint_id.into(),
        word(&log).into(),
        served.point.position.into(),
        to.position.into(),
        to.hash.0.into(),
        delivered_at.into(),
    ];
    Ok(tx.execute(&PASS, &values).await? == 1)
}

/// Notes a failed attempt and when the next one is due.
pub async fn fail(tx: &mut Tx, served: &Served, now: Moment, next: Moment) -> Result<bool, SqlError> {
    let Route { endpoint_id, log } = served.route;
    let (position, attempts) = (served.point.position, served.attempts);
    let values = [endpoint_id.into(), word(&log).into(), position.into(), attempts.into(), now.into(), next.into()];
    Ok(tx.execute(&FAIL, &values).await? == 1)
}

/// Stops a route whose log is not the one that was sent before, until somebody moves its cursor.
pub async fn stop(database: &Database, served: &Served, fault: &str) -> Result<(), SqlError> {
    let Route { endpoint_id, log } = served.route;
    let values = [endpoint_id.into(), word(&log).into(), served.point.position.into(), fault.into()];
    database.execute(&FAULT, &values).await.map(drop)
}
