//! The changes of a page of events, merged in memory to one statement for each table, since a rebuild reads millions
//! of events.

use std::collections::{BTreeMap, BTreeSet};

use contract::clock::{Day, Moment};
use contract::events::signups::{Channel, CustomerPlaced, RefusalReason, SignupRefused, SignupsEvent};
use event_store::projections::EventEnvelope;
use event_store::sql::{Kind, Sql, SqlError, Tx};
use event_store::sql_rows;
use uuid::Uuid;

use crate::columns::{to_json, word};

sql_rows! {
    static ADD_PLACEMENTS = "INSERT INTO sales_placements{shadow} ({columns}) SELECT {columns} FROM {rows}";
    fn placement_row(row: PlacementRow<'_>) {
        position: Int = row.position,
        customer_id: Uuid = row.placed.customer_id,
        customer_number: Text = &row.placed.customer_number,
        key: Text = &row.placed.key,
        agent_id: Uuid = row.placed.agent_id,
        agent_name: Text = &row.placed.agent_name,
        call_plan_id: Uuid = row.placed.call_plan_id,
        call_plan_name: Text = &row.placed.call_plan_name,
        group_id: Uuid = row.placed.group_id,
        group_name: Text = &row.placed.group_name,
        commission: Int = row.placed.commission.basis_points(),
        utm_campaign: Text = row.placed.campaign.utm_campaign.as_deref().unwrap_or_default(),
        campaign: Text = row.campaign,
        channel: Text = row.placed.channel.map(|channel| word(&channel)),
        terms_version: Text = &row.placed.terms_version,
        agents_position: Int = row.placed.agents_position,
        placed_at: Moment = row.placed_at,
        erased: Flag = row.erased,
    }
}
static ERASE: Sql = Sql::rows(
    "UPDATE sales_placements{shadow} SET erased = TRUE WHERE customer_id {among}",
    &[("customer_id", Kind::Uuid)],
);
sql_rows! {
    static COUNT_DAILY = "INSERT INTO sales_daily{shadow} AS t ({columns}) SELECT {columns} FROM {rows} WHERE true
         ON CONFLICT (key, day) DO UPDATE SET views = t.views + excluded.views, signups = t.signups + excluded.signups,
             page_signups = t.page_signups + excluded.page_signups, automated = t.automated + excluded.automated";
    fn daily_row(daily: ((&str, Day), Daily)) {
        key: Text = daily.0.0,
        day: Int = daily.0.1.number(),
        agent_id: Uuid = daily.1.agent_id,
        call_plan_id: Uuid = daily.1.call_plan_id,
        group_id: Uuid = daily.1.group_id,
        views: Int = daily.1.counts.views,
        signups: Int = daily.1.counts.signups,
        page_signups: Int = daily.1.counts.page_signups,
        automated: Int = daily.1.counts.automated,
    }
}
sql_rows! {
    static COUNT_REFUSALS = "INSERT INTO sales_refusals{shadow} AS t ({columns}) SELECT {columns} FROM {rows} WHERE true
         ON CONFLICT (key, day, reason) DO UPDATE SET refusals = t.refusals + excluded.refusals,
             shown = t.shown + excluded.shown";
    fn refusal_row(refused: ((&str, Day, String, Option<Uuid>), Refused)) {
        key: Text = refused.0.0,
        day: Int = refused.0.1.number(),
        reason: Text = refused.0.2,
        agent_id: Uuid = refused.0.3,
        refusals: Int = refused.1.refusals,
        shown: Int = refused.1.shown,
    }
}

sql_rows! {
    static COUNT_UNKNOWN_KEYS = "INSERT INTO unknown_keys{shadow} AS t ({columns}) SELECT {columns} FROM {rows} WHERE true
         ON CONFLICT (day, key) DO UPDATE SET refusals = t.refusals + excluded.refusals,
             nearest_key = COALESCE(excluded.nearest_key, t.nearest_key)";
    fn unknown_key_row(unknown: ((Day, &str), (Option<&str>, u64))) {
        day: Int = unknown.0.0.number(),
        key: Text = unknown.0.1,
        nearest_key: Text = unknown.1.0,
        refusals: Int = unknown.1.1,
    }
}

struct PlacementRow<'a> {
    position: u64,
    placed_at: Moment,
    placed: &'a CustomerPlaced,
    campaign: String,
    erased: bool,
}

/// A key's day. What a key stands for never changes.
struct Daily {
    agent_id: Uuid,
    call_plan_id: Uuid,
    group_id: Uuid,
    counts: Counts,
}

