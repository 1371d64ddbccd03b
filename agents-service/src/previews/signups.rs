//! The placements of a period: what their signups earned, and would earn.

use std::collections::BTreeSet;
use std::sync::Arc;

use contract::clock::Moment;
use contract::commission::{CommissionRule, Per, Rate};
use contract::money::Money;
use event_store::sql::{Row, Sql, SqlError, Tx};

use crate::batch::BatchContext;
use crate::commission::preview::{Change, Differences};
use crate::commission::rule;
use crate::commission::terms::Terms;
use crate::facts::Needs;
use crate::payments::customers::{KnownCustomer, Placed};
use crate::payments::signup_commission;

macro_rules! placed {
    ($scope:literal) => {
        Sql::new(concat!(
            "SELECT s.position, s.customer_id, s.customer_number, s.agent_id, s.call_plan_id, s.group_id, s.key, s.placed_at,
                 s.agents_position, s.utm_campaign, s.country
             FROM sales_placements s WHERE s.position > $1 AND s.placed_at >= $2 AND s.placed_at < $3 AND ",
            $scope,
            " ORDER BY s.position LIMIT $4"
        ))
    };
}
pub static OF_AGENT: Sql = placed!("s.agent_id = $5");
pub static OF_CALL_PLAN: Sql = placed!("s.call_plan_id = $5");
pub static OF_GRANT: Sql = placed!("s.agent_id = $5 AND s.call_plan_id = $6");
pub static OF_KEY: Sql = placed!("s.key = $5");

/// Adds what the signups of these placements earned, and would earn.
pub async fn add(change: &Change, tx: &mut Tx, rows: &[Row], differences: &mut Differences) -> Result<(), SqlError> {
    let placed: Vec<Placed> = rows.iter().map(Placed::read).collect::<Result<_, SqlError>>()?;
    let streams: BTreeSet<String> = placed.iter().map(|placed| signup_commission::stream(placed.customer_id)).collect();
    let histories = BatchContext::load(tx, streams, Needs::default(), Moment::default()).await?;
    let terms = Arc::new(Terms::read(tx, placed.iter().flat_map(Placed::things).collect()).await?);
    for placed in placed {
        let earned = signup_commission::earned(&histories, placed.customer_id);
        let customer = KnownCustomer::new(placed, 0, Arc::clone(&terms));
        let then = would_earn(change, &customer, earned);
        differences.add_signup(customer.placed.agent_id, earned, then);
    }
    Ok(())
}

/// The commission for the signup by the terms after the change. Where they are those that counted, the ledger stays.
fn would_earn(change: &Change, customer: &KnownCustomer, earned: Option<Money>) -> Option<Money> {
    let placed_at = customer.placed.placed_at;
    let now = customer.rule(placed_at)?;
    let rate_at = change.rate_at(customer.rate_at()?);
    let then = rule::of(&change.over(customer.sources(rate_at, placed_at)?));
    if (CommissionRule { source: now.source, rate_at: now.rate_at, ..then }) == now {
        return earned;
    }
    match then.rate {
        Rate::Flat(amount) if then.per == Per::Signup => Some(amount),
        _ => None,
    }
}
