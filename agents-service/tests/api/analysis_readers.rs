//! Who sees what of the analysis, page by page, and how it is asked and made anew.

use contract::events::signups::RefusalReason;
use contract::ids::new_id;
use event_store::sql::Sql;
use harness::operator::PASSWORD;
use serde_json::{Value, json};

use crate::analysis::{analysis, csv, is_a_fold};
use crate::browser::{Browser, shown};
use crate::office::{BackOffice, faults, id};
use crate::paid::{Shop, euro};
use crate::signups::{known, placed, refused, viewed};

harness::on_both_databases!(crate::office::BackOffice::open:
    money_is_for_those_who_may_see_it,
    an_agent_sees_no_figure_of_another_and_no_known_address,
    lists_are_paged_with_their_count_and_files_are_complete,
    what_is_asked_wrongly_is_refused,
    figures_are_a_fold_and_are_made_anew_for_a_database_from_before,
);

async fn money_is_for_those_who_may_see_it(office: BackOffice) {
    let permissions = json!({ "permissions": ["sales"], "remittance_threshold": euro("50.00") });
    let shop = Shop::open(office, permissions).await;
    shop.pay("A", "123.45").await;
    analysis(&shop, "").await;
    let bearer = shop.bearer(&["sales:read"]).await;
    let get = async |path: &str, accept: &str| {
        let headers = [("authorization", bearer.as_str()), ("accept", accept)];
        shop.office.send("GET", &format!("/api/v1{path}"), &headers, Vec::new()).await
    };
    for (path, accept) in [
        ("/analysis", "*/*"),
        ("/analysis?sort=commission", "*/*"),
        ("/analysis", "text/csv"),
        ("/analysis/cohorts", "*/*"),
        ("/analysis/cohorts", "text/csv"),
    ] {
        let reply = get(path, accept).await;
        assert_eq!(reply.status, 200, "{path}: {}", reply.text);
        for hidden in ["EUR", "123.45", "12.34", "paying", "money", "commission\""] {
            assert!(!reply.text.contains(hidden), "{path} {hidden}: {}", reply.text);
        }
    }
    assert_eq!(get("/analysis?table=payments", "text/csv").await.status, 403);
    let none = shop.bearer(&["money:read"]).await;
    assert_eq!(shop.office.send("GET", "/api/v1/analysis", &[("authorization", &none)], Vec::new()).await.status, 403);
    let mut agent = Browser::new(&shop.office);
    agent.sign_in("/portal/sign-in", "zoe-phones", PASSWORD).await;
    for path in ["/portal/sales", "/portal/sales/cohorts", "/portal/sales.csv", "/portal/sales/cohorts.csv"] {
        let page = agent.page(path).await;
        assert!(!page.contains("123.45") && !page.contains("EUR") && !page.contains("paid"), "{path}: {page}");
    }
    assert_eq!(agent.get("/portal/sales.csv?table=payments").await.status, 404);
    shop.change_agent(json!({ "permissions": ["sales", "commission"] })).await;
    assert!(agent.page("/portal/sales").await.contains("123.45 EUR"));
    assert!(agent.page("/portal/sales.csv?table=payments").await.contains(",EUR,1,1,123.45,0.00,12.34"));
    let support = json!({ "login": "support", "password": PASSWORD, "role": "support" });
    shop.office.post("/operators", &support).await.expect(201);
    let mut support = Browser::new(&shop.office);
    support.sign_in("/sign-in", "support", PASSWORD).await;
    let page = support.page("/analysis").await;
    assert!(page.contains("Views and signups") && !page.contains("123.45"), "{page}");
    let mut operator = Browser::new(&shop.office);
    operator.sign_in("/sign-in", "operator", PASSWORD).await;
    let page = operator.page("/analysis?compare=true&by=week").await;
    assert!(page.contains("123.45 EUR") && page.contains("Payments before"), "{page}");
}

