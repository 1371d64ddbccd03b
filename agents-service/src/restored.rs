//! Accounts and messages that the log names and the tables lack, after events were restored into the log from its
//! stream. Personal and secret data are in no event, so they are lost: an account gets a placeholder login, and no
//! password until an operator sets one.

use contract::clock::Moment;
use event_store::sql::{Database, Sql, SqlError, Tx};
use uuid::Uuid;

use crate::agents::accounts::Details;
use crate::auth::passwords::{NO_PASSWORD, PasswordHash};
use crate::support::messages::{Message, side};
use crate::{agents, operators, statements, support};

/// Replaces lost texts.
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

static STATEMENTS: Sql = Sql::new(
    "SELECT e.stream, e.recorded_at FROM events e WHERE e.type = 'signpost.agents.statement_issued.v1'
     AND NOT EXISTS (SELECT 1 FROM statement_names s WHERE 'statement-' || {text_of s.statement_id} = e.stream)",
);

/// Accounts and messages that the log declares erased and a table from an older backup still has.
static UNERASED_AGENTS: Sql = Sql::new(
    "SELECT a.agent_id AS id FROM agent_accounts a JOIN events e ON e.stream = 'agent-' || {text_of a.agent_id}
     WHERE e.type = 'signpost.agents.agent_erased.v1' AND (a.login <> '' OR a.contact <> '{}' OR a.bank_details <> ''
         OR a.bank_account IS NOT NULL OR EXISTS (SELECT 1 FROM agent_account_words w WHERE w.agent_id = a.agent_id)
         OR EXISTS (SELECT 1 FROM messages m WHERE m.agent_id = a.agent_id AND m.text <> '')
         OR EXISTS (SELECT 1 FROM notes n WHERE n.about = a.agent_id AND n.position < e.position))",
);
static UNERASED_OPERATORS: Sql = Sql::new(
    "SELECT a.operator_id AS id FROM operator_accounts a JOIN events e ON e.stream = 'operator-' || {text_of a.operator_id}
     WHERE e.type = 'signpost.agents.operator_erased.v1' AND a.login <> ''",
);
static UNERASED_MESSAGES: Sql = Sql::new(
    "SELECT m.message_id AS id FROM messages m JOIN events e ON e.stream = 'messages-' || {text_of m.agent_id}
         AND e.subject = 'agents.v1.message.erased.' || {text_of m.message_id}
     WHERE m.text <> ''",
);

/// Agents, operators and messages whose erasure is in the log only.
#[derive(Debug, Default)]
pub struct Unerased {
    pub agents: Vec<Uuid>,
    pub operators: Vec<Uuid>,
    pub messages: Vec<Uuid>,
}

pub async fn unerased(tx: &mut Tx) -> Result<Unerased, SqlError> {
    let mut found = Unerased::default();
    for (sql, ids) in [
        (&UNERASED_AGENTS, &mut found.agents),
        (&UNERASED_OPERATORS, &mut found.operators),
        (&UNERASED_MESSAGES, &mut found.messages),
    ] {
        for row in tx.rows(sql, &[]).await? {
            ids.push(row.uuid("id")?);
        }
    }
    Ok(found)
}

/// Repeats erasures that are in the log only.
async fn erase_again(tx: &mut Tx) -> Result<(), SqlError> {
    let Unerased { agents, operators, messages } = unerased(tx).await?;
    for agent_id in agents {
        agents::accounts::erase_agent(tx, agent_id).await?;
        support::messages::erase_all(tx, agent_id).await?;
    }
    for operator_id in operators {
        operators::accounts::erase_operator(tx, operator_id).await?;
    }
    for message_id in messages {
        support::messages::erase(tx, message_id).await?;
    }
    Ok(())
}

/// Adds placeholders for lost accounts and messages; returns their number.
pub async fn restore_tables(database: &Database) -> Result<u64, SqlError> {
    let mut tx = database.begin_bulk().await?;
    let mut restored = 0;
    for row in tx.rows(&AGENTS, &[]).await? {
        let agent_id = id_in(&row.text("stream")?)?;
        let details = Details { login: stand_in(agent_id), ..Details::default() };
        agents::accounts::add_agent(&mut tx, agent_id, &details, &PasswordHash::stored(NO_PASSWORD.to_owned()))?;
        restored += 1;
    }
    for row in tx.rows(&OPERATORS, &[]).await? {
        let operator_id = id_in(&row.text("stream")?)?;
        let password = PasswordHash::stored(NO_PASSWORD.to_owned());
        operators::accounts::add_operator(&mut tx, operator_id, &stand_in(operator_id), &password);
        restored += 1;
    }
    restored += restore_messages(&mut tx).await?;
    for row in tx.rows(&STATEMENTS, &[]).await? {
        statements::names::add_lost(&mut tx, id_in(&row.text("stream")?)?, row.moment("recorded_at")?)?;
        restored += 1;
    }
    erase_again(&mut tx).await?;
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
        support::messages::add(
            tx,
            agent_id,
            &Message { id, from: side(&author), author, text: LOST.to_owned(), written_at },
        );
        restored += 1;
    }
    Ok(restored)
}

/// A placeholder login with the owner's id.
fn stand_in(id: Uuid) -> String {
    format!("lost-{id}")
}

fn id_in(stream: &str) -> Result<Uuid, SqlError> {
    stream.split_once('-').and_then(|(_, id)| id.parse().ok()).ok_or_else(unreadable)
}

fn unreadable() -> SqlError {
    SqlError::Column { column: "stream".to_owned() }
}
