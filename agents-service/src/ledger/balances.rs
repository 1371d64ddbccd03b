//! What an agent has in a currency: a fold of the ledger at a position and a time.

use std::collections::{BTreeMap, BTreeSet};

use contract::clock::Moment;
use contract::events::agents::AgentsEvent;
use contract::events::remittances::Balance;
use contract::money::Currency;
use event_store::sql::{Kind, Row, Sql, SqlError, Tx};
use futures::future::BoxFuture;
use uuid::Uuid;

use crate::batch::BatchContext;
use crate::facts::{Fact, Known};
use crate::ledger::amount::{from_column, in_column};
use crate::ledger::entry::{Account, entries};

/// Most that an agent may ever have earned in a currency, as columns hold it. It leaves room for a batch of the largest amounts, so
/// that no sum outgrows its column.
const MOST: u128 = 1_000_000_000_000_000_000;

static OF_AGENTS: Sql = Sql::rows(
    "SELECT agent_id, currency, owed, reserved, paid, CAST(0 AS BIGINT) AS held FROM ledger_balances WHERE agent_id {among}",
    &[("agent_id", Kind::Uuid)],
);
// What is due at that moment is earned.
static OF: Sql = Sql::new(
    "SELECT b.owed, b.reserved, b.paid, CAST(COALESCE((SELECT SUM(e.owed) FROM ledger_entries e WHERE e.agent_id = b.agent_id
         AND e.currency = b.currency AND e.due_at > $3), 0) AS BIGINT) AS held
     FROM ledger_balances b WHERE b.agent_id = $1 AND b.currency = $2",
);

/// The sums of an agent's accounts in a currency, as columns hold them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    pub owed: i64,
    pub reserved: i64,
    pub paid: i64,
    /// The part of what is owed that is not earned yet.
    pub held: i64,
}

impl Sums {
    pub fn read(row: &Row) -> Result<Self, SqlError> {
        let [owed, reserved, paid, held] = ["owed", "reserved", "paid", "held"].map(|column| row.int(column));
        Ok(Self { owed: owed?, reserved: reserved?, paid: paid?, held: held? })
    }

    /// Whether the columns hold a change of what is owed.
    pub fn hold(&self, change: i64) -> bool {
        let before: i128 = [self.owed, self.reserved, self.paid].into_iter().map(i128::from).sum();
        let after = (before + i128::from(change)).unsigned_abs();
        after <= MOST || after <= before.unsigned_abs()
    }

    pub fn balance(&self, currency: Currency) -> Balance {
        let shown = |amount| from_column(amount, currency);
        let earned = self.owed - self.held + self.reserved + self.paid;
        Balance { earned: shown(earned), reserved: shown(self.reserved), paid: shown(self.paid) }
    }
}

/// The sums by agent and currency code, as they are when the batch is decided.
pub struct Balances;

impl Fact for Balances {
    type Key = (Uuid, String);
    type Value = Sums;

    fn load(tx: &mut Tx, keys: BTreeSet<Self::Key>, now: Moment) -> BoxFuture<'_, Result<Known<Self>, SqlError>> {
        Box::pin(async move {
            let mut known = Known::<Self>::new();
            for (agent_id, currency) in keys {
                let row = tx.row(&OF, &[agent_id.into(), currency.as_str().into(), now.into()]).await?;
                let sums = row.as_ref().map(Sums::read).transpose()?.unwrap_or_default();
                known.insert((agent_id, currency), sums);
            }
            Ok(known)
        })
    }
}

/// The sums of agents in each of their currencies, without what of them is held.
pub async fn of_agents(tx: &mut Tx, agents: BTreeSet<Uuid>) -> Result<BTreeMap<(Uuid, String), Sums>, SqlError> {
    let rows = tx.rows_for_many(&OF_AGENTS, agents.into_iter().map(|id| vec![id.into()]).collect()).await?;
    rows.iter().map(|row| Ok(((row.uuid("agent_id")?, row.text("currency")?), Sums::read(row)?))).collect()
}

/// Updates the sums for the later commands of the batch.
pub fn note(batch: &mut BatchContext, happened: &[AgentsEvent]) {
    for entry in happened.iter().flat_map(entries) {
        let key = (entry.agent_id, entry.currency.as_str().to_owned());
        let Some(sums) = batch.fact::<Balances>(&key).copied() else { continue };
        let change = |account| in_column(entry.change(account));
        let is_held = entry.due_at.is_some_and(|due_at| due_at > batch.now());
        let sums = Sums {
            owed: sums.owed + change(Account::Owed),
            reserved: sums.reserved + change(Account::Reserved),
            paid: sums.paid + change(Account::Paid),
            held: sums.held + if is_held { change(Account::Owed) } else { 0 },
        };
        batch.set_fact::<Balances>(key, sums);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_columns_cannot_hold_is_seen_before_and_can_be_taken_back() {
        let most = i64::try_from(MOST).unwrap();
        let sums = |owed, paid| Sums { owed, paid, ..Sums::default() };
        assert!(sums(most - 5, 0).hold(5) && !sums(most - 5, 0).hold(6));
        assert!(!sums(0, most).hold(1) && sums(0, most).hold(-1));
        assert!(sums(most, 7).hold(-1) && !sums(most, 7).hold(1));
        assert!(!sums(-most, 0).hold(-1) && sums(-most, 0).hold(1));
        assert!(!sums(i64::MAX, i64::MAX).hold(i64::MAX));
    }
}
