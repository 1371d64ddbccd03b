//! Operators and their accounts: passwords, disabling, enabling, and the end of sessions.

use agents_service::agents::accounts;
use agents_service::auth::{logins, sessions};
use event_store::sql::Sql;
use harness::operator::PASSWORD;
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::office::{BackOffice, id};

harness::on_both_databases!(crate::office::BackOffice::open:
    a_password_set_by_an_operator_ends_every_session,
    a_session_from_before_a_suspension_stays_ended,
    a_session_that_begins_while_the_password_changes_has_ended,
    operators_are_disabled_and_enabled_by_the_api,
    operators_are_disabled_enabled_and_given_a_password_on_pages,
    the_last_operator_who_can_sign_in_is_not_disabled,
);

const ANOTHER: &str = "another good password";

async fn at<'a>(office: &'a BackOffice, audience: &str, login: &str, password: &str) -> Browser<'a> {
    let mut browser = Browser::new(office);
    assert_eq!(browser.sign_in(audience, login, password).await.status, 303);
    browser
}

async fn second(office: &BackOffice) -> String {
    id(&office.post("/operators", &json!({ "login": "second", "password": PASSWORD })).await.expect(201))
}

async fn a_password_set_by_an_operator_ends_every_session(office: BackOffice) {
    let path = format!("/agents/{}", office.agent("anna").await);
    let anna = at(&office, "/portal/sign-in", "anna", PASSWORD).await;
    let version = office.get(&path).await["version"].to_string();
    let if_match = format!("\"{version}\"");
    let headers = [("if-match", if_match.as_str())];
    office.call("PATCH", &path, &headers, &json!({ "password": ANOTHER })).await.expect(200);
    assert_eq!(anna.get("/portal").await.status, 303, "the session goes on");
    let anna = at(&office, "/portal/sign-in", "anna", ANOTHER).await;

    let operator = at(&office, "/sign-in", "operator", PASSWORD).await;
    let filled = [
        ("permissions[]", "signup_urls"),
        ("remittance_threshold.amount", "100"),
        ("remittance_threshold.currency", "EUR"),
        ("name", "Anna"),
        ("currency", "EUR"),
        ("language", "en"),
        ("password", PASSWORD),
    ];
    let reply = operator.fill(&format!("{path}/edit"), &filled).await;
    assert_eq!(reply.status, 303, "{}", reply.text);
    assert_eq!(anna.get("/portal").await.status, 303, "the session goes on");
    assert_eq!(operator.get("/agents").await.status, 200, "the operator's own session ended");
}

async fn a_session_from_before_a_suspension_stays_ended(office: BackOffice) {
    let path = format!("/agents/{}", office.agent("anna").await);
    let anna = at(&office, "/portal/sign-in", "anna", PASSWORD).await;
    office.post(&format!("{path}/suspend"), &json!({})).await.expect(200);
    office.post(&format!("{path}/reinstate"), &json!({})).await.expect(200);
    assert_eq!(anna.get("/portal").await.status, 303, "a session from before the suspension lives again");
    let anna = at(&office, "/portal/sign-in", "anna", PASSWORD).await;
    assert_eq!(anna.get("/portal").await.status, 200);
}

/// The password changes between its check and the start of the session.
async fn a_session_that_begins_while_the_password_changes_has_ended(office: BackOffice) {
    let (log, agent_id) = (&office.app.log, office.agent("anna").await);
    let known = accounts::agent(log.database(), logins::of_agent(log.secret(), "anna")).await.unwrap().unwrap();
    let headers = [("if-match", "\"1\"")];
    office.call("PATCH", &format!("/agents/{agent_id}"), &headers, &json!({ "password": ANOTHER })).await.expect(200);
    let (account, now) = (sessions::Account::Agent(known.id), contract::clock::Clock::System.now());
    let secret = sessions::begin(log.database(), account, known.session_epoch, now).await.unwrap();
    assert!(sessions::find(log.database(), &secret, now).await.unwrap().is_none());
}

