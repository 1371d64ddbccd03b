//! An agent's page: its parts, who may open them, and what they weigh.

use harness::operator::PASSWORD;
use serde_json::json;

use crate::browser::Browser;
use crate::office::BackOffice;
use crate::paid::Shop;

harness::on_both_databases!(crate::office::BackOffice::open:
    each_part_of_an_agent_has_an_address_of_its_own,
    a_role_has_the_parts_that_it_may_open,
    what_waits_for_an_operator_is_told,
    what_an_agent_earned_stands_by_currency_in_page_list_and_file,
    no_part_of_an_agent_with_many_things_is_large,
);

/// The parts that need no signup service.
const PARTS: [(&str, &str); 6] = [
    ("/agents/{id}", "Overview"),
    ("/agents/{id}/urls", "URLs"),
    ("/agents/{id}/plans", "Plans and groups"),
    ("/agents/{id}/money", "Money"),
    ("/support/{id}", "Messages"),
    ("/agents/{id}/history", "History"),
];

async fn signed_in<'a>(office: &'a BackOffice, login: &str) -> Browser<'a> {
    let mut browser = Browser::new(office);
    assert_eq!(browser.sign_in("/sign-in", login, PASSWORD).await.status, 303);
    browser
}

async fn helper<'a>(office: &'a BackOffice, role: &str) -> Browser<'a> {
    let login = format!("one-of-{role}");
    office.post("/operators", &json!({ "login": login, "password": PASSWORD, "role": role })).await.expect(201);
    signed_in(office, &login).await
}

async fn each_part_of_an_agent_has_an_address_of_its_own(office: BackOffice) {
    let body = office.ready_to_add_a_key("anna").await;
    let agent = body["agent_id"].as_str().unwrap();
    office.post("/signup-keys", &body).await.expect(201);
    let operator = signed_in(&office, "operator").await;
    for (path, label) in PARTS {
        let path = path.replace("{id}", agent);
        let page = operator.page(&path).await;
        let current = format!("href=\"{path}\" aria-current=\"page\">{label}</a>");
        assert!(page.contains(&current), "{path}: {page}");
        for (other, label) in PARTS.iter().filter(|(_, other)| *other != label) {
            let link = format!("href=\"{}\">{label}</a>", other.replace("{id}", agent));
            assert!(page.contains(&link), "{path} lacks {link}: {page}");
        }
        assert!(page.contains(&format!("href=\"/agents/{agent}/customers\">Placed customers</a>")), "{page}");
    }
    let overview = operator.page(&format!("/agents/{agent}")).await;
    for action in ["Edit", "Copy from this agent", "Ledger", "Statements", "Suspend", "Close", "Add URL key"] {
        assert!(overview.contains(&format!(">{action}</a>")), "{action}: {overview}");
    }
    for action in ["All signup URLs", "Add call plans", "Withdraw call plans", "Add group", "Last month by group"] {
        assert!(overview.contains(&format!(">{action}</a>")), "{action}: {overview}");
    }
    let day = operator.page(&format!("/agents/{agent}/history?on=2020-01-01")).await;
    assert!(day.contains("Not there yet"), "{day}");
}

async fn a_role_has_the_parts_that_it_may_open(office: BackOffice) {
    let agent = office.agent("anna").await;
    for (role, money, customers) in [("support", false, true), ("finance", true, false), ("read_only", true, true)] {
        let role = role.replace('_', "-");
        let login = format!("one-of-{role}");
        let body = json!({ "login": login, "password": PASSWORD, "role": role.replace('-', "_") });
        office.post("/operators", &body).await.expect(201);
        let browser = signed_in(&office, &login).await;
        let page = browser.page(&format!("/agents/{agent}")).await;
        assert_eq!(page.contains(">Money</a>"), money, "{role}: {page}");
        assert_eq!(page.contains(">Placed customers</a>"), customers, "{role}: {page}");
        let list = browser.page("/agents").await;
        assert_eq!(list.contains("Earned in 30 days"), money, "{role}: {list}");
        let status = browser.get(&format!("/agents/{agent}/money")).await.status.as_u16();
        assert_eq!(status, if money { 200 } else { 403 }, "{role}");
    }
}

