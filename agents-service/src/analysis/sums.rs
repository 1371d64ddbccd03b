//! What a page of events adds to the sums of money by quarter hour, and to their roll-ups.

use std::collections::BTreeMap;

use event_store::projections::Sum;
use event_store::sql::Tx;
use event_store::sql_rows;
use uuid::Uuid;

use crate::quarters::{self, roll_up};

/// In the sums by month of placement: of all agents.
pub const ALL: Uuid = Uuid::nil();

macro_rules! add {
    ($table:literal, $key:literal) => {
        add!($table, $key, ", commission = t.commission + excluded.commission")
    };
    ($table:literal, $key:literal, $commission:literal) => {
        concat!(
            "INSERT INTO ",
            $table,
            "{shadow} AS t ({columns}) SELECT {columns} FROM {rows} WHERE true ON CONFLICT (",
            $key,
            ") DO UPDATE SET customers = t.customers + excluded.customers, payments = t.payments + excluded.payments,
             received = t.received + excluded.received, refunded = t.refunded + excluded.refunded",
            $commission
        )
    };
}

sql_rows! {
    static ADD_QUARTERS = add!("money_quarters", "quarter, key, campaign, country, currency");
    fn quarter_row(row: (&Leaf, &Place, &Amounts)) {
        quarter: Int = row.0.quarter,
        key: Text = &row.1.key,
        campaign: Text = &row.1.campaign,
        country: Text = &row.1.country,
        currency: Text = &row.0.currency,
        agent_id: Uuid = row.1.agent_id,
        call_plan_id: Uuid = row.1.call_plan_id,
        group_id: Uuid = row.1.group_id,
        customers: Int = row.2.customers,
        payments: Int = row.2.payments,
        received: Int = row.2.received,
        refunded: Int = row.2.refunded,
        commission: Int = row.2.commission,
    }
}
sql_rows! {
    static ADD_TOTALS = add!("money_totals", "quarter, currency");
    fn total_row(row: ((i64, &str), Amounts)) {
        quarter: Int = row.0.0,
        currency: Text = row.0.1,
        customers: Int = row.1.customers,
        payments: Int = row.1.payments,
        received: Int = row.1.received,
        refunded: Int = row.1.refunded,
        commission: Int = row.1.commission,
    }
}
sql_rows! {
    static ADD_SPANS = add!("money_spans", "span, key, currency");
    fn span_row(row: ((i64, &str, &str), (&Place, Amounts))) {
        span: Int = row.0.0,
        key: Text = row.0.1,
        currency: Text = row.0.2,
        agent_id: Uuid = row.1.0.agent_id,
        call_plan_id: Uuid = row.1.0.call_plan_id,
        group_id: Uuid = row.1.0.group_id,
        customers: Int = row.1.1.customers,
        payments: Int = row.1.1.payments,
        received: Int = row.1.1.received,
        refunded: Int = row.1.1.refunded,
        commission: Int = row.1.1.commission,
    }
}
sql_rows! {
    static ADD_CAMPAIGN_DAYS = add!("money_campaign_days", "day, campaign, country, currency");
    fn campaign_row(row: ((i64, &str, &str, &str), Amounts)) {
        day: Int = row.0.0,
        campaign: Text = row.0.1,
        country: Text = row.0.2,
        currency: Text = row.0.3,
        customers: Int = row.1.customers,
        payments: Int = row.1.payments,
        received: Int = row.1.received,
        refunded: Int = row.1.refunded,
        commission: Int = row.1.commission,
    }
}
sql_rows! {
    static ADD_COHORTS = add!("money_cohorts", "agent_id, placed, paid, currency", "");
    fn cohort_row(row: (&(Uuid, i64, i64, String), &Amounts)) {
        agent_id: Uuid = row.0.0,
        placed: Int = row.0.1,
        paid: Int = row.0.2,
        currency: Text = &row.0.3,
        customers: Int = row.1.customers,
        payments: Int = row.1.payments,
        received: Int = row.1.received,
        refunded: Int = row.1.refunded,
    }
}

