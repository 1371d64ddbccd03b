//! The scope that each page and form of the back office needs: that of the API's operation for the same thing.

use axum::http::Method;

/// Paths with the scopes of GET and POST. The page of a form needs what its form needs.
const PAGES: [(&str, &str, &str); 66] = [
    ("/", "sales:read", "sales:read"),
    ("/dashboard/fresh", "sales:read", "sales:read"),
    ("/dashboard/news", "sales:read", "sales:read"),
    ("/agents", "agents:read", "agents:write"),
    ("/agents/new", "agents:write", "agents:write"),
    ("/agents/{id}", "agents:read", "agents:write"),
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
    ("/call-plans/new", "plans:write", "plans:write"),
    ("/call-plans/{id}", "plans:read", "plans:write"),
    ("/call-plans/{id}/retire", "plans:write", "plans:write"),
    ("/groups", "groups:read", "groups:write"),
    ("/groups/new", "groups:write", "groups:write"),
    ("/groups/{id}", "groups:read", "groups:write"),
    ("/signup-keys", "keys:read", "keys:write"),
    ("/signup-keys/new", "keys:write", "keys:write"),
    ("/signup-keys/sheet", "keys:read", "keys:read"),
    ("/signup-keys/{key}", "keys:read", "keys:write"),
    ("/signup-keys/{key}/qr.svg", "keys:read", "keys:read"),
    ("/signup-keys/{key}/qr.png", "keys:read", "keys:read"),
    ("/signup-keys/{key}/pause", "keys:write", "keys:write"),
    ("/signup-keys/{key}/resume", "keys:write", "keys:write"),
    ("/signup-keys/{key}/revoke", "keys:write", "keys:write"),
    ("/unknown-keys", "sales:read", "sales:read"),
    ("/customers", "customers:read", "customers:write"),
    ("/customers/{id}", "customers:read", "customers:write"),
    ("/customers/{id}/edit", "customers:write", "customers:write"),
    ("/customers/{id}/erase", "customers:erase", "customers:erase"),
    ("/support", "agents:read", "agents:write"),
    ("/support/{id}", "agents:read", "agents:write"),
    ("/support/{id}/{message_id}/erase", "agents:erase", "agents:erase"),
    ("/payments", "money:read", "money:read"),
    ("/open-reversals", "money:read", "money:read"),
    ("/payments/{reference}", "money:read", "payments:write"),
    ("/payments/{reference}/attribution", "payments:write", "payments:write"),
    ("/payouts", "money:read", "money:read"),
    ("/payouts/file", "remittances:pay", "remittances:pay"),
    ("/payouts/file/{format}", "remittances:pay", "remittances:pay"),
    ("/payouts/{id}", "money:read", "money:read"),
    ("/payouts/{id}/approve", "remittances:approve", "remittances:approve"),
    ("/payouts/{id}/refuse", "remittances:approve", "remittances:approve"),
    ("/payouts/{id}/return", "remittances:pay", "remittances:pay"),
    ("/payouts/{id}/pay", "remittances:pay", "remittances:pay"),
    ("/settings", "settings:read", "settings:write"),
    ("/settings/check", "settings:write", "settings:write"),
    ("/events", "events:read", "events:read"),
    ("/events/{log}/{position}", "events:read", "events:read"),
    ("/operators", "operators:read", "operators:write"),
    ("/api-tokens", "tokens:read", "tokens:write"),
    ("/api-tokens/new", "tokens:write", "tokens:write"),
    ("/api-tokens/{id}/revoke", "tokens:write", "tokens:write"),
    ("/operators/new", "operators:write", "operators:write"),
    ("/operators/{id}/role", "operators:write", "operators:write"),
    ("/operators/{id}/password", "operators:write", "operators:write"),
    ("/operators/{id}/disable", "operators:write", "operators:write"),
    ("/operators/{id}/enable", "operators:write", "operators:write"),
    ("/operators/{id}/erase", "operators:write", "operators:write"),
];

/// What a page needs that is not in the table: what only the role with every right has.
const UNNAMED: &str = "operators:write";

/// The scope that a request to a page needs.
pub fn of(method: &Method, path: &str) -> Option<&'static str> {
    let named = PAGES.iter().find(|(page, ..)| *page == path);
    Some(named.map_or(UNNAMED, |(_, get, post)| if *method == Method::GET { *get } else { *post }))
}

/// Whether the table has this page.
pub fn has(path: &str) -> bool {
    PAGES.iter().any(|(page, ..)| *page == path)
}
