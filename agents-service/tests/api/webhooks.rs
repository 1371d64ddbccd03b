//! Endpoints: who may add them, where they may be, and what the log says of them.

use serde_json::{Value, json};

use crate::browser::Browser;
use crate::office::{BackOffice, faults, id};
use harness::operator::PASSWORD;

harness::on_both_databases!(crate::office::BackOffice::open:
    an_endpoint_is_added_changed_paused_and_removed,
    a_secret_is_shown_once,
    disguised_and_private_addresses_are_refused,
    wrong_requests_are_refused,
    whoever_may_not_read_events_sends_none,
    the_pages_do_what_the_api_does,
);

const URL: &str = "https://hooks.voip.example/a-secret-path?token=in-the-query";

fn given() -> Value {
    json!({ "url": URL, "description": "Their billing", "logs": ["agents"] })
}

async fn an_endpoint_is_added_changed_paused_and_removed(office: BackOffice) {
    let reply = office.post("/webhooks", &given()).await;
    let location = reply.header("location").to_owned();
    let added = reply.expect(201);
    let path = format!("/webhooks/{}", id(&added));
    assert_eq!(location, format!("/api/v1{path}"));
    let reply = office.call("GET", &path, &[], &Value::Null).await;
    assert_eq!(reply.header("etag"), "\"1\"");
    let shown = reply.json();
    assert_eq!((&shown["url"], &shown["state"], &shown["types"]), (&json!(URL), &json!("active"), &json!([])));
    assert_eq!(shown["cursors"].as_array().unwrap().len(), 1);

    let change = json!({ "types": ["signpost.agents.agent_created.v1"] });
    office.call("PATCH", &path, &[("if-match", "\"7\"")], &change).await.expect(412);
    let changed = office.call("PATCH", &path, &[("if-match", "\"1\"")], &change).await.expect(200);
    assert_eq!((&changed["version"], &changed["host"]), (&json!(2), &json!("hooks.voip.example")));
    let change = json!({ "url": "https://other.voip.example/", "description": "" });
    office.call("PATCH", &path, &[], &change).await.expect(200);
    let shown = office.get(&path).await;
    assert_eq!((&shown["url"], &shown["description"]), (&change["url"], &json!("")));
    assert_eq!(shown["types"], json!(["signpost.agents.agent_created.v1"]));

    let paused = office.post(&format!("{path}/pause"), &json!({ "reason": "Ms Smith moves" })).await.expect(200);
    assert_eq!(paused["paused_because"], "asked");
    let again = office.post(&format!("{path}/pause"), &json!({})).await.expect(409);
    assert_eq!(again["code"], "already_paused");
    office.post(&format!("{path}/resume"), &json!({})).await.expect(200);
    assert_eq!(office.post(&format!("{path}/resume"), &json!({})).await.expect(409)["code"], "not_paused");
    assert_eq!(office.get("/webhooks").await["items"][0]["version"], 5);
    assert_eq!(office.call("DELETE", &path, &[], &Value::Null).await.expect(200)["removed"], true);
    office.call("GET", &path, &[], &Value::Null).await.expect(404);
    assert_eq!(office.get("/webhooks").await["items"], json!([]));

    let events = office.call("GET", "/events?limit=1000", &[], &Value::Null).await.text;
    assert!(events.contains("webhook_added") && events.contains("hooks.voip.example"));
    for hidden in ["a-secret-path", "in-the-query", "Ms Smith", "Their billing", "whsec_"] {
        assert!(!events.contains(hidden), "{hidden} is in the log");
    }
}

