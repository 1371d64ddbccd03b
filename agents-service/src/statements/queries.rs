//! Lists of statements, newest first, and the agents who may get one.

use contract::clock::Moment;
use contract::events::statements::StatementIssued;
use event_store::search::ListQuery;
use event_store::sql::{Database, Row, Sql, SqlError};
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use crate::columns::from_json;
use crate::paging::{Page, one_more};
use crate::statements::snapshot::StatementSnapshot;

/// A statement in a list.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "StatementItem")]
pub struct StatementItem {
    #[serde(flatten)]
    pub statement: StatementSnapshot,
    pub issued_at: Moment,
    /// The number of the statement that replaces it.
    pub corrected_by: Option<u64>,
}

/// A statement as it was issued.
#[derive(Clone, Debug)]
pub struct Issued {
    pub event: StatementIssued,
    pub issued_at: Moment,
    /// The number of the statement that replaces it.
    pub corrected_by: Option<u64>,
}

#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub agent_id: Option<Uuid>,
    /// Only those with smaller numbers.
    pub after: Option<u64>,
    pub limit: usize,
}

static GET: Sql = Sql::new(
    "SELECT data, issued_at, (SELECT MIN(c.number) FROM statements c WHERE c.corrects = s.number) AS corrected_by
     FROM statements s WHERE s.number = $1",
);
static ALL: Sql = Sql::new(
    "SELECT number, data, issued_at, (SELECT MIN(c.number) FROM statements c WHERE c.corrects = s.number) AS corrected_by
     FROM statements s WHERE s.number < $1 ORDER BY s.number DESC LIMIT $2",
);
static OF_AGENT: Sql = Sql::new(
    "SELECT number, data, issued_at, (SELECT MIN(c.number) FROM statements c WHERE c.corrects = s.number) AS corrected_by
     FROM statements s WHERE s.number < $1 AND s.agent_id = $3 ORDER BY s.number DESC LIMIT $2",
);
// For each agent in turn, so that only the lines of as many agents are looked through as are asked for.
static WITH_LINES: Sql = Sql::new(
    "SELECT a.agent_id FROM (SELECT DISTINCT agent_id FROM ledger_balances WHERE $3 IS NULL OR agent_id > $3) a
     WHERE EXISTS (SELECT 1 FROM ledger_entries e WHERE e.agent_id = a.agent_id AND e.recorded_at >= $1 AND e.recorded_at < $2)
     ORDER BY a.agent_id LIMIT $4",
);
static COUNT_WITH_LINES: Sql = Sql::new(
    "SELECT COUNT(*) AS n FROM (SELECT DISTINCT agent_id FROM ledger_balances WHERE $3 IS NULL OR agent_id > $3) a
     WHERE EXISTS (SELECT 1 FROM ledger_entries e WHERE e.agent_id = a.agent_id AND e.recorded_at >= $1 AND e.recorded_at < $2)",
);

impl Filter {
    pub fn query(&self) -> ListQuery {
        let mut values = vec![self.after.unwrap_or(u64::MAX).into(), one_more(self.limit).into()];
        let sql = match self.agent_id {
            Some(agent_id) => {
                values.push(agent_id.into());
                &OF_AGENT
            }
            None => &ALL,
        };
        ListQuery { sql, ids: None, values }
    }
}

pub async fn list(database: &Database, filter: &Filter) -> Result<Page<StatementItem>, SqlError> {
    let rows = filter.query().rows(database).await?;
    let items = rows.iter().map(|row| {
        let Issued { event, issued_at, corrected_by } = read(row)?;
        let item = StatementItem { statement: StatementSnapshot::of(event), issued_at, corrected_by };
        Ok((item, row.int("number")?.to_string()))
    });
    Ok(Page::of(items.collect::<Result<_, SqlError>>()?, filter.limit))
}

/// The statement with this number.
pub async fn get(database: &Database, number: u64) -> Result<Option<Issued>, SqlError> {
    // Numbers that no column holds are of no statement.
    if i64::try_from(number).is_err() {
        return Ok(None);
    }
    database.row(&GET, &[number.into()]).await?.as_ref().map(read).transpose()
}

fn read(row: &Row) -> Result<Issued, SqlError> {
    Ok(Issued {
        event: from_json(row, "data")?,
        issued_at: row.moment("issued_at")?,
        corrected_by: row.opt_count("corrected_by")?,
    })
}

/// Agents with lines in a period, in the order of their ids.
pub async fn with_lines(
    database: &Database,
    (starts_at, ends_at): (Moment, Moment),
    after: Option<Uuid>,
    limit: u64,
) -> Result<Vec<Uuid>, SqlError> {
    let values = [starts_at.into(), ends_at.into(), after.into(), limit.into()];
    database.rows(&WITH_LINES, &values).await?.iter().map(|row| row.uuid("agent_id")).collect()
}

/// How many agents have lines in a period.
pub async fn count_with_lines(
    database: &Database,
    (starts_at, ends_at): (Moment, Moment),
    after: Option<Uuid>,
) -> Result<u64, SqlError> {
    let row = database.row(&COUNT_WITH_LINES, &[starts_at.into(), ends_at.into(), after.into()]).await?;
    row.map_or(Ok(0), |row| row.count("n"))
}
