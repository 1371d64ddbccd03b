//! Call plans as they are shown and listed.

use contract::events::agents::AgentsEvent;
use event_store::has_word;
use event_store::projections::EventEnvelope;
use event_store::search::{self, Found, ListQuery, SearchTerms, Words};
use event_store::sql::{Database, Kind, Row, Sql, SqlError, Tx, Value};
use event_store::sql_rows;
use uuid::Uuid;

use crate::call_plans::snapshot::{CallPlanSnapshot, State};
use crate::paging::{Page, one_more};

/// Which call plans to list.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub search: Option<String>,
    pub state: Option<State>,
    pub after: Option<u64>,
    pub limit: usize,
}

static ADD: Sql = Sql::new(
    "INSERT INTO call_plans{shadow} (call_plan_id, position, version, state, name, description, price_text)
     VALUES ($1, $2, $3, 'offered', $4, $5, $6)",
);
static CHANGE: Sql = Sql::new(
    "UPDATE call_plans{shadow} SET version = $2, name = $3, description = $4, price_text = $5
     WHERE call_plan_id = $1",
);
static RETIRE: Sql = Sql::new("UPDATE call_plans{shadow} SET version = $2, state = 'retired' WHERE call_plan_id = $1");
static GET: Sql = Sql::new("SELECT * FROM call_plans WHERE call_plan_id = $1");
static WORDS: Sql = Sql::new("SELECT call_plan_id AS id FROM call_plan_words WHERE word >= $1 AND word < $2 LIMIT $3");
sql_rows! {
    static ADD_WORDS = "INSERT INTO call_plan_words{shadow} ({columns}) SELECT {columns} FROM {rows}";
    fn word_row(word: (Uuid, &str)) {
        call_plan_id: Uuid = word.0,
        word: Text = word.1,
    }
}
static REMOVE_WORDS: Sql = Sql::new("DELETE FROM call_plan_words{shadow} WHERE call_plan_id = $1");

macro_rules! has {
    ($from:literal, $to:literal) => {
        has_word!($from, $to, "p.call_plan_id", "call_plan_id" in "call_plan_words")
    };
}
macro_rules! list {
    ($among:literal, $limit:literal) => {
        Sql::rows(
            concat!(
                "SELECT * FROM call_plans p WHERE ",
                $among,
                "position > $2 AND ($3 IS NULL OR state = $3)",
                has!("$4", "$5"),
                has!("$6", "$7"),
                has!("$8", "$9"),
                has!("$10", "$11"),
                " ORDER BY position LIMIT ",
                $limit
            ),
            &[("call_plan_id", Kind::Uuid)],
        )
    };
}
static LIST: Sql = list!("", "$1");
static AMONG: Sql = list!("call_plan_id {among} AND ", "$12");

impl CallPlanSnapshot {
    fn read(row: &Row) -> Result<Self, SqlError> {
        Ok(Self {
            id: row.uuid("call_plan_id")?,
            version: row.count("version")?,
            name: row.text("name")?,
            description: row.text("description")?,
            price_text: row.text("price_text")?,
            state: row.parsed("state")?,
        })
    }
}

/// One call plan.
pub async fn get(database: &Database, call_plan_id: Uuid) -> Result<Option<CallPlanSnapshot>, SqlError> {
    database.row(&GET, &[call_plan_id.into()]).await?.as_ref().map(CallPlanSnapshot::read).transpose()
}

/// How a page of call plans is read.
pub async fn query(database: &Database, filter: &Filter) -> Result<ListQuery, SqlError> {
    let found = match filter.search.as_deref().filter(|text| !text.trim().is_empty()) {
        Some(text) => search::find(database, &[&WORDS], |row| row.uuid("id"), &SearchTerms::text(text)).await?,
        None => Found::everything(),
    };
    let mut values = vec![filter.after.unwrap_or(0).into(), filter.state.map(State::as_str).into()];
    values.extend(found.rest);
    Ok(ListQuery::new([&LIST, &AMONG], found.ids, values, one_more(filter.limit)))
}

/// A page of call plans, oldest first.
pub async fn list(database: &Database, filter: &Filter) -> Result<Page<CallPlanSnapshot>, SqlError> {
    let rows = query(database, filter).await?.rows(database).await?;
    let items = rows.iter().map(|row| Ok((CallPlanSnapshot::read(row)?, row.int("position")?.to_string())));
    Ok(Page::of(items.collect::<Result<_, SqlError>>()?, filter.limit))
}

fn add_words(tx: &mut Tx, call_plan_id: Uuid, name: &str) {
    let mut words = Words::default();
    words.text(name);
    tx.queue(&ADD_WORDS, words.iter().map(|word| word_row((call_plan_id, word))).collect());
}

pub(super) async fn apply(tx: &mut Tx, followed: &EventEnvelope<AgentsEvent>) -> Result<(), SqlError> {
    let version = Value::from(followed.version);
    match &followed.event {
        AgentsEvent::CallPlanCreated(event) => {
            let values = [
                event.call_plan_id.into(),
                followed.position.into(),
                version,
                Value::from(&event.name),
                Value::from(&event.description),
                Value::from(&event.price_text),
            ];
            tx.execute(&ADD, &values).await?;
            add_words(tx, event.call_plan_id, &event.name);
        }
        AgentsEvent::CallPlanChanged(event) => {
            let values = [
                event.call_plan_id.into(),
                version,
                Value::from(&event.name),
                Value::from(&event.description),
                Value::from(&event.price_text),
            ];
            tx.execute(&CHANGE, &values).await?;
            tx.execute(&REMOVE_WORDS, &[event.call_plan_id.into()]).await?;
            add_words(tx, event.call_plan_id, &event.name);
        }
        AgentsEvent::CallPlanRetired(event) => {
            tx.execute(&RETIRE, &[event.call_plan_id.into(), version]).await?;
        }
        _ => {}
    }
    Ok(())
}
