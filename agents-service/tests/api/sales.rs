//! Sales and placements: sums of the signups' log, for one agent or all.

use std::time::{Duration, Instant};

use agents_service::maintenance::{self, ProjectionName};
use agents_service::sales::placements::{self, PlacementFilter};
use agents_service::sales::summary::{self, Figures};
use contract::events::signups::RefusalReason;
use contract::ids::new_id;
use event_store::sql::Sql;
use harness::operator::PASSWORD;
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::office::{BackOffice, faults};
use crate::signups::{Seller, Signups, erased, placed, refused, unknown, viewed};

harness::on_both_databases!(crate::office::BackOffice::open:
    sums_equal_the_events_for_every_grouping,
    placements_are_listed_newest_first_page_by_page,
    unknown_keys_are_listed_by_day_with_the_nearest_known_one,
    a_query_for_one_agent_returns_nothing_of_another,
    two_followers_at_once_count_every_event_once,
    a_rebuilt_view_is_the_same_and_a_forged_one_shows,
    without_a_source_there_are_no_figures_rather_than_zeros,
    figures_of_another_log_are_doubted_wherever_they_are_shown,
);

/// Two agents, the first with two keys: page views, three placed customers, one of them erased, refusals.
struct Scene {
    office: BackOffice,
    signups: Signups,
    anna: Seller,
    annas_other: Seller,
    berta: Seller,
    position: u64,
}

impl Scene {
    async fn new(office: BackOffice) -> Self {
        let signups = Signups::new().await;
        let anna = Seller::new("annas-key");
        let (annas_other, berta) = (anna.with_key("annas-other"), Seller::new("bertas-key"));
        let gone = new_id();
        let events = vec![
            viewed(&anna, 10),
            placed(&anna, gone, "10000000001", Some("spring")),
            placed(&anna, new_id(), "10000000002", None),
            viewed(&annas_other, 3),
            viewed(&anna, 5),
            placed(&berta, new_id(), "20000000003", Some("spring")),
            refused(Some(&anna), RefusalReason::Paused),
            refused(Some(&anna), RefusalReason::Paused),
            refused(Some(&berta), RefusalReason::EmailKnown),
            refused(None, RefusalReason::Unknown),
            erased(&anna, gone),
        ];
        let position = signups.append(events).await;
        let office = office.following(&signups).await;
        office.get(&format!("/sales?at_least={position}")).await;
        Self { office, signups, anna, annas_other, berta, position }
    }

    async fn totals(&self, query: &str) -> Vec<(String, u64, u64)> {
        let answer = self.office.get(&format!("/sales?{query}")).await;
        let number = |item: &Value, name: &str| item[name].as_u64().unwrap();
        let items = answer["items"].as_array().unwrap().iter();
        items
            .map(|item| (item["id"].as_str().unwrap().to_owned(), number(item, "views"), number(item, "signups")))
            .collect()
    }

    async fn numbers(&self, query: &str) -> Vec<String> {
        let answer = self.office.get(&format!("/placements?{query}")).await;
        let items = answer["items"].as_array().unwrap().iter();
        items.map(|item| item["customer_number"].as_str().unwrap().to_owned()).collect()
    }
}

async fn sums_equal_the_events_for_every_grouping(office: BackOffice) {
    let scene = Box::pin(Scene::new(office)).await;
    let Scene { anna, annas_other, berta, .. } = &scene;
    let of = |id: &dyn ToString, views, signups| (id.to_string(), views, signups);
    assert_eq!(scene.totals("by=agent").await, [of(&anna.agent_id, 18, 2), of(&berta.agent_id, 0, 1)]);
    assert_eq!(scene.totals("by=key").await, [of(&anna.key, 15, 2), of(&berta.key, 0, 1), of(&annas_other.key, 3, 0)]);
    assert_eq!(scene.totals("by=key&limit=1").await, [of(&anna.key, 15, 2)]);
    assert_eq!(scene.totals("by=call_plan").await[0], of(&anna.call_plan_id, 18, 2));
    assert_eq!(scene.totals("by=group").await[1], of(&berta.group_id, 0, 1));
    assert_eq!(scene.totals("by=campaign").await, [of(&"spring", 0, 2), of(&"", 0, 1)]);
    let today = scene.signups.log.read_after(0, 1).await.unwrap()[0].recorded_at.day();
    assert_eq!(scene.totals("by=day").await, [of(&today, 18, 3)]);
    assert_eq!(scene.totals(&format!("by=campaign&since={today}&until={today}")).await.len(), 2);
    for query in [format!("since={}", today.plus(1)), format!("by=campaign&until={}", today.plus(-1))] {
        assert_eq!(scene.totals(&query).await, []);
    }
    let answer = scene.office.get("/sales").await;
    assert_eq!(answer["total"], json!({ "views": 18, "signups": 3, "page_signups": 3, "automated": 0, "refusals": 8 }));
    let refusals = answer["refusals"].as_array().unwrap();
    assert_eq!(refusals[0], json!({ "reason": "paused", "count": 4 }));
    assert_eq!(refusals.len(), 3);
    let turned = format!("/sales?since={today}&until={}", today.plus(-1));
    let problem = scene.office.call("GET", &turned, &[], &Value::Null).await.expect(422);
    assert_eq!(faults(&problem), [("until", "ends_before_start")]);
    scene.office.call("GET", "/sales?by=colour&since=yesterday", &[], &Value::Null).await.expect(422);
}

