//! The search over everything, on both faces.

use contract::ids::new_id;
use harness::operator::{PASSWORD, agent_body};
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::office::{BackOffice, id};
use crate::signups::{Seller, Signups, placed};

harness::on_both_databases!(crate::office::BackOffice::open:
    one_search_finds_agents_urls_groups_plans_and_payments,
    the_only_one_that_is_found_opens_at_once,
    an_agent_finds_their_own_only,
    a_role_finds_what_it_may_see,
    groups_are_found_by_the_words_of_name_and_description,
);

async fn operator(office: &BackOffice) -> Browser<'_> {
    let mut operator = Browser::new(office);
    operator.sign_in("/sign-in", "operator", PASSWORD).await;
    operator
}

async fn one_search_finds_agents_urls_groups_plans_and_payments(office: BackOffice) {
    let mut body = office.ready_to_add_a_key("harbour-shop").await;
    let agent = format!("/agents/{}", body["agent_id"].as_str().unwrap());
    let contact = json!({ "contact": { "phone": "+49 30 1234567", "company": "Harbour & <Sons>" } });
    office.call("PATCH", &agent, &[("if-match", "*")], &contact).await.expect(200);
    office.call_plan("Harbour calls").await;
    office.group("Harbour customers", body["agent_id"].as_str().unwrap()).await;
    (body["slug"], body["label"]) = ("leaflet".into(), "Harbour leaflet".into());
    office.post("/signup-keys", &body).await.expect(201);
    let operator = operator(&office).await;
    let page = operator.page("/search?q=harbour").await;
    for part in
        ["harbour-shop", "Harbour calls", "Harbour customers", "href=\"/signup-keys/leaflet\"", "Harbour leaflet"]
    {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert!(page.contains("value=\"harbour\"") && !page.contains("Nothing matches"), "{page}");
    // Of many only the first are shown, with the way to all.
    for number in 0..6 {
        office.group(&format!("Station {number}"), body["agent_id"].as_str().unwrap()).await;
    }
    let page = operator.page("/search?q=station").await;
    assert!(page.contains("Station 4") && !page.contains("Station 5"), "{page}");
    assert!(page.contains("href=\"/groups?search=station\""), "{page}");
    for (search, said) in [("%20", "Type what you look for."), ("nothing-like-it", "Nothing matches.")] {
        assert!(operator.page(&format!("/search?q={search}")).await.contains(said), "{search}");
    }
    let odd = operator.page("/search?q=%3Cscript%3E%27%22%00%FF").await;
    assert!(odd.contains("Nothing matches.") && !odd.contains("<script>"), "{odd}");
}

async fn the_only_one_that_is_found_opens_at_once(office: BackOffice) {
    let mut body = office.ready_to_add_a_key("anna").await;
    let agent = format!("/agents/{}", body["agent_id"].as_str().unwrap());
    let contact = json!({ "contact": { "phone": "+49 30 1234567" } });
    office.call("PATCH", &agent, &[("if-match", "*")], &contact).await.expect(200);
    body["slug"] = "leaflet".into();
    office.post("/signup-keys", &body).await.expect(201);
    let payment = json!({ "reference": "pay-1", "customer_number": "1234567890", "received_at": "2026-01-01T00:00:00Z",
        "amount": { "amount": "1.00", "currency": "EUR" } });
    office.post("/payments", &payment).await.expect(201);
    let operator = operator(&office).await;
    for (text, opened) in [
        ("030+1234567", agent.as_str()),
        ("https%3A%2F%2Fmy.example%2Fsignup%2FLEAFLET", "/signup-keys/leaflet"),
        ("+pay-1+", "/payments/pay%2D1"),
    ] {
        let reply = operator.get(&format!("/search?q={text}")).await;
        assert_eq!((reply.status.as_u16(), reply.header("location")), (303, opened), "{text}: {}", reply.text);
    }
}

async fn seller(office: &BackOffice, login: &str) -> Seller {
    let agent_id = id(&office.post("/agents", &full_agent(login)).await.expect(201));
    let call_plan_id = office.call_plan("VoIP").await;
    office.grant(&agent_id, &call_plan_id).await.expect(200);
    let group_id = office.group(&format!("{login}'s group"), &agent_id).await;
    let key = json!({ "agent_id": agent_id, "call_plan_id": call_plan_id, "group_id": group_id });
    let key = office.post("/signup-keys", &key).await.expect(201)["key"].as_str().unwrap().to_owned();
    let [agent_id, call_plan_id, group_id] = [agent_id, call_plan_id, group_id].map(|id| id.parse().unwrap());
    Seller { agent_id, call_plan_id, group_id, key }
}

/// An agent with the screens whose things are found.
fn full_agent(login: &str) -> Value {
    let mut body = agent_body(login);
    body["permissions"] = json!(["signup_urls", "customers"]);
    body
}

async fn an_agent_finds_their_own_only(office: BackOffice) {
    let signups = Signups::new().await;
    let (anna, berta) = (seller(&office, "anna").await, seller(&office, "berta").await);
    let sold = |seller: &Seller, number: &str| placed(seller, new_id(), number, None);
    let position = signups.append(vec![sold(&anna, "1111111111"), sold(&berta, "1122222222")]).await;
    let office = office.following(&signups).await;
    office.get(&format!("/sales?at_least={position}")).await;
    let mut agent = Browser::new(&office);
    agent.sign_in("/portal/sign-in", "anna", PASSWORD).await;
    let own = agent.get(&format!("/portal/search?q={}", anna.key)).await;
    assert_eq!(own.header("location"), format!("/portal/signup-keys/{}", anna.key));
    for (text, found) in [(berta.key.as_str(), false), ("2222", false), ("1122222222", false), ("berta", false)] {
        let page = agent.page(&format!("/portal/search?q={text}")).await;
        assert_eq!(!page.contains("Nothing matches."), found, "{text}: {page}");
    }
    assert_eq!(agent.get("/portal/search?q=111").await.header("location"), "/portal/customers?search=1111111111");
}

async fn a_role_finds_what_it_may_see(office: BackOffice) {
    let payment = json!({ "reference": "pay-1", "customer_number": "1234567890", "received_at": "2026-01-01T00:00:00Z",
        "amount": { "amount": "1.00", "currency": "EUR" } });
    office.post("/payments", &payment).await.expect(201);
    let body = json!({ "login": "support-desk", "password": PASSWORD, "role": "support" });
    office.post("/operators", &body).await.expect(201);
    let mut support = Browser::new(&office);
    support.sign_in("/sign-in", "support-desk", PASSWORD).await;
    assert!(support.page("/search?q=pay-1").await.contains("Nothing matches."));
}

async fn groups_are_found_by_the_words_of_name_and_description(office: BackOffice) {
    let agent = office.agent("anna").await;
    let group = json!({ "name": "Zoë's shop", "description": "Ring-binders", "agent_id": agent });
    let group = office.post("/groups", &group).await.expect(201);
    office.group("Other", &agent).await;
    for search in ["zoe", "SHOP", "binders", &format!("zoe&agent_id={agent}")] {
        let found = office.get(&format!("/groups?search={search}")).await;
        assert_eq!(found["items"], json!([group]), "{search}");
    }
    let path = format!("/groups/{}", group["id"].as_str().unwrap());
    office.call("PATCH", &path, &[], &json!({ "name": "Kiosk" })).await.expect(200);
    assert_eq!(office.get("/groups?search=zoe").await["items"], json!([]));
    assert_eq!(office.get("/groups?search=kiosk").await["items"][0]["id"], group["id"]);
}
