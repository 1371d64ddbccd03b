//! Canned answers: who may change them, what is refused, and how one comes into a message. And the warning where an agent cannot read.

use harness::operator::{PASSWORD, agent_body};
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::office::{BackOffice, faults, id};

harness::on_both_databases!(crate::office::BackOffice::open:
    an_answer_is_added_changed_and_removed,
    names_are_unique_and_the_number_is_limited,
    an_answer_is_put_into_the_message_without_script,
    a_role_without_the_settings_uses_answers_and_changes_none,
    a_warning_says_why_an_agent_cannot_read,
);

const TEXT: &str = "Thank you.\nWe look into it & answer soon.";

async fn signed_in<'a>(office: &'a BackOffice, login: &str) -> Browser<'a> {
    let mut browser = Browser::new(office);
    assert_eq!(browser.sign_in("/sign-in", login, PASSWORD).await.status, 303);
    browser
}

async fn agent(office: &BackOffice, permission: &str) -> String {
    let mut body = agent_body("anna");
    body["permissions"] = json!([permission]);
    id(&office.post("/agents", &body).await.expect(201))
}

async fn put(office: &BackOffice, answers: &Value) -> crate::office::Reply {
    office.call("PUT", "/settings", &[], &json!({ "canned_answers": answers })).await
}

async fn an_answer_is_added_changed_and_removed(office: BackOffice) {
    let operator = signed_in(&office, "operator").await;
    assert!(operator.page("/canned-answers").await.contains("No canned answers yet"));
    let added = operator.fill("/canned-answers/new", &[("name", "Soon / later"), ("text", TEXT)]).await;
    assert_eq!(added.header("location"), "/canned-answers?done=added", "{}", added.text);
    assert_eq!(office.get("/settings").await["canned_answers"], json!([{ "name": "Soon / later", "text": TEXT }]));
    let list = operator.page("/canned-answers").await;
    assert!(list.contains("Soon / later") && list.contains("/canned-answers/Soon%20%2F%20later/edit"), "{list}");
    let edit = "/canned-answers/Soon%20%2F%20later/edit";
    assert!(operator.page(edit).await.contains("We look into it &#38; answer soon."));
    let changed = operator.fill(edit, &[("name", "Soon"), ("text", "Soon.")]).await;
    assert_eq!(changed.header("location"), "/canned-answers?done=changed", "{}", changed.text);
    assert_eq!(office.get("/settings").await["canned_answers"], json!([{ "name": "Soon", "text": "Soon." }]));
    assert_eq!(operator.get(edit).await.status, 404);
    // Other settings leave them alone.
    put_zone(&office).await;
    let removed = operator.fill("/canned-answers/Soon/remove", &[]).await;
    assert_eq!(removed.header("location"), "/canned-answers?done=removed", "{}", removed.text);
    assert_eq!(office.get("/settings").await["canned_answers"], json!([]));
}

async fn put_zone(office: &BackOffice) {
    let set = office.call("PUT", "/settings", &[], &json!({ "time_zone": "Europe/Berlin" })).await.expect(200);
    assert_eq!(set["canned_answers"].as_array().unwrap().len(), 1);
}

async fn names_are_unique_and_the_number_is_limited(office: BackOffice) {
    let answer = |name: &str, text: &str| json!({ "name": name, "text": text });
    let problem = put(&office, &json!([answer("Soon", "a"), answer(" SOON ", "b"), answer("", "")])).await.expect(422);
    assert_eq!(
        faults(&problem),
        [
            ("canned_answers.1.name", "duplicate"),
            ("canned_answers.2.name", "required"),
            ("canned_answers.2.text", "required")
        ]
    );
    let many: Vec<Value> = (0..51).map(|number| answer(&number.to_string(), "x")).collect();
    assert_eq!(faults(&put(&office, &json!(many)).await.expect(422)), [("canned_answers", "too_many")]);
    put(&office, &json!(many[..49])).await.expect(200);
    let long = put(&office, &json!([answer("Long", &"x".repeat(4_001))])).await.expect(422);
    assert_eq!(faults(&long), [("canned_answers.0.text", "too_long")]);
    let operator = signed_in(&office, "operator").await;
    let add = async |name: &'static str, text: &'static str| {
        operator.fill("/canned-answers/new", &[("name", name), ("text", text)]).await
    };
    for (name, text, words) in [("7", "x", "must be the name of one answer only"), ("Eight", "", "must not be empty")] {
        let refused = add(name, text).await;
        assert!(refused.status == 422 && refused.text.contains(words), "{name}: {}", refused.text);
    }
    assert_eq!(add("The last", "x").await.status, 303);
    let refused = add("One more", "x").await;
    assert!(refused.status == 422 && refused.text.contains("must be at most 50 answers"), "{}", refused.text);
}

