//! Typed texts that every field refuses, in the API and on pages.

use harness::operator::{PASSWORD, agent_body};
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::office::{BackOffice, faults};

harness::on_both_databases!(crate::office::BackOffice::open:
    a_login_hides_nothing_and_looks_like_no_other,
    no_field_puts_a_line_separator_into_an_event,
    an_agents_address_is_one_in_every_way_of_writing_its_domain,
);

async fn a_login_hides_nothing_and_looks_like_no_other(office: BackOffice) {
    for (login, code) in [
        ("\u{430}dmin", "look_alike"),
        ("ad\u{200b}min", "invisible_character"),
        ("\u{202e}nimda", "invisible_character"),
        ("ad\u{a0}min", "invalid"),
    ] {
        let problem = office.post("/agents", &agent_body(login)).await.expect(422);
        assert_eq!(faults(&problem), [("login", code)]);
        let problem = office.post("/operators", &json!({ "login": login, "password": PASSWORD })).await.expect(422);
        assert_eq!(faults(&problem), [("login", code)]);
    }
    let mut operator = Browser::new(&office);
    operator.sign_in("/sign-in", "operator", PASSWORD).await;
    let form = [("login", "\u{430}dmin"), ("password", PASSWORD)];
    let answer = operator.fill("/operators/new", &form).await;
    assert!(answer.text.contains("must be written in one script"), "{}", answer.text);
}

async fn no_field_puts_a_line_separator_into_an_event(office: BackOffice) {
    let agent_id = office.agent("anna").await;
    for separator in ['\u{85}', '\u{2028}', '\u{2029}'] {
        let text = format!("one{separator}two");
        let plan = json!({ "name": text, "description": text, "price_text": text });
        let problem = office.post("/call-plans", &plan).await.expect(422);
        let refused = ["description", "name", "price_text"].map(|field| (field, "control_character"));
        assert_eq!(faults(&problem), refused);
        let message = json!({ "text": text });
        let problem = office.post(&format!("/agents/{agent_id}/messages"), &message).await.expect(422);
        assert_eq!(faults(&problem), [("text", "control_character")]);
        let problem = office.post(&format!("/agents/{agent_id}/suspend"), &json!({ "reason": text })).await.expect(422);
        assert_eq!(faults(&problem), [("reason", "control_character")]);
        let branding = json!({ "branding": { "name": text } });
        let problem = office.call("PUT", "/settings", &[], &branding).await.expect(422);
        assert_eq!(faults(&problem), [("branding.name", "control_character")]);
    }
    let events = office.call("GET", "/events?after=0", &[], &Value::Null).await;
    assert!(!events.text.contains(['\u{85}', '\u{2028}', '\u{2029}']));
}

async fn an_agents_address_is_one_in_every_way_of_writing_its_domain(office: BackOffice) {
    let mut body = agent_body("lea.roth");
    for email in ["lea", "lea@localhost", "lea@ex\u{430}mple.org", "a\u{200b}b@example.org"] {
        body["contact"] = json!({ "email": email });
        let problem = office.post("/agents", &body).await.expect(422);
        assert_eq!(faults(&problem), [("contact.email", "invalid")], "{email}");
    }
    body["contact"] = json!({ "email": "Lea@mu\u{308}nchen.example" });
    office.post("/agents", &body).await.expect(201);
    for search in ["lea@m%C3%BCnchen.example", "lea@xn--mnchen-3ya.example", "lea@m%C3%BCnchen%E3%80%82example"] {
        let found = &office.get(&format!("/agents?search={search}")).await["items"];
        assert_eq!(found[0]["login"], "lea.roth", "{search}: {found}");
    }
}
