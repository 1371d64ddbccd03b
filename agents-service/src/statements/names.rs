//! The parties of a statement as they were when it was issued: personal, and so beside the log.

use contract::clock::Moment;
use contract::events::agents::AgentTerms;
use contract::statements::StatementSettings;
use event_store::sql::{Database, Row, Sql, SqlError, Tx, Value};
use event_store::sql_rows;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::agents::accounts::Details;
use crate::columns::{from_json, to_json};

/// Replaces a lost name.
const LOST: &str = "(lost)";

/// A party of a statement.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(rename = "StatementParty")]
pub struct Party {
    pub name: String,
    /// The address, and what else stands below the name.
    pub lines: Vec<String>,
    /// The number for value-added tax.
    pub vat_number: String,
}

/// Both parties of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names {
    pub company: Party,
    pub agent: Party,
    /// When they were emptied, since the time to keep them was over.
    pub blanked_at: Option<Moment>,
}

sql_rows! {
    /// Adds the names of a statement.
    pub static ADD = "INSERT INTO statement_names ({columns}) SELECT {columns} FROM {rows}";
    pub fn names_row(names: (Uuid, String, String, Moment)) {
        statement_id: Uuid = names.0,
        company: Text = names.1,
        agent: Text = names.2,
        issued_at: Moment = names.3,
    }
}

static GET: Sql = Sql::new("SELECT company, agent, blanked_at FROM statement_names WHERE statement_id = $1");

impl Party {
    /// The company, as its settings name it.
    pub fn of_company(settings: &StatementSettings) -> Self {
        let lines = settings.address.lines().map(str::trim).filter(|line| !line.is_empty());
        Self {
            name: settings.legal_name.clone(),
            lines: lines.map(str::to_owned).collect(),
            vat_number: settings.vat_number.clone(),
        }
    }

    /// An agent: the company that they have, else the person, else the name that visitors see.
    pub fn of_agent(terms: &AgentTerms, details: &Details) -> Self {
        let contact = &details.contact;
        let joined = |first: &str, second: &str| format!("{first} {second}").trim().to_owned();
        let person = joined(&contact.first_name, &contact.last_name);
        let mut names: Vec<String> = [contact.company.clone(), person, terms.name.clone()].into_iter().collect();
        names.retain(|name| !name.is_empty());
        names.dedup();
        let town = joined(&contact.postal_code, &contact.city);
        let mut lines = names.split_off(1.min(names.len()));
        // The name that visitors see is no address.
        if names.first() != Some(&terms.name) {
            lines.retain(|line| *line != terms.name);
        }
        let address = [contact.address.clone(), town, contact.state.clone(), contact.country.clone()];
        lines.extend(address.into_iter().filter(|line| !line.is_empty()));
        let name = names.pop().unwrap_or_default();
        Self { name, lines, vat_number: contact.vat_number.clone() }
    }

    /// Whether an invoice can name the party.
    pub fn is_complete(&self, needs_vat_number: bool) -> bool {
        let lacks_number = needs_vat_number && self.vat_number.is_empty();
        !(self.name.is_empty() || self.lines.is_empty() || lacks_number)
    }
}

/// The row of both parties.
pub fn row(statement_id: Uuid, company: &Party, agent: &Party, issued_at: Moment) -> Result<Vec<Value>, SqlError> {
    Ok(names_row((statement_id, to_json(company)?, to_json(agent)?, issued_at)))
}

/// Adds an agent's and the company's lost names as texts that say so.
pub fn add_lost(tx: &mut Tx, statement_id: Uuid, issued_at: Moment) -> Result<(), SqlError> {
    let lost = Party { name: LOST.to_owned(), ..Party::default() };
    tx.queue(&ADD, vec![row(statement_id, &lost, &lost, issued_at)?]);
    Ok(())
}

/// The parties of a statement; `None` where they were lost.
pub async fn get(database: &Database, statement_id: Uuid) -> Result<Option<Names>, SqlError> {
    database.row(&GET, &[statement_id.into()]).await?.as_ref().map(read).transpose()
}

fn read(row: &Row) -> Result<Names, SqlError> {
    Ok(Names {
        company: from_json(row, "company")?,
        agent: from_json(row, "agent")?,
        blanked_at: row.opt_moment("blanked_at")?,
    })
}
