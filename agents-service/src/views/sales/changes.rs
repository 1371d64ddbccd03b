//! What a page of events changes, merged in memory, so that it is one statement for each table however many events there are:
//! a rebuild reads millions.

use std::collections::{BTreeMap, BTreeSet};

use shared::clock::{Day, Moment};
use shared::events::signups::{CustomerPlaced, SignupPageViewed, SignupRefused, SignupsEvent};
use shared::follow::Followed;
use shared::sql::{Kind, Sql, SqlError, Tx, Value};
use uuid::Uuid;

use super::figures::reason_text;
use crate::views::to_json;

static ADD_PLACEMENTS: Sql = Sql::rows(
    "INSERT INTO sales_placements~ (position, customer_id, customer_number, key, agent_id, agent_name, call_plan_id,
         call_plan_name, group_id, group_name, commission, utm_campaign, campaign, terms_version, agents_position,
         placed_at, erased)
     SELECT position, customer_id, customer_number, key, agent_id, agent_name, call_plan_id, call_plan_name, group_id,
         group_name, commission, utm_campaign, campaign, terms_version, agents_position, placed_at, erased FROM {rows}",
    &[
        ("position", Kind::Int),
        ("customer_id", Kind::Text),
        ("customer_number", Kind::Text),
        ("key", Kind::Text),
        ("agent_id", Kind::Text),
        ("agent_name", Kind::Text),
        ("call_plan_id", Kind::Text),
        ("call_plan_name", Kind::Text),
        ("group_id", Kind::Text),
        ("group_name", Kind::Text),
        ("commission", Kind::Int),
        ("utm_campaign", Kind::Text),
        ("campaign", Kind::Text),
        ("terms_version", Kind::Text),
        ("agents_position", Kind::Int),
        ("placed_at", Kind::Int),
        ("erased", Kind::Int),
    ],
);
static ERASE: Sql =
    Sql::rows("UPDATE sales_placements~ SET erased = 1 WHERE customer_id {among}", &[("customer_id", Kind::Text)]);
static COUNT_DAILY: Sql = Sql::rows(
    "INSERT INTO sales_daily~ AS t (key, day, agent_id, call_plan_id, group_id, views, signups)
     SELECT key, day, agent_id, call_plan_id, group_id, views, signups FROM {rows} WHERE true
     ON CONFLICT (key, day) DO UPDATE SET views = t.views + excluded.views, signups = t.signups + excluded.signups",
    &[
        ("key", Kind::Text),
        ("day", Kind::Int),
        ("agent_id", Kind::Text),
        ("call_plan_id", Kind::Text),
        ("group_id", Kind::Text),
        ("views", Kind::Int),
        ("signups", Kind::Int),
    ],
);
static COUNT_REFUSALS: Sql = Sql::rows(
    "INSERT INTO sales_refusals~ AS t (key, day, reason, agent_id, refusals)
     SELECT key, day, reason, agent_id, refusals FROM {rows} WHERE true
     ON CONFLICT (key, day, reason) DO UPDATE SET refusals = t.refusals + excluded.refusals",
    &[
        ("key", Kind::Text),
        ("day", Kind::Int),
        ("reason", Kind::Text),
        ("agent_id", Kind::Text),
        ("refusals", Kind::Int),
    ],
);

/// A key's day. What a key stands for never changes.
struct Daily {
    agent_id: Uuid,
    call_plan_id: Uuid,
    group_id: Uuid,
    views: u64,
    signups: u64,
}

/// The merged changes of a page of events.
#[derive(Default)]
pub(super) struct Changes<'a> {
    placed: Vec<(u64, Moment, &'a CustomerPlaced)>,
    erased: BTreeSet<Uuid>,
    daily: BTreeMap<(&'a str, Day), Daily>,
    /// By key, day, reason and agent.
    refused: BTreeMap<(&'a str, Day, String, String), u64>,
}

impl<'a> Changes<'a> {
    /// Merges one more event.
    pub(super) fn take(&mut self, followed: &'a Followed<SignupsEvent>) {
        let day = followed.recorded_at.day();
        match &followed.event {
            SignupsEvent::CustomerPlaced(placed) => {
                self.placed.push((followed.position, followed.recorded_at, placed));
                let of = (placed.agent_id, placed.call_plan_id, placed.group_id);
                self.count(&placed.key, day, of, 0, 1);
            }
            SignupsEvent::SignupPageViewed(SignupPageViewed { key, agent_id, call_plan_id, group_id, views }) => {
                self.count(key, day, (*agent_id, *call_plan_id, *group_id), *views, 0);
            }
            SignupsEvent::SignupRefused(refused) => self.refuse(day, refused),
            SignupsEvent::CustomerErased(erased) => {
                self.erased.insert(erased.customer_id);
            }
        }
    }

    fn count(&mut self, key: &'a str, day: Day, of: (Uuid, Uuid, Uuid), views: u64, signups: u64) {
        let (agent_id, call_plan_id, group_id) = of;
        let new = Daily { agent_id, call_plan_id, group_id, views: 0, signups: 0 };
        let daily = self.daily.entry((key, day)).or_insert(new);
        daily.views += views;
        daily.signups += signups;
    }

    fn refuse(&mut self, day: Day, refused: &'a SignupRefused) {
        let agent_id = refused.agent_id.map(|id| id.to_string()).unwrap_or_default();
        let key = if refused.agent_id.is_some() { refused.key.as_str() } else { "" };
        *self.refused.entry((key, day, reason_text(refused.reason), agent_id)).or_default() += 1;
    }

    /// Writes the changes, all in one round trip.
    pub(super) async fn write(mut self, tx: &mut Tx) -> Result<(), SqlError> {
        let mut placements = Vec::with_capacity(self.placed.len());
        for (position, placed_at, placed) in &self.placed {
            // Statements that go together must touch different rows.
            let erased = self.erased.remove(&placed.customer_id);
            placements.push(placement_row(*position, *placed_at, placed, erased)?);
        }
        let daily = self.daily.into_iter().map(|((key, day), daily)| {
            let ids = [daily.agent_id, daily.call_plan_id, daily.group_id].map(Value::from);
            let counts = [daily.views.into(), daily.signups.into()];
            [vec![key.into(), day.number().into()], ids.into(), counts.into()].concat()
        });
        let refused = self.refused.into_iter().map(|((key, day, reason, agent_id), refusals)| {
            vec![key.into(), day.number().into(), reason.into(), agent_id.into(), refusals.into()]
        });
        tx.queue(&ADD_PLACEMENTS, placements);
        tx.queue(&ERASE, self.erased.into_iter().map(|id| vec![id.into()]).collect());
        tx.queue(&COUNT_REFUSALS, refused.collect());
        tx.execute_many(&COUNT_DAILY, daily.collect()).await.map(drop)
    }
}

fn placement_row(
    position: u64,
    placed_at: Moment,
    placed: &CustomerPlaced,
    erased: bool,
) -> Result<Vec<Value>, SqlError> {
    Ok(vec![
        position.into(),
        placed.customer_id.into(),
        Value::from(&placed.customer_number),
        Value::from(&placed.key),
        placed.agent_id.into(),
        Value::from(&placed.agent_name),
        placed.call_plan_id.into(),
        Value::from(&placed.call_plan_name),
        placed.group_id.into(),
        Value::from(&placed.group_name),
        placed.commission.basis_points().into(),
        placed.campaign.utm_campaign.clone().unwrap_or_default().into(),
        to_json(&placed.campaign)?.into(),
        Value::from(&placed.terms_version),
        placed.agents_position.into(),
        placed_at.into(),
        erased.into(),
    ])
}
