//! The customers of payments: who placed them, by which terms they earn commission, and how many payments came before.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use contract::clock::Moment;
use contract::commission::{CommissionRule, Per, Rate, RateAt};
use contract::events::payments::{Origin, PaymentCustomer, SignupCommissionEarned};
use contract::money::Currency;
use event_store::sql::{Kind, Row, Sql, SqlError, Tx};
use futures::future::BoxFuture;
use uuid::Uuid;

use crate::batch::BatchContext;
use crate::commission::rule::{self, Sources};
use crate::commission::share::{self, Customer};
use crate::commission::terms::{At, Terms, Thing};
use crate::facts::{Fact, Known};
use crate::ledger::balances::{self, Sums};
use crate::payments::earner::Earner;

static BY_ID: Sql = Sql::rows(
    "SELECT customer_id, customer_number, agent_id, call_plan_id, group_id, key, placed_at, agents_position, utm_campaign, country
     FROM sales_placements WHERE customer_id {among} AND NOT erased",
    &[("customer_id", Kind::Uuid)],
);
static BY_NUMBER: Sql = Sql::rows(
    "SELECT customer_id, customer_number, agent_id, call_plan_id, group_id, key, placed_at, agents_position, utm_campaign, country
     FROM sales_placements WHERE customer_number {among} AND NOT erased",
    &[("customer_number", Kind::Text)],
);
static PAYMENTS: Sql = Sql::rows(
    "SELECT customer_id, COUNT(*) AS n FROM payments WHERE customer_id {among} AND agent_id IS NOT NULL GROUP BY customer_id",
    &[("customer_id", Kind::Uuid)],
);

/// A customer who was placed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed {
    pub customer_id: Uuid,
    pub customer_number: String,
    pub agent_id: Uuid,
    pub call_plan_id: Uuid,
    pub group_id: Uuid,
    pub key: String,
    pub placed_at: Moment,
    /// The position of the agents' log that the placement was decided at.
    pub agents_position: u64,
    /// Empty where the link named none.
    pub campaign: String,
    pub country: Option<String>,
}

/// A customer of payments.
#[derive(Clone, Debug)]
pub struct KnownCustomer {
    pub placed: Placed,
    /// Payments that somebody earns by.
    pub payments_before: u64,
    terms: Arc<Terms>,
    /// Of the agents of the batch.
    balances: Arc<BTreeMap<(Uuid, String), Sums>>,
}

/// The customers that payments name; those who are unknown or erased are none.
pub struct Customers;

impl Fact for Customers {
    type Key = PaymentCustomer;
    type Value = KnownCustomer;

    fn load(tx: &mut Tx, named: BTreeSet<PaymentCustomer>, _: Moment) -> BoxFuture<'_, Result<Known<Self>, SqlError>> {
        Box::pin(async move {
            let placed = placed(tx, named).await?;
            let terms = Arc::new(Terms::read(tx, placed.values().flat_map(Placed::things).collect()).await?);
            let ids: BTreeSet<Uuid> = placed.values().map(|placed| placed.customer_id).collect();
            let rows = tx.rows_for_many(&PAYMENTS, ids.into_iter().map(|id| vec![id.into()]).collect()).await?;
            let counted = rows.iter().map(|row| Ok((row.uuid("customer_id")?, row.count("n")?)));
            let counted: BTreeMap<Uuid, u64> = counted.collect::<Result<_, SqlError>>()?;
            let agents = placed.values().map(|placed| placed.agent_id).collect();
            let balances = Arc::new(balances::of_agents(tx, agents).await?);
            let known = placed.into_iter().map(|(named, placed)| {
                let payments_before = counted.get(&placed.customer_id).copied().unwrap_or(0);
                let (terms, balances) = (Arc::clone(&terms), Arc::clone(&balances));
                (named, KnownCustomer { balances, ..KnownCustomer::new(placed, payments_before, terms) })
            });
            Ok(known.collect())
        })
    }
}

async fn placed(tx: &mut Tx, named: BTreeSet<PaymentCustomer>) -> Result<BTreeMap<PaymentCustomer, Placed>, SqlError> {
    let (mut ids, mut numbers) = (Vec::new(), Vec::new());
    for customer in named {
        match customer {
            PaymentCustomer::CustomerId(id) => ids.push(vec![id.into()]),
            PaymentCustomer::CustomerNumber(number) => numbers.push(vec![number.into()]),
        }
    }
    let mut placed = BTreeMap::new();
    if !ids.is_empty() {
        for row in tx.rows_for_many(&BY_ID, ids).await? {
            let read = Placed::read(&row)?;
            placed.insert(PaymentCustomer::CustomerId(read.customer_id), read);
        }
    }
    if !numbers.is_empty() {
        for row in tx.rows_for_many(&BY_NUMBER, numbers).await? {
            let read = Placed::read(&row)?;
            placed.insert(PaymentCustomer::CustomerNumber(read.customer_number.clone()), read);
        }
    }
    Ok(placed)
}

