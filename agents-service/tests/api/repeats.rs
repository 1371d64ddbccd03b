//! Repeated writes: the same response for the same request, and an error for another request with the same key.

use harness::operator::{PASSWORD, agent_body};
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::office::{BackOffice, id};

harness::on_both_databases!(crate::office::BackOffice::open:
    another_password_under_the_same_key_is_refused,
    a_form_with_another_password_is_no_repetition,
    callers_have_keys_of_their_own,
);

const ANOTHER: &str = "another good password";
const ONCE: (&str, &str) = ("idempotency-key", "once");

/// Sends a write with a password, repeats it, and sends it with another password.
async fn thrice(office: &BackOffice, path: &str, body: &Value) {
    let first = office.call("POST", path, &[ONCE], body).await;
    assert_eq!(first.status, 201, "{}", first.text);
    let again = office.call("POST", path, &[ONCE], body).await;
    assert_eq!((again.status, &again.text), (first.status, &first.text));
    assert_eq!(again.header("idempotent-replayed"), "true");
    let mut other = body.clone();
    other["password"] = json!(ANOTHER);
    let refused = office.call("POST", path, &[ONCE], &other).await.expect(422);
    assert_eq!(refused["type"], "urn:signpost:problem:idempotency-key-reused");
}

async fn second(office: &BackOffice) -> String {
    id(&office.post("/operators", &json!({ "login": "second", "password": PASSWORD })).await.expect(201))
}

async fn signs_in(office: &BackOffice, audience: &str, login: &str, password: &str) -> bool {
    Browser::new(office).sign_in(audience, login, password).await.status == 303
}

async fn another_password_under_the_same_key_is_refused(office: BackOffice) {
    thrice(&office, "/agents", &agent_body("anna")).await;
    assert!(signs_in(&office, "/portal/sign-in", "anna", PASSWORD).await);
    let path = format!("/agents/{}", office.agent("berta").await);
    let changed = "a third good password";
    office.call("PATCH", &path, &[("if-match", "\"1\"")], &json!({ "name": "Berta" })).await.expect(200);
    let headers = [("idempotency-key", "twice"), ("if-match", "\"2\"")];
    office.call("PATCH", &path, &headers, &json!({ "password": changed })).await.expect(200);
    let other = office.call("PATCH", &path, &headers, &json!({ "password": ANOTHER })).await.expect(422);
    assert_eq!(other["type"], "urn:signpost:problem:idempotency-key-reused");
    let none = office.call("PATCH", &path, &headers, &json!({})).await.expect(422);
    assert_eq!(none["type"], "urn:signpost:problem:idempotency-key-reused");
    office.call("PATCH", &path, &headers, &json!({ "password": changed })).await.expect(200);
    assert!(signs_in(&office, "/portal/sign-in", "berta", changed).await);
    let path = format!("/operators/{}", second(&office).await);
    let headers = [("idempotency-key", "third")];
    office.call("PATCH", &path, &headers, &json!({ "password": changed })).await.expect(200);
    office.call("PATCH", &path, &headers, &json!({ "password": ANOTHER })).await.expect(422);
    assert!(signs_in(&office, "/sign-in", "second", changed).await);
}

async fn a_form_with_another_password_is_no_repetition(office: BackOffice) {
    let mut browser = Browser::new(&office);
    browser.sign_in("/sign-in", "operator", PASSWORD).await;
    let path = format!("/operators/{}/password", second(&office).await);
    let page = browser.page(&path).await;
    assert_eq!(browser.send(&path, &page, &[("password", ANOTHER)]).await.status, 303);
    assert_eq!(browser.send(&path, &page, &[("password", ANOTHER)]).await.status, 303);
    assert_eq!(browser.send(&path, &page, &[("password", "a third good password")]).await.status, 422);
    assert!(signs_in(&office, "/sign-in", "second", ANOTHER).await);
}

async fn callers_have_keys_of_their_own(office: BackOffice) {
    let given = json!({ "name": "second", "scopes": ["plans:write"] });
    let second = office.post("/api-tokens", &given).await.expect(201)["token"].as_str().unwrap().to_owned();
    let second = format!("Bearer {second}");
    let body = |name: &str| json!({ "name": name }).to_string().into_bytes();
    office.call("POST", "/call-plans", &[ONCE], &json!({ "name": "First" })).await.expect(201);
    let headers = [("authorization", second.as_str()), ONCE];
    assert_eq!(office.send("POST", "/api/v1/call-plans", &headers, body("Second")).await.status, 201);
    office.call("POST", "/call-plans", &[ONCE], &json!({ "name": "Second" })).await.expect(422);
}
