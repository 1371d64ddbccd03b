//! Bodies and queries must be unambiguous, and responses are not cached for others.

use harness::operator::agent_body;
use serde_json::{Value, json};

use crate::office::{BackOffice, TOKEN, faults};

harness::on_both_databases!(crate::office::BackOffice::open:
    a_list_is_no_object_and_a_member_is_not_repeated,
    a_query_parameter_is_given_once,
    a_path_that_is_no_text_is_a_problem,
    responses_are_not_cached_and_their_type_is_not_guessed,
);

async fn a_list_is_no_object_and_a_member_is_not_repeated(office: BackOffice) {
    let mut body = agent_body("anna");
    body["contact"] = json!(["ACME"]);
    body["permissions"] = json!(["customers", "x", "signup_urls", "y"]);
    let problem = office.post("/agents", &body).await.expect(422);
    assert_eq!(
        faults(&problem),
        [("contact", "wrong_type"), ("permissions.1", "unknown_value"), ("permissions.3", "unknown_value")]
    );
    assert_eq!(problem["errors"][1]["pointer"], "/permissions/1");
    let settings = json!({ "signup_fields": { "colour": "required", "city": "never" } });
    let problem = office.call("PUT", "/settings", &[], &settings).await.expect(422);
    assert_eq!(faults(&problem), [("signup_fields.city", "unknown_value"), ("signup_fields.colour", "unknown_value")]);
    let bearer = format!("Bearer {TOKEN}");
    let twice = br#"{"name":"One","name":"Two"}"#.to_vec();
    let reply = office.send("POST", "/api/v1/call-plans", &[("authorization", &bearer)], twice).await;
    assert_eq!(reply.expect(400)["type"], "urn:signpost:problem:duplicate-member");
}

async fn a_query_parameter_is_given_once(office: BackOffice) {
    let problem = office.call("GET", "/agents?limit=1&limit=2", &[], &Value::Null).await.expect(422);
    assert_eq!(faults(&problem), [("limit", "duplicate")]);
    assert_eq!(problem["errors"][0].get("pointer"), None, "a query has no pointer");
}

async fn a_path_that_is_no_text_is_a_problem(office: BackOffice) {
    for path in ["/agents/%FF", "/signup-keys/a%C3"] {
        let reply = office.call("GET", path, &[], &Value::Null).await;
        assert_eq!(reply.header("content-type"), "application/problem+json", "{path}: {}", reply.text);
        assert_eq!(reply.expect(400)["type"], "urn:signpost:problem:invalid-utf8");
    }
}

async fn responses_are_not_cached_and_their_type_is_not_guessed(office: BackOffice) {
    office.agent("anna").await;
    for path in ["/agents", "/settings", "/events", "/nothing", "/agents?limit=x", "/api-tokens"] {
        let reply = office.call("GET", path, &[], &Value::Null).await;
        let headers = (reply.header("cache-control"), reply.header("x-content-type-options"));
        assert_eq!(headers, ("no-store", "nosniff"), "{path}");
    }
    let made = office.post("/call-plans", &json!({ "name": "VoIP" })).await;
    assert_eq!(made.header("cache-control"), "no-store");
    let stranger = office.send("GET", "/api/v1/agents", &[], Vec::new()).await;
    assert_eq!((stranger.status.as_u16(), stranger.header("cache-control")), (401, "no-store"));
}