async fn an_answer_is_put_into_the_message_without_script(office: BackOffice) {
    let path = format!("/support/{}", agent(&office, "support").await);
    let operator = signed_in(&office, "operator").await;
    assert!(!operator.page(&path).await.contains("name=\"_use\""));
    put(&office, &json!([{ "name": "Soon", "text": TEXT }])).await.expect(200);
    let page = operator.page(&path).await;
    assert!(page.contains("<option value=\"Soon\""), "{page}");
    let fields = [("text", "Dear Anna,"), ("_answer", "Soon"), ("_use", "yes")];
    let used = operator.send(&path, &page, &fields).await;
    assert_eq!(used.status, 200);
    let expected = "Dear Anna,\n\nThank you.\nWe look into it &#38; answer soon.</textarea>";
    assert!(used.text.contains(expected) && used.text.contains("There is no message yet"), "{}", used.text);
    let sent = operator.send(&path, &used.text, &[("text", "Dear Anna,")]).await;
    assert_eq!(sent.header("location"), format!("{path}?done=sent"));
    let stale = operator.send(&path, &page, &[("text", "Still here"), ("_answer", "Gone"), ("_use", "yes")]).await;
    assert!(stale.text.contains("Still here</textarea>"), "{}", stale.text);
}

async fn a_role_without_the_settings_uses_answers_and_changes_none(office: BackOffice) {
    let path = format!("/support/{}", agent(&office, "support").await);
    put(&office, &json!([{ "name": "Soon", "text": TEXT }])).await.expect(200);
    let helper = json!({ "login": "helper", "password": PASSWORD, "role": "support" });
    office.post("/operators", &helper).await.expect(201);
    let helper = signed_in(&office, "helper").await;
    assert!(helper.page(&path).await.contains("<option value=\"Soon\""));
    let list = helper.page("/canned-answers").await;
    assert!(list.contains("Soon") && !list.contains("/edit\"") && !list.contains("Add canned answer"), "{list}");
    for closed in ["/canned-answers/new", "/canned-answers/Soon/edit", "/canned-answers/Soon/remove"] {
        assert_eq!(helper.get(closed).await.status, 403, "{closed}");
    }
}

async fn a_warning_says_why_an_agent_cannot_read(office: BackOffice) {
    const CANNOT: &str = "The agent cannot read messages";
    let agent = agent(&office, "support").await;
    let (path, operator) = (format!("/support/{agent}"), signed_in(&office, "operator").await);
    assert!(!operator.page(&path).await.contains(CANNOT));
    let change = json!({ "permissions": ["sales"] });
    office.call("PATCH", &format!("/agents/{agent}"), &[("if-match", "*")], &change).await.expect(200);
    let page = operator.page(&path).await;
    assert!(page.contains(CANNOT) && page.contains("does not have the screen Support"), "{page}");
    assert!(page.contains(&format!("href=\"/agents/{agent}/edit\">Edit the agent</a>")), "{page}");
    for (step, words) in [("suspend", "they are suspended"), ("close", "they are closed")] {
        office.post(&format!("/agents/{agent}/{step}"), &json!({})).await.expect(200);
        let page = operator.page(&path).await;
        assert!(page.contains(CANNOT) && page.contains(words), "{step}: {page}");
    }
}
