//! The scope that each page and form of the back office needs: that of the API's operation for the same thing.

use axum::http::Method;

/// Paths with the scopes of GET and POST. The page of a form needs what its form needs.
const PAGES: &[(&str, &str, &str)] = &[
    ("/", "sales:read", "sales:read"),
    ("/dashboard/fresh", "sales:read", "sales:read"),
    ("/dashboard/news", "sales:read", "sales:read"),
    // Each kind is searched as far as its own scope is held.
    ("/search", "agents:read", "agents:read"),
    ("/agents", "agents:read", "agents:write"),
    ("/agents.csv", "agents:read", "agents:read"),
    ("/agents/new", "agents:write", "agents:write"),
    ("/agents/import", "agents:write", "agents:write"),
    ("/agents/{id}", "agents:read", "agents:write"),
    ("/agents/{id}/urls", "keys:read", "keys:read"),
    ("/agents/{id}/customers", "customers:read", "customers:read"),
    ("/agents/{id}/plans", "agents:read", "agents:read"),
    ("/agents/{id}/money", "money:read", "money:read"),
    ("/agents/{id}/history", "agents:read", "agents:read"),
    ("/agents/{id}/edit", "agents:write", "agents:write"),
    ("/agents/{id}/suspend", "agents:write", "agents:write"),
    ("/agents/{id}/reinstate", "agents:write", "agents:write"),
    ("/agents/{id}/close", "agents:write", "agents:write"),
    ("/agents/{id}/erase", "agents:erase", "agents:erase"),
    ("/agents/{id}/call-plans/add", "agents:write", "agents:write"),
    ("/agents/{id}/call-plans/withdraw", "agents:write", "agents:write"),
    ("/agents/{id}/ledger", "money:read", "money:read"),
    ("/agents/{id}/preview", "money:read", "money:read"),
    ("/agents/{id}/corrections/new", "commission:correct", "commission:correct"),
    ("/call-plans", "plans:read", "plans:write"),
    ("/call-plans.csv", "plans:read", "plans:read"),
    ("/call-plans/new", "plans:write", "plans:write"),
    ("/call-plans/{id}", "plans:read", "plans:read"),
    ("/call-plans/{id}/edit", "plans:write", "plans:write"),
    ("/call-plans/{id}/retire", "plans:write", "plans:write"),
    ("/groups", "groups:read", "groups:write"),
    ("/groups.csv", "groups:read", "groups:read"),
    ("/groups/new", "groups:write", "groups:write"),
    ("/groups/{id}", "groups:read", "groups:read"),
    ("/groups/{id}/edit", "groups:write", "groups:write"),
    ("/signup-keys", "keys:read", "keys:write"),
    ("/signup-keys.csv", "keys:read", "keys:read"),
    ("/signup-keys/new", "keys:write", "keys:write"),
    ("/signup-keys/sheet", "keys:read", "keys:read"),
    ("/signup-keys/several", "keys:write", "keys:write"),
    ("/signup-keys/{key}", "keys:read", "keys:write"),
    ("/signup-keys/{key}/qr.svg", "keys:read", "keys:read"),
    ("/signup-keys/{key}/qr.png", "keys:read", "keys:read"),
    ("/signup-keys/{key}/edit", "keys:write", "keys:write"),
    ("/signup-keys/{key}/pause", "keys:write", "keys:write"),
    ("/signup-keys/{key}/resume", "keys:write", "keys:write"),
    ("/signup-keys/{key}/revoke", "keys:write", "keys:write"),
    ("/analysis", "sales:read", "sales:read"),
    ("/analysis.csv", "sales:read", "sales:read"),
    ("/analysis/cohorts", "sales:read", "sales:read"),
    ("/analysis/cohorts.csv", "sales:read", "sales:read"),
    ("/unknown-keys", "sales:read", "sales:read"),
    ("/unknown-keys.csv", "sales:read", "sales:read"),
    ("/customers", "customers:read", "customers:write"),
    ("/customers.csv", "customers:read", "customers:read"),
    ("/customers/{id}", "customers:read", "customers:write"),
    ("/customers/{id}/edit", "customers:write", "customers:write"),
    ("/customers/{id}/erase", "customers:erase", "customers:erase"),
    ("/customers/{id}/service/{step}", "customers:write", "customers:write"),
    ("/support", "agents:read", "agents:write"),
    ("/support.csv", "agents:read", "agents:read"),
    ("/support/{id}", "agents:read", "agents:write"),
    ("/support/{id}/{message_id}/erase", "agents:erase", "agents:erase"),
    ("/canned-answers", "agents:read", "agents:read"),
    ("/canned-answers/new", "settings:write", "settings:write"),
    ("/canned-answers/{name}/edit", "settings:write", "settings:write"),
    ("/canned-answers/{name}/remove", "settings:write", "settings:write"),
    ("/commission", "money:read", "money:read"),
    ("/payments", "money:read", "money:read"),
    ("/payments.csv", "money:read", "money:read"),
    ("/open-reversals", "money:read", "money:read"),
    ("/open-reversals.csv", "money:read", "money:read"),
    ("/payments/{reference}", "money:read", "payments:write"),
    ("/payments/{reference}/attribution", "payments:write", "payments:write"),
    ("/payouts", "money:read", "money:read"),
    ("/payouts.csv", "money:read", "money:read"),
    ("/payouts/approve", "remittances:approve", "remittances:approve"),
    ("/payouts/file", "remittances:pay", "remittances:pay"),
    ("/payouts/file/{format}", "remittances:pay", "remittances:pay"),
    ("/payouts/{id}", "money:read", "money:read"),
    ("/payouts/{id}/approve", "remittances:approve", "remittances:approve"),
    ("/payouts/{id}/refuse", "remittances:approve", "remittances:approve"),
    ("/payouts/{id}/return", "remittances:pay", "remittances:pay"),
    ("/payouts/{id}/pay", "remittances:pay", "remittances:pay"),
    ("/statements", "money:read", "statements:issue"),
    ("/statements.csv", "money:read", "money:read"),
    ("/statements/new", "statements:issue", "statements:issue"),
    ("/statements/batch", "statements:issue", "statements:issue"),
    ("/statements/{number}", "money:read", "money:read"),
    ("/statements/{number}/correct", "statements:issue", "statements:issue"),
    ("/statements/{number}/{format}", "money:read", "money:read"),
    ("/settings", "settings:read", "settings:write"),
    ("/settings/check", "settings:write", "settings:write"),
    ("/activity", "events:read", "events:read"),
    ("/activity.csv", "events:read", "events:read"),
    ("/events", "events:read", "events:read"),
    ("/events.csv", "events:read", "events:read"),
    ("/events/{log}/{position}", "events:read", "events:read"),
    ("/operators", "operators:read", "operators:write"),
    ("/operators.csv", "operators:read", "operators:read"),
    ("/api-tokens", "tokens:read", "tokens:write"),
    ("/api-tokens.csv", "tokens:read", "tokens:read"),
    ("/api-tokens/new", "tokens:write", "tokens:write"),
    ("/api-tokens/{id}/revoke", "tokens:write", "tokens:write"),
    ("/operators/new", "operators:write", "operators:write"),
    ("/operators/{id}/role", "operators:write", "operators:write"),
    ("/operators/{id}/password", "operators:write", "operators:write"),
    ("/operators/{id}/disable", "operators:write", "operators:write"),
    ("/operators/{id}/enable", "operators:write", "operators:write"),
    ("/operators/{id}/erase", "operators:write", "operators:write"),
    ("/webhooks", "webhooks:read", "webhooks:read"),
    ("/webhooks.csv", "webhooks:read", "webhooks:read"),
    ("/webhooks/new", "webhooks:write", "webhooks:write"),
    ("/webhooks/{id}", "webhooks:read", "webhooks:read"),
    ("/webhooks/{id}/edit", "webhooks:write", "webhooks:write"),
    ("/webhooks/{id}/pause", "webhooks:write", "webhooks:write"),
    ("/webhooks/{id}/resume", "webhooks:write", "webhooks:write"),
    ("/webhooks/{id}/remove", "webhooks:write", "webhooks:write"),
    ("/webhooks/{id}/rotate-secret", "webhooks:write", "webhooks:write"),
    ("/webhooks/{id}/test", "webhooks:write", "webhooks:write"),
    ("/webhooks/{id}/replay", "webhooks:write", "webhooks:write"),
    ("/webhooks/{id}/skip", "webhooks:write", "webhooks:write"),
];

/// What a page needs that is not in the table: what only the role with every right has.
const UNNAMED: &str = "operators:write";

/// The scope that a request to a page needs.
pub fn of(method: &Method, path: &str) -> Option<&'static str> {
    let named = PAGES.iter().find(|(page, ..)| *page == path);
    Some(named.map_or(UNNAMED, |(_, get, post)| if *method == Method::GET { *get } else { *post }))
}

/// The scope that showing an address needs; an address has values where its page has names.
pub fn of_address(address: &str) -> Option<&'static str> {
    let path = address.split(['?', '#']).next().unwrap_or_default();
    let is_at = |page: &str| {
        let same = |(named, found): (&str, &str)| named == found || named.starts_with('{');
        page.split('/').count() == path.split('/').count() && page.split('/').zip(path.split('/')).all(same)
    };
    let exact = PAGES.iter().find(|(page, ..)| *page == path);
    let named = exact.or_else(|| PAGES.iter().find(|(page, ..)| is_at(page)));
    named.map(|(_, get, _)| *get)
}

/// Whether the table has this page.
pub fn has(path: &str) -> bool {
    PAGES.iter().any(|(page, ..)| *page == path)
}
