//! Permissions: passwords, tokens, scopes.

use serde_json::{Value, json};

use contract::clock::Clock;
use event_store::sql::Sql;
use harness::operator::PASSWORD;
use web::http::caller::SCOPES;

use crate::office::{BackOffice, id};
use crate::pages::{NOBODY, filled};

harness::on_both_databases!(crate::office::BackOffice::open:
    a_token_is_issued_for_a_password_shown_once_and_revoked,
    a_token_with_parked_events_is_refused,
    a_token_is_refused_while_the_projection_is_halted,
    nothing_but_the_description_is_open_to_strangers,
    bad_bodies_get_their_own_problems,
    each_operation_asks_for_its_scope_and_for_no_other,
    an_operator_is_added_and_signs_in_with_a_login_of_their_own,
    no_caller_grants_more_than_they_have,
);

/// The first part of each path, and the subject of its scopes.
const SUBJECTS: [(&str, &str); 14] = [
    ("agents", "agents"),
    ("call-plans", "plans"),
    ("groups", "groups"),
    ("signup-keys", "keys"),
    ("settings", "settings"),
    ("events", "events"),
    ("followed", "events"),
    ("sales", "sales"),
    ("analysis", "sales"),
    ("placements", "sales"),
    ("unknown-keys", "sales"),
    ("operators", "operators"),
    ("api-tokens", "tokens"),
    ("webhooks", "webhooks"),
];

/// `operator:` and the password, in base64.
fn basic(password: &str) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let text = format!("operator:{password}");
    let bits = text.bytes().fold(String::new(), |bits, byte| bits + &format!("{byte:08b}"));
    let digit = |chunk: &[u8]| {
        let text = format!("{:0<6}", std::str::from_utf8(chunk).unwrap());
        char::from(DIGITS[usize::from_str_radix(&text, 2).unwrap()])
    };
    format!("Basic {}", bits.as_bytes().chunks(6).map(digit).collect::<String>())
}

async fn issue(office: &BackOffice, authorization: &str, key: &str, body: &Value) -> crate::office::Reply {
    let headers = [("authorization", authorization), ("idempotency-key", key)];
    office.send("POST", "/api/v1/api-tokens", &headers, body.to_string().into_bytes()).await
}

async fn a_token_is_issued_for_a_password_shown_once_and_revoked(office: BackOffice) {
    let body = json!({ "name": "billing", "scopes": ["agents:read", "tokens:write"] });
    issue(&office, &basic("not the password"), "a", &body).await.expect(401);
    let issued = issue(&office, &basic(PASSWORD), "b", &body).await.expect(201);
    let bearer = format!("Bearer {}", issued["token"].as_str().unwrap());
    let replay = issue(&office, &basic(PASSWORD), "b", &body).await;
    assert_eq!(replay.header("idempotent-replayed"), "true");
    assert_eq!(replay.json().get("token"), None);
    let with = [("authorization", bearer.as_str())];
    assert_eq!(office.send("GET", "/api/v1/agents", &with, Vec::new()).await.status, 200);
    let problem = office.send("GET", "/api/v1/groups", &with, Vec::new()).await.expect(403);
    assert_eq!(problem["scope"], "groups:read");
    let more = json!({ "name": "more", "scopes": ["customers:erase"] });
    issue(&office, &bearer, "c", &more).await.expect(403);
    let path = format!("/api-tokens/{}", id(&issued));
    office.call("DELETE", &path, &[], &Value::Null).await.expect(200);
    assert_eq!(office.send("GET", "/api/v1/agents", &with, Vec::new()).await.status, 401);
    assert_eq!(office.call("DELETE", &path, &[], &Value::Null).await.expect(409)["code"], "already_revoked");
}

