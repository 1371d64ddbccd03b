//! Accounts and messages of which the log tells and the tables do not, since events were taken back into the log from its stream.
//! What is personal or secret is in no event, and so is lost: an account gets a stand-in for its login, and no password until an
//! operator sets one.

use shared::clock::Moment;
use shared::sql::{Database, Sql, SqlError, Tx};
use uuid::Uuid;

use crate::accounts::{self, Details, NO_PASSWORD};
use crate::messages::{self, Message, side};
use crate::passwords::PasswordHash;

/// Stands in the place of what is lost.
const LOST: &str = "(lost)";

static AGENTS: Sql = Sql::new(
    "SELECT e.stream FROM events e WHERE e.type = 'signpost.agents.agent_created.v1'
     AND NOT EXISTS (SELECT 1 FROM agent_accounts a WHERE 'agent-' || {text_of a.agent_id} = e.stream)",
);
static OPERATORS: Sql = Sql::new(
    "SELECT e.stream FROM events e WHERE e.type = 'signpost.agents.operator_created.v1'
     AND NOT EXISTS (SELECT 1 FROM operator_accounts a WHERE 'operator-' || {text_of a.operator_id} = e.stream)",
);
static MESSAGES: Sql = Sql::new(
    "SELECT e.stream, e.subject, e.actor, e.recorded_at FROM events e
     WHERE e.type = 'signpost.agents.message_posted.v1' AND NOT EXISTS (SELECT 1 FROM messages m
         WHERE 'agents.v1.message.posted.' || {text_of m.message_id} = e.subject)",
);

/// Puts stand-ins where accounts and messages are lost; answers how many.
pub async fn restore_tables(database: &Database) -> Result<u64, SqlError> {
    let mut tx = database.begin_bulk().await?;
    let mut restored = 0;
    for row in tx.rows(&AGENTS, &[]).await? {
        let agent_id = id_in(&row.text("stream")?)?;
        let details = Details { login: stand_in(agent_id), ..Details::default() };
        accounts::add_agent(&mut tx, agent_id, &details, &PasswordHash::stored(NO_PASSWORD.to_owned()))?;
        restored += 1;
    }
    for row in tx.rows(&OPERATORS, &[]).await? {
        let operator_id = id_in(&row.text("stream")?)?;
        let password = PasswordHash::stored(NO_PASSWORD.to_owned());
        accounts::add_operator(&mut tx, operator_id, &stand_in(operator_id), &password);
        restored += 1;
    }
    restored += restore_messages(&mut tx).await?;
    tx.commit().await?;
    Ok(restored)
}

async fn restore_messages(tx: &mut Tx) -> Result<u64, SqlError> {
    let mut restored = 0;
    for row in tx.rows(&MESSAGES, &[]).await? {
        let (agent_id, author) = (id_in(&row.text("stream")?)?, row.text("actor")?);
        let subject = row.text("subject")?;
        let id = subject.rsplit('.').next().unwrap_or_default().parse().map_err(|_| unreadable())?;
        let written_at: Moment = row.moment("recorded_at")?;
        messages::add(tx, agent_id, &Message { id, from: side(&author), author, text: LOST.to_owned(), written_at });
        restored += 1;
    }
    Ok(restored)
}

/// A login that says whose it was.
fn stand_in(id: Uuid) -> String {
    format!("lost-{id}")
}

fn id_in(stream: &str) -> Result<Uuid, SqlError> {
    stream.split_once('-').and_then(|(_, id)| id.parse().ok()).ok_or_else(unreadable)
}

fn unreadable() -> SqlError {
    SqlError::Column { column: "stream".to_owned() }
}
