//! Reads of signup keys. URLs are composed when they are shown, so they are not here.

use contract::clock::Moment;
use contract::key::{candidates, digits, in_url};
use event_store::has_words;
use event_store::search::{self, Found, ListQuery, SearchTerms};
use event_store::sql::{Database, Kind, Row, Sql, SqlError, Value};
use uuid::Uuid;

use crate::columns::opt_from_json;
use crate::life::Times;
use crate::paging::{Order, Page, one_more};
use crate::signup_keys::projection::WORDS;
use crate::signup_keys::snapshot::{SignupKeySnapshot, State};

#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub agent_id: Option<Uuid>,
    pub call_plan_id: Option<Uuid>,
    pub group_id: Option<Uuid>,
    pub state: Option<State>,
    /// Only usable keys, or only unusable ones.
    pub usable: Option<Usable>,
    /// A signup URL or a key, or the beginnings of words of the key, the label or the note.
    pub search: Option<String>,
    pub order: Order,
    pub after: Option<u64>,
    pub limit: usize,
}

/// Whether keys are usable at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usable {
    pub is: bool,
    pub at: Moment,
}

/// Joins the text of a key's note.
macro_rules! note {
    () => {
        "LEFT JOIN notes n ON n.position = k.note_at "
    };
}

static GET: Sql = Sql::new(concat!("SELECT k.*, n.text AS note FROM signup_keys k ", note!(), "WHERE k.key = $1"));
static GET_MANY: Sql = Sql::rows(
    concat!("SELECT k.*, n.text AS note FROM signup_keys k ", note!(), "WHERE k.key {among}"),
    &[("key", Kind::Text)],
);
static LIVE_OF_AGENT: Sql =
    Sql::new("SELECT COUNT(*) AS live FROM signup_keys WHERE agent_id = $1 AND state <> 'revoked'");
static LIVE_OF_CALL_PLAN: Sql =
    Sql::new("SELECT COUNT(*) AS live FROM signup_keys WHERE call_plan_id = $1 AND state <> 'revoked'");
static LIVE_OF_GROUP: Sql = Sql::new(
    "SELECT COUNT(*) AS live FROM customer_groups g JOIN signup_keys k ON k.agent_id = g.agent_id AND k.group_id = g.group_id
     WHERE g.group_id = $1 AND k.state <> 'revoked'",
);

/// Keys by the index on the list's leading column; other filters are checked in each row. `$16` selects keys that are
/// usable at `$15`, or not; the long condition repeats `contract::key_usability::unusable`.
macro_rules! lists {
    ($begin:literal, $limit:literal) => {
        [list!($begin, $limit, ">", ""), list!($begin, $limit, "<", " DESC")]
    };
    (by use $begin:literal, $limit:literal) => {
        [list!(by use $begin, $limit, ">", ""), list!(by use $begin, $limit, "<", " DESC")]
    };
}
macro_rules! list {
    ($begin:literal, $limit:literal, $beyond:literal, $order:literal) => {
        list!(
            concat!("SELECT k.*, n.text AS note FROM signup_keys k ", note!(), "WHERE "),
            $begin, "", $limit, $beyond, $order
        )
    };
    (by use $begin:literal, $limit:literal, $beyond:literal, $order:literal) => {
        list!(
            concat!("SELECT k.*, n.text AS note FROM signup_keys k ", note!(), "LEFT JOIN agents a ON a.agent_id = k.agent_id
                 LEFT JOIN call_plans p ON p.call_plan_id = k.call_plan_id
                 LEFT JOIN grants g ON g.agent_id = k.agent_id AND g.call_plan_id = k.call_plan_id
                 LEFT JOIN customer_groups c ON c.group_id = k.group_id WHERE "),
            $begin,
            " AND $16 = COALESCE(k.state = 'active' AND (k.starts_at IS NULL OR k.starts_at <= $15)
                 AND (k.ends_at IS NULL OR k.ends_at > $15)
                 AND (k.cap IS NULL OR k.cap > COALESCE((SELECT SUM(d.signups) FROM sales_daily d WHERE d.key = k.key), 0)
                     + COALESCE((SELECT SUM(s.shown) FROM sales_refusals s WHERE s.key = k.key), 0))
                 AND a.state = 'active' AND p.state = 'offered' AND g.agent_id IS NOT NULL AND c.agent_id = k.agent_id, FALSE)",
            $limit, $beyond, $order
        )
    };
    ($from:expr, $begin:literal, $more:literal, $limit:literal, $beyond:literal, $order:literal) => {
        Sql::rows(
            concat!(
                $from, $begin, "k.position ", $beyond, " $2 AND ($3 IS NULL OR k.agent_id = $3) AND ($4 IS NULL OR k.state = $4)",
                has_words!(5, ("k.key", "key" in "signup_key_words")),
                " AND ($13 IS NULL OR k.call_plan_id = $13) AND ($14 IS NULL OR k.group_id = $14)", $more,
                " ORDER BY k.position", $order, " LIMIT ", $limit
            ),
            &[("key", Kind::Text)],
        )
    };
}

static ALL: [Sql; 2] = lists!("", "$1");
static OF_AGENT: [Sql; 2] = lists!("k.agent_id = $3 AND ", "$1");
static OF_CALL_PLAN: [Sql; 2] = lists!("k.call_plan_id = $13 AND ", "$1");
static OF_GROUP: [Sql; 2] = lists!("k.group_id = $14 AND ", "$1");
static IN_STATE: [Sql; 2] = lists!("k.state = $4 AND ", "$1");
static AMONG: [Sql; 2] = lists!("k.key {among} AND ", "$15");
static ALL_BY_USE: [Sql; 2] = lists!(by use "", "$1");
static OF_AGENT_BY_USE: [Sql; 2] = lists!(by use "k.agent_id = $3 AND ", "$1");
static AMONG_BY_USE: [Sql; 2] = lists!(by use "k.key {among} AND ", "$17");

