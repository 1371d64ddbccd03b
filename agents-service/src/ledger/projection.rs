//! The entries of the ledger and their sums, which the log's writer keeps.

use std::collections::BTreeMap;

use contract::events::Contract;
use contract::events::agents::AgentsEvent;
use event_store::projections::EventEnvelope;
use event_store::sql::Tx;
use event_store::{projection_table, sql_rows};
use uuid::Uuid;

use crate::columns::word;
use crate::ledger::amount::in_column;
use crate::ledger::entry::{Account, Entry, Kind, entries};
use crate::projection::{Apply, Part};

pub const PART: Part = Part {
    tables: || {
        vec![
            projection_table!("ledger_entries", "position": Int),
            projection_table!("ledger_balances", "agent_id": Uuid),
        ]
    },
    apply: Apply::Page(|tx, events| {
        apply(tx, events);
        Box::pin(std::future::ready(Ok(())))
    }),
};

sql_rows! {
    static ADD = "INSERT INTO ledger_entries{shadow} ({columns}) SELECT {columns} FROM {rows}";
    fn entry_row(row: (&EventEnvelope<AgentsEvent>, u64, &Entry)) {
        position: Int = row.0.position,
        number: Int = row.1,
        agent_id: Uuid = row.2.agent_id,
        currency: Text = row.2.currency.as_str(),
        kind: Text = word(&row.2.kind),
        from_account: Text = word(&row.2.from),
        to_account: Text = word(&row.2.to),
        amount: Int = in_column(row.2.amount),
        owed: Int = in_column(row.2.change(Account::Owed)),
        due_at: Moment = row.2.due_at,
        cause: Text = cause(&row.0.event),
        recorded_at: Moment = row.0.recorded_at,
    }
}
sql_rows! {
    static SUM = "INSERT INTO ledger_balances{shadow} AS t ({columns}) SELECT {columns} FROM {rows} WHERE true
         ON CONFLICT (agent_id, currency) DO UPDATE SET owed = t.owed + excluded.owed, reserved = t.reserved + excluded.reserved,
             paid = t.paid + excluded.paid";
    fn sums_row(row: ((Uuid, String), [i64; 3])) {
        agent_id: Uuid = row.0.0,
        currency: Text = row.0.1,
        owed: Int = row.1[0],
        reserved: Int = row.1[1],
        paid: Int = row.1[2],
    }
}

/// The reference or the id of what an entry is about.
fn cause(event: &AgentsEvent) -> String {
    match event {
        AgentsEvent::PaymentReceived(event) => event.reference.clone(),
        AgentsEvent::PaymentAttributed(event) => event.reference.clone(),
        AgentsEvent::PaymentReversed(event) => event.reference.clone(),
        AgentsEvent::ChargebackWon(event) => event.reference.clone(),
        event => event.subject_id(),
    }
}

fn apply(tx: &mut Tx, events: &[EventEnvelope<AgentsEvent>]) {
    let (mut rows, mut sums) = (Vec::new(), BTreeMap::<(Uuid, String), [i64; 3]>::new());
    for followed in events {
        // A tax of nothing is none.
        let entries =
            entries(&followed.event).into_iter().filter(|entry| entry.kind != Kind::Vat || !entry.amount.is_zero());
        for (number, entry) in (0..).zip(entries) {
            rows.push(entry_row((followed, number, &entry)));
            let sum = sums.entry((entry.agent_id, entry.currency.as_str().to_owned())).or_default();
            let accounts = [Account::Owed, Account::Reserved, Account::Paid];
            for (sum, account) in sum.iter_mut().zip(accounts) {
                *sum += in_column(entry.change(account));
            }
        }
    }
    tx.queue(&ADD, rows);
    tx.queue(&SUM, sums.into_iter().map(sums_row).collect());
}
