//! Placements, each with all facts of the moment when the customer was placed.

use contract::clock::Moment;
use contract::events::signups::{Campaign, Channel};
use contract::money::Percent;
use event_store::search::ListQuery;
use event_store::sql::{Database, Row, Sql, SqlError};
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use crate::columns::{from_json, read_word};
use crate::paging::{Order, Page, by_position, one_more};

/// Sorts after every text with the same beginning.
const BEHIND_ALL: char = char::MAX;

/// The fact that a customer was placed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Placement {
    /// The event's place in the signups' log: what proves it.
    pub position: u64,
    pub customer_id: Uuid,
    pub customer_number: String,
    pub key: String,
    pub agent_id: Uuid,
    pub agent_name: String,
    pub call_plan_id: Uuid,
    pub call_plan_name: String,
    pub group_id: Uuid,
    pub group_name: String,
    pub commission_percent: Percent,
    pub campaign: Campaign,
    /// By which way the customer signed up; absent of placements from before that was told.
    pub channel: Option<Channel>,
    /// The wording that the customer consented to.
    pub terms_version: String,
    /// The position of the agents' log that the decision was made at.
    pub agents_position: u64,
    pub placed_at: Moment,
    /// Whether the customer's personal data was erased.
    pub erased: bool,
}

#[derive(Clone, Debug, Default)]
pub struct PlacementFilter {
    /// Only this agent's.
    pub agent_id: Option<Uuid>,
    pub group_id: Option<Uuid>,
    pub key: Option<String>,
    /// The beginning of the customer number.
    pub number_prefix: Option<String>,
    pub order: Order,
    /// The cursor of the previous page.
    pub after: Option<u64>,
    pub limit: usize,
}

/// Fewest digits of a number for the search by its index: fewer match too many rows.
pub const FEWEST_DIGITS: usize = 4;

/// A list by the index on its leading column; other filters are checked in each row.
macro_rules! list {
    ($by_index:literal) => {
        list!("", "sales_placements", $by_index)
    };
    ($with:literal, $from:literal, $by_index:literal) => {
        by_position!(
            concat!(
                $with,
                "SELECT * FROM ",
                $from,
                " WHERE ",
                $by_index,
                "($2 IS NULL OR agent_id = $2) AND ($3 IS NULL OR group_id = $3) AND ($4 IS NULL OR key = $4)
                 AND ($5 IS NULL OR (customer_number >= $5 AND customer_number < $6)) AND "
            ),
            "position",
            "",
            "$7"
        )
    };
}
static OF_KEY: [Sql; 2] = list!("key = $4 AND ");
static OF_AGENT: [Sql; 2] = list!("agent_id = $2 AND ");
static OF_NUMBER: [Sql; 2] = list!(
    "WITH numbered AS MATERIALIZED (SELECT * FROM sales_placements WHERE customer_number >= $5 AND customer_number < $6) ",
    "numbered",
    ""
);
static OF_GROUP: [Sql; 2] = list!("group_id = $3 AND ");
static OF_ALL: [Sql; 2] = list!("");
static GET: Sql = Sql::new("SELECT * FROM sales_placements WHERE customer_id = $1 AND ($2 IS NULL OR agent_id = $2)");

impl PlacementFilter {
    /// The statement whose index finds the fewest rows.
    fn sql(&self) -> &'static [Sql; 2] {
        match self {
            Self { number_prefix: Some(prefix), .. } if prefix.len() >= FEWEST_DIGITS => &OF_NUMBER,
            Self { key: Some(_), .. } => &OF_KEY,
            Self { agent_id: Some(_), .. } => &OF_AGENT,
            Self { group_id: Some(_), .. } => &OF_GROUP,
            _ => &OF_ALL,
        }
    }
}

pub fn placements_query(filter: &PlacementFilter) -> ListQuery {
    let number_end = filter.number_prefix.as_ref().map(|prefix| format!("{prefix}{BEHIND_ALL}"));
    let values = vec![
        filter.order.beyond(filter.after).into(),
        filter.agent_id.into(),
        filter.group_id.into(),
        filter.key.clone().into(),
        filter.number_prefix.clone().into(),
        number_end.into(),
        one_more(filter.limit).into(),
    ];
    ListQuery { sql: filter.order.one_of(filter.sql()), ids: None, values }
}

/// A page of placements.
pub async fn placements(database: &Database, filter: &PlacementFilter) -> Result<Page<Placement>, SqlError> {
    let rows = placements_query(filter).rows(database).await?;
    let items = rows.iter().map(|row| Ok((read(row)?, row.int("position")?.to_string())));
    Ok(Page::of(items.collect::<Result<_, SqlError>>()?, filter.limit))
}

/// The placement of one customer, of one agent or of any.
pub async fn placement(
    database: &Database,
    agent_id: Option<Uuid>,
    customer_id: Uuid,
) -> Result<Option<Placement>, SqlError> {
    database.row(&GET, &[customer_id.into(), agent_id.into()]).await?.as_ref().map(read).transpose()
}

fn read(row: &Row) -> Result<Placement, SqlError> {
    let commission = Percent::from_basis_points(row.int("commission")?);
    Ok(Placement {
        position: row.count("position")?,
        customer_id: row.uuid("customer_id")?,
        customer_number: row.text("customer_number")?,
        key: row.text("key")?,
        agent_id: row.uuid("agent_id")?,
        agent_name: row.text("agent_name")?,
        call_plan_id: row.uuid("call_plan_id")?,
        call_plan_name: row.text("call_plan_name")?,
        group_id: row.uuid("group_id")?,
        group_name: row.text("group_name")?,
        commission_percent: commission.map_err(|_| SqlError::Column { column: "commission".to_owned() })?,
        campaign: from_json(row, "campaign")?,
        channel: row.opt_text("channel")?.map(|text| read_word(text, "channel")).transpose()?,
        terms_version: row.text("terms_version")?,
        agents_position: row.count("agents_position")?,
        placed_at: row.moment("placed_at")?,
        erased: row.flag("erased")?,
    })
}
