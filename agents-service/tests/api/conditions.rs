//! `If-Match` and `If-None-Match`.

use harness::operator::PASSWORD;
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::office::BackOffice;

harness::on_both_databases!(crate::office::BackOffice::open:
    if_match_follows_the_standard,
    an_action_looks_at_if_match_when_it_is_sent,
    an_unchanged_version_is_not_sent_again,
    a_preview_holds_for_the_version_that_it_was_shown_for,
);

async fn if_match_follows_the_standard(office: BackOffice) {
    let path = format!("/agents/{}", office.agent("anna").await);
    let mut number = 0;
    let mut change = async |if_match: &str| {
        number += 1;
        let change = json!({ "name": format!("Anna {number}") });
        office.call("PATCH", &path, &[("if-match", if_match)], &change).await
    };
    for nothing in ["\"+1\"", "\"2\", \"3\"", "W/\"1\"", "1", "+1", "\"01\"", "\"x\""] {
        change(nothing).await.expect(412);
    }
    assert_eq!(change("\"9\", \"1\"").await.expect(200)["version"], 2);
    assert_eq!(change("*").await.expect(200)["version"], 3);
    let unknown = "/agents/00000000-0000-7000-8000-000000000000";
    office.call("PATCH", unknown, &[("if-match", "*")], &json!({ "name": "x" })).await.expect(404);
}

async fn an_action_looks_at_if_match_when_it_is_sent(office: BackOffice) {
    let mut key = office.ready_to_add_a_key("anna").await;
    key["slug"] = json!("summer");
    office.post("/signup-keys", &key).await.expect(201);
    let text = |name: &str| key[name].as_str().unwrap().to_owned();
    let (agent, plan, group) = (text("agent_id"), text("call_plan_id"), text("group_id"));
    let actions = [
        ("POST", "/signup-keys/summer/pause".to_owned(), "/signup-keys/summer".to_owned(), json!({})),
        ("POST", "/signup-keys/summer/resume".to_owned(), "/signup-keys/summer".to_owned(), json!({})),
        ("PATCH", format!("/groups/{group}"), format!("/groups/{group}"), json!({ "description": "x" })),
        ("PATCH", format!("/call-plans/{plan}"), format!("/call-plans/{plan}"), json!({ "description": "x" })),
        (
            "PUT",
            "/settings".to_owned(),
            "/settings".to_owned(),
            json!({ "terms": { "version": "2", "text": "Be kind." } }),
        ),
        ("DELETE", format!("/agents/{agent}/call-plans/{plan}"), format!("/agents/{agent}"), Value::Null),
        ("PUT", format!("/agents/{agent}/call-plans/{plan}"), format!("/agents/{agent}"), Value::Null),
        ("POST", format!("/agents/{agent}/suspend"), format!("/agents/{agent}"), json!({})),
        ("POST", format!("/agents/{agent}/reinstate"), format!("/agents/{agent}"), json!({})),
        ("POST", format!("/agents/{agent}/close"), format!("/agents/{agent}"), json!({})),
        ("POST", format!("/call-plans/{plan}/retire"), format!("/call-plans/{plan}"), json!({})),
        ("POST", "/signup-keys/summer/revoke".to_owned(), "/signup-keys/summer".to_owned(), json!({})),
    ];
    for (method, path, thing, body) in actions {
        let known = office.call("GET", &thing, &[], &Value::Null).await.header("etag").to_owned();
        let stale = office.call(method, &path, &[("if-match", "\"999\"")], &body).await;
        assert_eq!(stale.status, 412, "{method} {path}: {}", stale.text);
        let done = office.call(method, &path, &[("if-match", &known)], &body).await;
        assert_eq!(done.status, 200, "{method} {path}: {}", done.text);
        let again = office.call("GET", &thing, &[], &Value::Null).await.header("etag").to_owned();
        assert_ne!(again, known, "{method} {path} changed nothing");
    }
}

async fn an_unchanged_version_is_not_sent_again(office: BackOffice) {
    let path = format!("/agents/{}", office.agent("anna").await);
    let tag = office.call("GET", &path, &[], &Value::Null).await.header("etag").to_owned();
    for known in [tag.clone(), format!("W/{tag}"), format!("\"99\", {tag}"), "*".to_owned()] {
        let reply = office.call("GET", &path, &[("if-none-match", &known)], &Value::Null).await;
        assert_eq!((reply.status.as_u16(), &*reply.text, reply.header("etag")), (304, "", &*tag), "{known}");
    }
    office.call("GET", &path, &[("if-none-match", "\"99\"")], &Value::Null).await.expect(200);
    office.call("PATCH", &path, &[("if-match", &tag)], &json!({ "name": "Anna" })).await.expect(200);
    office.call("GET", &path, &[("if-none-match", &tag)], &Value::Null).await.expect(200);
}

async fn a_preview_holds_for_the_version_that_it_was_shown_for(office: BackOffice) {
    let mut operator = Browser::new(&office);
    operator.sign_in("/sign-in", "operator", PASSWORD).await;
    let mut key = office.ready_to_add_a_key("anna").await;
    key["slug"] = json!("summer");
    office.post("/signup-keys", &key).await.expect(201);
    let text = |name: &str| key[name].as_str().unwrap().to_owned();
    let (agent, plan) = (text("agent_id"), text("call_plan_id"));
    let change_agent = (format!("/agents/{agent}"), "name");
    let change_plan = (format!("/call-plans/{plan}"), "description");
    let previews = [
        (
            format!("/agents/{agent}/call-plans/withdraw"),
            &change_agent,
            vec![("call_plans[]", plan.as_str()), ("reason", "Ended")],
        ),
        (format!("/agents/{agent}/suspend"), &change_agent, vec![]),
        (format!("/agents/{agent}/close"), &change_agent, vec![]),
        (format!("/call-plans/{plan}/retire"), &change_plan, vec![]),
    ];
    for (number, (path, (thing, field), fields)) in previews.into_iter().enumerate() {
        let page = operator.page(&path).await;
        let change = json!({ (*field): format!("Another {number}") });
        office.call("PATCH", thing, &[("if-match", "*")], &change).await.expect(200);
        let refused = operator.send(&path, &page, &fields).await;
        assert_eq!(refused.status, 422, "{path}: {}", refused.text);
        let done = operator.send(&path, &refused.text, &fields).await;
        assert_eq!(done.status, 303, "{path}: {}", done.text);
    }
    let page = operator.page("/signup-keys/summer/revoke").await;
    office.post("/signup-keys/summer/pause", &json!({})).await.expect(200);
    assert_eq!(operator.send("/signup-keys/summer/revoke", &page, &[]).await.status, 422);
}