async fn a_token_with_parked_events_is_refused(office: BackOffice) {
    static PARK: Sql = Sql::new(
        "INSERT INTO parked_events (projection, position, stream, event, error, parked_at)
         VALUES ('directory', 1000000, $1, '{}', 'for a test', $2)",
    );
    let issued =
        office.post("/api-tokens", &json!({ "name": "doubtful", "scopes": ["agents:read"] })).await.expect(201);
    let bearer = format!("Bearer {}", issued["token"].as_str().unwrap());
    let with = [("authorization", bearer.as_str())];
    assert_eq!(office.send("GET", "/api/v1/agents", &with, Vec::new()).await.status, 200);
    let values = [format!("token-{}", id(&issued)).into(), Clock::System.now().into()];
    office.app.log.database().execute(&PARK, &values).await.unwrap();
    assert_eq!(office.send("GET", "/api/v1/agents", &with, Vec::new()).await.status, 503);
    assert_eq!(office.call("GET", "/agents", &[], &Value::Null).await.status, 200, "another token");
}

async fn a_token_is_refused_while_the_projection_is_halted(office: BackOffice) {
    // The stored hash differs from the log's, so the projector does not lift the halt.
    static HALT: Sql =
        Sql::new("UPDATE checkpoints SET hash = $1, halted = 'for a test' WHERE projection = 'directory'");
    assert_eq!(office.call("GET", "/agents", &[], &Value::Null).await.status, 200);
    office.app.log.database().execute(&HALT, &[[7; 32].into()]).await.unwrap();
    assert_eq!(office.call("GET", "/agents", &[], &Value::Null).await.status, 503);
}

async fn nothing_but_the_description_is_open_to_strangers(office: BackOffice) {
    let document = office.send("GET", "/api/openapi.json", &[], Vec::new()).await.expect(200);
    for (path, operations) in document["paths"].as_object().unwrap() {
        for method in operations.as_object().unwrap().keys() {
            let reply = office.send(&method.to_uppercase(), path, &[], b"{}".to_vec()).await;
            assert_eq!(reply.status, 401, "{method} {path}");
        }
    }
}

/// The scope of an operation on money. Reading, reporting payments, correcting, approving and paying are different jobs.
fn needed_for_money(method: &str, path: &str) -> Option<&'static str> {
    let last = path.rsplit('/').next().unwrap_or_default();
    let parts: Vec<&str> = path.trim_start_matches("/api/v1/").split('/').collect();
    match (method, parts[0], last) {
        ("GET", "remittances", "export") => Some("remittances:pay"),
        ("GET", "payments" | "open-reversals" | "remittances" | "statements" | "ledger", _)
        | ("GET", "agents", "balances" | "ledger")
        // It writes nothing.
        | ("POST", "commission-rules", "preview") => Some("money:read"),
        (_, "payments", _) => Some("payments:write"),
        (_, "statements", _) => Some("statements:issue"),
        (_, "agents", "corrections") => Some("commission:correct"),
        (_, "remittances", "remittances" | "cancel") => Some("remittances:request"),
        (_, "remittances", "approve" | "refuse") | (_, "remittances:approve", _) => Some("remittances:approve"),
        (_, "remittances", "pay" | "return") => Some("remittances:pay"),
        _ => None,
    }
}

/// The scope of an operation.
fn needed(method: &str, path: &str) -> String {
    if let Some(scope) = needed_for_money(method, path) {
        return scope.to_owned();
    }
    let first = path.trim_start_matches("/api/v1/").split(['/', ':']).next().unwrap();
    let subject = SUBJECTS.iter().find(|(part, _)| *part == first);
    let (_, subject) = subject.unwrap_or_else(|| panic!("{path} is about nothing that there is a scope for"));
    let erases = method == "DELETE" && (path == "/api/v1/agents/{id}" || path.contains("/messages/"));
    format!(
        "{subject}:{}",
        if erases {
            "erase"
        } else if method == "GET" {
            "read"
        } else {
            "write"
        }
    )
}

