//! What operators may do by their roles: each page and form, on both databases.

use agents_service::back_office::scopes;
use agents_service::operators::roles;
use axum::http::Method;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use contract::roles::OperatorRole;
use harness::operator::{PASSWORD, agent_body, with};
use serde_json::json;

use crate::browser::Browser;
use crate::office::{BackOffice, id};
use crate::pages::{NOBODY, filled, routes};

harness::on_both_databases!(crate::office::BackOffice::open:
    every_page_needs_the_scope_of_its_role,
    a_role_counts_at_once_and_the_menu_follows,
    the_last_operator_with_every_right_keeps_them,
    a_role_without_the_right_issues_no_token,
    an_operator_gives_an_agent_no_more_than_they_have,
    an_operator_gets_a_role_on_pages,
    actions_outside_a_role_are_left_out,
);

const REFUSED: &str = "Your role does not have this page.";
const OWN: [&str; 4] = ["/account", "/account/lists", "/account/reading", "/sign-out"];

async fn operator(office: &BackOffice, login: &str, role: &str) -> String {
    let body = json!({ "login": login, "password": PASSWORD, "role": role });
    id(&office.post("/operators", &body).await.expect(201))
}

async fn signed_in<'a>(office: &'a BackOffice, login: &str) -> Browser<'a> {
    let mut browser = Browser::new(office);
    assert_eq!(browser.sign_in("/sign-in", login, PASSWORD).await.status, 303);
    browser
}

async fn every_page_needs_the_scope_of_its_role(office: BackOffice) {
    let pages = routes(&office, "back office");
    for (role, name) in [
        (OperatorRole::Everything, "everything"),
        (OperatorRole::Support, "support"),
        (OperatorRole::Finance, "finance"),
        (OperatorRole::ReadOnly, "read_only"),
    ] {
        let login = format!("one-of-{name}").replace('_', "-");
        operator(&office, &login, name).await;
        let browser = signed_in(&office, &login).await;
        for (method, path) in &pages {
            let is_own = OWN.contains(&path.as_str());
            assert!(is_own || scopes::has(path), "{path} has no scope in the table");
            let method: Method = method.parse().unwrap();
            let needed = scopes::of(&method, path).filter(|_| !is_own);
            let target = filled(path, NOBODY);
            if path == "/sign-out" || path == "/dashboard/news" {
                continue;
            }
            let reply =
                if method == Method::GET { browser.get(&target).await } else { browser.post(&target, &[]).await };
            let may = needed.is_none_or(|scope| roles::scopes(role).contains(&scope));
            assert_eq!(!reply.text.contains(REFUSED), may, "{name} {method} {path}: {} {}", reply.status, reply.text);
            assert!(may || reply.status == 403, "{name} {method} {path}: {}", reply.status);
        }
    }
}

async fn a_role_counts_at_once_and_the_menu_follows(office: BackOffice) {
    let path = format!("/operators/{}", operator(&office, "second", "support").await);
    assert_eq!(office.get(&path).await["role"], "support");
    let browser = signed_in(&office, "second").await;
    let menu = browser.page("/").await;
    assert!(menu.contains("href=\"/customers\"") && !menu.contains("href=\"/payouts\""), "{menu}");
    assert_eq!(browser.get("/payouts").await.status, 403);
    office.call("PATCH", &path, &[], &json!({ "role": "finance" })).await.expect(200);
    assert_eq!(browser.get("/payouts").await.status, 200);
    assert_eq!(browser.get("/customers").await.status, 403);
    let menu = browser.page("/").await;
    assert!(!menu.contains("href=\"/customers\"") && menu.contains("href=\"/payouts\""), "{menu}");
    office.call("PATCH", &path, &[], &json!({ "role": "captain" })).await.expect(422);
    office.call("PATCH", &path, &[], &json!({})).await.expect(422);
}

