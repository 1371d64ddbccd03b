//! Pages say what is so: what changed, what a permission opens, what a call plan costs.

use serde_json::json;

use crate::browser::Browser;
use crate::office::{Office, PASSWORD};

crate::on_both!(
    a_form_that_changes_nothing_does_not_say_that_it_did,
    a_permission_that_opens_no_page_is_offered_to_nobody_new,
    an_agent_sees_what_the_plans_that_they_sell_cost,
    a_browser_gets_a_page_with_its_menu_whatever_is_wrong,
);

async fn a_form_that_changes_nothing_does_not_say_that_it_did(office: Office) {
    let plan = office.call_plan("One").await;
    let mut operator = Browser::new(&office);
    operator.sign_in("/sign-in", "operator", PASSWORD).await;
    let path = format!("/call-plans/{plan}");
    for (name, word) in [("One", "unchanged"), ("Two", "changed"), ("Two", "unchanged")] {
        let fields = [("name", name), ("description", ""), ("price_text", "")];
        let reply = operator.fill(&path, &fields).await;
        assert!(reply.header("location").ends_with(&format!("?done={word}")), "{name}: {}", reply.header("location"));
    }
    assert!(operator.page(&format!("{path}?done=unchanged")).await.contains("Nothing was changed"));
}

async fn a_permission_that_opens_no_page_is_offered_to_nobody_new(office: Office) {
    let mut body = crate::office::agent("anna");
    body["permissions"] = json!(["customers", "commission"]);
    let anna = crate::office::id(&office.post("/agents", &body).await.expect(201));
    let mut operator = Browser::new(&office);
    operator.sign_in("/sign-in", "operator", PASSWORD).await;
    let new = operator.page("/agents/new").await;
    assert!(new.contains("value=\"support\"") && !new.contains("value=\"commission\""));
    assert!(!new.contains("value=\"remittance\""));
    // Whoever has it keeps it, whatever else is edited.
    let edit = operator.page(&format!("/agents/{anna}/edit")).await;
    assert!(edit.contains("value=\"commission\" checked") && !edit.contains("value=\"remittance\""));
}

async fn an_agent_sees_what_the_plans_that_they_sell_cost(office: Office) {
    let body = office.ready_to_add_a_key("anna").await;
    let plan = format!("/call-plans/{}", body["call_plan_id"].as_str().unwrap());
    let change = json!({ "description": "Calls to the moon", "price_text": "9.90 EUR a month" });
    office.call("PATCH", &plan, &[], &change).await.expect(200);
    let key = office.post("/signup-keys", &body).await.expect(201)["key"].as_str().unwrap().to_owned();
    let agent = format!("/agents/{}", body["agent_id"].as_str().unwrap());
    let screens = json!({ "permissions": ["call_plans", "signup_urls"] });
    office.call("PATCH", &agent, &[("if-match", "\"2\"")], &screens).await.expect(200);
    let granted = office.get(&format!("{agent}/call-plans")).await;
    assert_eq!(granted["items"][0]["price_text"], "9.90 EUR a month");
    let mut anna = Browser::new(&office);
    anna.sign_in("/portal/sign-in", "anna", PASSWORD).await;
    for path in ["/portal/call-plans".to_owned(), format!("/portal/signup-keys/{key}")] {
        let page = anna.page(&path).await;
        assert!(page.contains("Calls to the moon") && page.contains("9.90 EUR a month"), "{path}: {page}");
    }
}

async fn a_browser_gets_a_page_with_its_menu_whatever_is_wrong(office: Office) {
    let mut body = crate::office::agent("anna");
    body["permissions"] = json!(["signup_urls"]);
    office.post("/agents", &body).await.expect(201);
    let (mut operator, mut anna, stranger) = (Browser::new(&office), Browser::new(&office), Browser::new(&office));
    operator.sign_in("/sign-in", "operator", PASSWORD).await;
    anna.sign_in("/portal/sign-in", "anna", PASSWORD).await;
    let menu = |path: &str| format!("<a href=\"{path}\">Signup URLs</a>");
    for path in [
        "/nowhere",
        "/agents/019a0000-0000-7000-8000-000000000000",
        "/agents/%FF",
        "/agents/x/pause",
        "/settings/nowhere",
    ] {
        let reply = operator.browse("GET", path).await;
        assert_eq!(reply.status, 404, "{path}");
        assert!(reply.text.contains(&menu("/signup-keys")), "{path}: {}", reply.text);
    }
    for (path, status) in
        [("/portal/nowhere", 404), ("/portal/signup-keys/NOSUCHKEY000", 404), ("/portal/customers", 403)]
    {
        let reply = anna.browse("GET", path).await;
        assert_eq!(reply.status, status, "{path}");
        assert!(reply.text.contains(&menu("/portal/signup-keys")), "{path}: {}", reply.text);
    }
    let wrong = operator.browse("DELETE", "/settings").await;
    assert_eq!((wrong.status.as_u16(), wrong.text.contains(&menu("/signup-keys"))), (405, true));
    let large = operator.post("/call-plans/new", &[("name", &"x".repeat(400_000))]).await;
    assert_eq!((large.status.as_u16(), large.text.contains(&menu("/signup-keys"))), (413, true), "{}", large.text);
    for path in ["/nowhere", "/portal/nowhere", "/api/v1/nowhere"] {
        let reply = stranger.browse("GET", path).await;
        assert_eq!((reply.status.as_u16(), reply.text.starts_with("<!doctype html>")), (404, true), "{path}");
        assert!(!reply.text.contains("Signup URLs"));
        let program = stranger.get(path).await;
        assert_eq!(program.header("content-type"), "application/problem+json", "{path}");
    }
}