async fn placements_are_listed_newest_first_page_by_page(office: BackOffice) {
    let scene = Box::pin(Scene::new(office)).await;
    assert_eq!(scene.numbers("").await, ["20000000003", "10000000002", "10000000001"]);
    assert_eq!(scene.numbers("number=1000").await, ["10000000002", "10000000001"]);
    for number in ["100", "1000%25"] {
        scene.office.call("GET", &format!("/placements?number={number}"), &[], &Value::Null).await.expect(422);
    }
    assert_eq!(scene.numbers(&format!("group_id={}", scene.berta.group_id)).await, ["20000000003"]);
    assert_eq!(scene.numbers("key=annas-key").await.len(), 2);
    let first = scene.office.get("/placements?limit=2").await;
    let next = first["next"].as_str().unwrap();
    let last = scene.office.get(&format!("/placements?limit=2&after={next}")).await;
    assert_eq!((last["items"].as_array().unwrap().len(), &last["next"]), (1, &Value::Null));
    let gone = &last["items"][0];
    assert_eq!((&gone["erased"], &first["items"][0]["erased"]), (&json!(true), &json!(false)));
    assert_eq!(gone["campaign"], json!({ "utm_campaign": "spring" }));
    assert_eq!((&gone["commission_percent"], &gone["agent_name"]), (&json!("12.5"), &json!("Zoë's Phones")));
    assert_eq!((&gone["position"], &gone["channel"]), (&json!(2), &json!("page")));
    let path = format!("/placements/{}", gone["customer_id"].as_str().unwrap());
    assert_eq!(scene.office.get(&path).await, *gone);
    scene.office.call("GET", &format!("/placements/{}", new_id()), &[], &Value::Null).await.expect(404);
}

async fn unknown_keys_are_listed_by_day_with_the_nearest_known_one(office: BackOffice) {
    let scene = Box::pin(Scene::new(office)).await;
    let position = scene.signups.append(vec![unknown("annas-kye", Some("annas-key")), unknown("", None)]).await;
    let listed = scene.office.get(&format!("/unknown-keys?at_least={position}")).await;
    let today = scene.signups.log.read_after(0, 1).await.unwrap()[0].recorded_at.day().to_string();
    let item = |key: Value, nearest: Value| json!({ "day": today, "key": key, "count": 2, "nearest_key": nearest });
    let all = json!([
        item(json!("no-such-key"), Value::Null),
        item(json!("annas-kye"), json!("annas-key")),
        item(Value::Null, Value::Null)
    ]);
    assert_eq!(listed["items"], all);
    let (mut seen, mut path) = (Vec::new(), Some("/unknown-keys?limit=1".to_owned()));
    while let Some(next) = path {
        let page = scene.office.get(&next).await;
        seen.extend(page["items"].as_array().unwrap().clone());
        path = page["next"].as_str().map(|after| format!("/unknown-keys?limit=1&after={after}"));
    }
    assert_eq!(json!(seen), all);
    scene.office.call("GET", "/unknown-keys?after=x", &[], &Value::Null).await.expect(422);
    let mut operator = Browser::new(&scene.office);
    operator.sign_in("/sign-in", "operator", PASSWORD).await;
    let page = operator.page("/unknown-keys").await;
    assert!(page.contains("annas-kye") && page.contains("href=\"/signup-keys/annas-key\""), "{page}");
}

async fn a_query_for_one_agent_returns_nothing_of_another(office: BackOffice) {
    let scene = Box::pin(Scene::new(office)).await;
    let anna = format!("agent_id={}", scene.anna.agent_id);
    for by in ["agent", "call_plan", "group", "key", "day", "campaign"] {
        let signups: u64 = scene.totals(&format!("{anna}&by={by}")).await.iter().map(|(_, _, signups)| signups).sum();
        assert_eq!(signups, 2, "{by}");
    }
    let answer = scene.office.get(&format!("/sales?{anna}")).await;
    assert_eq!(answer["total"], json!({ "views": 18, "signups": 2, "page_signups": 2, "automated": 0, "refusals": 4 }));
    assert_eq!(answer["refusals"], json!([{ "reason": "paused", "count": 4 }]));
    assert_eq!(scene.numbers(&anna).await, ["10000000002", "10000000001"]);
    let database = scene.office.app.log.database();
    let (annas, bertas) = (Some(scene.anna.agent_id), Some(scene.berta.agent_id));
    let keys = [scene.anna.key.clone(), scene.berta.key.clone(), "no-such-key".to_owned()];
    let of_keys = summary::of_keys(database, annas, &keys).await.unwrap();
    assert_eq!(
        (of_keys.len(), of_keys["annas-key"]),
        (1, Figures { views: 15, signups: 2, page_signups: 2, automated: 0, refusals: 4 })
    );
    assert_eq!(summary::of_keys(database, None, &keys).await.unwrap().len(), 2);
    let newest = PlacementFilter { agent_id: annas, limit: 1, ..PlacementFilter::default() };
    let customer_id = placements::placements(database, &newest).await.unwrap().items[0].customer_id;
    assert!(placements::placement(database, annas, customer_id).await.unwrap().is_some());
    assert!(placements::placement(database, bertas, customer_id).await.unwrap().is_none());
    for of_berta in
        ["key=bertas-key".to_owned(), format!("group_id={}", scene.berta.group_id), "number=2000".to_owned()]
    {
        assert_eq!(scene.numbers(&format!("{anna}&{of_berta}")).await, Vec::<String>::new(), "{of_berta}");
    }
}

