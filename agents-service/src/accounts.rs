//! What is personal or secret about agents and operators: logins, password hashes, contact and bank details.
//! Written in the transaction of the events it belongs to, and never in an event, an answer that is kept, or a log line.

use std::collections::BTreeSet;

use contract::clock::Moment;
use contract::collation::sort_key;
use event_store::search::Words;
use event_store::sql::{Database, Row, Sql, SqlError, Tx};
use event_store::sql_rows;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::logins::LoginDigest;
use crate::passwords::PasswordHash;

/// What pages show in the place of a text that was erased.
pub const ERASED: &str = "(erased)";

/// Stored instead of a hash where a password is lost. No password has this hash.
pub const NO_PASSWORD: &str = "lost";

sql_rows! {
    static ADD_AGENT = "INSERT INTO agent_accounts ({columns}) SELECT {columns} FROM {rows}";
    fn agent_row(agent: (Uuid, &Details, String, &PasswordHash)) {
        agent_id: Uuid = agent.0,
        login: Text = &agent.1.login,
        login_sorted: Text = sort_key(&agent.1.login),
        password_hash: Text = agent.3.to_store(),
        contact: Text = agent.2,
        bank_details: Text = &agent.1.bank_details,
    }
}
static CHANGE_AGENT: Sql = Sql::new("UPDATE agent_accounts SET contact = $2, bank_details = $3 WHERE agent_id = $1");
sql_rows! {
    static ADD_WORDS = "INSERT INTO agent_account_words ({columns}) SELECT {columns} FROM {rows}";
    fn word_row(word: (Uuid, &str)) {
        agent_id: Uuid = word.0,
        word: Text = word.1,
    }
}
static REMOVE_WORDS: Sql = Sql::new("DELETE FROM agent_account_words WHERE agent_id = $1");
static CHANGE_PASSWORD: Sql =
    Sql::new("UPDATE agent_accounts SET password_hash = $2, session_epoch = session_epoch + 1 WHERE agent_id = $1");
static END_AGENT_SESSIONS: Sql =
    Sql::new("UPDATE agent_accounts SET session_epoch = session_epoch + 1 WHERE agent_id = $1");
static ERASE_AGENT: Sql = Sql::new(
    "UPDATE agent_accounts SET login = '', login_sorted = '', contact = '{}', bank_details = '', password_hash = $2,
         session_epoch = session_epoch + 1 WHERE agent_id = $1",
);
static ERASE_OPERATOR: Sql = Sql::new(
    "UPDATE operator_accounts SET login = '', password_hash = $2, session_epoch = session_epoch + 1, last_sign_in_at = NULL
     WHERE operator_id = $1",
);
static AGENT: Sql = Sql::new("SELECT login, contact, bank_details FROM agent_accounts WHERE agent_id = $1");
sql_rows! {
    static ADD_OPERATOR = "INSERT INTO operator_accounts ({columns}) SELECT {columns} FROM {rows}";
    fn operator_row(operator: (Uuid, &str, &PasswordHash)) {
        operator_id: Uuid = operator.0,
        login: Text = operator.1,
        password_hash: Text = operator.2.to_store(),
    }
}
static OPERATOR_COUNT: Sql = Sql::new("SELECT COUNT(*) AS n FROM operator_accounts");
static OPERATOR: Sql = Sql::new(
    "SELECT operator_id AS id, password_hash, session_epoch FROM operator_accounts
     WHERE operator_id = (SELECT account_id FROM logins WHERE digest = $1)
     AND operator_id IN (SELECT operator_id FROM active_operators)",
);
static OPERATORS: Sql = Sql::new(
    "SELECT o.operator_id, o.login, o.last_sign_in_at, a.operator_id IS NOT NULL AS active FROM operator_accounts o
     LEFT JOIN active_operators a ON a.operator_id = o.operator_id ORDER BY o.operator_id",
);
static OPERATOR_LOGIN: Sql = Sql::new("SELECT login FROM operator_accounts WHERE operator_id = $1");
static OPERATOR_PASSWORD: Sql = Sql::new(
    "UPDATE operator_accounts SET password_hash = $2, session_epoch = session_epoch + 1 WHERE operator_id = $1",
);
static END_OPERATOR_SESSIONS: Sql =
    Sql::new("UPDATE operator_accounts SET session_epoch = session_epoch + 1 WHERE operator_id = $1");
static SIGNED_IN: Sql = Sql::new("UPDATE operator_accounts SET last_sign_in_at = $2 WHERE operator_id = $1");
/// Those who can sign in: a lost account that was restored has no password.
static ABLE_OPERATORS: Sql = Sql::new(
    "SELECT operator_id FROM operator_accounts
     WHERE operator_id IN (SELECT operator_id FROM active_operators) AND password_hash <> $1",
);
static AGENT_BY_LOGIN: Sql = Sql::new(
    "SELECT agent_id AS id, password_hash, session_epoch FROM agent_accounts
     WHERE agent_id = (SELECT account_id FROM logins WHERE digest = $1)",
);

