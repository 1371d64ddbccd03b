use contract::clock::Moment;
use contract::roles::OperatorRole;
use event_store::sql::{Database, Row, Sql, SqlError};
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use crate::columns::read_word;
use crate::operators::snapshot::State;
use crate::paging::{Page, one_more};

/// An operator.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Operator")]
pub struct Operator {
    pub id: Uuid,
    /// Empty where it was erased.
    pub login: String,
    pub state: State,
    pub role: OperatorRole,
    pub created_at: Moment,
    /// Null for one who never did.
    pub last_sign_in_at: Option<Moment>,
}

static LIST: Sql = Sql::new(
    "SELECT o.operator_id, o.position, o.state, o.created_at, a.login, a.last_sign_in_at, r.role FROM operators o
     JOIN operator_accounts a ON a.operator_id = o.operator_id JOIN operator_roles r ON r.operator_id = o.operator_id
     WHERE o.position > $1 ORDER BY o.position LIMIT $2",
);
static GET: Sql = Sql::new(
    "SELECT o.operator_id, o.state, o.created_at, a.login, a.last_sign_in_at, r.role FROM operators o
     JOIN operator_accounts a ON a.operator_id = o.operator_id JOIN operator_roles r ON r.operator_id = o.operator_id
     WHERE o.operator_id = $1",
);

/// A page of operators, oldest first.
pub async fn list(database: &Database, after: Option<u64>, limit: usize) -> Result<Page<Operator>, SqlError> {
    let rows = database.rows(&LIST, &[after.unwrap_or(0).into(), one_more(limit).into()]).await?;
    let items = rows.iter().map(|row| Ok((read(row)?, row.int("position")?.to_string())));
    Ok(Page::of(items.collect::<Result<_, SqlError>>()?, limit))
}

pub async fn get(database: &Database, operator_id: Uuid) -> Result<Option<Operator>, SqlError> {
    database.row(&GET, &[operator_id.into()]).await?.as_ref().map(read).transpose()
}

fn read(row: &Row) -> Result<Operator, SqlError> {
    Ok(Operator {
        id: row.uuid("operator_id")?,
        login: row.text("login")?,
        state: row.parsed("state")?,
        role: read_word(row.text("role")?, "role")?,
        created_at: row.moment("created_at")?,
        last_sign_in_at: row.opt_moment("last_sign_in_at")?,
    })
}
