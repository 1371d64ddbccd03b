//! The changes of a page of events: each payment by itself, for the events that follow it, and the sums.

use std::collections::{BTreeMap, BTreeSet};

use contract::clock::Moment;
use contract::events::agents::AgentsEvent;
use contract::events::payments::{
    ChargebackWon, Origin, PaymentAttributed, PaymentCommission, PaymentReceived, PaymentReversed,
    SignupCommissionEarned,
};
use event_store::projections::EventEnvelope;
use event_store::sql::{Kind, Row, Sql, SqlError, Tx};
use event_store::sql_rows;
use uuid::Uuid;

use crate::analysis::sums::{Amounts, Place, Sums};
use crate::ledger::amount::in_column;
use crate::quarters;

static PAYMENTS: Sql = Sql::rows(
    "SELECT payment_id, quarter, currency, amount, key, agent_id, call_plan_id, group_id, campaign, country, placed
     FROM money_payments{shadow} WHERE payment_id {among}",
    &[("payment_id", Kind::Uuid)],
);
static REFUNDS: Sql = Sql::rows(
    "SELECT payment_id, quarter, refunded FROM money_refunds{shadow} WHERE payment_id {among}",
    &[("payment_id", Kind::Uuid)],
);
static FORGET_REFUNDS: Sql =
    Sql::rows("DELETE FROM money_refunds{shadow} WHERE payment_id {among}", &[("payment_id", Kind::Uuid)]);
sql_rows! {
    static ADD = "INSERT INTO money_payments{shadow} ({columns}) SELECT {columns} FROM {rows}";
    fn payment_row(row: (Uuid, &Payment)) {
        payment_id: Uuid = row.0,
        quarter: Int = row.1.quarter,
        currency: Text = &row.1.currency,
        amount: Int = row.1.amount,
        key: Text = &row.1.place.key,
        agent_id: Uuid = row.1.place.agent_id,
        call_plan_id: Uuid = row.1.place.call_plan_id,
        group_id: Uuid = row.1.place.group_id,
        campaign: Text = &row.1.place.campaign,
        country: Text = &row.1.place.country,
        placed: Int = row.1.place.placed,
    }
}
sql_rows! {
    static PUT = "UPDATE money_payments{shadow} AS t SET key = r.key, agent_id = r.agent_id, call_plan_id = r.call_plan_id,
         group_id = r.group_id, campaign = r.campaign, country = r.country, placed = r.placed
         FROM {rows} WHERE t.payment_id = r.payment_id";
    fn place_row(row: (Uuid, &Place)) {
        payment_id: Uuid = row.0,
        key: Text = &row.1.key,
        agent_id: Uuid = row.1.agent_id,
        call_plan_id: Uuid = row.1.call_plan_id,
        group_id: Uuid = row.1.group_id,
        campaign: Text = &row.1.campaign,
        country: Text = &row.1.country,
        placed: Int = row.1.placed,
    }
}
sql_rows! {
    static KEEP_REFUNDS = "INSERT INTO money_refunds{shadow} AS t ({columns}) SELECT {columns} FROM {rows} WHERE true
         ON CONFLICT (payment_id, quarter) DO UPDATE SET refunded = excluded.refunded";
    fn refund_row(row: (Uuid, i64, i64)) {
        payment_id: Uuid = row.0,
        quarter: Int = row.1,
        refunded: Int = row.2,
    }
}

/// What a payment is counted under.
struct Payment {
    quarter: i64,
    currency: String,
    amount: i64,
    place: Place,
    /// By quarter hour; only of a payment that nobody earns by.
    refunds: BTreeMap<i64, i64>,
}

impl Payment {
    fn read(row: &Row) -> Result<Self, SqlError> {
        let place = Place {
            key: row.text("key")?,
            agent_id: row.opt_uuid("agent_id")?,
            call_plan_id: row.opt_uuid("call_plan_id")?,
            group_id: row.opt_uuid("group_id")?,
            campaign: row.text("campaign")?,
            country: row.text("country")?,
            placed: row.opt_int("placed")?,
        };
        let (quarter, currency) = (row.int("quarter")?, row.text("currency")?);
        Ok(Self { quarter, currency, amount: row.int("amount")?, place, refunds: BTreeMap::new() })
    }
}

impl Place {
    fn of(key: &str, ids: [Uuid; 3], origin: Option<&Origin>) -> Self {
        let [agent_id, call_plan_id, group_id] = ids.map(Some);
        let text = |text: Option<&String>| text.cloned().unwrap_or_default();
        Self {
            key: key.to_owned(),
            agent_id,
            call_plan_id,
            group_id,
            campaign: text(origin.and_then(|origin| origin.campaign.as_ref())),
            country: text(origin.and_then(|origin| origin.country.as_ref())),
            placed: origin.map(|origin| quarters::in_month(quarters::of(origin.placed_at))),
        }
    }

    fn of_commission(earned: &PaymentCommission) -> Self {
        Self::of(&earned.key, [earned.agent_id, earned.call_plan_id, earned.group_id], earned.origin.as_ref())
    }
}

/// What a payment adds. The first payment of a customer is the one that was recorded first.
fn received(amount: i64, earned: Option<&PaymentCommission>) -> Amounts {
    Amounts {
        customers: i64::from(earned.is_some_and(|earned| earned.payments_before == 0)),
        payments: 1,
        received: amount,
        refunded: 0,
        commission: earned.map_or(0, |earned| in_column(earned.amount.amount())),
    }
}

#[derive(Default)]
pub struct Changes {
    payments: BTreeMap<Uuid, Payment>,
    added: BTreeSet<Uuid>,
    moved: BTreeSet<Uuid>,
    refunded: BTreeSet<Uuid>,
    sums: Sums,
}