async fn a_secret_is_shown_once(office: BackOffice) {
    let once = [("idempotency-key", "add-1")];
    let added = office.call("POST", "/webhooks", &once, &given()).await.expect(201);
    let secret = added["secret"].as_str().unwrap();
    assert_eq!((secret.len(), &secret[..6]), (50, "whsec_"));
    let reply = office.call("POST", "/webhooks", &once, &given()).await;
    assert_eq!(reply.header("idempotent-replayed"), "true");
    let again = reply.expect(201);
    assert_eq!((again["id"].clone(), again.get("secret")), (added["id"].clone(), None));
    assert_eq!(office.get("/webhooks").await["items"].as_array().unwrap().len(), 1);
    let path = format!("/webhooks/{}", id(&added));
    for page in [&path, &"/webhooks".to_owned(), &format!("{path}/attempts"), &"/events".to_owned()] {
        let text = office.call("GET", page, &[], &Value::Null).await.text;
        assert!(!text.contains("whsec_") && !text.contains(&secret[6..]), "{page}");
    }
    let once = [("idempotency-key", "rotate-1")];
    let rotate = format!("{path}/rotate-secret");
    let rotated = office.call("POST", &rotate, &once, &json!({})).await.expect(200);
    assert_ne!(rotated["secret"], added["secret"]);
    let again = office.call("POST", &rotate, &once, &json!({})).await.expect(200);
    assert_eq!((again.get("secret"), &again["version"]), (None, &rotated["version"]));
}

async fn disguised_and_private_addresses_are_refused(office: BackOffice) {
    for (url, code) in [
        ("http://hooks.voip.example/", "not_https"),
        ("ftp://hooks.voip.example/", "not_https"),
        ("javascript:alert(1)", "not_https"),
        ("hooks.voip.example", "invalid"),
        ("https://user:password@hooks.voip.example/", "invalid"),
        ("https://hooks.voip.example@127.0.0.1/", "invalid"),
        ("https://hooks.voip.example/#fragment", "invalid"),
        ("https://hooks.voip.example./", "disguised"),
        ("https://2130706433/", "disguised"),
        ("https://0x7f000001/", "disguised"),
        ("https://0177.0.0.1/", "disguised"),
        ("https://127.1/", "disguised"),
        ("https://127.0.0.1./", "disguised"),
        ("https://%31%32%37.0.0.1/", "disguised"),
        ("https://１２７.０.０.１/", "disguised"),
        ("https://localhost/", "not_public"),
        ("https://db.internal/", "not_public"),
        ("https://postgres/", "not_public"),
        ("https://0.0.0.0/", "not_public"),
        ("https://10.0.0.1/", "not_public"),
        ("https://100.64.0.1/", "not_public"),
        ("https://127.0.0.1/", "not_public"),
        ("https://169.254.169.254/latest/meta-data", "not_public"),
        ("https://192.0.2.1/", "not_public"),
        ("https://224.0.0.1/", "not_public"),
        ("https://[::1]/", "not_public"),
        ("https://[::ffff:127.0.0.1]/", "not_public"),
        ("https://[::7f00:1]/", "not_public"),
        ("https://[64:ff9b::7f00:1]/", "not_public"),
        ("https://[2002:7f00:1::]/", "not_public"),
        ("https://[2001:0:7f00:1::]/", "not_public"),
        ("https://[fd00::1]/", "not_public"),
        ("https://[fe80::1]/", "not_public"),
    ] {
        let problem = office.post("/webhooks", &json!({ "url": url, "logs": ["agents"] })).await.expect(422);
        assert_eq!(faults(&problem), [("url", code)], "{url}");
    }
    let added = office.post("/webhooks", &given()).await.expect(201);
    let path = format!("/webhooks/{}", id(&added));
    let change = json!({ "url": "https://127.0.0.1/" });
    let problem = office.call("PATCH", &path, &[], &change).await.expect(422);
    assert_eq!(faults(&problem), [("url", "not_public")]);
}

async fn wrong_requests_are_refused(office: BackOffice) {
    for (body, fault) in [
        (json!({}), ("url", "required")),
        (json!({ "url": URL }), ("logs", "required")),
        (json!({ "url": URL, "logs": [] }), ("logs", "required")),
        (
            json!({ "url": URL, "logs": ["agents"], "types": ["signpost.agents.nothing.v1"] }),
            ("types", "unknown_value"),
        ),
        (
            json!({ "url": URL, "logs": ["agents"], "types": ["signpost.signups.customer_placed.v1"] }),
            ("types", "unknown_value"),
        ),
        (json!({ "url": URL, "logs": ["agents"], "colour": "red" }), ("colour", "unknown_field")),
    ] {
        let problem = office.post("/webhooks", &body).await.expect(422);
        assert!(faults(&problem).contains(&fault), "{body}: {problem}");
    }
    // Without a signup-service there is no log of it.
    office.post("/webhooks", &json!({ "url": URL, "logs": ["signups"] })).await.expect(503);
    assert_eq!(office.get("/webhooks").await["items"], json!([]));
}

