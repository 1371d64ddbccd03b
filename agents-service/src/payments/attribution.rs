//! Payments that came before the placement of their customer was known here find their agent by themselves.

use std::time::Duration;

use contract::ids::new_id;
use event_store::log::CommandMeta;

use crate::payments::commands::AttributePayment;
use crate::payments::queries::{Attributable, attributable};
use crate::state::AppState;

/// How often is looked whether there is something new.
const LOOK: Duration = Duration::from_secs(1);
/// Most payments that are read at once.
const AT_ONCE: u64 = 200;

/// Attributes payments, until the task is aborted. It looks again only after the sales or the log have moved.
pub async fn run(app: AppState) {
    // Without sales there are no placements; a task must not end.
    let Some(sales) = app.sales.clone() else { return std::future::pending().await };
    let mut seen = None;
    loop {
        tokio::time::sleep(LOOK).await;
        let Ok(head) = app.log.head().await else { continue };
        let stand = (sales.has_seen(), head.position);
        if seen == Some(stand) {
            continue;
        }
        match attribute(&app).await {
            Ok(()) => seen = Some(stand),
            Err(problem) => tracing::warn!(problem = problem.kind, "payments could not be attributed; trying again"),
        }
    }
}

/// Looks through all of them, so that one which cannot be attributed keeps no other waiting.
async fn attribute(app: &AppState) -> Result<(), web::http::Problem> {
    let mut after = 0;
    loop {
        let found = attributable(app.database(), after, AT_ONCE).await?;
        let Some(last) = found.last() else { return Ok(()) };
        after = last.position;
        for Attributable { reference, customer, .. } in found {
            let command = CommandMeta::of_system(&new_id().to_string(), reference.clone());
            // Somebody else may have attributed it in this moment.
            if let Err(problem) = app.append(command, AttributePayment { reference, customer, reason: None }).await
                && problem.status.is_server_error()
            {
                return Err(problem);
            }
        }
    }
}