fn read(row: &Row) -> Result<SignupKeySnapshot, SqlError> {
    Ok(SignupKeySnapshot {
        key: row.text("key")?,
        version: row.count("version")?,
        times: Times::read(row)?,
        state: row.parsed("state")?,
        agent_id: row.uuid("agent_id")?,
        call_plan_id: row.uuid("call_plan_id")?,
        group_id: row.uuid("group_id")?,
        label: row.text("label")?,
        note: row.opt_text("note")?.unwrap_or_default(),
        starts_at: row.opt_moment("starts_at")?,
        ends_at: row.opt_moment("ends_at")?,
        cap: row.opt_count("cap")?,
        commission: opt_from_json(row, "commission")?,
    })
}

/// One key, by its stored text.
pub async fn get(database: &Database, key: &str) -> Result<Option<SignupKeySnapshot>, SqlError> {
    database.row(&GET, &[key.into()]).await?.as_ref().map(read).transpose()
}

/// These keys, by their stored texts, in no order.
pub async fn get_many(database: &Database, keys: &[&str]) -> Result<Vec<SignupKeySnapshot>, SqlError> {
    let rows = database.rows_for_many(&GET_MANY, keys.iter().map(|key| vec![(*key).into()]).collect()).await?;
    rows.iter().map(read).collect()
}

pub fn live_of_agent(agent_id: Uuid) -> ListQuery {
    ListQuery { sql: &LIVE_OF_AGENT, ids: None, values: vec![agent_id.into()] }
}

pub fn live_of_call_plan(call_plan_id: Uuid) -> ListQuery {
    ListQuery { sql: &LIVE_OF_CALL_PLAN, ids: None, values: vec![call_plan_id.into()] }
}

/// The number of keys that are not revoked.
pub async fn live(database: &Database, of: ListQuery) -> Result<u64, SqlError> {
    of.rows(database).await?.first().map_or(Ok(0), |row| row.count("live"))
}

/// The number of keys, not revoked, that join a group to its current agent.
pub async fn live_of_group(database: &Database, group_id: Uuid) -> Result<u64, SqlError> {
    let row = database.row(&LIVE_OF_GROUP, &[group_id.into()]).await?;
    row.map_or(Ok(0), |row| row.count("live"))
}

pub async fn query(database: &Database, filter: &Filter) -> Result<ListQuery, SqlError> {
    let found = match filter.search.as_deref().filter(|text| !text.trim().is_empty()) {
        Some(text) => find(database, text).await?,
        None => Found::everything(),
    };
    let mut values =
        vec![filter.order.beyond(filter.after).into(), filter.agent_id.into(), filter.state.map(State::as_str).into()];
    values.extend(found.rest);
    values.extend([filter.call_plan_id.into(), filter.group_id.into()]);
    values.extend(filter.usable.into_iter().flat_map(|usable| [usable.at.into(), usable.is.into()]));
    let sql = match filter {
        Filter { usable: Some(_), agent_id: Some(_), .. } => [&OF_AGENT_BY_USE, &AMONG_BY_USE],
        Filter { usable: Some(_), .. } => [&ALL_BY_USE, &AMONG_BY_USE],
        Filter { agent_id: Some(_), .. } => [&OF_AGENT, &AMONG],
        Filter { group_id: Some(_), .. } => [&OF_GROUP, &AMONG],
        Filter { call_plan_id: Some(_), .. } => [&OF_CALL_PLAN, &AMONG],
        Filter { state: Some(_), .. } => [&IN_STATE, &AMONG],
        _ => [&ALL, &AMONG],
    };
    Ok(ListQuery::new(filter.order.of(sql), found.ids, values, one_more(filter.limit)))
}

/// The keys that a text may mean: the one of a signup URL, those with words that begin so, and random keys in every
/// spelling.
async fn find(database: &Database, text: &str) -> Result<Found, SqlError> {
    if let Some(key) = in_url(text) {
        return Ok(Found::these(candidates(key).into_iter().map(|key| Value::from(key.as_str())).collect()));
    }
    let look_up = async |terms: SearchTerms| search::find(database, &[&WORDS.find], |row| row.text("id"), &terms).await;
    let found = look_up(SearchTerms::text(text)).await?;
    match spelled(text) {
        Some(digits) if found.is_nothing() => look_up(SearchTerms::word(&digits)).await,
        _ => Ok(found),
    }
}

/// A page of keys, oldest first.
pub async fn list(database: &Database, filter: &Filter) -> Result<Page<SignupKeySnapshot>, SqlError> {
    let rows = query(database, filter).await?.rows(database).await?;
    let items = rows.iter().map(|row| Ok((read(row)?, row.int("position")?.to_string())));
    Ok(Page::of(items.collect::<Result<_, SqlError>>()?, filter.limit))
}

/// The canonical beginning of a random key that a text spells differently: with hyphens, or with O for 0. Shorter
/// texts are more likely the beginning of a slug or a label.
fn spelled(text: &str) -> Option<String> {
    const FEWEST_DIGITS: usize = 4;
    let digits = digits(text).filter(|digits| digits.len() >= FEWEST_DIGITS)?;
    Some(digits.to_ascii_lowercase())
}

/// The stored text of the key that a text means, in every spelling that links accept; otherwise the text itself.
pub async fn stored(database: &Database, text: String) -> Result<String, SqlError> {
    for candidate in candidates(&text) {
        if get(database, candidate.as_str()).await?.is_some() {
            return Ok(candidate.into_string());
        }
    }
    Ok(text)
}
