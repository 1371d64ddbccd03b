//! What a page of events adds to the sums by quarter hour and to their roll-ups. A signup is of a key, a campaign and a country;
//! the page views of a key are of a campaign.

use std::collections::BTreeMap;

use event_store::projections::Sum;
use event_store::sql::Tx;
use event_store::sql_rows;
use uuid::Uuid;

use crate::quarters::{self, roll_up};

macro_rules! add {
    ($table:literal, $key:literal) => {
        concat!(
            "INSERT INTO ",
            $table,
            "{shadow} AS t ({columns}) SELECT {columns} FROM {rows} WHERE true ON CONFLICT (",
            $key,
            ") DO UPDATE SET views = t.views + excluded.views, signups = t.signups + excluded.signups,
             page_signups = t.page_signups + excluded.page_signups, automated = t.automated + excluded.automated"
        )
    };
}

sql_rows! {
    static ADD_QUARTERS = add!("sales_quarters", "quarter, key, campaign, country");
    fn quarter_row(row: (&Leaf<'_>, &Seller, &Counts)) {
        quarter: Int = row.0.quarter,
        key: Text = row.0.key,
        campaign: Text = row.0.campaign,
        country: Text = row.0.country,
        agent_id: Uuid = row.1.agent_id,
        call_plan_id: Uuid = row.1.call_plan_id,
        group_id: Uuid = row.1.group_id,
        views: Int = row.2.views,
        signups: Int = row.2.signups,
        page_signups: Int = row.2.page_signups,
        automated: Int = row.2.automated,
    }
}
sql_rows! {
    static ADD_TOTALS = add!("sales_totals", "quarter");
    fn total_row(row: (i64, Counts)) {
        quarter: Int = row.0,
        views: Int = row.1.views,
        signups: Int = row.1.signups,
        page_signups: Int = row.1.page_signups,
        automated: Int = row.1.automated,
    }
}
sql_rows! {
    static ADD_CAMPAIGN_DAYS = add!("sales_campaign_days", "day, campaign, country");
    fn campaign_row(row: ((i64, &str, &str), Counts)) {
        day: Int = row.0.0,
        campaign: Text = row.0.1,
        country: Text = row.0.2,
        views: Int = row.1.views,
        signups: Int = row.1.signups,
        page_signups: Int = row.1.page_signups,
        automated: Int = row.1.automated,
    }
}
sql_rows! {
    static ADD_SPANS = add!("sales_spans", "span, key");
    fn span_row(row: ((i64, &str), (&Seller, Counts))) {
        span: Int = row.0.0,
        key: Text = row.0.1,
        agent_id: Uuid = row.1.0.agent_id,
        call_plan_id: Uuid = row.1.0.call_plan_id,
        group_id: Uuid = row.1.0.group_id,
        views: Int = row.1.1.views,
        signups: Int = row.1.1.signups,
        page_signups: Int = row.1.1.page_signups,
        automated: Int = row.1.1.automated,
    }
}
sql_rows! {
    static COUNT_DAILY = add!("sales_daily", "key, day");
    fn daily_row(row: ((&str, i64), (&Seller, Counts))) {
        key: Text = row.0.0,
        day: Int = row.0.1,
        agent_id: Uuid = row.1.0.agent_id,
        call_plan_id: Uuid = row.1.0.call_plan_id,
        group_id: Uuid = row.1.0.group_id,
        views: Int = row.1.1.views,
        signups: Int = row.1.1.signups,
        page_signups: Int = row.1.1.page_signups,
        automated: Int = row.1.1.automated,
    }
}

macro_rules! of_quarters {
    ($table:literal, $columns:literal, $($group:literal)+) => {
        roll_up!($table, $columns, "sales_quarters", quarters::OF_FOUR_DAYS, "quarter", "", [$($group)+],
            ", views, signups, page_signups, automated",
            ", SUM(views), SUM(signups), SUM(page_signups), SUM(automated)")
    };
}
macro_rules! of_days {
    ($($span:literal)+) => {
        roll_up!("sales_spans", "span, key, agent_id, call_plan_id, group_id", "sales_spans", 64, "span", " AND span < 50000000",
            [$($span)+ ", key, agent_id, call_plan_id, group_id"],
            ", views, signups, page_signups, automated",
            ", SUM(views), SUM(signups), SUM(page_signups), SUM(automated)")
    };
}
/// What the roll-ups are sums of.
pub static OF_TOTALS: [Sum; 1] = [of_quarters!("sales_totals", "quarter", "quarter")];
pub static OF_CAMPAIGN_DAYS: [Sum; 1] = [of_quarters!(
    "sales_campaign_days",
    "day, campaign, country",
    "(quarter - ((quarter % 96) + 96) % 96) / 96, campaign, country"
)];
pub static OF_DAILY: [Sum; 1] = [of_quarters!(
    "sales_daily",
    "day, key, agent_id, call_plan_id, group_id",
    "(quarter - ((quarter % 96) + 96) % 96) / 96, key, agent_id, call_plan_id, group_id"
)];
pub static OF_SPANS: [Sum; 4] = [
    of_quarters!(
        "sales_spans",
        "span, key, agent_id, call_plan_id, group_id",
        "(quarter - ((quarter % 96) + 96) % 96) / 96, key, agent_id, call_plan_id, group_id"
    ),
    of_days!("100000000 + (span - ((span % 4) + 4) % 4) / 4"),
    of_days!("200000000 + (span - ((span % 16) + 16) % 16) / 16"),
    of_days!("300000000 + (span - ((span % 64) + 64) % 64) / 64"),
];

/// What is counted together, within a quarter hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Leaf<'a> {
    pub quarter: i64,
    pub key: &'a str,
    pub campaign: &'a str,
    pub country: &'a str,
}

