//! What the pages of webhooks share: where they are, and how they name things.

use contract::events::webhooks::WebhookLog;
use uuid::Uuid;
use web::http::Problem;

use crate::endpoint::id;
use crate::state::AppState;
use crate::webhooks::queries::{self, WebhookItem};

pub const PLACE: &str = "/webhooks";
/// The logs, as forms name them.
pub const LOGS: [(&str, &str); 2] = [("agents", "Agents service"), ("signups", "Signup service")];

pub fn path(endpoint_id: Uuid) -> String {
    format!("{PLACE}/{endpoint_id}")
}

pub fn label(log: WebhookLog) -> &'static str {
    match log {
        WebhookLog::Agents => "Agents service",
        WebhookLog::Signups => "Signup service",
    }
}

pub fn labels(logs: &[WebhookLog]) -> String {
    logs.iter().map(|log| label(*log)).collect::<Vec<_>>().join(", ")
}

pub async fn find(app: &AppState, text: &str) -> Result<WebhookItem, Problem> {
    queries::get(app.database(), id(text)?, app.clock.now()).await?.ok_or_else(Problem::not_found)
}
