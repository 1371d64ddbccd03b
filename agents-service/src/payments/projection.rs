//! Payments as rows: how many a customer had, what is left of each, and which reversals wait or do not fit. The log's writer keeps
//! them. The events of a page are merged to one change for each payment, since a bulk is many events of few tables.

use std::collections::BTreeMap;

use contract::events::agents::AgentsEvent;
use contract::events::payments::{PaymentCommission, PaymentCustomer, PaymentReceived};
use contract::money::Money;
use event_store::projections::EventEnvelope;
use event_store::sql::Tx;
use event_store::{projection_table, sql_rows};
use uuid::Uuid;

use crate::columns::word;
use crate::ledger::amount::in_column;
use crate::projection::{Apply, Part};

pub const PART: Part = Part {
    tables: || {
        vec![projection_table!("payments", "payment_id": Uuid), projection_table!("open_reversals", "payment_id": Uuid)]
    },
    apply: Apply::Page(|tx, events| {
        apply(tx, events);
        Box::pin(std::future::ready(Ok(())))
    }),
};

sql_rows! {
    static ADD = "INSERT INTO payments{shadow} ({columns}) SELECT {columns} FROM {rows}";
    fn payment_row(row: (u64, &PaymentReceived, &Change)) {
        payment_id: Uuid = row.1.payment_id,
        position: Int = row.0,
        reference: Text = &row.1.reference,
        customer_id: Uuid = row.2.customer_id.or(named_id(row.1)),
        customer_number: Text = named_number(row.1),
        agent_id: Uuid = row.2.agent_id,
        currency: Text = row.1.amount.currency().as_str(),
        amount: Int = in_column(row.1.amount.amount()),
        amount_left: Int = in_column(row.1.amount.amount()) + row.2.left,
        commission: Int = row.2.commission,
        received_at: Moment = row.1.received_at,
    }
}
sql_rows! {
    static CHANGE = "UPDATE payments{shadow} AS p SET amount_left = p.amount_left + r.amount_left, commission = p.commission + r.commission,
         agent_id = COALESCE(r.agent_id, p.agent_id), customer_id = COALESCE(r.customer_id, p.customer_id)
         FROM {rows} WHERE p.payment_id = r.payment_id";
    fn change_row(row: (Uuid, &Change)) {
        payment_id: Uuid = row.0,
        amount_left: Int = row.1.left,
        commission: Int = row.1.commission,
        agent_id: Uuid = row.1.agent_id,
        customer_id: Uuid = row.1.customer_id,
    }
}
sql_rows! {
    static KEEP_OPEN = "INSERT INTO open_reversals{shadow} ({columns}) SELECT {columns} FROM {rows} WHERE true
         ON CONFLICT (payment_id, reversal_reference) DO UPDATE SET reason = excluded.reason, position = excluded.position";
    fn open_row(row: (&(Uuid, &str), &Open<'_>)) {
        payment_id: Uuid = row.0.0,
        reversal_reference: Text = row.0.1,
        position: Int = row.1.position,
        reference: Text = row.1.reference,
        kind: Text = &row.1.kind,
        reason: Text = row.1.reason.as_deref(),
    }
}
sql_rows! {
    static CLOSE = "DELETE FROM open_reversals{shadow} WHERE (payment_id, reversal_reference) IN
         (SELECT r.payment_id, r.reversal_reference FROM {rows})";
    fn closed_row(row: &(Uuid, &str)) {
        payment_id: Uuid = row.0,
        reversal_reference: Text = row.1,
    }
}

fn named_id(event: &PaymentReceived) -> Option<Uuid> {
    match &event.customer {
        PaymentCustomer::CustomerId(id) => Some(*id),
        PaymentCustomer::CustomerNumber(_) => None,
    }
}

fn named_number(event: &PaymentReceived) -> Option<&str> {
    match &event.customer {
        PaymentCustomer::CustomerNumber(number) => Some(number),
        PaymentCustomer::CustomerId(_) => None,
    }
}

/// What a page of events changes of a payment.
#[derive(Default)]
struct Change {
    /// Of what is left.
    left: i64,
    commission: i64,
    agent_id: Option<Uuid>,
    customer_id: Option<Uuid>,
}

/// A reversal that is not applied.
struct Open<'a> {
    position: u64,
    reference: &'a str,
    kind: String,
    reason: Option<String>,
}

impl Change {
    fn earns(&mut self, commission: &PaymentCommission) {
        self.commission += in_column(commission.amount.amount());
        (self.agent_id, self.customer_id) = (Some(commission.agent_id), Some(commission.customer_id));
    }

    fn moves(&mut self, amount: Money, commission: Option<Money>, sign: i64) {
        self.left += sign * in_column(amount.amount());
        self.commission += sign * commission.map_or(0, |commission| in_column(commission.amount()));
    }
}

#[derive(Default)]
struct Changes<'a> {
    received: Vec<(u64, &'a PaymentReceived)>,
    payments: BTreeMap<Uuid, Change>,
    /// `None` closes one.
    open: BTreeMap<(Uuid, &'a str), Option<Open<'a>>>,
}

impl<'a> Changes<'a> {
    fn take(&mut self, position: u64, event: &'a AgentsEvent) {
        match event {
            AgentsEvent::PaymentReceived(event) => {
                self.received.push((position, event));
                let change = self.payments.entry(event.payment_id).or_default();
                event.commission.iter().for_each(|commission| change.earns(commission));
            }
            AgentsEvent::PaymentAttributed(event) => {
                self.payments.entry(event.payment_id).or_default().earns(&event.commission);
            }
            AgentsEvent::PaymentReversed(event) => {
                let commission = event.commission.map(|commission| commission.amount);
                self.payments.entry(event.payment_id).or_default().moves(event.amount, commission, -1);
                self.open.insert((event.payment_id, &event.reversal_reference), None);
            }
            AgentsEvent::ChargebackWon(event) => {
                let commission = event.commission.map(|commission| commission.amount);
                self.payments.entry(event.payment_id).or_default().moves(event.amount, commission, 1);
            }
            AgentsEvent::ReversalHeld(event) => {
                let open = Open { position, reference: &event.reference, kind: word(&event.kind), reason: None };
                self.open.insert((event.payment_id, &event.reversal_reference), Some(open));
            }
            AgentsEvent::ReversalNotApplied(event) => {
                let reason = Some(word(&event.reason));
                let open = Open { position, reference: &event.reference, kind: word(&event.kind), reason };
                self.open.insert((event.payment_id, &event.reversal_reference), Some(open));
            }
            _ => {}
        }
    }

    fn write(mut self, tx: &mut Tx) {
        let mut added = Vec::with_capacity(self.received.len());
        for (position, event) in &self.received {
            let change = self.payments.remove(&event.payment_id).unwrap_or_default();
            added.push(payment_row((*position, event, &change)));
        }
        let (open, closed): (Vec<_>, Vec<_>) = self.open.iter().partition(|(_, open)| open.is_some());
        tx.queue(&ADD, added);
        tx.queue(&CHANGE, self.payments.iter().map(|(id, change)| change_row((*id, change))).collect());
        tx.queue(&KEEP_OPEN, open.iter().filter_map(|(id, open)| Some(open_row((id, open.as_ref()?)))).collect());
        tx.queue(&CLOSE, closed.iter().map(|(id, _)| closed_row(id)).collect());
    }
}

fn apply(tx: &mut Tx, events: &[EventEnvelope<AgentsEvent>]) {
    let mut changes = Changes::default();
    for followed in events {
        changes.take(followed.position, &followed.event);
    }
    changes.write(tx);
}
