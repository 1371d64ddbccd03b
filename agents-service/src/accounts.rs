//! What is personal or secret about agents and operators: logins, password hashes, contact and bank details.
//! Written in the transaction of the events it belongs to, and never in an event, an answer that is kept, or a log line.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use shared::email::searched;
use shared::sql::{Database, Row, Sql, SqlError, Tx};
use shared::sql_rows;
use uuid::Uuid;

use crate::domain::text::folded;
use crate::logins::LoginDigest;
use crate::passwords::PasswordHash;

sql_rows! {
    static ADD_AGENT = "INSERT INTO agent_accounts ({columns}) SELECT {columns} FROM {rows}";
    fn agent_row(agent: (Uuid, &Details, String, &PasswordHash)) {
        agent_id: Uuid = agent.0,
        login: Text = &agent.1.login,
        login_folded: Text = folded(&agent.1.login),
        password_hash: Text = agent.3.to_store(),
        contact: Text = agent.2,
        bank_details: Text = &agent.1.bank_details,
        search: Text = agent.1.search(),
    }
}
static CHANGE_AGENT: Sql =
    Sql::new("UPDATE agent_accounts SET contact = $2, bank_details = $3, search = $4 WHERE agent_id = $1");
static CHANGE_PASSWORD: Sql = Sql::new("UPDATE agent_accounts SET password_hash = $2 WHERE agent_id = $1");
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
    "SELECT operator_id, password_hash FROM operator_accounts
     WHERE operator_id = (SELECT account_id FROM logins WHERE digest = $1)",
);
static OPERATOR_LOGIN: Sql = Sql::new("SELECT login FROM operator_accounts WHERE operator_id = $1");
static OPERATOR_PASSWORD: Sql = Sql::new("UPDATE operator_accounts SET password_hash = $2 WHERE operator_id = $1");
static AGENT_BY_LOGIN: Sql = Sql::new(
    "SELECT agent_id, password_hash FROM agent_accounts
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

/// An agent's details beside his terms.
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

    /// What a search looks through.
    fn search(&self) -> String {
        [folded(&self.login), folded(&self.contact.company), searched(&self.contact.email)].join("\n")
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
    Ok(())
}

/// Writes an agent's changed details and, if there is one, his new password.
pub async fn change_agent(
    tx: &mut Tx,
    agent_id: Uuid,
    change: &DetailsChange,
    password: Option<&PasswordHash>,
) -> Result<(), SqlError> {
    let mut details = details_in(tx, agent_id).await?.unwrap_or_default();
    if !details.change(change).is_empty() {
        let values = [
            agent_id.into(),
            details.contact_json()?.into(),
            details.bank_details.as_str().into(),
            details.search().into(),
        ];
        tx.execute(&CHANGE_AGENT, &values).await?;
    }
    if let Some(password) = password {
        tx.execute(&CHANGE_PASSWORD, &[agent_id.into(), password.to_store().into()]).await?;
    }
    Ok(())
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

/// The operator whose login has this digest, and the hash of their password.
pub async fn operator(database: &Database, login: LoginDigest) -> Result<Option<(Uuid, PasswordHash)>, SqlError> {
    known(database, &OPERATOR, "operator_id", login).await
}

/// The agent whose login has this digest, and the hash of their password.
pub async fn agent(database: &Database, login: LoginDigest) -> Result<Option<(Uuid, PasswordHash)>, SqlError> {
    known(database, &AGENT_BY_LOGIN, "agent_id", login).await
}

async fn known(
    database: &Database,
    sql: &Sql,
    id: &str,
    login: LoginDigest,
) -> Result<Option<(Uuid, PasswordHash)>, SqlError> {
    let row = database.row(sql, &[login.into()]).await?;
    row.map(|row| Ok((row.uuid(id)?, PasswordHash::stored(row.text("password_hash")?)))).transpose()
}

/// The login of an operator.
pub async fn operator_login(database: &Database, operator_id: Uuid) -> Result<Option<String>, SqlError> {
    database.row(&OPERATOR_LOGIN, &[operator_id.into()]).await?.map(|row| row.text("login")).transpose()
}

/// Writes an operator's new password.
pub async fn change_operator(tx: &mut Tx, operator_id: Uuid, password: &PasswordHash) -> Result<(), SqlError> {
    tx.execute(&OPERATOR_PASSWORD, &[operator_id.into(), password.to_store().into()]).await.map(drop)
}
