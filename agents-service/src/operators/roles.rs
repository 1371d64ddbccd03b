//! What operators may do, by role. The log's writer keeps the roles, so that a change counts at the next request.

use contract::events::agents::AgentsEvent;
use contract::roles::OperatorRole;
use event_store::projection_table;
use event_store::projections::EventEnvelope;
use event_store::sql::{Sql, SqlError, Tx};
use web::http::caller::SCOPES;

use crate::columns::word;
use crate::projection::{Apply, Part};

/// Whoever supports agents and customers sees no money, and erases nothing.
const SUPPORT: [&str; 11] = [
    "agents:read",
    "agents:write",
    "plans:read",
    "groups:read",
    "groups:write",
    "keys:read",
    "keys:write",
    "settings:read",
    "customers:read",
    "customers:write",
    "sales:read",
];

/// Whoever handles money sees who earns it, and not who the customers are.
const FINANCE: [&str; 14] = [
    "agents:read",
    "plans:read",
    "groups:read",
    "keys:read",
    "settings:read",
    "events:read",
    "sales:read",
    "money:read",
    "payments:write",
    "commission:correct",
    "remittances:request",
    "remittances:approve",
    "remittances:pay",
    "statements:issue",
];

const READ_ONLY: [&str; 12] = [
    "agents:read",
    "plans:read",
    "groups:read",
    "keys:read",
    "settings:read",
    "events:read",
    "customers:read",
    "sales:read",
    "tokens:read",
    "operators:read",
    "money:read",
    "webhooks:read",
];

/// The scopes of a role. The back office asks for the same ones as the API.
pub fn scopes(role: OperatorRole) -> &'static [&'static str] {
    match role {
        OperatorRole::Everything => &SCOPES,
        OperatorRole::Support => &SUPPORT,
        OperatorRole::Finance => &FINANCE,
        OperatorRole::ReadOnly => &READ_ONLY,
    }
}

pub const PART: Part = Part {
    tables: || vec![projection_table!("operator_roles", "operator_id": Uuid)],
    apply: Apply::Each(|tx, event| Box::pin(apply(tx, event))),
};

static STATE: Sql = Sql::new(
    "INSERT INTO operator_roles{shadow} (operator_id, role) VALUES ($1, $2)
     ON CONFLICT (operator_id) DO UPDATE SET role = excluded.role",
);

async fn apply(tx: &mut Tx, followed: &EventEnvelope<AgentsEvent>) -> Result<(), SqlError> {
    let (operator_id, role) = match &followed.event {
        AgentsEvent::OperatorCreated(event) => (event.operator_id, event.role),
        AgentsEvent::OperatorRoleChanged(event) => (event.operator_id, event.role),
        _ => return Ok(()),
    };
    tx.execute(&STATE, &[operator_id.into(), word(&role).into()]).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_have_known_scopes_and_only_one_makes_operators() {
        for role in [OperatorRole::Support, OperatorRole::Finance, OperatorRole::ReadOnly] {
            assert!(scopes(role).iter().all(|scope| SCOPES.contains(scope)), "{role:?}");
            for kept in [
                "operators:write",
                "tokens:write",
                "settings:write",
                "agents:erase",
                "customers:erase",
                "webhooks:write",
            ] {
                assert!(!scopes(role).contains(&kept), "{role:?} {kept}");
            }
        }
        assert!(scopes(OperatorRole::ReadOnly).iter().all(|scope| scope.ends_with(":read")));
        assert!(!scopes(OperatorRole::Support).contains(&"money:read"));
    }
}
