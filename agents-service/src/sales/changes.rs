//! The changes of a page of events, merged in memory to one statement for each table, since a rebuild reads millions
//! of events.

use std::collections::{BTreeMap, BTreeSet};

use contract::clock::{Day, Moment};
use contract::events::signups::{
    Campaign, Channel, CustomerPlaced, RefusalReason, SignupPageViewed, SignupRefused, SignupsEvent,
};
use event_store::projections::EventEnvelope;
use event_store::sql::{Kind, Sql, SqlError, Tx};
use event_store::sql_rows;
use uuid::Uuid;

use crate::columns::{to_json, word};
use crate::quarters;
use crate::sales::sums::{Counts, Leaf, Seller, Sums};

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
        country: Text = row.placed.country.as_deref(),
        agents_position: Int = row.placed.agents_position,
        placed_at: Moment = row.placed_at,
        erased: Flag = row.erased,
    }
}
static ERASE: Sql = Sql::rows(
    "UPDATE sales_placements{shadow} SET erased = TRUE WHERE customer_id {among}",
    &[("customer_id", Kind::Uuid)],
);
/// What was noted about payments of these customers.
static ERASE_NOTES: Sql = Sql::rows(
    "DELETE FROM notes WHERE about IN (SELECT payment_id FROM payments WHERE customer_id {among})",
    &[("customer_id", Kind::Uuid)],
);
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
    static COUNT_REFUSAL_QUARTERS = "INSERT INTO sales_refusal_quarters{shadow} AS t ({columns}) SELECT {columns} FROM {rows} WHERE true
         ON CONFLICT (quarter, key, reason) DO UPDATE SET refusals = t.refusals + excluded.refusals";
    fn refusal_quarter_row(refused: (&(i64, &str, String, Option<Uuid>), &u64)) {
        quarter: Int = refused.0.0,
        key: Text = refused.0.1,
        reason: Text = &refused.0.2,
        agent_id: Uuid = refused.0.3,
        refusals: Int = *refused.1,
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

/// The campaign that a link names.
fn named(campaign: &Campaign) -> &str {
    campaign.utm_campaign.as_deref().unwrap_or_default()
}

struct PlacementRow<'a> {
    position: u64,
    placed_at: Moment,
    placed: &'a CustomerPlaced,
    campaign: String,
    erased: bool,
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
    sums: Sums<'a>,
    /// By key, day, reason and agent.
    refused: BTreeMap<(&'a str, Day, String, Option<Uuid>), Refused>,
    /// By quarter hour, key, reason and agent.
    refused_quarters: BTreeMap<(i64, &'a str, String, Option<Uuid>), u64>,
    /// The most similar known key and the number of refusals, by day and typed text.
    unknown_keys: BTreeMap<(Day, &'a str), (Option<&'a str>, u64)>,
}

impl<'a> Changes<'a> {
    pub fn take(&mut self, followed: &'a EventEnvelope<SignupsEvent>) {
        let quarter = quarters::of(followed.recorded_at);
        match &followed.event {
            SignupsEvent::CustomerPlaced(placed) => {
                self.placed.push((followed.position, followed.recorded_at, placed));
                let CustomerPlaced { agent_id, call_plan_id, group_id, .. } = *placed;
                let (campaign, country) = (named(&placed.campaign), placed.country.as_deref().unwrap_or_default());
                // Placements from before channels were recorded count as made on a page.
                let page_signups = u64::from(placed.channel != Some(Channel::Api));
                let leaf = Leaf { quarter, key: &placed.key, campaign, country };
                let counts = Counts { signups: 1, page_signups, ..Counts::default() };
                self.sums.add(leaf, Seller { agent_id, call_plan_id, group_id }, &counts);
            }
            SignupsEvent::SignupPageViewed(seen) => {
                let SignupPageViewed { agent_id, call_plan_id, group_id, views, automated, .. } = *seen;
                let leaf = Leaf { quarter, key: &seen.key, campaign: named(&seen.campaign), country: "" };
                let counts = Counts { views, automated, ..Counts::default() };
                self.sums.add(leaf, Seller { agent_id, call_plan_id, group_id }, &counts);
            }
            SignupsEvent::SignupRefused(refused) => self.refuse(followed.recorded_at, refused),
            SignupsEvent::CustomerErased(erased) => {
                self.erased.insert(erased.customer_id);
            }
            // The placement stays as it is.
            SignupsEvent::CustomerCorrected(_)
            | SignupsEvent::CustomerDataLost(_)
            | SignupsEvent::CustomerProvisioned(_)
            | SignupsEvent::ProvisioningFailed(_)
            | SignupsEvent::CustomerSuspended(_)
            | SignupsEvent::CustomerReinstated(_)
            | SignupsEvent::CustomerClosed(_) => {}
        }
    }

    fn refuse(&mut self, moment: Moment, refused: &'a SignupRefused) {
        let day = moment.day();
        let key = if refused.agent_id.is_some() { refused.key.as_str() } else { "" };
        let reason = word(&refused.reason);
        let in_quarter = (quarters::of(moment), key, reason.clone(), refused.agent_id);
        *self.refused_quarters.entry(in_quarter).or_default() += refused.count;
        let sum = self.refused.entry((key, day, reason, refused.agent_id)).or_default();
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
        if !self.erased.is_empty() {
            tx.erases();
            tx.queue(&ERASE_NOTES, self.erased.iter().map(|id| vec![(*id).into()]).collect());
        }
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
        tx.queue(&COUNT_REFUSAL_QUARTERS, self.refused_quarters.iter().map(refusal_quarter_row).collect());
        self.sums.queue(tx);
        tx.execute_many(&COUNT_UNKNOWN_KEYS, self.unknown_keys.into_iter().map(unknown_key_row).collect())
            .await
            .map(drop)
    }
}