async fn an_agent_sees_no_figure_of_another_and_no_known_address(office: BackOffice) {
    let shop = Shop::open(office, json!({ "permissions": ["sales", "commission"] })).await;
    let other = shop.office.ready_to_add_a_key("other").await;
    let uuid = |name: &str| other[name].as_str().unwrap().parse().unwrap();
    let other = crate::signups::Seller {
        agent_id: uuid("agent_id"),
        call_plan_id: uuid("call_plan_id"),
        group_id: uuid("group_id"),
        key: "foreign".to_owned(),
    };
    let customer = new_id();
    let events = vec![
        viewed(&other, 777),
        placed(&other, customer, "2000000001", Some("foreign-campaign")),
        refused(Some(&other), RefusalReason::Revoked),
        known(&shop.seller, "3000000001"),
    ];
    let position = shop.signups.append(events).await;
    shop.office.get(&format!("/analysis?at_least=signups:{position}")).await;
    let body = json!({ "reference": "F", "customer_id": customer, "amount": euro("777.77"), "received_at": crate::paid::now() });
    shop.send(&body).await.expect(201);
    analysis(&shop, "").await;
    let mut agent = Browser::new(&shop.office);
    agent.sign_in("/portal/sign-in", "zoe-phones", PASSWORD).await;
    let (id, plan, group) = (other.agent_id.to_string(), other.call_plan_id.to_string(), other.group_id.to_string());
    let mut queries: Vec<String> =
        ["", "by=agent", "attribution=now", "attribution=now&by=key", "compare=true"].map(str::to_owned).into();
    queries.extend(
        ["agent", "call_plan", "group", "key", "campaign", "country", "day", "week", "month"]
            .map(|by| format!("by={by}")),
    );
    queries.extend([
        format!("agent_id={id}"),
        format!("agent_id={id}&attribution=now&by=key"),
        format!("call_plan_id={plan}&by=key"),
        format!("group_id={group}&by=day"),
        "key=foreign&by=day".to_owned(),
        "campaign=foreign-campaign&by=key".to_owned(),
    ]);
    for query in &queries {
        for path in ["/portal/sales", "/portal/sales.csv", "/portal/sales/cohorts", "/portal/sales/cohorts.csv"] {
            for table in ["", "&table=payments", "&table=refusals"] {
                let path = format!("{path}?{query}{table}");
                let reply = agent.get(&path).await;
                // The head of a page has a token, in which anything may stand.
                // What was asked for is in the page's form and links.
                let asked =
                    query.split('&').filter_map(|pair| Some(pair.split_once('=')?.1)).filter(|value| value.len() > 6);
                let text = asked.fold(shown(&reply.text).to_owned(), |text, value| text.replace(value, ""));
                let seen = [&*id, &plan, &group, "foreign", "777", "revoked", "email known", "email_known"];
                let seen: Vec<_> = seen.into_iter().filter(|mark| text.contains(*mark)).collect();
                assert!(seen.is_empty(), "{path} {seen:?}: {text}");
            }
        }
    }
    assert!(analysis(&shop, "").await["refusals"].to_string().contains("email_known"));
}

async fn lists_are_paged_with_their_count_and_files_are_complete(office: BackOffice) {
    let shop = Shop::open(office, json!({})).await;
    let mut events = vec![];
    for number in 0..60 {
        events.push(viewed(&shop.seller.with_key(&format!("key-{number:02}")), 100 - number));
    }
    events.push(placed(&shop.seller.with_key("key-07"), new_id(), "1000000002", Some("=1+1")));
    let position = shop.signups.append(events).await;
    shop.office.get(&format!("/analysis?at_least=signups:{position}")).await;
    let (mut seen, mut after) = (Vec::new(), Some("0".to_owned()));
    while let Some(next) = after {
        let page = analysis(&shop, &format!("by=key&limit=25&after={next}")).await;
        assert_eq!((&page["count"], &page["total"]["signups"]), (&json!(61), &json!(2)));
        seen.extend(page["items"].as_array().unwrap().iter().map(id));
        after = page["next"].as_str().map(str::to_owned);
    }
    assert_eq!((seen.len(), &seen[..3]), (61, &["key-07".to_owned(), "harbour".to_owned(), "key-00".to_owned()][..]));
    let file = csv(&shop, "by=key").await;
    assert_eq!((file.lines().count(), file.lines().last()), (63, Some("# rows 61")));
    assert!(
        file.starts_with(
            "key,name,views,automated,signups,page_signups,conversion_percent,refusals\r\nkey-07,,93,0,1,1,1.1,0\r\n"
        ),
        "{file}"
    );
    assert!(csv(&shop, "by=campaign").await.contains("\r\n'=1+1,,0,0,1,1,,\r\n"));
    assert_eq!(csv(&shop, "table=refusals&compare=true").await, "reason,refusals,previous_refusals\r\n# rows 0\r\n");
    let mut operator = Browser::new(&shop.office);
    operator.sign_in("/sign-in", "operator", PASSWORD).await;
    let page = operator.page("/analysis?by=key").await;
    assert!(page.contains("Lines 1 to 50 of 61.") && page.contains("href=\"/analysis?by=key&#38;after=50\""), "{page}");
    let page = operator.page("/analysis?by=key&after=50").await;
    assert!(page.contains("Lines 51 to 61 of 61.") && !page.contains("rel=\"next\""), "{page}");
    let page = operator.page("/analysis?since=2026-02-30&by=colour").await;
    assert!(page.contains("since: must be a day") && page.contains("The default is shown"), "{page}");
    assert_eq!(operator.get("/analysis.csv?since=2026-02-30").await.status, 404);
}

