//! Checked requests, completed by what only the service knows: what a name resolves to, where the logs end, which place is meant.

use contract::events::webhooks::WebhookLog;
use contract::ids::new_id;
use uuid::Uuid;
use web::http::{FieldErrors, Problem};

use crate::state::AppState;
use crate::webhooks::commands::{self, Place, WebhookWrite};
use crate::webhooks::model::Target;
use crate::webhooks::queries::{self, CursorItem};
use crate::webhooks::requests::{Described, Moving};
use crate::webhooks::secret::Secret;
use crate::webhooks::source::Source;

/// Most endpoints, each of which has a sender for each of its logs.
pub const MAX_ENDPOINTS: u64 = 100;
/// How long an old secret signs beside the new one.
const OLD_SECRET_SECONDS: i64 = 24 * 60 * 60;

/// A new endpoint and its secret. It gets what happens from now on.
pub async fn adding(app: &AppState, described: Described) -> Result<(WebhookWrite, Secret), Problem> {
    check_name(app, &described).await?;
    if queries::count(app.database()).await? >= MAX_ENDPOINTS {
        return Err(Problem::conflict("too_many_webhooks", format!("There are {MAX_ENDPOINTS} endpoints already.")));
    }
    let secret = Secret::draw().map_err(|error| Problem::unforeseen(&error))?;
    let Described { change, details, .. } = described;
    let logs = change.logs.unwrap_or_default();
    let places = ends(app, &logs).await?;
    let target = Target { host: change.host.unwrap_or_default(), logs, types: change.types.unwrap_or_default() };
    Ok((commands::add(target, details, &secret, &places, new_id(), app.clock.now()), secret))
}

/// A change of an endpoint.
pub async fn changing(app: &AppState, endpoint_id: Uuid, described: Described) -> Result<WebhookWrite, Problem> {
    check_name(app, &described).await?;
    let Described { change, details, .. } = described;
    let places = match &change.logs {
        Some(logs) => Some(ends(app, logs).await?),
        None => None,
    };
    Ok(commands::change(endpoint_id, change, details, places))
}

/// Another secret for an endpoint.
pub fn rotating(app: &AppState, endpoint_id: Uuid, end_old_now: bool) -> Result<(WebhookWrite, Secret), Problem> {
    let secret = Secret::draw().map_err(|error| Problem::unforeseen(&error))?;
    let now = app.clock.now();
    let old_ends_at = if end_old_now { now } else { now.plus_seconds(OLD_SECRET_SECONDS) };
    Ok((commands::rotate(endpoint_id, &secret, now, old_ends_at), secret))
}

/// Back, or ahead, to a place in a log.
pub async fn replaying(app: &AppState, endpoint_id: Uuid, moving: Moving) -> Result<WebhookWrite, Problem> {
    let Moving { log, position, reason } = moving;
    let cursor = cursor(app, endpoint_id, log).await?;
    let place = place(app, log, "after", position).await?;
    Ok(commands::replay(endpoint_id, cursor.position, place, reason))
}

/// Beyond events that were not sent.
pub async fn skipping(app: &AppState, endpoint_id: Uuid, moving: Moving) -> Result<WebhookWrite, Problem> {
    let Moving { log, position, reason } = moving;
    let cursor = cursor(app, endpoint_id, log).await?;
    if position <= cursor.position {
        return Err(field("position", "sent_already", &format!("must be beyond {}", cursor.position)));
    }
    let place = place(app, log, "position", position).await?;
    Ok(commands::skip(endpoint_id, cursor.position, place, reason.unwrap_or_default()))
}

async fn check_name(app: &AppState, described: &Described) -> Result<(), Problem> {
    let Some(url) = &described.url else { return Ok(()) };
    app.outbound.check(url).await.map_err(|fault| field("url", fault.code(), &fault.to_string()))
}

/// The ends of these logs.
async fn ends(app: &AppState, logs: &[WebhookLog]) -> Result<Vec<Place>, Problem> {
    let mut places = Vec::new();
    for log in logs {
        places.push((*log, Source::of(app, *log)?.head().await?));
    }
    Ok(places)
}

async fn cursor(app: &AppState, endpoint_id: Uuid, log: WebhookLog) -> Result<CursorItem, Problem> {
    if let Some(cursor) = queries::cursor(app.database(), endpoint_id, log).await? {
        return Ok(cursor);
    }
    queries::get(app.database(), endpoint_id, app.clock.now()).await?.ok_or_else(Problem::not_found)?;
    Err(field("log", "not_sent", "is a log whose events are not sent to the endpoint"))
}

async fn place(app: &AppState, log: WebhookLog, name: &str, position: u64) -> Result<Place, Problem> {
    match Source::of(app, log)?.point(position).await? {
        Some(point) => Ok((log, point)),
        None => Err(field(name, "beyond_head", "must not be beyond the log's end")),
    }
}

fn field(name: &str, code: &str, message: &str) -> Problem {
    let mut errors = FieldErrors::new();
    errors.add(name, code, message);
    Problem::validation(errors)
}
