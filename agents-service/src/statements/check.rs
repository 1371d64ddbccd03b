//! What is wrong with the statements: their numbers, their figures, and the names beside them.

use contract::events::statements::{StatementIssued, StatementSection};
use event_store::sql::{Sql, SqlError, Tx};

use crate::columns::from_json;
use crate::statements::figures::{Scope, sections};

/// Statements that are read at once.
const AT_ONCE: u64 = 500;

static NUMBERS: Sql = Sql::new("SELECT COUNT(*) AS n, COALESCE(MAX(number), 0) AS last FROM statements");
static WITHOUT_NAMES: Sql = Sql::new(
    "SELECT COUNT(*) AS n FROM events e WHERE e.type = 'signpost.agents.statement_issued.v1'
     AND NOT EXISTS (SELECT 1 FROM statement_names s WHERE 'statement-' || {text_of s.statement_id} = e.stream)",
);
static WITHOUT_STATEMENT: Sql = Sql::new(
    "SELECT COUNT(*) AS n FROM statement_names s
     WHERE NOT EXISTS (SELECT 1 FROM events e WHERE e.stream = 'statement-' || {text_of s.statement_id})",
);
static AFTER: Sql = Sql::new("SELECT number, data FROM statements WHERE number > $1 ORDER BY number LIMIT $2");

/// A sentence for each fault.
pub async fn faults(tx: &mut Tx) -> Result<Vec<String>, SqlError> {
    let mut faults = Vec::new();
    if let Some(row) = tx.row(&NUMBERS, &[]).await? {
        let (count, last) = (row.count("n")?, row.count("last")?);
        if count != last {
            faults.push(format!("the numbers of statements have gaps: the last is {last}, and there are {count}"));
        }
    }
    let beside = [(&WITHOUT_NAMES, "statements have no names"), (&WITHOUT_STATEMENT, "names have no statement")];
    for (sql, what) in beside {
        let count = tx.row(sql, &[]).await?.map_or(Ok(0), |row| row.count("n"))?;
        if count > 0 {
            faults.push(format!("{count} {what}"));
        }
    }
    let mut number = 0;
    loop {
        let rows = tx.rows(&AFTER, &[number.into(), AT_ONCE.into()]).await?;
        let Some(last) = rows.last() else { return Ok(faults) };
        number = last.count("number")?;
        for row in &rows {
            let issued: StatementIssued = from_json(row, "data")?;
            if !agree(&issued.sections, &sections(tx, &Scope::of(&issued)).await?) {
                faults.push(format!("statement {} has other figures than the ledger", issued.number));
            }
        }
    }
}

/// Whether the figures are those of the ledger. A section without anything in it is stated all the same, so that no statement is empty.
fn agree(stated: &[StatementSection], found: &[StatementSection]) -> bool {
    let is_something = |section: &&StatementSection| !section.sums.is_empty() || !section.opening.is_zero();
    stated.iter().filter(is_something).eq(found)
}
