use contract::money::{Currency, Money, Percent};
use event_store::has_words;
use event_store::search::{self, Found, ListQuery};
use event_store::sql::{Database, Kind, Row, Sql, SqlError};
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use crate::agents::snapshot::{AgentSnapshot, State, thresholds};
use crate::agents::{accounts, projection};
use crate::columns::{from_json, read_word};
use crate::life::Times;
use crate::paging::{Page, one_more};
use crate::sorting::{Sort, sorted};

/// An agent in a list.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "AgentItem")]
pub struct Item {
    #[serde(flatten)]
    pub agent: AgentSnapshot,
    /// Empty where it was erased.
    pub login: String,
}

#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub search: Option<String>,
    pub state: Option<State>,
    /// Only those who may sell this call plan.
    pub call_plan_id: Option<Uuid>,
    pub sort: Sort,
    /// The cursor of the previous page.
    pub after: Option<String>,
    pub limit: usize,
}

static GET: Sql = Sql::new("SELECT * FROM agents WHERE agent_id = $1");

/// A list in one order: of all agents, and of the agents that a search found.
macro_rules! list {
    ($among:literal, $limit:literal, $beyond:expr, $order:expr) => {
        Sql::rows(
            concat!(
                "SELECT a.*, c.login, c.login_sorted FROM agents a JOIN agent_accounts c ON c.agent_id = a.agent_id WHERE ",
                $among, $beyond, " AND ($4 IS NULL OR a.state = $4)",
                has_words!(5, ("a.agent_id", "agent_id" in "agent_words", "agent_account_words")),
                " AND ($13 IS NULL OR EXISTS (SELECT 1 FROM grants g WHERE g.agent_id = a.agent_id AND g.call_plan_id = $13))",
                " ORDER BY ", $order, " LIMIT ", $limit
            ),
            &[("agent_id", Kind::Uuid)],
        )
    };
}

static ALL: [Sql; 6] = sorted!(
    list,
    "",
    "$1",
    ("a.position", "a.agent_id"),
    ("a.name_sorted", "a.agent_id"),
    ("c.login_sorted", "c.agent_id")
);
static AMONG: [Sql; 6] = sorted!(
    list,
    "a.agent_id {among} AND c.agent_id {among} AND ",
    "$14",
    ("a.position", "a.agent_id"),
    ("a.name_sorted", "a.agent_id"),
    ("c.login_sorted", "c.agent_id")
);

fn read(row: &Row) -> Result<AgentSnapshot, SqlError> {
    let wrong = |column: &'static str| move |_| SqlError::Column { column: column.to_owned() };
    let currency = |column| Currency::parse(&row.text(column)?).map_err(wrong(column));
    let percent = |column| Percent::from_basis_points(row.int(column)?).map_err(wrong(column));
    let threshold = Money::new(row.parsed("threshold_amount")?, currency("threshold_currency")?)
        .map_err(wrong("threshold_amount"))?;
    let hold_days = row.opt_int("hold_days")?.map(u16::try_from).transpose();
    Ok(AgentSnapshot {
        id: row.uuid("agent_id")?,
        version: row.count("version")?,
        times: Times::read(row)?,
        name: row.text("name")?,
        state: row.parsed("state")?,
        permissions: from_json(row, "permissions")?,
        remittance_threshold: threshold,
        remittance_thresholds: thresholds(threshold, from_json(row, "further_thresholds")?),
        commission_percent: percent("commission")?,
        commission: from_json(row, "commission_terms")?,
        hold_days: hold_days.map_err(|_| SqlError::Column { column: "hold_days".to_owned() })?,
        currency: currency("currency")?,
        language: row.text("language")?,
        vat_percent: percent("vat")?,
        vat_kind: read_word(row.text("vat_kind")?, "vat_kind")?,
        erased: row.flag("erased")?,
    })
}

pub async fn get(database: &Database, agent_id: Uuid) -> Result<Option<AgentSnapshot>, SqlError> {
    database.row(&GET, &[agent_id.into()]).await?.as_ref().map(read).transpose()
}

pub async fn query(database: &Database, filter: &Filter) -> Result<ListQuery, SqlError> {
    let found = match filter.search.as_deref().filter(|text| !text.trim().is_empty()) {
        Some(text) => {
            let tables = [&projection::WORDS.find, &accounts::WORDS.find];
            search::find_text(database, &tables, |row| row.uuid("id"), text).await?
        }
        None => Found::everything(),
    };
    let [key, id] = filter.sort.beyond(filter.after.as_deref());
    let mut values = vec![key, id, filter.state.map(State::as_str).into()];
    values.extend(found.rest);
    values.push(filter.call_plan_id.into());
    Ok(ListQuery::new(filter.sort.of([&ALL, &AMONG]), found.ids, values, one_more(filter.limit)))
}

pub async fn list(database: &Database, filter: &Filter) -> Result<Page<Item>, SqlError> {
    let rows = query(database, filter).await?.rows(database).await?;
    let items = rows
        .iter()
        .map(|row| Ok((Item { agent: read(row)?, login: row.text("login")? }, filter.sort.cursor(row, "agent_id")?)));
    Ok(Page::of(items.collect::<Result<_, SqlError>>()?, filter.limit))
}
