//! Cohorts: customers by the month in which they were placed, and what they paid in each month since.

use std::collections::BTreeMap;

use contract::clock::Day;
use contract::zone::Zone;
use event_store::sql::{Database, Kind, Sql, SqlError, Value};
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use crate::analysis::figures::MoneyFigures;
use crate::analysis::period::{PACKED, Period, Unit, month};
use crate::analysis::queries;
use crate::analysis::question::{Attribution, Filter, GroupBy, Order, Question, Reader};
use crate::analysis::sums::{ALL, Amounts};
use crate::quarters;

/// Months of cohorts that nobody chose.
pub const MONTHS: i64 = 12;
/// Most months of cohorts.
pub const MAX_MONTHS: usize = 120;

static COHORTS: Sql = Sql::rows(
    "SELECT r.part, t.paid, t.currency, CAST(SUM(t.customers) AS BIGINT) AS customers, CAST(SUM(t.payments) AS BIGINT) AS payments,
         CAST(SUM(t.received) AS BIGINT) AS received, CAST(SUM(t.refunded) AS BIGINT) AS refunded
     FROM {rows} CROSS JOIN money_cohorts t WHERE t.agent_id = $2 AND t.placed BETWEEN r.part / $3 AND r.part / $3 + r.part % $3 - 1
     GROUP BY r.part, t.paid, t.currency",
    &[("part", Kind::Int)],
);

/// What the customers of a cohort paid in a month, in one currency.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct CohortMonth {
    /// Such as 2026-08.
    pub month: String,
    pub currency: String,
    /// Customers whose first payment was received in this month.
    pub paying_customers: i64,
    pub payments: i64,
    /// With value-added tax.
    #[schemars(with = "String")]
    pub received: Decimal,
    /// Refunds and chargebacks less won disputes, by when they were recorded.
    #[schemars(with = "String")]
    pub refunded: Decimal,
}

/// The customers who were placed in a month.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Cohort {
    /// The month, such as 2026-07.
    pub placed: String,
    pub customers: u64,
    /// How many of them have paid; absent for callers without the scope `money:read`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paying_customers: Option<i64>,
    /// In the order of months; absent for callers without the scope `money:read`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub months: Option<Vec<CohortMonth>>,
}

/// Cohorts, the first month first.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Cohorts {
    /// Whose months they are.
    pub time_zone: String,
    pub items: Vec<Cohort>,
    pub count: usize,
}

/// Whose cohorts, of whole months.
#[derive(Clone, Debug)]
pub struct CohortsOf {
    pub period: Period,
    pub agent_id: Option<Uuid>,
    pub zone: Zone,
    pub reader: Reader,
}

impl CohortsOf {
    /// The last months up to this day.
    pub fn last_months(today: Day) -> Period {
        let last = Unit::Month.around(today);
        let mut first = last.first;
        for _ in 1..MONTHS {
            first = Unit::Month.around(first.plus(-1)).first;
        }
        Period { first, last: last.last }
    }
}

/// By month of payment and currency.
type Paid = BTreeMap<(String, String), Amounts>;

pub async fn cohorts(database: &Database, of: &CohortsOf) -> Result<Cohorts, SqlError> {
    let question = Question {
        by: GroupBy::Month,
        period: of.period,
        compare: false,
        filter: Filter { agent_id: of.agent_id, ..Filter::default() },
        attribution: Attribution::Placed,
        order: Order::Signups,
        zone: of.zone.clone(),
        reader: Reader { money: false, ..of.reader },
    };
    let paid = async { if of.reader.money { paid(database, of).await } else { Ok(BTreeMap::new()) } };
    let (placed, mut paid) = futures::try_join!(queries::answer(database, &question), paid)?;
    let items = placed.members.into_iter().map(|(month, [placed, _])| {
        let paid = paid.remove(&month).unwrap_or_default();
        let paying = of.reader.money.then(|| paid.values().map(|amounts| amounts.customers).sum());
        let months = of.reader.money.then(|| months(&paid)).transpose()?;
        Ok(Cohort { placed: month, customers: placed.signups, paying_customers: paying, months })
    });
    let items = items.collect::<Result<Vec<_>, SqlError>>()?;
    Ok(Cohorts { time_zone: of.zone.name().to_owned(), count: items.len(), items })
}

async fn paid(database: &Database, of: &CohortsOf) -> Result<BTreeMap<String, Paid>, SqlError> {
    let parts = of.period.parts(Unit::Month).into_iter();
    let parts: BTreeMap<i64, String> = parts.map(|(month, part)| (part.quarters(&of.zone).packed(), month)).collect();
    let packed: Vec<Value> = parts.keys().map(|part| (*part).into()).collect();
    let agent_id = of.agent_id.unwrap_or(ALL);
    let mut cohorts = BTreeMap::<String, Paid>::new();
    for row in database.rows_among(&COHORTS, packed, &[agent_id.into(), PACKED.into()]).await? {
        let Some(placed) = parts.get(&row.int("part")?) else { continue };
        let paid_at = quarters::begins(row.int("paid")?);
        let paid = month(of.zone.day(paid_at).unwrap_or(paid_at.day()));
        let cohort = cohorts.entry(placed.clone()).or_default();
        cohort.entry((paid, row.text("currency")?)).or_default().add(&Amounts {
            customers: row.int("customers")?,
            payments: row.int("payments")?,
            received: row.int("received")?,
            refunded: row.int("refunded")?,
            commission: 0,
        });
    }
    Ok(cohorts)
}

fn months(paid: &Paid) -> Result<Vec<CohortMonth>, SqlError> {
    let month = |((month, currency), amounts): (&(String, String), &Amounts)| {
        let figures = MoneyFigures::of(currency, amounts)?;
        Ok(CohortMonth {
            month: month.clone(),
            currency: currency.clone(),
            paying_customers: figures.paying_customers,
            payments: figures.payments,
            received: figures.received,
            refunded: figures.refunded,
        })
    };
    paid.iter().map(month).collect()
}
