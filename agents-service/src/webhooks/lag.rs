use contract::events::webhooks::WebhookLog;
use schemars::JsonSchema;
use serde::Serialize;

use crate::state::AppState;
use crate::webhooks::queries::CursorItem;
use crate::webhooks::source::{Source, SourceError};

/// What an endpoint has not got yet of a log.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[schemars(rename = "WebhookLag")]
pub struct Lag {
    pub log: WebhookLog,
    /// The log's last position.
    pub head: u64,
    /// Events between the cursor and the end, of all types.
    pub events: u64,
    /// How old the first of them is.
    pub seconds: u64,
}

/// How far a cursor is behind its log.
pub async fn of(app: &AppState, cursor: &CursorItem) -> Result<Lag, SourceError> {
    let mut source = Source::of(app, cursor.log)?;
    let page = source.after(cursor.position).await?;
    let head = match page.head {
        Some(head) => head.position,
        None => source.head().await?.position,
    };
    let age = |since: i64| (app.clock.now().micros() - since) / 1_000_000;
    let seconds = page.events.first().map_or(0, |event| age(event.recorded_at.micros()));
    Ok(Lag {
        log: cursor.log,
        head,
        events: head.saturating_sub(cursor.position),
        seconds: u64::try_from(seconds).unwrap_or(0),
    })
}

/// The lags of all cursors; that of a log which cannot be read now is left out.
pub async fn of_all(app: &AppState, cursors: &[CursorItem]) -> Vec<Lag> {
    let mut lags = Vec::new();
    for cursor in cursors {
        match of(app, cursor).await {
            Ok(lag) => lags.push(lag),
            Err(error) => tracing::warn!(error = event_store::health::with_causes(&error), "a log cannot be read"),
        }
    }
    lags
}