/// Also when two lose it in one batch.
async fn the_last_operator_with_every_right_keeps_them(office: BackOffice) {
    let first = format!("/operators/{}", id(&office.get("/operators").await["items"][0]));
    operator(&office, "helper", "support").await;
    let less = json!({ "role": "read_only" });
    assert_eq!(office.call("PATCH", &first, &[], &less).await.expect(409)["code"], "last_operator");
    assert_eq!(office.post(&format!("{first}/disable"), &json!({})).await.expect(409)["code"], "last_operator");
    let second = format!("/operators/{}", operator(&office, "second", "everything").await);
    let (one, other) =
        tokio::join!(office.call("PATCH", &first, &[], &less), office.call("PATCH", &second, &[], &less));
    let mut statuses = [one.status.as_u16(), other.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
    let lost = if one.status == 200 { &first } else { &second };
    assert_eq!(office.get(lost).await["role"], "read_only");
    office.post(&format!("{lost}/disable"), &json!({})).await.expect(200);
}

async fn a_role_without_the_right_issues_no_token(office: BackOffice) {
    operator(&office, "helper", "support").await;
    for (login, status) in [("helper", 403), ("operator", 201)] {
        let basic = format!("Basic {}", STANDARD.encode(format!("{login}:{PASSWORD}")));
        let body = json!({ "name": "own" }).to_string().into_bytes();
        let reply = office.send("POST", "/api/v1/api-tokens", &[("authorization", &basic)], body).await;
        assert_eq!(reply.status.as_u16(), status, "{}", reply.text);
    }
}

async fn an_operator_gives_an_agent_no_more_than_they_have(office: BackOffice) {
    operator(&office, "helper", "support").await;
    let browser = signed_in(&office, "helper").await;
    let fields = |permission| {
        [
            ("login", "anna-agent"),
            ("password", PASSWORD),
            ("permissions[]", permission),
            ("remittance_threshold.amount", "100"),
            ("remittance_threshold.currency", "EUR"),
        ]
    };
    assert_eq!(browser.fill("/agents/new", &fields("remittance")).await.status, 422);
    assert_eq!(browser.fill("/agents/new", &fields("signup_urls")).await.status, 303);
    let body = with(agent_body("zoe-phones"), json!({ "permissions": ["commission"] }));
    let path = format!("/agents/{}", id(&office.post("/agents", &body).await.expect(201)));
    let change = |permission, name| {
        [
            ("permissions[]", permission),
            ("remittance_threshold.amount", "100"),
            ("remittance_threshold.currency", "EUR"),
            ("name", name),
            ("currency", "EUR"),
            ("language", "en"),
        ]
    };
    assert_eq!(browser.fill(&format!("{path}/edit"), &change("commission", "Zoe")).await.status, 303);
    assert_eq!(browser.fill(&format!("{path}/edit"), &change("remittance", "Zoe")).await.status, 422);
    assert_eq!(office.get(&path).await["permissions"], json!(["commission"]));
}

async fn an_operator_gets_a_role_on_pages(office: BackOffice) {
    let browser = signed_in(&office, "operator").await;
    let fields = [("login", "helper"), ("password", PASSWORD), ("role", "support")];
    assert_eq!(browser.fill("/operators/new", &fields).await.status, 303);
    let listed = office.get("/operators").await;
    let path = format!("/operators/{}/role", id(&listed["items"][1]));
    assert_eq!(listed["items"][1]["role"], "support");
    assert!(browser.page("/operators").await.contains(&path));
    assert_eq!(browser.fill(&path, &[("role", "read_only")]).await.status, 303);
    assert_eq!(office.get("/operators").await["items"][1]["role"], "read_only");
    let own = format!("/operators/{}/role", id(&listed["items"][0]));
    let refused = browser.fill(&own, &[("role", "support")]).await;
    assert!(
        refused.status == 422 && refused.text.contains("No other operator with the role everything"),
        "{}",
        refused.text
    );
}

async fn actions_outside_a_role_are_left_out(office: BackOffice) {
    let agent = format!("/agents/{}", office.agent("anna").await);
    for (role, edits, corrects) in
        [("everything", true, true), ("support", true, false), ("finance", false, true), ("read_only", false, false)]
    {
        let login = format!("one-of-{role}").replace('_', "-");
        operator(&office, &login, role).await;
        let browser = signed_in(&office, &login).await;
        let page = browser.page(&agent).await;
        assert_eq!(page.contains(&format!("href=\"{agent}/edit\"")), edits, "{role}: {page}");
        let ledger = browser.get(&format!("{agent}/ledger")).await;
        assert_eq!(
            ledger.text.contains(&format!("href=\"{agent}/corrections/new\"")),
            corrects,
            "{role}: {}",
            ledger.text
        );
    }
}
