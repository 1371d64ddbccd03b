//! What to do before the first customer: steps with their links, shown on the dashboard until somebody has signed up.

use event_store::sql::{Sql, SqlError};
use uuid::Uuid;
use web::http::Problem;

use crate::settings::signup_url;
use crate::state::AppState;
use crate::ui::table::{Block, Cell, Table};

static DONE: Sql = Sql::new(
    "SELECT (SELECT COUNT(*) FROM (SELECT 1 AS one FROM call_plans LIMIT 1) p) AS plans,
         (SELECT COUNT(*) FROM (SELECT 1 AS one FROM grants LIMIT 1) g) AS grants,
         (SELECT COUNT(*) FROM (SELECT 1 AS one FROM customer_groups WHERE agent_id IS NOT NULL LIMIT 1) c) AS groups,
         (SELECT COUNT(*) FROM (SELECT 1 AS one FROM sales_placements LIMIT 1) s) AS customers,
         (SELECT a.agent_id FROM agents a ORDER BY a.position LIMIT 1) AS agent_id,
         (SELECT k.key FROM signup_keys k ORDER BY k.position LIMIT 1) AS key",
);

/// What is there already.
struct Done {
    plans: bool,
    grants: bool,
    groups: bool,
    customers: bool,
    agent_id: Option<Uuid>,
    key: Option<String>,
}

impl Done {
    async fn read(app: &AppState) -> Result<Self, SqlError> {
        let row = app.database().row(&DONE, &[]).await?.ok_or(SqlError::Column { column: "plans".to_owned() })?;
        let is = |column| Ok::<_, SqlError>(row.count(column)? > 0);
        Ok(Self {
            plans: is("plans")?,
            grants: is("grants")?,
            groups: is("groups")?,
            customers: is("customers")?,
            agent_id: row.opt_uuid("agent_id")?,
            key: row.opt_text("key")?,
        })
    }
}

/// The steps; `None` when somebody has signed up.
pub async fn block(app: &AppState, customer_interface_url: &str) -> Result<Option<Block>, Problem> {
    let done = Done::read(app).await?;
    if done.customers {
        return Ok(None);
    }
    let grant = done.agent_id.map_or_else(|| "/agents".to_owned(), |id| format!("/agents/{id}/call-plans/add"));
    let look = done.key.as_ref().map_or_else(|| "/signup-keys".to_owned(), |key| format!("/signup-keys/{key}"));
    let steps = [
        ("Say where customers reach the signup pages", "/settings".to_owned(), is_reachable(customer_interface_url)),
        ("Add a call plan", "/call-plans/new".to_owned(), done.plans),
        ("Add an agent", "/agents/new".to_owned(), done.agent_id.is_some()),
        ("Let the agent sell the call plan", grant, done.grants),
        ("Give the agent a customer group", "/groups/new".to_owned(), done.groups),
        ("Add a signup URL", "/signup-keys/new".to_owned(), done.key.is_some()),
        ("Open the signup URL, and sign up", look, false),
    ];
    let rows = steps.into_iter().enumerate().map(|(index, (label, href, is_done))| {
        let state = if is_done { "done" } else { "to do" };
        vec![Cell::number(index + 1), Cell::link(label, href), Cell::State(state.to_owned())]
    });
    let table = Table::new("First steps", ["Step", "What to do", "State"], rows, "");
    let note = "This list is gone when the first customer has signed up.".to_owned();
    Ok(Some(Block { note: Some(note), ..Block::of_table(table) }))
}

fn is_reachable(customer_interface_url: &str) -> bool {
    signup_url::warnings(customer_interface_url).is_empty()
}
