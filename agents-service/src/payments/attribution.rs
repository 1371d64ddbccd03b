//! Payments that came before the placement of their customer was known here find their agent by themselves.

use std::time::Duration;

use contract::ids::new_id;
use event_store::log::CommandMeta;

use crate::payments::commands::AttributePayment;
use crate::payments::queries::attributable;
use crate::state::AppState;

/// How often is looked whether there is something new.
const LOOK: Duration = Duration::from_secs(1);
/// Most payments of one look.
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
            // There may be more.
            Ok(AT_ONCE) => {}
            Ok(_) => seen = Some(stand),
            Err(problem) => tracing::warn!(problem = problem.kind, "payments could not be attributed; trying again"),
        }
    }
}

async fn attribute(app: &AppState) -> Result<u64, web::http::Problem> {
    let found = attributable(app.database(), AT_ONCE).await?;
    let mut tried = 0;
    for (reference, customer) in found {
        tried += 1;
        let command = CommandMeta::of_system(&new_id().to_string(), reference.clone());
        // Somebody else may have attributed it in this moment.
        if let Err(problem) = app.append(command, AttributePayment { reference, customer, reason: None }).await
            && problem.status.is_server_error()
        {
            return Err(problem);
        }
    }
    Ok(tried)
}
