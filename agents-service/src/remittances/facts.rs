//! What the steps of a remittance depend on beside its own history.

use std::collections::BTreeSet;

use contract::clock::Moment;
use event_store::sql::{Kind, Sql, SqlError, Tx};
use futures::future::BoxFuture;

use crate::facts::{Fact, Known};

static PAID_BY: Sql = Sql::rows(
    "SELECT n.text AS bank_reference, e.stream FROM notes n JOIN events e ON e.position = n.position
     WHERE text {among} AND e.type = 'signpost.agents.remittance_paid.v1'",
    &[("text", Kind::Text)],
);
static ISSUED_BY: Sql = Sql::new("SELECT actor FROM events WHERE stream = $1 AND version = 1");
/// Longest chain of tokens that issued each other.
const MOST_TOKENS: usize = 16;

/// The stream of the remittance that a bank reference paid.
pub struct BankReferences;

impl Fact for BankReferences {
    type Key = String;
    type Value = String;

    fn load(tx: &mut Tx, keys: BTreeSet<String>, _: Moment) -> BoxFuture<'_, Result<Known<Self>, SqlError>> {
        Box::pin(async move {
            let rows = keys.into_iter().map(|key| vec![key.into()]).collect();
            let rows = tx.rows_for_many(&PAID_BY, rows).await?;
            rows.iter().map(|row| Ok((row.text("bank_reference")?, row.text("stream")?))).collect()
        })
    }
}

/// Who acts behind an actor: an operator's token acts for the operator who issued it.
pub struct Persons;

impl Fact for Persons {
    type Key = String;
    type Value = String;

    fn load(tx: &mut Tx, actors: BTreeSet<String>, _: Moment) -> BoxFuture<'_, Result<Known<Self>, SqlError>> {
        Box::pin(async move {
            let mut known = Known::<Self>::new();
            for actor in actors {
                known.insert(actor.clone(), person(tx, actor).await?);
            }
            Ok(known)
        })
    }
}

async fn person(tx: &mut Tx, mut actor: String) -> Result<String, SqlError> {
    for _ in 0..MOST_TOKENS {
        let Some(token_id) = actor.strip_prefix("token:") else { break };
        let Some(row) = tx.row(&ISSUED_BY, &[format!("token-{token_id}").into()]).await? else { break };
        actor = row.text("actor")?;
    }
    Ok(actor)
}