async fn what_waits_for_an_operator_is_told(office: BackOffice) {
    let anna = json!({ "login": "anna", "password": PASSWORD, "permissions": ["support"],
        "remittance_threshold": { "amount": "1", "currency": "EUR" } });
    let agent = crate::office::id(&office.post("/agents", &anna).await.expect(201));
    let operator = signed_in(&office, "operator").await;
    let path = format!("/agents/{agent}");
    assert!(!operator.page(&path).await.contains("What waits"));
    let mut portal = Browser::new(&office);
    portal.sign_in("/portal/sign-in", "anna", PASSWORD).await;
    portal.fill("/portal/support", &[("text", "May I sell more?")]).await;
    let correction = json!({ "amount": { "amount": "20", "currency": "EUR" }, "reason": "brought over" });
    office.post(&format!("{path}/corrections"), &correction).await.expect(201);
    let request = json!({ "agent_id": agent, "amount": { "amount": "20", "currency": "EUR" } });
    office.post("/remittances", &request).await.expect(201);
    let page = operator.page(&path).await;
    for text in ["What waits", "The last message has no answer", "1 request to decide"] {
        assert!(page.contains(text), "{text}: {page}");
    }
    let money = operator.page(&format!("{path}/money")).await;
    assert!(money.contains("20.00 EUR") && money.contains("No bank details yet"), "{money}");
    let support = helper(&office, "support").await;
    assert!(!support.page(&path).await.contains("request to decide"));
}

async fn what_an_agent_earned_stands_by_currency_in_page_list_and_file(office: BackOffice) {
    let shop = Shop::open(office, json!({})).await;
    shop.pay("P-1", "1000.00").await;
    shop.send(&shop.payment("P-2", json!({ "amount": "50.00", "currency": "USD" }))).await.expect(201);
    shop.office.agent("berta").await;
    let position = shop.office.app.log.head().await.unwrap().position;
    shop.office.get(&format!("/analysis?at_least=agents:{position}")).await;
    let operator = signed_in(&shop.office, "operator").await;
    let page = operator.page("/agents").await;
    assert!(page.contains("100.00 EUR; 5.00 USD"), "{page}");
    let file = operator.get("/agents.csv").await.text;
    assert!(file.contains(",100.00 EUR; 5.00 USD\r\n") && file.contains(",–\r\n"), "{file}");
    let overview = operator.page(&format!("/agents/{}", shop.seller.agent_id)).await;
    for figure in ["100.00 EUR</dd>", "5.00 USD</dd>", "<dt>Signups today</dt>", "<dt>Active URLs</dt>"] {
        assert!(overview.contains(figure), "{figure}: {overview}");
    }
    let support = helper(&shop.office, "support").await;
    let overview = support.page(&format!("/agents/{}", shop.seller.agent_id)).await;
    assert!(!overview.contains("USD") && overview.contains("<dt>Signups</dt>"), "{overview}");
}

async fn no_part_of_an_agent_with_many_things_is_large(office: BackOffice) {
    const MANY: usize = 55;
    const MOST_BYTES: usize = 60_000;
    let body = office.ready_to_add_a_key("anna").await;
    let agent = body["agent_id"].as_str().unwrap();
    for number in 0..MANY {
        let name = format!("International calls at a low price, number {number}");
        let plan = office.call_plan(&name).await;
        office.grant(agent, &plan).await.expect(200);
        office.group(&format!("Customers of the shop at the harbour {number}"), agent).await;
    }
    let line = |number: usize| {
        let mut line = body.clone();
        (line["slug"], line["label"]) = (format!("harbour-leaflet-{number}").into(), "Leaflet at the harbour".into());
        line.to_string()
    };
    let added = office.lines("/signup-keys:batch", &[], &(0..MANY).map(line).collect::<Vec<_>>()).await;
    assert!(added.iter().all(|answer| answer["status"] == 201), "{}", added[0]);
    let path = format!("/agents/{agent}");
    for number in 0..MANY {
        let text = format!("An answer of two lines, such as people write them.\nThis is number {number}.");
        office.post(&format!("{path}/messages"), &json!({ "text": text })).await.expect(201);
    }
    let operator = signed_in(&office, "operator").await;
    for (part, label) in PARTS {
        let page = operator.page(&part.replace("{id}", agent)).await;
        assert!(page.len() < MOST_BYTES || label == "History", "{label} has {} bytes", page.len());
    }
    let urls = operator.page(&format!("{path}/urls")).await;
    assert!(urls.contains("The newest 50; the list has them all.") && !urls.contains("harbour-leaflet-0<"), "{urls}");
}