/// What a key stands for, which never changes.
#[expect(clippy::struct_field_names, reason = "the columns have these names")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seller {
    pub agent_id: Uuid,
    pub call_plan_id: Uuid,
    pub group_id: Uuid,
}

#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    pub views: u64,
    pub signups: u64,
    pub page_signups: u64,
    pub automated: u64,
}

impl Counts {
    fn add(&mut self, other: &Self) {
        self.views += other.views;
        self.signups += other.signups;
        self.page_signups += other.page_signups;
        self.automated += other.automated;
    }
}

#[derive(Default)]
pub struct Sums<'a>(BTreeMap<Leaf<'a>, (Seller, Counts)>);

impl<'a> Sums<'a> {
    pub fn add(&mut self, leaf: Leaf<'a>, seller: Seller, counts: &Counts) {
        self.0.entry(leaf).or_insert((seller, Counts::default())).1.add(counts);
    }

    pub fn queue(&self, tx: &mut Tx) {
        let leaves = self.0.iter().map(|(leaf, (seller, counts))| quarter_row((leaf, seller, counts)));
        tx.queue(&ADD_QUARTERS, leaves.collect());
        if tx.sums_later() {
            return;
        }
        let mut totals = BTreeMap::<i64, Counts>::new();
        let mut campaigns = BTreeMap::<(i64, &str, &str), Counts>::new();
        let mut days = BTreeMap::<(&str, i64), (&Seller, Counts)>::new();
        for (leaf, (seller, counts)) in &self.0 {
            let day = leaf.quarter.div_euclid(quarters::OF_DAY);
            totals.entry(leaf.quarter).or_default().add(counts);
            campaigns.entry((day, leaf.campaign, leaf.country)).or_default().add(counts);
            days.entry((leaf.key, day)).or_insert((seller, Counts::default())).1.add(counts);
        }
        tx.queue(&ADD_TOTALS, totals.into_iter().map(total_row).collect());
        tx.queue(&ADD_CAMPAIGN_DAYS, campaigns.into_iter().map(campaign_row).collect());
        let mut spans = BTreeMap::<(i64, &str), (&Seller, Counts)>::new();
        for ((key, day), (seller, counts)) in &days {
            for span in quarters::spans(*day) {
                spans.entry((span, *key)).or_insert((*seller, Counts::default())).1.add(counts);
            }
        }
        tx.queue(&ADD_SPANS, spans.into_iter().map(span_row).collect());
        tx.queue(&COUNT_DAILY, days.into_iter().map(daily_row).collect());
    }
}