impl Placed {
    pub fn read(row: &Row) -> Result<Self, SqlError> {
        Ok(Self {
            customer_id: row.uuid("customer_id")?,
            customer_number: row.text("customer_number")?,
            agent_id: row.uuid("agent_id")?,
            call_plan_id: row.uuid("call_plan_id")?,
            group_id: row.uuid("group_id")?,
            key: row.text("key")?,
            placed_at: row.moment("placed_at")?,
            agents_position: row.count("agents_position")?,
            campaign: row.text("utm_campaign")?,
            country: row.opt_text("country")?,
        })
    }

    /// Where the customer came from.
    pub fn origin(&self) -> Origin {
        let campaign = Some(self.campaign.clone()).filter(|campaign| !campaign.is_empty());
        Origin { placed_at: self.placed_at, campaign, country: self.country.clone() }
    }

    /// Whose terms may count.
    pub fn things(&self) -> [Thing; 5] {
        [
            Thing::Company,
            Thing::Agent(self.agent_id),
            Thing::CallPlan(self.call_plan_id),
            Thing::Grant(self.agent_id, self.call_plan_id),
            Thing::SignupKey(self.key.clone()),
        ]
    }
}

impl KnownCustomer {
    /// `terms` has those of all of [`Placed::things`].
    pub fn new(placed: Placed, payments_before: u64, terms: Arc<Terms>) -> Self {
        Self { placed, payments_before, terms, balances: Arc::default() }
    }

    /// Whether the terms of the placement or those of a payment count: what the agent's terms say now.
    pub fn rate_at(&self) -> Option<RateAt> {
        Some(self.terms.of_agent(self.placed.agent_id, At::End)?.terms.rate_at)
    }

    /// The terms that count for what happens at a moment.
    pub fn sources(&self, rate_at: RateAt, at: Moment) -> Option<Sources> {
        let placed = &self.placed;
        let at = match rate_at {
            RateAt::Placement => At::Position(placed.agents_position),
            RateAt::Payment => At::Moment(at),
        };
        let agent = self.terms.of_agent(placed.agent_id, at)?;
        Some(Sources {
            signup_key: self.terms.of(&Thing::SignupKey(placed.key.clone()), at),
            grant: self.terms.of(&Thing::Grant(placed.agent_id, placed.call_plan_id), at),
            call_plan: self.terms.of(&Thing::CallPlan(placed.call_plan_id), at),
            agent: (agent.percent, agent.terms),
        })
    }

    /// The rule that counts for what happens at a moment.
    pub fn rule(&self, at: Moment) -> Option<CommissionRule> {
        let rate_at = self.rate_at()?;
        Some(CommissionRule { rate_at, ..rule::of(&self.sources(rate_at, at)?) })
    }

    /// When commission on what happens at a moment is earned.
    pub fn due_at(&self, at: Moment) -> Moment {
        let company = self.terms.of_company();
        let own = self.terms.of_agent(self.placed.agent_id, At::End).and_then(|agent| agent.hold_days);
        let days = u32::from(own.unwrap_or(company.hold_days));
        self.terms.zone().days_later(at, days).unwrap_or(at)
    }

    /// The commission for the customer's signup, where the terms of the placement pay for it.
    pub fn signup_commission(&self) -> Option<SignupCommissionEarned> {
        let Placed { customer_id, agent_id, call_plan_id, group_id, key, placed_at, .. } = self.placed.clone();
        let rule = self.rule(placed_at)?;
        let Rate::Flat(amount) = rule.rate else { return None };
        let (due_at, origin) = (self.due_at(placed_at), Some(self.placed.origin()));
        let earned =
            SignupCommissionEarned { customer_id, agent_id, call_plan_id, group_id, key, origin, rule, amount, due_at };
        (rule.per == Per::Signup).then_some(earned)
    }

    /// Whether the agent's ledger holds more in a currency.
    pub fn has_room(&self, currency: Currency) -> bool {
        let key = (self.placed.agent_id, currency.as_str().to_owned());
        self.balances.get(&key).is_none_or(|sums| sums.hold(1))
    }

    /// Who earns by a payment, and by which terms.
    pub fn earner(&self, currency: Currency, received_at: Moment) -> Option<Earner> {
        let Placed { customer_id, agent_id, call_plan_id, group_id, key, placed_at, .. } = self.placed.clone();
        let rule = self.rule(received_at)?;
        let customer = Customer { placed_at, payments_before: self.payments_before };
        let no_commission = share::reason_for_none(&rule, currency, customer, received_at, self.terms.zone());
        let (payments_before, due_at) = (self.payments_before, self.due_at(received_at));
        Some(Earner {
            customer_id,
            agent_id,
            call_plan_id,
            group_id,
            key,
            origin: Some(self.placed.origin()),
            rule,
            payments_before,
            no_commission,
            due_at,
        })
    }
}

/// Counts a payment of a customer for the later commands of the batch, by whichever name they know the customer.
pub fn count_payment(batch: &mut BatchContext, placed: &Placed) {
    let names = [
        PaymentCustomer::CustomerId(placed.customer_id),
        PaymentCustomer::CustomerNumber(placed.customer_number.clone()),
    ];
    for name in names {
        if let Some(mut known) = batch.fact::<Customers>(&name).cloned() {
            known.payments_before += 1;
            batch.set_fact::<Customers>(name, known);
        }
    }
}
