//! Commission terms are stated by whoever states the terms of agents, and by no agent.

use harness::operator::{PASSWORD, with};
use serde_json::json;

use crate::browser::Browser;
use crate::office::BackOffice;
use crate::paid::Shop;

harness::on_both_databases!(crate::office::BackOffice::open:
    terms_need_the_scope_of_agents_whatever_they_are_of,
    an_agent_cannot_state_the_commission_of_their_own_key,
    pages_state_percentages_and_leave_other_terms_alone,
);

async fn terms_need_the_scope_of_agents_whatever_they_are_of(office: BackOffice) {
    let shop = Box::pin(Shop::open(office, json!({}))).await;
    let bearer = shop.bearer(&["plans:write", "keys:write"]).await;
    let headers = [("authorization", bearer.as_str()), ("if-match", "*")];
    let plan = format!("/call-plans/{}", shop.seller.call_plan_id);
    let key = json!({
        "agent_id": shop.seller.agent_id, "call_plan_id": shop.seller.call_plan_id, "group_id": shop.seller.group_id,
    });
    let terms = [json!({ "commission_percent": "90" }), json!({ "commission": { "percent": "90" } })];
    for terms in terms {
        for (method, path, body) in [
            ("PATCH", plan.as_str(), terms.clone()),
            ("POST", "/call-plans", with(terms.clone(), json!({ "name": "Gold" }))),
            ("POST", "/signup-keys", with(key.clone(), terms.clone())),
            ("PATCH", "/signup-keys/harbour", terms.clone()),
        ] {
            let path = format!("/api/v1{path}");
            let reply = shop.office.send(method, &path, &headers, body.to_string().into_bytes()).await.expect(403);
            assert_eq!(reply["scope"], "agents:write", "{method} {path}");
        }
    }
    let name = json!({ "name": "Silver" }).to_string().into_bytes();
    shop.office.send("PATCH", &format!("/api/v1{plan}"), &headers, name).await.expect(200);
    assert_eq!(shop.pay("pay-1", "10.00").await["rate"], "10");
}

async fn an_agent_cannot_state_the_commission_of_their_own_key(office: BackOffice) {
    let shop = Box::pin(Shop::open(office, json!({}))).await;
    let mut browser = Browser::new(&shop.office);
    browser.sign_in("/portal/sign-in", "zoe-phones", PASSWORD).await;
    let (plan, group) = (shop.seller.call_plan_id.to_string(), shop.seller.group_id.to_string());
    let own = [("call_plan_id", plan.as_str()), ("group_id", group.as_str())];
    for name in ["commission_percent", "commission.percent"] {
        let fields = [own[0], own[1], (name, "100")];
        assert_eq!(browser.fill("/portal/signup-keys/new", &fields).await.status, 403, "{name}");
    }
    assert_eq!(browser.fill("/portal/signup-keys/new", &own).await.status, 303);
}

async fn pages_state_percentages_and_leave_other_terms_alone(office: BackOffice) {
    let shop = Box::pin(Shop::open(office, json!({}))).await;
    let mut browser = Browser::new(&shop.office);
    browser.sign_in("/sign-in", "operator", PASSWORD).await;
    let plan = format!("/call-plans/{}", shop.seller.call_plan_id);
    let fields = [("name", "VoIP"), ("description", ""), ("price_text", ""), ("commission_percent", "12.5")];
    let edit = format!("{plan}/edit");
    assert_eq!(browser.fill(&edit, &fields).await.status, 303);
    assert_eq!(shop.office.get(&plan).await["commission"]["rate"], "12.5");
    assert!(browser.page(&edit).await.contains("value=\"12.5\""));
    let flat = json!({ "commission": { "flat": { "amount": "5.00", "currency": "EUR" } } });
    shop.office.call("PATCH", &plan, &[("if-match", "*")], &flat).await.expect(200);
    assert!(!browser.page(&edit).await.contains("commission_percent"));
    assert_eq!(browser.fill(&edit, &[("name", "VoIP 2"), ("description", ""), ("price_text", "")]).await.status, 303);
    assert_eq!(shop.office.get(&plan).await["commission"]["rate"]["amount"], "5.00");
    let agent = format!("/agents/{}", shop.seller.agent_id);
    for (typed, kept) in [("30", json!(30)), ("", json!(null))] {
        let fields = [("hold_days", typed), ("permissions[]", "customers"), ("name", "Zoe")];
        let amount = [("remittance_threshold.amount", "100.00"), ("remittance_threshold.currency", "EUR")];
        let reply = browser.fill(&format!("{agent}/edit"), &[fields.as_slice(), amount.as_slice()].concat()).await;
        assert_eq!(reply.status, 303, "{}", reply.text);
        assert_eq!(shop.office.get(&agent).await["hold_days"], kept);
    }
}