async fn two_followers_at_once_count_every_event_once(office: BackOffice) {
    let scene = Box::pin(Scene::new(office)).await;
    let second = scene.office.following(&scene.signups).await;
    let mut position = scene.position;
    for _ in 0..20 {
        position = scene.signups.append(vec![viewed(&scene.berta, 2), viewed(&scene.berta, 3)]).await;
    }
    for office in [&scene.office, &second] {
        let answer = office.get(&format!("/sales?at_least={position}&agent_id={}", scene.berta.agent_id)).await;
        assert_eq!(answer["total"]["views"], 100);
    }
}

async fn a_rebuilt_view_is_the_same_and_a_forged_one_shows(office: BackOffice) {
    static FORGE: Sql = Sql::new("UPDATE sales_daily SET views = views + 1 WHERE key = 'annas-key'");
    let scene = Box::pin(Scene::new(office)).await;
    let database = scene.office.app.log.database();
    let log = &scene.signups.log;
    let differences = async || maintenance::compare(database, ProjectionName::Sales, log, |_| ()).await.unwrap();
    assert_eq!(differences().await, Vec::<String>::new());
    database.execute(&FORGE, &[]).await.unwrap();
    assert_eq!(differences().await.len(), 2);
    assert_eq!(maintenance::rebuild(database, ProjectionName::Sales, log, |_| ()).await.unwrap(), scene.position);
    assert_eq!(differences().await, Vec::<String>::new());
    assert_eq!(scene.totals("by=key").await[0].1, 15);
}

async fn without_a_source_there_are_no_figures_rather_than_zeros(office: BackOffice) {
    for path in ["/sales", "/placements"] {
        let problem = office.call("GET", path, &[], &Value::Null).await.expect(503);
        assert_eq!(problem["type"], "urn:signpost:problem:no-sales");
    }
}

async fn figures_of_another_log_are_doubted_wherever_they_are_shown(office: BackOffice) {
    let anna = office.agent("anna").await;
    let permissions = json!({ "permissions": ["sales", "customers"] });
    office.call("PATCH", &format!("/agents/{anna}"), &[("if-match", "\"1\"")], &permissions).await.expect(200);
    // Otherwise the page would call the signup-service, which does not run here.
    office.call("PUT", "/settings", &[], &json!({ "customer_mask": "number_only" })).await.expect(200);
    let scene = Box::pin(Scene::new(office)).await;
    assert_eq!(doubted(&scene.office, &anna).await, (vec![false; 5], 200));
    let other = Signups::new().await;
    other.append(vec![viewed(&scene.anna, 1)]).await;
    let office = scene.office.following(&other).await;
    // Only one process may follow at a time.
    drop(scene);
    let limit = Instant::now() + Duration::from_secs(20);
    while office.call("GET", "/sales", &[], &Value::Null).await.status != 503 {
        assert!(Instant::now() < limit, "the sales of another log are not doubted");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(doubted(&office, &anna).await, (vec![true; 5], 503));
}

/// Which pages with sales show a warning, and the status of the CSV file.
async fn doubted(office: &BackOffice, agent_id: &str) -> (Vec<bool>, u16) {
    let (mut operator, mut agent) = (Browser::new(office), Browser::new(office));
    operator.sign_in("/sign-in", "operator", PASSWORD).await;
    agent.sign_in("/portal/sign-in", "anna", PASSWORD).await;
    let agents_page = format!("/agents/{agent_id}");
    let pages = [
        (&operator, "/"),
        (&operator, &*agents_page),
        (&agent, "/portal"),
        (&agent, "/portal/sales"),
        (&agent, "/portal/customers"),
    ];
    let mut doubted = Vec::new();
    for (browser, path) in pages {
        doubted.push(browser.page(path).await.contains("figures may be wrong"));
    }
    (doubted, agent.get("/portal/sales.csv").await.status.as_u16())
}
