//! Many agents, groups or signup keys in one request: an answer for each line, and one commit.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::office::{BackOffice, TOKEN};
use harness::operator::PASSWORD;

harness::on_both_databases!(crate::office::BackOffice::open:
    each_line_of_a_batch_has_its_answer_and_a_wrong_one_stops_no_other,
    a_batch_that_is_sent_again_gets_the_same_answers,
    agents_groups_and_keys_are_added_by_the_thousand_in_one_commit,
    a_batch_is_bounded_and_each_line_is_checked_as_if_it_came_alone,
);

fn statuses(answers: &[Value]) -> Vec<(u64, u64)> {
    answers.iter().map(|answer| (answer["line"].as_u64().unwrap(), answer["status"].as_u64().unwrap())).collect()
}

fn with(body: &Value, name: &str, value: impl Into<Value>) -> String {
    let mut body = body.clone();
    body[name] = value.into();
    body.to_string()
}

/// The moments at which the events behind these answers were recorded.
async fn commits(office: &BackOffice, answers: &[Value]) -> usize {
    let mut moments = BTreeSet::new();
    for position in answers.iter().filter_map(|answer| answer["position"].as_u64()) {
        moments.insert(office.app.log.get(position).await.unwrap().unwrap().recorded_at);
    }
    moments.len()
}

async fn each_line_of_a_batch_has_its_answer_and_a_wrong_one_stops_no_other(office: BackOffice) {
    let (annas, bertas) = (office.ready_to_add_a_key("anna").await, office.ready_to_add_a_key("berta").await);
    let lines = [
        with(&annas, "slug", "leaflet-1"),
        String::new(),
        "{ not json".to_owned(),
        with(&annas, "group_id", bertas["group_id"].clone()),
        with(&annas, "cap", 0),
        with(&annas, "slug", "Leaflet-1"),
        with(&bertas, "note", "Ask Zoë"),
        "[]".to_owned(),
    ];
    let answers = office.lines("/signup-keys:batch", &[], &lines).await;
    assert_eq!(statuses(&answers), [(1, 201), (3, 400), (4, 409), (5, 422), (6, 409), (7, 201), (8, 422)]);
    let key = &answers[0]["signup_key"];
    assert_eq!((&key["key"], &key["usable"], &key["version"]), (&json!("leaflet-1"), &json!(true), &json!(1)));
    assert_eq!(*key, office.get("/signup-keys/leaflet-1").await);
    assert_eq!(answers[2]["problem"]["code"], "group_of_another_agent");
    assert_eq!(answers[3]["problem"]["errors"][0]["field"], "cap");
    assert_eq!(answers[4]["problem"]["code"], "slug_taken");
    assert_eq!(answers[5]["signup_key"]["note"], "Ask Zoë");
    assert_eq!(office.get("/signup-keys").await["items"].as_array().unwrap().len(), 2);
}

async fn a_batch_that_is_sent_again_gets_the_same_answers(office: BackOffice) {
    let annas = office.ready_to_add_a_key("anna").await;
    let lines = [annas.to_string(), with(&annas, "cap", 0), annas.to_string()];
    let send = async |key: &str, lines: &[String]| {
        office.lines("/signup-keys:batch", &[("idempotency-key", key)], lines).await
    };
    let first = send("import-1", &lines).await;
    assert_eq!(statuses(&first), [(1, 201), (2, 422), (3, 201)]);
    assert_ne!(first[0]["signup_key"]["key"], first[2]["signup_key"]["key"]);
    let head = office.app.log.head().await.unwrap();
    let again = send("import-1", &lines).await;
    assert_eq!(first, again);
    let other = send("import-1", &[with(&annas, "label", "other")]).await;
    assert_eq!(
        (statuses(&other), &other[0]["problem"]["type"]),
        (vec![(1, 422)], &json!("urn:signpost:problem:idempotency-key-reused"))
    );
    assert_eq!(office.app.log.head().await.unwrap(), head);
}