impl Changes {
    /// Reads the payments that the events are of, except for those that the events add.
    pub async fn read(tx: &mut Tx, events: &[EventEnvelope<AgentsEvent>]) -> Result<Self, SqlError> {
        let mut changes = Self::default();
        let named = events.iter().filter_map(|followed| match &followed.event {
            AgentsEvent::PaymentAttributed(event) => Some(event.payment_id),
            AgentsEvent::PaymentReversed(event) => Some(event.payment_id),
            AgentsEvent::ChargebackWon(event) => Some(event.payment_id),
            _ => None,
        });
        let named: BTreeSet<Uuid> = named.collect();
        if named.is_empty() {
            return Ok(changes);
        }
        let ids = || named.iter().map(|id| vec![(*id).into()]).collect::<Vec<_>>();
        for row in tx.rows_for_many(&PAYMENTS, ids()).await? {
            changes.payments.insert(row.uuid("payment_id")?, Payment::read(&row)?);
        }
        for row in tx.rows_for_many(&REFUNDS, ids()).await? {
            if let Some(payment) = changes.payments.get_mut(&row.uuid("payment_id")?) {
                payment.refunds.insert(row.int("quarter")?, row.int("refunded")?);
            }
        }
        Ok(changes)
    }

    pub fn take(&mut self, followed: &EventEnvelope<AgentsEvent>) {
        let recorded = followed.recorded_at;
        match &followed.event {
            AgentsEvent::PaymentReceived(event) => self.receive(event),
            AgentsEvent::PaymentAttributed(event) => self.attribute(event),
            AgentsEvent::PaymentReversed(PaymentReversed { payment_id, amount, commission, .. }) => {
                let commission = commission.map_or(0, |moved| in_column(moved.amount.amount()));
                self.refund(*payment_id, recorded, in_column(amount.amount()), -commission);
            }
            AgentsEvent::ChargebackWon(ChargebackWon { payment_id, amount, commission, .. }) => {
                let commission = commission.map_or(0, |moved| in_column(moved.amount.amount()));
                self.refund(*payment_id, recorded, -in_column(amount.amount()), commission);
            }
            AgentsEvent::SignupCommissionEarned(event) => self.earn(event, recorded),
            _ => {}
        }
    }

    fn receive(&mut self, event: &PaymentReceived) {
        let payment = Payment {
            quarter: quarters::of(event.received_at),
            currency: event.amount.currency().as_str().to_owned(),
            amount: in_column(event.amount.amount()),
            place: event.commission.as_ref().map(Place::of_commission).unwrap_or_default(),
            refunds: BTreeMap::new(),
        };
        let amounts = received(payment.amount, event.commission.as_ref());
        self.sums.add(payment.quarter, &payment.place, &payment.currency, amounts);
        self.payments.insert(event.payment_id, payment);
        self.added.insert(event.payment_id);
    }

    /// Counts a payment and its refunds anew, where they belong.
    fn attribute(&mut self, event: &PaymentAttributed) {
        let Some(payment) = self.payments.get_mut(&event.payment_id) else { return };
        let from = std::mem::replace(&mut payment.place, Place::of_commission(&event.commission));
        let (to, currency) = (&payment.place, &payment.currency);
        self.sums.add(payment.quarter, &from, currency, received(payment.amount, None).times(-1));
        self.sums.add(payment.quarter, to, currency, received(payment.amount, Some(&event.commission)));
        for (quarter, refunded) in std::mem::take(&mut payment.refunds) {
            let refunded = Amounts { refunded, ..Amounts::default() };
            self.sums.add(quarter, &from, currency, refunded.times(-1));
            self.sums.add(quarter, to, currency, refunded);
        }
        self.moved.insert(event.payment_id);
    }

    fn refund(&mut self, payment_id: Uuid, recorded_at: Moment, refunded: i64, commission: i64) {
        let Some(payment) = self.payments.get_mut(&payment_id) else { return };
        let quarter = quarters::of(recorded_at);
        let amounts = Amounts { refunded, commission, ..Amounts::default() };
        self.sums.add(quarter, &payment.place, &payment.currency, amounts);
        if payment.place.agent_id.is_none() {
            *payment.refunds.entry(quarter).or_default() += refunded;
            self.refunded.insert(payment_id);
        }
    }

    fn earn(&mut self, event: &SignupCommissionEarned, recorded_at: Moment) {
        let ids = [event.agent_id, event.call_plan_id, event.group_id];
        let place = Place::of(&event.key, ids, event.origin.as_ref());
        let amounts = Amounts { commission: in_column(event.amount.amount()), ..Amounts::default() };
        self.sums.add(quarters::of(recorded_at), &place, event.amount.currency().as_str(), amounts);
    }

    pub fn queue(&self, tx: &mut Tx) {
        let of = |ids: &BTreeSet<Uuid>| -> Vec<(Uuid, &Payment)> {
            ids.iter().filter_map(|id| Some((*id, self.payments.get(id)?))).collect()
        };
        tx.queue(&ADD, of(&self.added).into_iter().map(payment_row).collect());
        let moved = self.moved.difference(&self.added).copied().collect();
        tx.queue(&PUT, of(&moved).into_iter().map(|(id, payment)| place_row((id, &payment.place))).collect());
        tx.queue(&FORGET_REFUNDS, moved.iter().map(|id| vec![(*id).into()]).collect());
        // Those of a payment that somebody earns by meanwhile are forgotten.
        let refunds = of(&self.refunded).into_iter();
        let refunds = refunds.flat_map(|(id, payment)| payment.refunds.iter().map(move |(at, sum)| (id, *at, *sum)));
        tx.queue(&KEEP_REFUNDS, refunds.map(refund_row).collect());
        self.sums.queue(tx);
    }
}