async fn what_is_asked_wrongly_is_refused(office: BackOffice) {
    let shop = Shop::open(office, json!({})).await;
    for (query, fault) in [
        ("since=2026-07-02&until=2026-07-01", ("until", "ends_before_start")),
        ("since=2010-01-01&until=2026-07-01", ("until", "too_long")),
        ("since=1999-12-31&until=2000-01-01", ("since", "out_of_range")),
        ("since=9999-12-01&until=9999-12-31", ("since", "out_of_range")),
        ("since=yesterday", ("since", "invalid")),
        ("by=colour", ("by", "unknown_value")),
        ("attribution=later", ("attribution", "unknown_value")),
        ("agent_id=7", ("agent_id", "invalid")),
        ("compare=perhaps", ("compare", "unknown_value")),
        ("table=all", ("table", "invalid")),
        ("limit=201", ("limit", "out_of_range")),
        ("after=x", ("after", "invalid")),
        ("colour=red", ("colour", "unknown_field")),
    ] {
        let problem = shop.office.call("GET", &format!("/analysis?{query}"), &[], &Value::Null).await.expect(422);
        assert_eq!(faults(&problem), [fault], "{query}");
    }
}

async fn figures_are_a_fold_and_are_made_anew_for_a_database_from_before(office: BackOffice) {
    static EMPTY: [Sql; 12] = [
        Sql::new("DELETE FROM sales_quarters"),
        Sql::new("DELETE FROM sales_totals"),
        Sql::new("DELETE FROM sales_spans"),
        Sql::new("DELETE FROM sales_campaign_days"),
        Sql::new("DELETE FROM sales_refusal_quarters"),
        Sql::new("DELETE FROM money_payments"),
        Sql::new("DELETE FROM money_refunds"),
        Sql::new("DELETE FROM money_quarters"),
        Sql::new("DELETE FROM money_totals"),
        Sql::new("DELETE FROM money_spans"),
        Sql::new("DELETE FROM money_campaign_days"),
        Sql::new("DELETE FROM money_cohorts"),
    ];
    let shop = Shop::open(office, json!({})).await;
    shop.pay("A", "100.00").await;
    // The same again is the same payment.
    shop.send(&shop.payment("A", euro("100.00"))).await.expect(200);
    shop.refund("A", "R", "10.00").await.expect(201);
    shop.refund("A", "R", "10.00").await;
    let queries = ["by=agent&compare=true", "by=day", "by=country", "by=key&campaign="];
    let figures = async |office: &BackOffice| {
        let mut figures = Vec::new();
        for query in queries {
            figures.push(office.get(&format!("/analysis?{query}")).await);
        }
        figures.push(office.get("/analysis/cohorts").await);
        figures
    };
    analysis(&shop, "").await;
    let before = figures(&shop.office).await;
    assert_eq!(before[0]["total"]["money"][0]["payments"], 1);
    assert_eq!(before[0]["total"]["money"][0]["refunded"], "10.00");
    is_a_fold(&shop).await;
    let database = shop.office.app.log.database();
    for statement in &EMPTY {
        database.execute(statement, &[]).await.unwrap();
    }
    let Shop { office, signups, .. } = shop;
    let again = office.following(&signups).await;
    drop(office);
    let position = signups.log.head().await.unwrap().position;
    again.get(&format!("/analysis?at_least=signups:{position}")).await;
    assert_eq!(figures(&again).await, before);
}