async fn each_operation_asks_for_its_scope_and_for_no_other(office: BackOffice) {
    let routes: Vec<_> = office.app.routes.iter().filter(|(_, path)| path.starts_with("/api/v1")).collect();
    assert!(routes.len() > 30, "too few routes to be all: {routes:?}");
    for missing in SCOPES {
        let others: Vec<_> = SCOPES.into_iter().filter(|scope| *scope != missing).collect();
        let issued = office.post("/api-tokens", &json!({ "name": missing, "scopes": others })).await.expect(201);
        let bearer = format!("Bearer {}", issued["token"].as_str().unwrap());
        for (method, path) in &routes {
            let scope = needed(method.as_str(), path);
            let path = filled(path, NOBODY);
            let reply =
                office.send(method.as_str(), &path, &[("authorization", bearer.as_str())], b"{}".to_vec()).await;
            // Creating an operator needs every scope, since an operator may do everything.
            let is_refused = scope == missing || scope == "operators:write";
            assert_eq!(reply.status == 403, is_refused, "{method} {path} without {missing}: {}", reply.text);
            if is_refused {
                assert_eq!(reply.json()["scope"], missing, "{method} {path}");
            }
        }
    }
}

async fn bad_bodies_get_their_own_problems(office: BackOffice) {
    let bearer = format!("Bearer {}", crate::office::TOKEN);
    let json = [("authorization", bearer.as_str())];
    for (body, status, kind) in [
        (b"{".to_vec(), 400, "malformed-json"),
        (b"{\"name\":\"\xff\"}".to_vec(), 400, "invalid-utf8"),
        (vec![b' '; 10_000_000], 413, "body-too-large"),
        (b"[]".to_vec(), 422, "validation"),
    ] {
        let problem = office.send("POST", "/api/v1/call-plans", &json, body).await.expect(status);
        assert_eq!(problem["type"], format!("urn:signpost:problem:{kind}"));
    }
    office.send("PUT", "/api/v1/agents", &json, Vec::new()).await.expect(405);
    office.send("GET", "/api/v1/nothing", &json, Vec::new()).await.expect(404);
    office.send("GET", "/api/v1/agents?colour=red", &json, Vec::new()).await.expect(422);
}

async fn an_operator_is_added_and_signs_in_with_a_login_of_their_own(office: BackOffice) {
    let body = json!({ "login": "second", "password": PASSWORD });
    office.post("/operators", &body).await.expect(201);
    assert_eq!(office.post("/operators", &body).await.expect(409)["code"], "login_taken");
    let listed = office.get("/operators").await;
    let logins: Vec<_> = listed["items"].as_array().unwrap().iter().map(|item| item["login"].clone()).collect();
    assert_eq!(logins, ["operator", "second"]);
}

/// By a token, by an operator, by an agent's password, by an agent's permission.
async fn no_caller_grants_more_than_they_have(office: BackOffice) {
    let scopes = ["tokens:write", "operators:write", "operators:read", "agents:write", "agents:erase", "agents:read"];
    let issued = office.post("/api-tokens", &json!({ "name": "some", "scopes": scopes })).await.expect(201);
    let bearer = format!("Bearer {}", issued["token"].as_str().unwrap());
    let send = async |method: &str, path: &str, body: Value| {
        let with = [("authorization", bearer.as_str()), ("if-match", "\"1\"")];
        office.send(method, &format!("/api/v1{path}"), &with, body.to_string().into_bytes()).await
    };
    send("POST", "/api-tokens", json!({ "name": "all", "scopes": SCOPES })).await.expect(403);
    let problem = send("POST", "/operators", json!({ "login": "second", "password": PASSWORD })).await.expect(403);
    assert_eq!(problem["scope"], "plans:read");
    assert_eq!(office.get("/operators").await["items"].as_array().unwrap().len(), 1);
    send("GET", "/operators", Value::Null).await.expect(200);

    let threshold = json!({ "amount": "50", "currency": "EUR" });
    let agent = |login: &str, permission: &str| json!({ "login": login, "password": PASSWORD, "permissions": [permission], "remittance_threshold": threshold });
    let problem = send("POST", "/agents", agent("anna", "customers")).await.expect(403);
    assert_eq!(problem["scope"], "customers:read");
    let made = send("POST", "/agents", agent("anna", "support")).await.expect(201);
    let path = format!("/agents/{}", id(&made));
    send("PATCH", &path, json!({ "permissions": ["sales"] })).await.expect(403);
    send("PATCH", &path, json!({ "password": "another good password" })).await.expect(403);
    send("PATCH", &path, json!({ "name": "Anna" })).await.expect(200);
}
