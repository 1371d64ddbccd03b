//! Call plans usable: several are granted or withdrawn by one command, and a withdrawal needs a reason.

use harness::operator::PASSWORD;
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::office::{BackOffice, faults};

harness::on_both_databases!(crate::office::BackOffice::open:
    several_grants_sent_at_once_are_all_made_or_none,
    a_withdrawal_on_a_page_takes_a_reason,
    a_withdrawal_by_the_api_may_say_why,
    a_page_without_choices_says_what_is_missing,
);

async fn operator(office: &BackOffice) -> Browser<'_> {
    let mut operator = Browser::new(office);
    operator.sign_in("/sign-in", "operator", PASSWORD).await;
    operator
}

async fn granted(office: &BackOffice, agent: &str) -> usize {
    office.get(&format!("/agents/{agent}/call-plans")).await["items"].as_array().unwrap().len()
}

async fn several_grants_sent_at_once_are_all_made_or_none(office: BackOffice) {
    let agent = office.agent("anna").await;
    let (one, other) = (office.call_plan("One").await, office.call_plan("Other").await);
    let operator = operator(&office).await;
    let path = format!("/agents/{agent}/call-plans/add");
    let page = operator.page(&path).await;
    office.post(&format!("/call-plans/{other}/retire"), &Value::Null).await.expect(200);
    let both = [("call_plans[]", one.as_str()), ("call_plans[]", other.as_str())];
    let reply = operator.send(&path, &page, &both).await;
    assert_eq!(reply.status, 422, "{}", reply.text);
    assert_eq!(granted(&office, &agent).await, 0, "a part of a refused form was done");
    let third = office.call_plan("Third").await;
    let both = [("call_plans[]", one.as_str()), ("call_plans[]", third.as_str())];
    let page = operator.page(&path).await;
    for _ in 0..2 {
        assert_eq!(operator.send(&path, &page, &both).await.status, 303);
    }
    assert_eq!(granted(&office, &agent).await, 2);
    assert_eq!(office.get(&format!("/agents/{agent}")).await["version"], 3);
}

async fn a_withdrawal_on_a_page_takes_a_reason(office: BackOffice) {
    let agent = office.agent("anna").await;
    let plan = office.call_plan("One").await;
    office.grant(&agent, &plan).await.expect(200);
    let operator = operator(&office).await;
    let path = format!("/agents/{agent}/call-plans/withdraw");
    let page = operator.page(&path).await;
    let silent = operator.send(&path, &page, &[("call_plans[]", plan.as_str()), ("reason", " ")]).await;
    assert_eq!(silent.status, 422);
    assert!(silent.text.contains("reason-fault"), "{}", silent.text);
    assert_eq!(granted(&office, &agent).await, 1);
    let withdrawn = operator.send(&path, &page, &[("call_plans[]", plan.as_str()), ("reason", "Contract ended")]).await;
    assert_eq!(withdrawn.status, 303, "{}", withdrawn.text);
    assert_eq!(granted(&office, &agent).await, 0);
    assert!(operator.page(&format!("/agents/{agent}/history")).await.contains("Contract ended"));
}

async fn a_withdrawal_by_the_api_may_say_why(office: BackOffice) {
    let agent = office.agent("anna").await;
    let plan = office.call_plan("One").await;
    office.grant(&agent, &plan).await.expect(200);
    let path = format!("/agents/{agent}/call-plans/{plan}");
    let delete = async |query: &str| {
        office.call("DELETE", &format!("{path}{query}"), &[("idempotency-key", "k")], &Value::Null).await
    };
    assert_eq!(faults(&delete(&format!("?reason={}", "x".repeat(9_000))).await.expect(422))[0].0, "reason");
    let answer = delete("?reason=Contract%20ended").await.expect(200);
    assert_eq!((&answer["granted"], &answer["keys_stopped"]), (&json!(false), &json!(0)));
    assert_eq!(delete("?reason=Contract%20ended").await.expect(200), answer);
    delete("?reason=Another").await.expect(422);
    let operator = operator(&office).await;
    assert!(operator.page(&format!("/agents/{agent}/history")).await.contains("Contract ended"));
}

async fn a_page_without_choices_says_what_is_missing(office: BackOffice) {
    let agent = office.agent("anna").await;
    let operator = operator(&office).await;
    let (add, withdraw) = (format!("/agents/{agent}/call-plans/add"), format!("/agents/{agent}/call-plans/withdraw"));
    let key = format!("/signup-keys/new?agent_id={agent}");
    let says = async |path: &str, words: &str| {
        let page = operator.page(path).await;
        assert!(page.contains(words), "{path}: {page}");
        assert!(!page.contains("<button>Confirm data") && !page.contains("name=\"_once\""), "{path} has a form");
    };
    says(&add, "Add a call plan first.").await;
    says(&withdraw, "This agent has no call plan to withdraw.").await;
    says(&key, "This agent has no call plan to sell.").await;
    let plan = office.call_plan("One").await;
    office.grant(&agent, &plan).await.expect(200);
    says(&add, "This agent already has every call plan.").await;
    says(&key, "This agent has no customer group.").await;
    let mut annas = Browser::new(&office);
    annas.sign_in("/portal/sign-in", "anna", PASSWORD).await;
    let page = annas.page("/portal/signup-keys/new").await;
    assert!(page.contains("You need a call plan and a customer group first.") && !page.contains("name=\"_once\""));
}
