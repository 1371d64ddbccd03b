//! Messages between agents and operators. They may be personal: they are written in the transaction of the event that
//! records the message, and are never in an event, a stored response, or a log line. The portal's queries name their
//! agent.

use contract::clock::Moment;
use contract::events::agents::MessageFrom;
use event_store::sql::{Database, Row, Sql, SqlError, Tx};
use event_store::sql_rows;
use futures::future::BoxFuture;
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use crate::agents::snapshot::State;
use crate::paging::{Page, one_more};

/// The prefix of agents as the log's actors.
const AGENT: &str = "agent:";

sql_rows! {
    static ADD = "INSERT INTO messages ({columns}) SELECT {columns} FROM {rows}";
    fn message_row(message: (Uuid, &Message)) {
        message_id: Uuid = message.1.id,
        agent_id: Uuid = message.0,
        author: Text = &message.1.author,
        text: Text = &message.1.text,
        written_at: Moment = message.1.written_at,
    }
}
static ERASE: Sql = Sql::new("UPDATE messages SET text = '' WHERE message_id = $1");
static ERASE_ALL: Sql = Sql::new("UPDATE messages SET text = '' WHERE agent_id = $1");
static NEWEST: Sql = Sql::new(
    "SELECT message_id, author, text, written_at FROM messages
     WHERE agent_id = $1 AND ($2 IS NULL OR message_id < $2) ORDER BY message_id DESC LIMIT $3",
);
static BOARDS: Sql = Sql::new(
    "SELECT * FROM (
         SELECT a.agent_id, a.name, a.state, m.message_id, m.author, m.text, m.written_at,
             (m.author NOT LIKE 'agent:%') AS answered
         FROM agents a JOIN messages m
             ON m.message_id = (SELECT x.message_id FROM messages x WHERE x.agent_id = a.agent_id
                 ORDER BY x.message_id DESC LIMIT 1)
     ) boards
     WHERE $1 IS NULL OR answered > $1 OR (answered = $1 AND message_id < $2)
     ORDER BY answered, message_id DESC LIMIT $3",
);

// Messages that were answered are not counted, nor is what is older than the newest thousand: that bounds the count.
static UNANSWERED: Sql = Sql::new(
    "SELECT COUNT(*) AS n FROM (SELECT message_id, agent_id, author FROM messages ORDER BY message_id DESC LIMIT 1000) m
     WHERE m.author LIKE 'agent:%'
     AND NOT EXISTS (SELECT 1 FROM messages x WHERE x.agent_id = m.agent_id AND x.message_id > m.message_id)",
);

/// A message.
#[derive(Clone, Serialize, JsonSchema)]
#[schemars(rename = "Message")]
pub struct Message {
    pub id: Uuid,
    pub from: MessageFrom,
    /// Who wrote it: `agent:<id>`, `operator:<id>`, or `token:<id>` for a program of the operator's.
    pub author: String,
    /// Empty where it was erased.
    pub text: String,
    pub written_at: Moment,
}

/// An agent with messages, and the newest of them.
pub struct Board {
    pub agent_id: Uuid,
    pub name: String,
    pub state: State,
    pub newest: Message,
}

/// The cursor of the next page of boards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    answered: bool,
    message_id: Uuid,
}

impl std::str::FromStr for Cursor {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (answered, message_id) = text.split_once('.').ok_or(())?;
        let answered = match answered {
            "0" => false,
            "1" => true,
            _ => return Err(()),
        };
        Ok(Self { answered, message_id: message_id.parse().map_err(|_| ())? })
    }
}

/// The side of an actor.
pub fn side(actor: &str) -> MessageFrom {
    if actor.starts_with(AGENT) { MessageFrom::Agent } else { MessageFrom::Operator }
}

impl Message {
    fn read(row: &Row) -> Result<Self, SqlError> {
        let author = row.text("author")?;
        Ok(Self {
            id: row.uuid("message_id")?,
            from: side(&author),
            author,
            text: row.text("text")?,
            written_at: row.moment("written_at")?,
        })
    }
}

/// Adds a message with the batch's next statements.
pub fn add(tx: &mut Tx, agent_id: Uuid, message: &Message) {
    tx.queue(&ADD, vec![message_row((agent_id, message))]);
}

pub async fn erase(tx: &mut Tx, message_id: Uuid) -> Result<(), SqlError> {
    tx.erases();
    tx.execute(&ERASE, &[message_id.into()]).await.map(drop)
}

pub async fn erase_all(tx: &mut Tx, agent_id: Uuid) -> Result<(), SqlError> {
    tx.erases();
    tx.execute(&ERASE_ALL, &[agent_id.into()]).await.map(drop)
}

/// A page of an agent's messages, newest first; the cursor is the id of the last one shown.
pub async fn newest(
    database: &Database,
    agent_id: Uuid,
    before: Option<Uuid>,
    limit: usize,
) -> Result<Page<Message>, SqlError> {
    let rows = database.rows(&NEWEST, &[agent_id.into(), before.into(), one_more(limit).into()]).await?;
    let items = rows.iter().map(|row| {
        let message = Message::read(row)?;
        let cursor = message.id.to_string();
        Ok((message, cursor))
    });
    Ok(Page::of(items.collect::<Result<_, SqlError>>()?, limit))
}

/// How many agents wait for an answer.
pub fn unanswered(database: &Database) -> BoxFuture<'_, Result<u64, SqlError>> {
    Box::pin(async { database.row(&UNANSWERED, &[]).await?.map_or(Ok(0), |row| row.count("n")) })
}

/// A page of the agents with messages: those without an answer first, then by the newest message.
pub async fn boards(database: &Database, after: Option<Cursor>, limit: usize) -> Result<Page<Board>, SqlError> {
    let (answered, message_id) = after.map(|cursor| (cursor.answered, cursor.message_id)).unzip();
    let values = [answered.into(), message_id.into(), one_more(limit).into()];
    let rows = database.rows(&BOARDS, &values).await?;
    let items = rows.iter().map(|row| {
        let newest = Message::read(row)?;
        let cursor = format!("{}.{}", i64::from(row.flag("answered")?), newest.id);
        let board =
            Board { agent_id: row.uuid("agent_id")?, name: row.text("name")?, state: row.parsed("state")?, newest };
        Ok((board, cursor))
    });
    Ok(Page::of(items.collect::<Result<_, SqlError>>()?, limit))
}
