//! Folds the payments of a period, page by page, in one state of the database.

use std::collections::BTreeSet;
use std::sync::Arc;

use contract::clock::Moment;
use contract::commission::CommissionRule;
use contract::money::MoneyError;
use contract::zone::Zone;
use event_store::sql::{Database, Row, Sql, SqlError, Tx, Value};
use uuid::Uuid;

use crate::batch::BatchContext;
use crate::commission::preview::{Case, Change, Differences};
use crate::commission::rule;
use crate::commission::share::Customer;
use crate::commission::terms::Terms;
use crate::facts::Needs;
use crate::payments::customers::{KnownCustomer, Placed};
use crate::payments::model::{Payment, stream};
use crate::payments::received::Received;
use crate::previews::signups;

/// Most payments of a preview. A period with more is refused, so that no sum lacks payments.
pub const MAX_PAYMENTS: u64 = 20_000;
/// Most placements of a preview.
const MAX_SIGNUPS: usize = 20_000;
/// Payments that are read together.
const AT_ONCE: usize = 500;

/// Payments that somebody earns by, with their placements, also of customers who were erased since.
macro_rules! paid {
    ($scope:literal) => {
        Sql::new(concat!(
            "SELECT p.position, p.payment_id, s.customer_id, s.customer_number, s.agent_id, s.call_plan_id, s.group_id, s.key,
                 s.placed_at, s.agents_position, s.utm_campaign, s.country
             FROM payments p JOIN sales_placements s ON s.customer_id = p.customer_id
             WHERE p.position > $1 AND p.received_at >= $2 AND p.received_at < $3 AND p.agent_id IS NOT NULL AND ",
            $scope,
            " ORDER BY p.position LIMIT $4"
        ))
    };
}
static OF_AGENT: Sql = paid!("p.agent_id = $5");
static OF_CALL_PLAN: Sql = paid!("s.call_plan_id = $5");
static OF_GRANT: Sql = paid!("p.agent_id = $5 AND s.call_plan_id = $6");
static OF_KEY: Sql = paid!("s.key = $5");

/// Where the next page begins; `None` after the last.
fn next(rows: &[Row]) -> Result<Option<u64>, SqlError> {
    rows.last().filter(|_| rows.len() == AT_ONCE).map(|last| last.count("position")).transpose()
}

/// A changed source of terms, and the payments and signups that it is tried on.
#[derive(Clone, Debug)]
pub struct Preview {
    pub change: Change,
    pub since: Moment,
    pub until: Moment,
}

/// Why there is no preview.
#[derive(Debug, thiserror::Error)]
pub enum PreviewError {
    #[error("has more than {MAX_PAYMENTS} {0}, so please choose a shorter period")]
    TooMany(&'static str),
    #[error("an amount is too large")]
    Money(#[from] MoneyError),
    #[error(transparent)]
    Sql(#[from] SqlError),
}

impl Preview {
    fn sql(&self) -> (&'static Sql, Vec<Value>) {
        match &self.change {
            Change::Agent { agent_id, .. } => (&OF_AGENT, vec![(*agent_id).into()]),
            Change::CallPlan { call_plan_id, .. } => (&OF_CALL_PLAN, vec![(*call_plan_id).into()]),
            Change::Grant { agent_id, call_plan_id, .. } => {
                (&OF_GRANT, vec![(*agent_id).into(), (*call_plan_id).into()])
            }
            Change::SignupKey { key, .. } => (&OF_KEY, vec![key.into()]),
        }
    }

    fn sql_of_placements(&self) -> &'static Sql {
        match &self.change {
            Change::Agent { .. } => &signups::OF_AGENT,
            Change::CallPlan { .. } => &signups::OF_CALL_PLAN,
            Change::Grant { .. } => &signups::OF_GRANT,
            Change::SignupKey { .. } => &signups::OF_KEY,
        }
    }

    async fn page(&self, tx: &mut Tx, sql: &'static Sql, after: u64) -> Result<Vec<Row>, SqlError> {
        let (_, scope) = self.sql();
        let most = u64::try_from(AT_ONCE).unwrap_or(u64::MAX);
        let mut values = vec![after.into(), self.since.into(), self.until.into(), most.into()];
        values.extend(scope);
        tx.rows(sql, &values).await
    }

    /// What the payments and signups of the period earn now, and would earn.
    pub async fn fold(&self, database: &Database, zone: &Zone) -> Result<Differences, PreviewError> {
        let mut tx = database.begin_snapshot().await?;
        let mut differences = Differences::default();
        let (sql, _) = self.sql();
        let mut after = Some(0);
        while let Some(position) = after {
            let rows = self.page(&mut tx, sql, position).await?;
            for case in self.cases(&mut tx, &rows).await? {
                differences.add(&case, zone)?;
            }
            if differences.payments() > MAX_PAYMENTS {
                return Err(PreviewError::TooMany("payments"));
            }
            after = next(&rows)?;
        }
        let (mut after, mut placements) = (Some(0), 0);
        while let Some(position) = after {
            let rows = self.page(&mut tx, self.sql_of_placements(), position).await?;
            signups::add(&self.change, &mut tx, &rows, &mut differences).await?;
            placements += rows.len();
            if placements > MAX_SIGNUPS {
                return Err(PreviewError::TooMany("signups"));
            }
            after = next(&rows)?;
        }
        Ok(differences)
    }

    async fn cases(&self, tx: &mut Tx, rows: &[Row]) -> Result<Vec<Case>, SqlError> {
        let paid = rows.iter().map(|row| Ok((stream(row.uuid("payment_id")?), Placed::read(row)?)));
        let paid: Vec<(String, Placed)> = paid.collect::<Result<_, SqlError>>()?;
        let streams: BTreeSet<String> = paid.iter().map(|(stream, _)| stream.clone()).collect();
        let histories = BatchContext::load(tx, streams, Needs::default(), Moment::default()).await?;
        let things = paid.iter().flat_map(|(_, placed)| placed.things()).collect();
        let terms = Arc::new(Terms::read(tx, things).await?);
        let cases = paid.into_iter().filter_map(|(stream, placed)| {
            let received = histories.state::<Payment>(&stream).received?;
            let payments_before = received.commission.as_ref()?.payments_before;
            self.case(&KnownCustomer::new(placed, payments_before, Arc::clone(&terms)), &received)
        });
        Ok(cases.collect())
    }

    fn case(&self, customer: &KnownCustomer, received: &Received) -> Option<Case> {
        let agent_id: Uuid = received.commission.as_ref()?.agent_id;
        let received_at = received.event.received_at;
        let rate_at = self.change.rate_at(customer.rate_at()?);
        let sources = self.change.over(customer.sources(rate_at, received_at)?);
        let then = CommissionRule { rate_at, ..rule::of(&sources) };
        let placed_at = customer.placed.placed_at;
        Some(Case {
            agent_id,
            whole: received.whole(),
            left: received.left,
            received_at,
            customer: Customer { placed_at, payments_before: customer.payments_before },
            earned: received.earned?,
            now: customer.rule(received_at)?,
            then,
        })
    }
}