async fn agents_groups_and_keys_are_added_by_the_thousand_in_one_commit(office: BackOffice) {
    let agent = |login: &str| {
        json!({ "login": login, "password": PASSWORD, "permissions": ["sales"],
            "remittance_threshold": { "amount": "50.00", "currency": "EUR" } })
        .to_string()
    };
    let agents = office.lines("/agents:batch", &[], &[agent("anna"), agent("Anna"), agent("berta"), agent("x")]).await;
    assert_eq!(statuses(&agents), [(1, 201), (2, 409), (3, 201), (4, 422)]);
    assert_eq!(commits(&office, &agents).await, 1);
    let anna = agents[0]["agent"]["id"].as_str().unwrap();
    assert_eq!(office.get(&format!("/agents/{anna}")).await["login"], "anna");

    let group = |number: usize| json!({ "name": format!("Group {number}"), "agent_id": anna }).to_string();
    let groups = office.lines("/groups:batch", &[], &(0..1_000).map(group).collect::<Vec<_>>()).await;
    assert!(groups.len() == 1_000 && groups.iter().all(|answer| answer["status"] == 201), "{}", groups[0]);
    assert_eq!((commits(&office, &groups).await, &groups[999]["group"]["name"]), (1, &json!("Group 999")));

    let plan = office.call_plan("VoIP").await;
    office.grant(anna, &plan).await.expect(200);
    let key = |number: usize| {
        let group = &groups[number]["group"]["id"];
        json!({ "agent_id": anna, "call_plan_id": plan, "group_id": group, "label": format!("Shop {number}") })
            .to_string()
    };
    let keys = office.lines("/signup-keys:batch", &[], &(0..1_000).map(key).collect::<Vec<_>>()).await;
    assert!(keys.len() == 1_000 && keys.iter().all(|answer| answer["status"] == 201), "{}", keys[0]);
    assert_eq!((commits(&office, &keys).await, &keys[7]["signup_key"]["label"]), (1, &json!("Shop 7")));
    let found = office.get("/signup-keys?search=shop%20999").await;
    assert_eq!(found["items"][0]["key"], keys[999]["signup_key"]["key"]);
}

async fn a_batch_is_bounded_and_each_line_is_checked_as_if_it_came_alone(office: BackOffice) {
    let bearer = format!("Bearer {TOKEN}");
    let send = async |kind: &'static str, body: String| {
        let headers = [("authorization", bearer.as_str()), ("content-type", kind)];
        office.send("POST", "/api/v1/groups:batch", &headers, body.into_bytes()).await
    };
    for (kind, body, status) in [
        ("application/json", "{}".to_owned(), 415),
        ("application/x-ndjson", "\n\n".to_owned(), 422),
        ("application/x-ndjson", "{}\n".repeat(1_001), 422),
        ("application/x-ndjson", " ".repeat(9_000_000), 413),
    ] {
        assert_eq!(send(kind, body).await.status, status, "{kind}");
    }
    // Who may write agents may not give them screens beyond the own scopes, line by line.
    let issued = office.post("/api-tokens", &json!({ "name": "import", "scopes": ["agents:write"] })).await.expect(201);
    let bearer = format!("Bearer {}", issued["token"].as_str().unwrap());
    let line = |login: &str, screen: &str| {
        json!({ "login": login, "password": PASSWORD, "permissions": [screen],
            "remittance_threshold": { "amount": "50.00", "currency": "EUR" } })
        .to_string()
    };
    let body = [line("anna", "sales"), line("berta", "support")].join("\n");
    let headers = [("authorization", bearer.as_str()), ("content-type", "application/x-ndjson")];
    let reply = office.send("POST", "/api/v1/agents:batch", &headers, body.into_bytes()).await;
    let answers: Vec<Value> = reply.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((statuses(&answers), &answers[0]["problem"]["scope"]), (vec![(1, 403), (2, 201)], &json!("sales:read")));
}