async fn whoever_may_not_read_events_sends_none(office: BackOffice) {
    let scopes = json!({ "name": "some", "scopes": ["webhooks:read", "webhooks:write"] });
    let issued = office.post("/api-tokens", &scopes).await.expect(201);
    let bearer = format!("Bearer {}", issued["token"].as_str().unwrap());
    let send = async |method: &str, path: &str, body: &Value| {
        let body = body.to_string().into_bytes();
        office.send(method, &format!("/api/v1{path}"), &[("authorization", bearer.as_str())], body).await
    };
    assert_eq!(send("POST", "/webhooks", &given()).await.expect(403)["scope"], "events:read");
    let added = office.post("/webhooks", &given()).await.expect(201);
    let path = format!("/webhooks/{}", id(&added));
    send("PATCH", &path, &json!({ "url": "https://other.voip.example/" })).await.expect(403);
    send("PATCH", &path, &json!({ "description": "theirs" })).await.expect(200);
    send("POST", &format!("{path}/pause"), &json!({})).await.expect(200);
    assert_eq!(office.get(&path).await["url"], URL);
}

async fn the_pages_do_what_the_api_does(office: BackOffice) {
    let mut operator = Browser::new(&office);
    operator.sign_in("/sign-in", "operator", PASSWORD).await;
    let wrong = operator.fill("/webhooks/new", &[("url", "https://127.1/"), ("logs[]", "agents")]).await;
    assert_eq!(wrong.status, 422, "{}", wrong.text);
    assert!(wrong.text.contains("must name its host plainly"));
    let fields = [("url", URL), ("description", "Their <billing>"), ("logs[]", "agents")];
    let added = operator.fill("/webhooks/new", &fields).await;
    assert_eq!(added.status, 201, "{}", added.text);
    assert!(added.text.contains("whsec_"));
    let listed = office.get("/webhooks").await;
    let page = format!("/webhooks/{}", id(&listed["items"][0]));
    assert!(operator.page("/webhooks").await.contains("hooks.voip.example"));
    let shown = operator.page(&page).await;
    assert!(shown.contains("billing") && !shown.contains("<billing>") && !shown.contains("whsec_"));
    for (step, fields, says) in [
        ("pause", vec![("reason", "they move")], "paused"),
        ("resume", vec![], "active"),
        ("replay", vec![("log", "agents"), ("after", "0"), ("reason", "all of it")], "active"),
    ] {
        let reply = operator.fill(&format!("{page}/{step}"), &fields).await;
        assert_eq!(reply.status, 303, "{step}: {}", reply.text);
        assert!(operator.page(&page).await.contains(says), "{step}");
    }
    let skipped = operator.fill(&format!("{page}/skip"), &[("log", "agents"), ("position", "3")]).await;
    assert_eq!(skipped.status, 422, "without a reason");
    let rotated = operator.fill(&format!("{page}/rotate-secret"), &[("end_old_now", "true")]).await;
    assert!(rotated.text.contains("whsec_"), "{}", rotated.text);
    let changed =
        operator.fill(&format!("{page}/edit"), &[("url", URL), ("description", "x"), ("logs[]", "agents")]).await;
    assert_eq!(changed.status, 303, "{}", changed.text);
    assert_eq!(office.get(&page).await["description"], "x");
    let removed = operator.fill(&format!("{page}/remove"), &[]).await;
    assert_eq!((removed.status.as_u16(), removed.header("location")), (303, "/webhooks?done=removed"));
    assert_eq!(operator.get(&page).await.status, 404);
}
