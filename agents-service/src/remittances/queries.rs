use contract::clock::Moment;
use contract::events::remittances::PaymentMethod;
use contract::money::{Currency, Money};
use event_store::search::ListQuery;
use event_store::sql::{Database, Row, Sql, SqlError};
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use crate::columns::read_word;
use crate::ledger::amount::from_column;
use crate::paging::{Order, Page, by_position, one_more};
use crate::remittances::commands::Subject;
use crate::remittances::snapshot::State;

/// A remittance in a list.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct RemittanceItem {
    pub id: Uuid,
    /// The position of its request in the log.
    pub position: u64,
    pub version: u64,
    pub agent_id: Uuid,
    /// Without value-added tax.
    pub amount: Money,
    /// Value-added tax that was paid with it.
    pub vat: Option<Money>,
    pub state: State,
    pub requested_at: Moment,
    pub changed_at: Moment,
    pub method: Option<PaymentMethod>,
    pub bank_reference: Option<String>,
    /// Why it was refused or returned.
    pub reason: Option<String>,
}

impl RemittanceItem {
    /// What commands are about.
    pub fn subject(&self) -> Subject {
        Subject { remittance_id: self.id, agent_id: self.agent_id, currency: self.amount.currency() }
    }
}

#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub agent_id: Option<Uuid>,
    pub state: Option<State>,
    pub order: Order,
    /// The cursor of the previous page.
    pub after: Option<u64>,
    pub limit: usize,
}

/// Remittances with the notes of their events.
macro_rules! remittances {
    () => {
        "SELECT r.*, p.text AS bank_reference, w.text AS reason FROM remittances r
         LEFT JOIN notes p ON p.position = r.bank_reference_at LEFT JOIN notes w ON w.position = r.reason_at WHERE "
    };
}
static GET: Sql = Sql::new(concat!(remittances!(), "remittance_id = $1"));
static ALL: [Sql; 2] = by_position!(remittances!(), "r.position", "", "$2");
static OF_AGENT: [Sql; 2] =
    by_position!(remittances!(), "r.position", " AND agent_id = $3 AND ($4 IS NULL OR state = $4)", "$2");
static IN_STATE: [Sql; 2] = by_position!(remittances!(), "r.position", " AND state = $3", "$2");
static COUNT: Sql = Sql::new("SELECT COUNT(*) AS n FROM remittances WHERE state = $1");

impl Filter {
    pub fn query(&self) -> ListQuery {
        let mut values = vec![self.order.beyond(self.after).into(), one_more(self.limit).into()];
        let state = self.state.map(State::as_str);
        let sql = match (self.agent_id, state) {
            (Some(agent_id), state) => {
                values.extend([agent_id.into(), state.into()]);
                &OF_AGENT
            }
            (None, Some(state)) => {
                values.push(state.into());
                &IN_STATE
            }
            (None, None) => &ALL,
        };
        ListQuery { sql: self.order.one_of(sql), ids: None, values }
    }
}

pub async fn list(database: &Database, filter: &Filter) -> Result<Page<RemittanceItem>, SqlError> {
    let rows = filter.query().rows(database).await?;
    let items = rows.iter().map(|row| Ok((read(row)?, row.int("position")?.to_string())));
    Ok(Page::of(items.collect::<Result<_, SqlError>>()?, filter.limit))
}

pub async fn get(database: &Database, remittance_id: Uuid) -> Result<Option<RemittanceItem>, SqlError> {
    database.row(&GET, &[remittance_id.into()]).await?.as_ref().map(read).transpose()
}

/// How many are in a state.
pub async fn count(database: &Database, state: State) -> Result<u64, SqlError> {
    database.row(&COUNT, &[state.as_str().into()]).await?.map_or(Ok(0), |row| row.count("n"))
}

fn read(row: &Row) -> Result<RemittanceItem, SqlError> {
    let wrong = || SqlError::Column { column: "currency".to_owned() };
    let currency = Currency::parse(&row.text("currency")?).map_err(|_| wrong())?;
    let money = |amount| Money::new(from_column(amount, currency), currency).map_err(|_| wrong());
    Ok(RemittanceItem {
        id: row.uuid("remittance_id")?,
        position: row.count("position")?,
        version: row.count("version")?,
        agent_id: row.uuid("agent_id")?,
        amount: money(row.int("amount")?)?,
        vat: row.opt_int("vat")?.map(money).transpose()?,
        state: row.parsed("state")?,
        requested_at: row.moment("requested_at")?,
        changed_at: row.moment("changed_at")?,
        method: row.opt_text("method")?.map(|text| read_word(text, "method")).transpose()?,
        bank_reference: row.opt_text("bank_reference")?,
        reason: row.opt_text("reason")?,
    })
}
