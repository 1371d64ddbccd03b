//! Finds the placements whose terms pay for the signup, in the order of the signups' log. How far it looked is kept, and belongs to
//! a state of the sales: after a rebuild, or in another log, all are looked at again, and those that have earned are left out.

use std::time::Duration;

use contract::clock::Clock;
use contract::events::payments::PaymentCustomer;
use contract::ids::new_id;
use event_store::log::CommandMeta;
use event_store::projections::CheckpointState;
use event_store::sql::{Database, Sql, SqlError};
use futures::{StreamExt, TryStreamExt};
use uuid::Uuid;
use web::http::Problem;

use crate::facts::Fact;
use crate::payments::customers::{Customers, KnownCustomer};
use crate::payments::signup_commission::EarnSignupCommission;
use crate::state::AppState;

/// How often is looked whether there is something new.
const LOOK: Duration = Duration::from_secs(1);
/// Most placements that are judged together.
const AT_ONCE: u64 = 500;
/// Commands that are decided at once: enough to fill the writer's batches.
const COMMANDS_AT_ONCE: usize = 64;

static LOOKED: Sql = Sql::new("SELECT position FROM signup_commission_search WHERE log_id = $1 AND generation = $2");
static LOOK_ON: Sql = Sql::new(
    "INSERT INTO signup_commission_search AS t (log_id, generation, position) VALUES ($1, $2, $3)
     ON CONFLICT (log_id, generation) DO UPDATE SET position = excluded.position WHERE t.position < excluded.position",
);
static NEXT: Sql = Sql::new(
    "SELECT position, customer_id, EXISTS (SELECT 1 FROM events e WHERE e.stream = 'signup-commission-' || {text_of s.customer_id})
         AS has_earned FROM sales_placements s WHERE position > $1 ORDER BY position LIMIT $2",
);

/// Writes signup commission, until the task is aborted. It looks only after the sales have moved.
pub async fn run(app: AppState) {
    // Without sales there are no placements; a task must not end.
    let Some(sales) = app.sales.clone() else { return std::future::pending().await };
    let mut seen = None;
    loop {
        tokio::time::sleep(LOOK).await;
        let Ok(state) = sales.read().await else { continue };
        // What followed another log may place customers who are none.
        if state.halted.is_some() || seen.as_ref() == Some(&state) {
            continue;
        }
        match look(&app, &state).await {
            Ok(()) => seen = Some(state),
            Err(problem) => {
                tracing::warn!(problem = problem.kind, "signup commission could not be written; trying again");
            }
        }
    }
}

/// Looks once, at all that the sales show now.
pub async fn look_now(app: &AppState) -> Result<(), Problem> {
    let Some(sales) = &app.sales else { return Ok(()) };
    look(app, &sales.read().await?).await
}

/// Looks at every placement that was not looked at in this state of the sales.
async fn look(app: &AppState, sales: &CheckpointState) -> Result<(), Problem> {
    let Some(log_id) = sales.log_id else { return Ok(()) };
    let looked = [log_id.into(), sales.generation.into()];
    let row = app.database().row(&LOOKED, &looked).await?;
    let mut position = row.map(|row| row.count("position")).transpose()?.unwrap_or(0);
    loop {
        let rows = app.database().rows(&NEXT, &[position.into(), AT_ONCE.into()]).await?;
        let Some(last) = rows.last() else { return Ok(()) };
        position = last.count("position")?;
        let new = rows.iter().map(|row| Ok((!row.flag("has_earned")?).then_some(row.uuid("customer_id")?)));
        let new: Vec<Uuid> = new.filter_map(Result::transpose).collect::<Result<_, SqlError>>()?;
        let earning = earning(app.database(), &app.clock, new).await?;
        let earned = futures::stream::iter(earning).map(|customer_id| Ok(earn(app, customer_id)));
        earned.try_buffer_unordered(COMMANDS_AT_ONCE).try_for_each(|()| std::future::ready(Ok(()))).await?;
        app.database().execute(&LOOK_ON, &[log_id.into(), sales.generation.into(), position.into()]).await?;
    }
}

/// Those of the customers whose terms pay for the signup.
async fn earning(database: &Database, clock: &Clock, customers: Vec<Uuid>) -> Result<Vec<Uuid>, SqlError> {
    if customers.is_empty() {
        return Ok(Vec::new());
    }
    let named = customers.into_iter().map(PaymentCustomer::CustomerId).collect();
    let mut tx = database.begin_snapshot().await?;
    let known = Customers::load(&mut tx, named, clock.now()).await?;
    let earned = known.values().filter_map(KnownCustomer::signup_commission);
    Ok(earned.map(|earned| earned.customer_id).collect())
}

async fn earn(app: &AppState, customer_id: Uuid) -> Result<(), Problem> {
    let command = CommandMeta::of_system(&new_id().to_string(), customer_id.to_string());
    match app.append(command, EarnSignupCommission(customer_id)).await {
        Err(problem) if problem.status.is_server_error() => Err(problem),
        // Another replica may have written it in this moment, or the customer was erased.
        Ok(_) | Err(_) => Ok(()),
    }
}