/// An agent's contact details; what is not known is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Contact {
    pub company: String,
    pub first_name: String,
    pub last_name: String,
    pub address: String,
    pub city: String,
    pub state: String,
    pub country: String,
    pub postal_code: String,
    pub phone: String,
    pub email: String,
}

/// What to change of an agent's details; what is absent stays.
#[derive(Clone, Default)]
pub struct DetailsChange {
    pub company: Option<String>,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub address: Option<String>,
    pub city: Option<String>,
    pub state: Option<String>,
    pub country: Option<String>,
    pub postal_code: Option<String>,
    pub phone: Option<String>,
    pub email: Option<String>,
    pub bank_details: Option<String>,
}

/// An agent's details beside their terms.
#[derive(Clone, Default)]
pub struct Details {
    pub login: String,
    pub contact: Contact,
    pub bank_details: String,
}

impl Details {
    /// Applies a change; answers the names of the fields whose text differs now.
    pub fn change(&mut self, change: &DetailsChange) -> Vec<String> {
        let contact = &mut self.contact;
        let fields = [
            ("contact.company", &mut contact.company, &change.company),
            ("contact.first_name", &mut contact.first_name, &change.first_name),
            ("contact.last_name", &mut contact.last_name, &change.last_name),
            ("contact.address", &mut contact.address, &change.address),
            ("contact.city", &mut contact.city, &change.city),
            ("contact.state", &mut contact.state, &change.state),
            ("contact.country", &mut contact.country, &change.country),
            ("contact.postal_code", &mut contact.postal_code, &change.postal_code),
            ("contact.phone", &mut contact.phone, &change.phone),
            ("contact.email", &mut contact.email, &change.email),
            ("bank_details", &mut self.bank_details, &change.bank_details),
        ];
        let mut changed = Vec::new();
        for (name, old, new) in fields {
            if let Some(new) = new
                && new != old
            {
                old.clone_from(new);
                changed.push(name.to_owned());
            }
        }
        changed
    }

    /// What a search finds the agent by, beside the name.
    fn words(&self) -> Words {
        let (mut words, contact) = (Words::default(), &self.contact);
        for text in [&self.login, &contact.company, &contact.first_name, &contact.last_name, &contact.city] {
            words.text(text);
        }
        words.email(&contact.email);
        words.phone(&contact.phone);
        words
    }

    fn contact_json(&self) -> Result<String, SqlError> {
        serde_json::to_string(&self.contact).map_err(|_| SqlError::Column { column: "contact".to_owned() })
    }

    fn read(row: &Row) -> Result<Self, SqlError> {
        let contact = serde_json::from_str(&row.text("contact")?);
        Ok(Self {
            login: row.text("login")?,
            contact: contact.map_err(|_| SqlError::Column { column: "contact".to_owned() })?,
            bank_details: row.text("bank_details")?,
        })
    }
}

/// Adds an agent's account, with what the batch writes next.
pub fn add_agent(tx: &mut Tx, agent_id: Uuid, details: &Details, password: &PasswordHash) -> Result<(), SqlError> {
    tx.queue(&ADD_AGENT, vec![agent_row((agent_id, details, details.contact_json()?, password))]);
    add_words(tx, agent_id, details);
    Ok(())
}

fn add_words(tx: &mut Tx, agent_id: Uuid, details: &Details) {
    tx.queue(&ADD_WORDS, details.words().iter().map(|word| word_row((agent_id, word))).collect());
}

/// Writes an agent's changed details and, if there is one, their new password, which ends their sessions.
pub async fn change_agent(
    tx: &mut Tx,
    agent_id: Uuid,
    change: &DetailsChange,
    password: Option<&PasswordHash>,
) -> Result<(), SqlError> {
    let mut details = details_in(tx, agent_id).await?.unwrap_or_default();
    if !details.change(change).is_empty() {
        let values = [agent_id.into(), details.contact_json()?.into(), details.bank_details.as_str().into()];
        tx.erases();
        tx.execute(&CHANGE_AGENT, &values).await?;
        tx.execute(&REMOVE_WORDS, &[agent_id.into()]).await?;
        add_words(tx, agent_id, &details);
    }
    if let Some(password) = password {
        tx.execute(&CHANGE_PASSWORD, &[agent_id.into(), password.to_store().into()]).await?;
    }
    Ok(())
}

/// Erases what is personal of an agent.
pub async fn erase_agent(tx: &mut Tx, agent_id: Uuid) -> Result<(), SqlError> {
    tx.erases();
    tx.execute(&ERASE_AGENT, &[agent_id.into(), NO_PASSWORD.into()]).await?;
    tx.execute(&REMOVE_WORDS, &[agent_id.into()]).await.map(drop)
}