async fn operators_are_disabled_and_enabled_by_the_api(office: BackOffice) {
    let path = format!("/operators/{}", second(&office).await);
    let shown = office.get(&path).await;
    assert_eq!((&shown["state"], &shown["last_sign_in_at"]), (&json!("active"), &Value::Null));
    let operator = at(&office, "/sign-in", "second", PASSWORD).await;
    assert!(office.get(&path).await["last_sign_in_at"].is_string());

    office.call("PATCH", &path, &[], &json!({ "password": "short" })).await.expect(422);
    office.call("PATCH", &path, &[], &json!({ "password": ANOTHER })).await.expect(200);
    assert_eq!(operator.get("/agents").await.status, 303, "the session goes on");
    let operator = at(&office, "/sign-in", "second", ANOTHER).await;

    let disabled = office.post(&format!("{path}/disable"), &json!({ "reason": "left us" })).await.expect(200);
    assert_eq!(disabled["state"], "disabled");
    assert_eq!(office.get(&path).await["state"], "disabled");
    assert_eq!(operator.get("/agents").await.status, 303, "the session goes on");
    assert_eq!(Browser::new(&office).sign_in("/sign-in", "second", ANOTHER).await.status, 401);
    let again = office.post(&format!("{path}/disable"), &json!({})).await.expect(409);
    assert_eq!(again["code"], "already_disabled");

    office.post(&format!("{path}/enable"), &json!({})).await.expect(200);
    assert_eq!(operator.get("/agents").await.status, 303, "a session from before lives again");
    at(&office, "/sign-in", "second", ANOTHER).await;
    assert_eq!(office.post(&format!("{path}/enable"), &json!({})).await.expect(409)["code"], "not_disabled");
    let nobody = "/operators/01890000-0000-7000-8000-000000000000";
    office.post(&format!("{nobody}/disable"), &json!({})).await.expect(404);
}

async fn operators_are_disabled_enabled_and_given_a_password_on_pages(office: BackOffice) {
    let path = format!("/operators/{}", second(&office).await);
    let operator = at(&office, "/sign-in", "operator", PASSWORD).await;
    let page = operator.page("/operators").await;
    assert!(page.contains("never") && page.contains(&format!("{path}/disable")), "{page}");
    assert_eq!(operator.fill(&format!("{path}/password"), &[("password", ANOTHER)]).await.status, 303);
    at(&office, "/sign-in", "second", ANOTHER).await;
    assert!(!operator.page("/operators").await.contains("never"));
    assert_eq!(operator.fill(&format!("{path}/disable"), &[("reason", "left us")]).await.status, 303);
    assert_eq!(Browser::new(&office).sign_in("/sign-in", "second", ANOTHER).await.status, 401);
    assert!(operator.page("/operators").await.contains(&format!("{path}/enable")));
    assert_eq!(operator.fill(&format!("{path}/enable"), &[]).await.status, 303);
    at(&office, "/sign-in", "second", ANOTHER).await;
}

/// Also when two are disabled in one batch.
async fn the_last_operator_who_can_sign_in_is_not_disabled(office: BackOffice) {
    static LOSE: Sql = Sql::new("UPDATE operator_accounts SET password_hash = 'lost' WHERE login = 'second'");
    let listed = office.get("/operators").await;
    let first = format!("/operators/{}/disable", id(&listed["items"][0]));
    let body = json!({});
    assert_eq!(office.post(&first, &body).await.expect(409)["code"], "last_operator");
    for _ in 0..3 {
        let second = format!("/operators/{}/disable", second_of(&office).await);
        let (one, other) = tokio::join!(office.post(&first, &body), office.post(&second, &body));
        let statuses = [one.status.as_u16(), other.status.as_u16()];
        assert!(statuses == [200, 409] || statuses == [409, 200], "{statuses:?}");
        let enabled = if one.status == 200 { &first } else { &second };
        office.post(&enabled.replace("disable", "enable"), &body).await.expect(200);
    }
    // A lost account without a password cannot sign in.
    office.app.log.database().execute(&LOSE, &[]).await.unwrap();
    assert_eq!(office.post(&first, &body).await.expect(409)["code"], "last_operator");
}

async fn second_of(office: &BackOffice) -> String {
    let listed = office.get("/operators").await;
    match listed["items"].get(1) {
        Some(operator) => id(operator),
        None => second(office).await,
    }
}