/// The counts of a day.
#[derive(Clone, Copy, Default)]
struct Counts {
    views: u64,
    signups: u64,
    page_signups: u64,
    automated: u64,
}

/// Refusals, and how many of them showed a decoy.
#[derive(Default)]
struct Refused {
    refusals: u64,
    shown: u64,
}

#[derive(Default)]
pub struct Changes<'a> {
    placed: Vec<(u64, Moment, &'a CustomerPlaced)>,
    erased: BTreeSet<Uuid>,
    daily: BTreeMap<(&'a str, Day), Daily>,
    /// By key, day, reason and agent.
    refused: BTreeMap<(&'a str, Day, String, Option<Uuid>), Refused>,
    /// The most similar known key and the number of refusals, by day and typed text.
    unknown_keys: BTreeMap<(Day, &'a str), (Option<&'a str>, u64)>,
}

impl<'a> Changes<'a> {
    pub fn take(&mut self, followed: &'a EventEnvelope<SignupsEvent>) {
        let day = followed.recorded_at.day();
        match &followed.event {
            SignupsEvent::CustomerPlaced(placed) => {
                self.placed.push((followed.position, followed.recorded_at, placed));
                let of = (placed.agent_id, placed.call_plan_id, placed.group_id);
                // Placements from before channels were recorded count as made on a page.
                let page_signups = u64::from(placed.channel != Some(Channel::Api));
                self.count(&placed.key, day, of, Counts { signups: 1, page_signups, ..Counts::default() });
            }
            SignupsEvent::SignupPageViewed(seen) => {
                let of = (seen.agent_id, seen.call_plan_id, seen.group_id);
                let counts = Counts { views: seen.views, automated: seen.automated, ..Counts::default() };
                self.count(&seen.key, day, of, counts);
            }
            SignupsEvent::SignupRefused(refused) => self.refuse(day, refused),
            SignupsEvent::CustomerErased(erased) => {
                self.erased.insert(erased.customer_id);
            }
            // The placement stays as it is.
            SignupsEvent::CustomerCorrected(_) | SignupsEvent::CustomerDataLost(_) => {}
        }
    }

    fn count(&mut self, key: &'a str, day: Day, of: (Uuid, Uuid, Uuid), counts: Counts) {
        let (agent_id, call_plan_id, group_id) = of;
        let new = Daily { agent_id, call_plan_id, group_id, counts: Counts::default() };
        let sum = &mut self.daily.entry((key, day)).or_insert(new).counts;
        sum.views += counts.views;
        sum.signups += counts.signups;
        sum.page_signups += counts.page_signups;
        sum.automated += counts.automated;
    }

    fn refuse(&mut self, day: Day, refused: &'a SignupRefused) {
        let key = if refused.agent_id.is_some() { refused.key.as_str() } else { "" };
        let sum = self.refused.entry((key, day, word(&refused.reason), refused.agent_id)).or_default();
        sum.refusals += refused.count;
        sum.shown += u64::from(refused.shown.is_some());
        if refused.reason == RefusalReason::Unknown {
            let (nearest_key, count) = self.unknown_keys.entry((day, &refused.key)).or_default();
            *nearest_key = refused.nearest_key.as_deref().or(*nearest_key);
            *count += refused.count;
        }
    }

    /// Writes the changes, all in one round trip.
    pub async fn write(mut self, tx: &mut Tx) -> Result<(), SqlError> {
        let mut placements = Vec::with_capacity(self.placed.len());
        for (position, placed_at, placed) in &self.placed {
            // Statements of one round trip must touch different rows.
            let erased = self.erased.remove(&placed.customer_id);
            let campaign = to_json(&placed.campaign)?;
            let (position, placed_at) = (*position, *placed_at);
            placements.push(placement_row(PlacementRow { position, placed_at, placed, campaign, erased }));
        }
        tx.queue(&ADD_PLACEMENTS, placements);
        tx.queue(&ERASE, self.erased.into_iter().map(|id| vec![id.into()]).collect());
        tx.queue(&COUNT_REFUSALS, self.refused.into_iter().map(refusal_row).collect());
        tx.queue(&COUNT_UNKNOWN_KEYS, self.unknown_keys.into_iter().map(unknown_key_row).collect());
        tx.execute_many(&COUNT_DAILY, self.daily.into_iter().map(daily_row).collect()).await.map(drop)
    }
}