/// Erases what is personal of an operator.
pub async fn erase_operator(tx: &mut Tx, operator_id: Uuid) -> Result<(), SqlError> {
    tx.erases();
    tx.execute(&ERASE_OPERATOR, &[operator_id.into(), NO_PASSWORD.into()]).await.map(drop)
}

/// An agent's details, in a transaction.
pub async fn details_in(tx: &mut Tx, agent_id: Uuid) -> Result<Option<Details>, SqlError> {
    tx.row(&AGENT, &[agent_id.into()]).await?.as_ref().map(Details::read).transpose()
}

/// An agent's details.
pub async fn details(database: &Database, agent_id: Uuid) -> Result<Option<Details>, SqlError> {
    database.row(&AGENT, &[agent_id.into()]).await?.as_ref().map(Details::read).transpose()
}

/// Adds an operator's account, with what the batch writes next.
pub fn add_operator(tx: &mut Tx, operator_id: Uuid, login: &str, password: &PasswordHash) {
    tx.queue(&ADD_OPERATOR, vec![operator_row((operator_id, login, password))]);
}

/// Whether there is any operator.
pub async fn has_operators(database: &Database) -> Result<bool, SqlError> {
    Ok(database.row(&OPERATOR_COUNT, &[]).await?.map(|row| row.int("n")).transpose()?.unwrap_or(0) > 0)
}

/// What an account is entered by.
#[derive(Clone)]
pub struct Credentials {
    pub id: Uuid,
    pub password: PasswordHash,
    /// Moves when the account's sessions end. Read with the password: a session that begins later must be of this epoch.
    pub session_epoch: u64,
}

/// The operator whose login has this digest; `None` for one who is disabled.
pub async fn operator(database: &Database, login: LoginDigest) -> Result<Option<Credentials>, SqlError> {
    credentials(database, &OPERATOR, login).await
}

/// The agent whose login has this digest.
pub async fn agent(database: &Database, login: LoginDigest) -> Result<Option<Credentials>, SqlError> {
    credentials(database, &AGENT_BY_LOGIN, login).await
}

async fn credentials(database: &Database, sql: &Sql, login: LoginDigest) -> Result<Option<Credentials>, SqlError> {
    let Some(row) = database.row(sql, &[login.into()]).await? else { return Ok(None) };
    let password = PasswordHash::stored(row.text("password_hash")?);
    Ok(Some(Credentials { id: row.uuid("id")?, password, session_epoch: row.count("session_epoch")? }))
}

/// A text as pages show it that is empty where it was erased.
pub fn or_erased(text: String) -> String {
    if text.is_empty() { ERASED.to_owned() } else { text }
}

/// The login of an operator.
pub async fn operator_login(database: &Database, operator_id: Uuid) -> Result<Option<String>, SqlError> {
    database.row(&OPERATOR_LOGIN, &[operator_id.into()]).await?.map(|row| row.text("login")).transpose()
}

/// Ends every session of an agent.
pub async fn end_sessions_of_agent(tx: &mut Tx, agent_id: Uuid) -> Result<(), SqlError> {
    tx.execute(&END_AGENT_SESSIONS, &[agent_id.into()]).await.map(drop)
}

/// Ends every session of an operator.
pub async fn end_sessions_of_operator(tx: &mut Tx, operator_id: Uuid) -> Result<(), SqlError> {
    tx.execute(&END_OPERATOR_SESSIONS, &[operator_id.into()]).await.map(drop)
}

/// An operator's account, without the password.
#[derive(Clone, Debug)]
pub struct OperatorAccount {
    pub id: Uuid,
    pub login: String,
    pub is_active: bool,
    pub last_sign_in_at: Option<Moment>,
}

/// All operators, oldest first.
pub async fn operators(database: &Database) -> Result<Vec<OperatorAccount>, SqlError> {
    let read = |row: &Row| {
        Ok(OperatorAccount {
            id: row.uuid("operator_id")?,
            login: row.text("login")?,
            is_active: row.flag("active")?,
            last_sign_in_at: row.opt_moment("last_sign_in_at")?,
        })
    };
    database.rows(&OPERATORS, &[]).await?.iter().map(read).collect()
}

/// The operators who can sign in.
pub async fn able_operators(tx: &mut Tx) -> Result<BTreeSet<Uuid>, SqlError> {
    tx.rows(&ABLE_OPERATORS, &[NO_PASSWORD.into()]).await?.iter().map(|row| row.uuid("operator_id")).collect()
}

/// Notes when an operator signed in.
pub async fn note_sign_in(database: &Database, operator_id: Uuid, now: Moment) -> Result<(), SqlError> {
    database.execute(&SIGNED_IN, &[operator_id.into(), now.into()]).await.map(drop)
}

/// Writes an operator's new password; their sessions end.
pub async fn change_operator(tx: &mut Tx, operator_id: Uuid, password: &PasswordHash) -> Result<(), SqlError> {
    tx.execute(&OPERATOR_PASSWORD, &[operator_id.into(), password.to_store().into()]).await.map(drop)
}
