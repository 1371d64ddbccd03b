//! The personal and secret data of agents: logins, password hashes, contact and bank details. They are written in the
//! transaction of the events that they belong to, and are never in an event, a stored response or a log line.

use contract::collation::sort_key;
use event_store::search::{Words, WordsTable};
use event_store::sql::{Database, Row, Sql, SqlError, Tx};
use event_store::{sql_rows, words_table};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::auth::credentials::{self, Credentials};
use crate::auth::logins::LoginDigest;
use crate::auth::passwords::{NO_PASSWORD, PasswordHash};
use crate::columns::{from_json, to_json};

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

/// The words of accounts, which agents are found by.
pub static WORDS: WordsTable = words_table!("agent_account_words", "agent_id": Uuid);

static CHANGE_PASSWORD: Sql =
    Sql::new("UPDATE agent_accounts SET password_hash = $2, session_epoch = session_epoch + 1 WHERE agent_id = $1");
static END_AGENT_SESSIONS: Sql =
    Sql::new("UPDATE agent_accounts SET session_epoch = session_epoch + 1 WHERE agent_id = $1");
static ERASE_AGENT: Sql = Sql::new(
    "UPDATE agent_accounts SET login = '', login_sorted = '', contact = '{}', bank_details = '', password_hash = $2,
         session_epoch = session_epoch + 1 WHERE agent_id = $1",
);
static AGENT: Sql = Sql::new("SELECT login, contact, bank_details FROM agent_accounts WHERE agent_id = $1");
static AGENT_BY_LOGIN: Sql = Sql::new(
    "SELECT agent_id AS id, password_hash, session_epoch FROM agent_accounts
     WHERE agent_id = (SELECT account_id FROM logins WHERE digest = $1)",
);

/// Declares what is known of how to reach an agent, and a change of it.
macro_rules! contact {
    ($($(#[$meta:meta])* $field:ident),+) => {
        /// An agent's contact details; what is not known is empty.
        #[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
        #[serde(default)]
        pub struct Contact {
            $(pub $field: String,)+
        }

        #[derive(Clone, Default, Deserialize, JsonSchema)]
        #[serde(default, deny_unknown_fields)]
        #[schemars(rename = "ContactGiven")]
        pub struct ContactChange {
            $($(#[$meta])* pub $field: Option<String>,)+
        }

        impl ContactChange {
            /// The fields by their names; what is absent stays.
            pub fn fields(&mut self) -> Vec<(&'static str, &mut Option<String>)> {
                vec![$((concat!("contact.", stringify!($field)), &mut self.$field)),+]
            }

            /// Each field beside the text that it changes.
            fn over<'a>(&'a self, contact: &'a mut Contact) -> Vec<(&'static str, &'a mut String, &'a Option<String>)> {
                vec![$((concat!("contact.", stringify!($field)), &mut contact.$field, &self.$field)),+]
            }
        }
    };
}
contact! {
    company,
    first_name,
    last_name,
    address,
    city,
    state,
    /// Two letters of ISO 3166, or the English name.
    country,
    postal_code,
    phone,
    email
}

/// Changes of an agent's details; absent fields stay.
#[derive(Clone, Default)]
pub struct DetailsChange {
    pub contact: ContactChange,
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
    /// Applies a change; returns the names of the changed fields.
    pub fn change(&mut self, change: &DetailsChange) -> Vec<String> {
        let mut fields = change.contact.over(&mut self.contact);
        fields.push(("bank_details", &mut self.bank_details, &change.bank_details));
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

    /// The words of a search for the agent, beside the name.
    fn words(&self) -> Words {
        let contact = &self.contact;
        let texts = [&self.login, &contact.company, &contact.first_name, &contact.last_name, &contact.city];
        let mut words = Words::of(texts);
        words.email(&contact.email);
        words.phone(&contact.phone);
        words
    }

    fn read(row: &Row) -> Result<Self, SqlError> {
        let contact = from_json(row, "contact")?;
        Ok(Self { login: row.text("login")?, contact, bank_details: row.text("bank_details")? })
    }
}

/// Adds an agent's account with the batch's next statements.
pub fn add_agent(tx: &mut Tx, agent_id: Uuid, details: &Details, password: &PasswordHash) -> Result<(), SqlError> {
    tx.queue(&ADD_AGENT, vec![agent_row((agent_id, details, to_json(&details.contact)?, password))]);
    WORDS.add(tx, [(agent_id.into(), details.words())]);
    Ok(())
}

/// Writes an agent's changed details and, if set, a new password, which ends their sessions.
pub async fn change_agent(
    tx: &mut Tx,
    agent_id: Uuid,
    change: &DetailsChange,
    password: Option<&PasswordHash>,
) -> Result<(), SqlError> {
    let mut details = details_in(tx, agent_id).await?.unwrap_or_default();
    if !details.change(change).is_empty() {
        let values = [agent_id.into(), to_json(&details.contact)?.into(), details.bank_details.as_str().into()];
        tx.erases();
        tx.execute(&CHANGE_AGENT, &values).await?;
        WORDS.remove(tx, agent_id.into()).await?;
        WORDS.add(tx, [(agent_id.into(), details.words())]);
    }
    if let Some(password) = password {
        tx.execute(&CHANGE_PASSWORD, &[agent_id.into(), password.to_store().into()]).await?;
    }
    Ok(())
}

/// Erases an agent's personal data.
pub async fn erase_agent(tx: &mut Tx, agent_id: Uuid) -> Result<(), SqlError> {
    tx.erases();
    tx.execute(&ERASE_AGENT, &[agent_id.into(), NO_PASSWORD.into()]).await?;
    WORDS.remove(tx, agent_id.into()).await
}

pub async fn details_in(tx: &mut Tx, agent_id: Uuid) -> Result<Option<Details>, SqlError> {
    tx.row(&AGENT, &[agent_id.into()]).await?.as_ref().map(Details::read).transpose()
}

pub async fn details(database: &Database, agent_id: Uuid) -> Result<Option<Details>, SqlError> {
    database.row(&AGENT, &[agent_id.into()]).await?.as_ref().map(Details::read).transpose()
}

/// The agent whose login has this digest.
pub async fn agent(database: &Database, login: LoginDigest) -> Result<Option<Credentials>, SqlError> {
    credentials::find(database, &AGENT_BY_LOGIN, login).await
}

pub async fn end_sessions_of_agent(tx: &mut Tx, agent_id: Uuid) -> Result<(), SqlError> {
    tx.execute(&END_AGENT_SESSIONS, &[agent_id.into()]).await.map(drop)
}