macro_rules! of_quarters {
    ($table:literal, $columns:literal, $($group:literal)+) => {
        roll_up!($table, $columns, "money_quarters", quarters::OF_FOUR_DAYS, "quarter", "", [$($group)+],
            ", customers, payments, received, refunded, commission",
            ", SUM(customers), SUM(payments), SUM(received), SUM(refunded), SUM(commission)")
    };
}
macro_rules! of_days {
    ($($span:literal)+) => {
        roll_up!("money_spans", "span, key, currency, agent_id, call_plan_id, group_id", "money_spans", 64, "span", " AND span < 50000000",
            [$($span)+ ", key, currency, agent_id, call_plan_id, group_id"],
            ", customers, payments, received, refunded, commission",
            ", SUM(customers), SUM(payments), SUM(received), SUM(refunded), SUM(commission)")
    };
}
/// What the roll-ups are sums of.
pub static OF_TOTALS: [Sum; 1] = [of_quarters!("money_totals", "quarter, currency", "quarter, currency")];
pub static OF_CAMPAIGN_DAYS: [Sum; 1] = [of_quarters!(
    "money_campaign_days",
    "day, campaign, country, currency",
    "(quarter - ((quarter % 96) + 96) % 96) / 96, campaign, country, currency"
)];
pub static OF_SPANS: [Sum; 4] = [
    of_quarters!(
        "money_spans",
        "span, key, currency, agent_id, call_plan_id, group_id",
        "(quarter - ((quarter % 96) + 96) % 96) / 96, key, currency, agent_id, call_plan_id, group_id"
    ),
    of_days!("100000000 + (span - ((span % 4) + 4) % 4) / 4"),
    of_days!("200000000 + (span - ((span % 16) + 16) % 16) / 16"),
    of_days!("300000000 + (span - ((span % 64) + 64) % 64) / 64"),
];

/// What a payment is counted under; empty where nobody earns by it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    pub key: String,
    pub agent_id: Option<Uuid>,
    pub call_plan_id: Option<Uuid>,
    pub group_id: Option<Uuid>,
    pub campaign: String,
    pub country: String,
    /// The quarter hour that stands for the month of the placement; unknown of payments from before it was told.
    pub placed: Option<i64>,
}

/// What is counted together, within a quarter hour.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Leaf {
    quarter: i64,
    key: String,
    campaign: String,
    country: String,
    currency: String,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Amounts {
    pub customers: i64,
    pub payments: i64,
    pub received: i64,
    pub refunded: i64,
    pub commission: i64,
}

impl Amounts {
    pub fn add(&mut self, other: &Self) {
        self.customers += other.customers;
        self.payments += other.payments;
        self.received += other.received;
        self.refunded += other.refunded;
        self.commission += other.commission;
    }

    pub fn times(self, factor: i64) -> Self {
        Self {
            customers: self.customers * factor,
            payments: self.payments * factor,
            received: self.received * factor,
            refunded: self.refunded * factor,
            commission: self.commission * factor,
        }
    }
}

#[derive(Default)]
pub struct Sums {
    leaves: BTreeMap<Leaf, (Place, Amounts)>,
    /// By agent, months of placement and payment, and currency.
    cohorts: BTreeMap<(Uuid, i64, i64, String), Amounts>,
}

impl Sums {
    pub fn add(&mut self, quarter: i64, place: &Place, currency: &str, amounts: Amounts) {
        let leaf = Leaf {
            quarter,
            key: place.key.clone(),
            campaign: place.campaign.clone(),
            country: place.country.clone(),
            currency: currency.to_owned(),
        };
        self.leaves.entry(leaf).or_insert_with(|| (place.clone(), Amounts::default())).1.add(&amounts);
        let Amounts { customers, payments, received, refunded, .. } = amounts;
        let is_paid = [customers, payments, received, refunded].iter().any(|number| *number != 0);
        if let (Some(agent_id), Some(placed), true) = (place.agent_id, place.placed, is_paid) {
            let paid = quarters::in_month(quarter);
            for agent_id in [ALL, agent_id] {
                self.cohorts.entry((agent_id, placed, paid, currency.to_owned())).or_default().add(&amounts);
            }
        }
    }

    pub fn queue(&self, tx: &mut Tx) {
        let leaves = self.leaves.iter().map(|(leaf, (place, amounts))| quarter_row((leaf, place, amounts)));
        tx.queue(&ADD_QUARTERS, leaves.collect());
        tx.queue(&ADD_COHORTS, self.cohorts.iter().map(cohort_row).collect());
        if tx.sums_later() {
            return;
        }
        let mut totals = BTreeMap::<(i64, &str), Amounts>::new();
        let mut campaigns = BTreeMap::<(i64, &str, &str, &str), Amounts>::new();
        let mut spans = BTreeMap::<(i64, &str, &str), (&Place, Amounts)>::new();
        for (leaf, (place, amounts)) in &self.leaves {
            let Leaf { quarter, key, campaign, country, currency } = leaf;
            let day = quarter.div_euclid(quarters::OF_DAY);
            totals.entry((*quarter, currency)).or_default().add(amounts);
            campaigns.entry((day, campaign, country, currency)).or_default().add(amounts);
            for span in quarters::spans(day) {
                spans.entry((span, key, currency)).or_insert((place, Amounts::default())).1.add(amounts);
            }
        }
        tx.queue(&ADD_TOTALS, totals.into_iter().map(total_row).collect());
        tx.queue(&ADD_CAMPAIGN_DAYS, campaigns.into_iter().map(campaign_row).collect());
        tx.queue(&ADD_SPANS, spans.into_iter().map(span_row).collect());
    }
}
