//! The personal and secret data of agents: logins, password hashes, contact and bank details. They are written in the
//! transaction of the events that they belong to, and are never in an event, a stored response or a log line.

use std::collections::HashMap;

use contract::bank::{BankAccount, PayoutBlockDays};
use contract::clock::Moment;
use contract::collation::sort_key;
use event_store::log::erase_notes;
use event_store::search::{Words, WordsTable};
use event_store::sql::{Database, Kind, Row, Sql, SqlError, Tx};
use event_store::{sql_rows, words_table};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::auth::credentials::{self, Credentials};
use crate::auth::logins::LoginDigest;
use crate::auth::passwords::{NO_PASSWORD, PasswordHash};
use crate::auth::saved_lists;
use crate::columns::{from_json, opt_from_json, opt_to_json, to_json};

const SECONDS_OF_A_DAY: i64 = 24 * 60 * 60;

sql_rows! {
    static ADD_AGENT = "INSERT INTO agent_accounts ({columns}) SELECT {columns} FROM {rows}";
    fn agent_row(agent: (Uuid, &Details, String, Option<String>, &PasswordHash)) {
        agent_id: Uuid = agent.0,
        login: Text = &agent.1.login,
        login_sorted: Text = sort_key(&agent.1.login),
        password_hash: Text = agent.4.to_store(),
        contact: Text = agent.2,
        bank_details: Text = &agent.1.bank_details,
        bank_account: Text = agent.3,
    }
}

static CHANGE_AGENT: Sql = Sql::new(
    "UPDATE agent_accounts SET contact = $2, bank_details = $3, bank_account = $4, bank_changed_at = $5
     WHERE agent_id = $1",
);

/// The words of accounts, which agents are found by.
pub static WORDS: WordsTable = words_table!("agent_account_words", "agent_id": Uuid);

static CHANGE_PASSWORD: Sql =
    Sql::new("UPDATE agent_accounts SET password_hash = $2, session_epoch = session_epoch + 1 WHERE agent_id = $1");
static END_AGENT_SESSIONS: Sql =
    Sql::new("UPDATE agent_accounts SET session_epoch = session_epoch + 1 WHERE agent_id = $1");
static ERASE_AGENT: Sql = Sql::new(
    "UPDATE agent_accounts SET login = '', login_sorted = '', contact = '{}', bank_details = '', bank_account = NULL,
         bank_changed_at = NULL, password_hash = $2, session_epoch = session_epoch + 1 WHERE agent_id = $1",
);
static CONTACTS: Sql =
    Sql::rows("SELECT agent_id, contact FROM agent_accounts WHERE agent_id {among}", &[("agent_id", Kind::Uuid)]);
static AGENT: Sql = Sql::new(
    "SELECT login, contact, bank_details, bank_account, bank_changed_at FROM agent_accounts WHERE agent_id = $1",
);
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
    email,
    /// The agent's number for value-added tax, as statements show it.
    vat_number
}

/// Changes of an agent's details; absent fields stay.
#[derive(Clone, Default)]
pub struct DetailsChange {
    pub contact: ContactChange,
    pub bank_details: Option<String>,
    pub bank_account: Option<Option<BankAccount>>,
    /// When it is made; `None` for a new agent, whose details are no change.
    pub at: Option<Moment>,
}

/// An agent's details beside their terms.
#[derive(Clone, Default)]
pub struct Details {
    pub login: String,
    pub contact: Contact,
    pub bank_details: String,
    pub bank_account: Option<BankAccount>,
    /// The last change of the bank account or the bank details.
    pub bank_changed_at: Option<Moment>,
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
        if let Some(account) = &change.bank_account
            && *account != self.bank_account
        {
            self.bank_account.clone_from(account);
            changed.push("bank_account".to_owned());
        }
        if changed.iter().any(|name| name.starts_with("bank_")) {
            self.bank_changed_at = change.at;
        }
        changed
    }

    /// The end of the time in which a change of the bank details stops payouts; `None` where nothing stops them.
    pub fn payouts_blocked_until(&self, days: PayoutBlockDays, now: Moment) -> Option<Moment> {
        let until = self.bank_changed_at?.plus_seconds(i64::from(days.0) * SECONDS_OF_A_DAY);
        (until > now).then_some(until)
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

    pub fn read(row: &Row) -> Result<Self, SqlError> {
        Ok(Self {
            login: row.text("login")?,
            contact: from_json(row, "contact")?,
            bank_details: row.text("bank_details")?,
            bank_account: opt_from_json(row, "bank_account")?,
            bank_changed_at: row.opt_moment("bank_changed_at")?,
        })
    }
}

/// Adds an agent's account with the batch's next statements.
pub fn add_agent(tx: &mut Tx, agent_id: Uuid, details: &Details, password: &PasswordHash) -> Result<(), SqlError> {
    let account = opt_to_json(details.bank_account.as_ref())?;
    tx.queue(&ADD_AGENT, vec![agent_row((agent_id, details, to_json(&details.contact)?, account, password))]);
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
        let values = [
            agent_id.into(),
            to_json(&details.contact)?.into(),
            details.bank_details.as_str().into(),
            opt_to_json(details.bank_account.as_ref())?.into(),
            details.bank_changed_at.into(),
        ];
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
    erase_notes(tx, [agent_id]).await?;
    saved_lists::erase(tx, agent_id).await?;
    WORDS.remove(tx, agent_id.into()).await
}

pub async fn details_in(tx: &mut Tx, agent_id: Uuid) -> Result<Option<Details>, SqlError> {
    tx.row(&AGENT, &[agent_id.into()]).await?.as_ref().map(Details::read).transpose()
}

pub async fn details(database: &Database, agent_id: Uuid) -> Result<Option<Details>, SqlError> {
    database.row(&AGENT, &[agent_id.into()]).await?.as_ref().map(Details::read).transpose()
}

/// The phone numbers of these agents, as far as they are known.
pub async fn phones(database: &Database, agents: &[Uuid]) -> Result<HashMap<Uuid, String>, SqlError> {
    let rows = database.rows_among(&CONTACTS, agents.iter().map(|id| (*id).into()).collect(), &[]).await?;
    let read = |row: &Row| Ok((row.uuid("agent_id")?, from_json::<Contact>(row, "contact")?.phone));
    rows.iter().map(read).collect()
}

/// The agent whose login has this digest.
pub async fn agent(database: &Database, login: LoginDigest) -> Result<Option<Credentials>, SqlError> {
    credentials::find(database, &AGENT_BY_LOGIN, login).await
}

pub async fn end_sessions_of_agent(tx: &mut Tx, agent_id: Uuid) -> Result<(), SqlError> {
    tx.execute(&END_AGENT_SESSIONS, &[agent_id.into()]).await.map(drop)
}
