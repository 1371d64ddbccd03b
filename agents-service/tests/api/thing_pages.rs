//! The pages of a customer group and of a call plan: figures, who and what belongs to them, and the ways to the whole lists.

use harness::operator::{PASSWORD, agent_body};
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::office::{BackOffice, id};
use crate::paid::Shop;

harness::on_both_databases!(crate::office::BackOffice::open:
    a_groups_page_shows_its_members_and_urls_and_leads_to_their_lists,
    a_call_plans_page_shows_who_may_sell_it_and_leads_to_their_list,
    what_has_nothing_yet_says_what_to_do_first,
    figures_of_a_thing_are_those_of_the_chosen_period,
);

async fn operator(office: &BackOffice) -> Browser<'_> {
    let mut browser = Browser::new(office);
    assert_eq!(browser.sign_in("/sign-in", "operator", PASSWORD).await.status, 303);
    browser
}

fn holds(page: &str, parts: &[&str]) {
    for part in parts {
        assert!(page.contains(part), "{part} is missing: {page}");
    }
}

async fn a_groups_page_shows_its_members_and_urls_and_leads_to_their_lists(office: BackOffice) {
    let shop = Shop::open(office, json!({})).await;
    let group = shop.seller.group_id;
    let other = shop.office.group("Others", &shop.seller.agent_id.to_string()).await;
    let browser = operator(&shop.office).await;
    let page = browser.page(&format!("/groups/{group}")).await;
    let (members, urls) = (format!("href=\"/customers?group_id={group}\""), format!("?group_id={group}\""));
    holds(&page, &["1000000001", "/signup/", "harbour", "group created", "Agent who may use it", &members, &urls]);
    holds(&page, &["Signups today</dt><dd>1</dd>", "<dt>Signups</dt><dd>1</dd>", "name=\"period\""]);
    let list = browser.page(&format!("/signup-keys?group_id={group}")).await;
    holds(&list, &["value=\"harbour\"", "VoIP customers", &format!("/signup-keys.csv?group_id={group}")]);
    assert!(!browser.page(&format!("/signup-keys?group_id={other}")).await.contains("value=\"harbour\""));
    // As its former agent's customers stay in the group.
    let berta = shop.office.agent("berta").await;
    let moved = json!({ "agent_id": berta });
    shop.office.call("PATCH", &format!("/groups/{group}"), &[], &moved).await.expect(200);
    holds(&browser.page(&format!("/groups/{group}")).await, &["1000000001", &format!("/agents/{berta}")]);
    let finance = json!({ "login": "finance", "password": PASSWORD, "role": "finance" });
    shop.office.post("/operators", &finance).await.expect(201);
    let mut finance = Browser::new(&shop.office);
    finance.sign_in("/sign-in", "finance", PASSWORD).await;
    let page = finance.page(&format!("/groups/{group}")).await;
    assert!(!page.contains("1000000001") && !page.contains(">Edit</a>"), "{page}");
}

async fn a_call_plans_page_shows_who_may_sell_it_and_leads_to_their_list(office: BackOffice) {
    let shop = Shop::open(office, json!({ "name": "Zoe's Phones" })).await;
    let plan = shop.seller.call_plan_id;
    let mut berta = agent_body("berta");
    berta["name"] = "Berta's Calls".into();
    shop.office.post("/agents", &berta).await.expect(201);
    let browser = operator(&shop.office).await;
    let page = browser.page(&format!("/call-plans/{plan}")).await;
    let agents = format!("/agents?call_plan_id={plan}");
    holds(&page, &["Zoe&#39;s Phones", "harbour", "call plan created", ">Retire</a>", &agents, "offered"]);
    holds(&page, &["Signups today</dt><dd>1</dd>", "The agent&#39;s"]);
    let list = browser.page(&agents).await;
    assert!(list.contains("Zoe&#39;s Phones") && !list.contains("Berta&#39;s Calls"), "{list}");
    holds(&list, &["Call plan usable", &format!("/agents.csv?call_plan_id={plan}")]);
    let found = shop.office.get(&agents).await;
    assert_eq!(found["items"].as_array().unwrap().len(), 1);
    let keys = shop.office.get(&format!("/signup-keys?call_plan_id={plan}")).await;
    assert_eq!(keys["items"][0]["key"], "harbour");
    shop.office.post(&format!("/call-plans/{plan}/retire"), &Value::Null).await.expect(200);
    let retired = browser.page(&format!("/call-plans/{plan}")).await;
    assert!(!retired.contains(">Edit</a>") && !retired.contains(">Retire</a>"), "{retired}");
    let edit = browser.get(&format!("/call-plans/{plan}/edit")).await;
    assert_eq!((edit.status.as_u16(), edit.header("location")), (303, format!("/call-plans/{plan}").as_str()));
}

async fn what_has_nothing_yet_says_what_to_do_first(office: BackOffice) {
    let (plan, agent) = (office.call_plan("World 300").await, office.agent("anna").await);
    let nobodys = id(&office.post("/groups", &json!({ "name": "Nobody's" })).await.expect(201));
    let annas = office.group("Customers of Anna", &agent).await;
    let browser = operator(&office).await;
    holds(
        &browser.page(&format!("/call-plans/{plan}")).await,
        &["No agent may sell it yet", "href=\"/agents\">Choose an agent</a>", "No signup URLs yet"],
    );
    holds(&browser.page(&format!("/groups/{nobodys}")).await, &["Nobody yet. Choose its agent", "No members yet"]);
    let page = browser.page(&format!("/groups/{annas}")).await;
    let add = format!("/signup-keys/new?agent_id={agent}&#38;group_id={annas}");
    holds(&page, &["Add a URL key for this group", &add]);
}

async fn figures_of_a_thing_are_those_of_the_chosen_period(office: BackOffice) {
    let shop = Shop::open(office, json!({})).await;
    let (agent, group, plan) = (shop.seller.agent_id, shop.seller.group_id, shop.seller.call_plan_id);
    let browser = operator(&shop.office).await;
    for path in [
        format!("/agents/{agent}"),
        format!("/groups/{group}"),
        format!("/call-plans/{plan}"),
        "/signup-keys/harbour".to_owned(),
    ] {
        let page = browser.page(&format!("{path}?period=7_days")).await;
        holds(&page, &["<option value=\"7_days\" dir=\"auto\" selected>", "<dt>Signups</dt><dd>1</dd>"]);
        // Before anybody signed up.
        let page = browser.page(&format!("{path}?since=2020-01-01&until=2020-01-31")).await;
        holds(&page, &["value=\"2020-01-31\"", "<dt>Signups</dt><dd>0</dd>"]);
    }
}
