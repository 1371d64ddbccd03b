//! The analysis: figures of days where the company is, compared, told apart, as placed and as now; money for those who may see it.

use agents_service::maintenance::{self, ProjectionName};
use contract::events::signups::RefusalReason;
use contract::ids::new_id;
use harness::operator::PASSWORD;
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::office::{BackOffice, faults};
use crate::paid::{Shop, euro};
use crate::signups::{placed, refused, viewed};

harness::on_both_databases!(crate::office::BackOffice::open:
    a_day_is_the_companys_and_days_add_up_to_their_month,
    a_period_is_compared_with_the_one_before,
    currencies_stay_apart_in_every_table,
    figures_equal_the_events_for_every_grouping,
    a_payment_counts_where_it_belongs_once_it_is_attributed,
    cohorts_show_what_customers_paid_in_each_month_since,
    figures_of_a_moved_group_are_its_old_agents_as_placed_and_its_new_ones_as_now,
);

pub async fn analysis(shop: &Shop, query: &str) -> Value {
    let position = shop.office.app.log.head().await.unwrap().position;
    shop.office.get(&format!("/analysis?at_least=agents:{position}&{query}")).await
}

pub async fn csv(shop: &Shop, query: &str) -> String {
    let reply = shop.office.call("GET", &format!("/analysis?{query}"), &[("accept", "text/csv")], &Value::Null).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    assert_eq!(reply.header("content-type"), "text/csv; charset=utf-8; header=present");
    reply.text
}

async fn in_zone(shop: &Shop, zone: &str) {
    shop.office.call("PUT", "/settings", &[], &json!({ "time_zone": zone })).await.expect(200);
}

async fn received(shop: &Shop, reference: &str, amount: Value, received_at: &str) {
    let body =
        json!({ "reference": reference, "customer_id": shop.customer, "amount": amount, "received_at": received_at });
    shop.send(&body).await.expect(201);
}

/// Item, payments and what was received in euros.
fn paid(answer: &Value) -> Vec<(String, i64, String)> {
    let items = answer["items"].as_array().unwrap().iter();
    let items = items.filter(|item| item["money"].as_array().is_some_and(|money| !money.is_empty()));
    items
        .map(|item| {
            let money = &item["money"][0];
            assert_eq!(money["currency"], "EUR");
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            (text(&item["id"]), money["payments"].as_i64().unwrap(), text(&money["received"]))
        })
        .collect()
}

async fn a_day_is_the_companys_and_days_add_up_to_their_month(office: BackOffice) {
    let shop = Shop::open(office, json!({})).await;
    in_zone(&shop, "America/Los_Angeles").await;
    for (reference, at) in [
        ("A", "2026-07-15T06:59:59Z"),
        ("B", "2026-07-15T07:00:00Z"),
        ("C", "2026-07-15T07:30:00Z"),
        ("D", "2026-08-01T06:59:59Z"),
        ("E", "2026-08-01T07:00:00Z"),
    ] {
        received(&shop, reference, euro("10.00"), at).await;
    }
    let line = |id: &str, payments, received: &str| (id.to_owned(), payments, received.to_owned());
    let days = "since=2026-07-01&until=2026-07-31&by=day";
    let july = [line("2026-07-14", 1, "10.00"), line("2026-07-15", 2, "20.00"), line("2026-07-31", 1, "10.00")];
    assert_eq!(paid(&analysis(&shop, days).await), july);
    let month = analysis(&shop, "since=2026-07-01&until=2026-08-31&by=month").await;
    assert_eq!(paid(&month), [line("2026-07", 4, "40.00"), line("2026-08", 1, "10.00")]);
    let weeks = analysis(&shop, "since=2026-07-01&until=2026-07-31&by=week").await;
    assert_eq!(paid(&weeks), [line("2026-07-13", 3, "30.00"), line("2026-07-27", 1, "10.00")]);
    // Members are summed from whole days and the quarter hours around them.
    let agent = shop.seller.agent_id.to_string();
    for by in ["agent", "call_plan", "group", "key", "campaign", "country"] {
        for (since, until, payments, sum) in [
            ("2026-07-14", "2026-07-14", 1, "10.00"),
            ("2026-07-15", "2026-07-31", 3, "30.00"),
            ("2026-07-01", "2026-07-31", 4, "40.00"),
        ] {
            for only in ["", &format!("&agent_id={agent}")] {
                let answer = analysis(&shop, &format!("since={since}&until={until}&by={by}{only}")).await;
                let (_, counted, received) = paid(&answer)[0].clone();
                assert_eq!((counted, received.as_str()), (payments, sum), "{by} {since}{only}");
            }
        }
    }
    // Zones with quarter hours, and days of 23 and 25 hours.
    in_zone(&shop, "Asia/Kathmandu").await;
    for (reference, at) in [("F", "2026-03-02T18:14:59Z"), ("G", "2026-03-02T18:15:00Z")] {
        received(&shop, reference, euro("1.00"), at).await;
    }
    let march = analysis(&shop, "since=2026-03-01&until=2026-03-31&by=day").await;
    assert_eq!(paid(&march), [line("2026-03-02", 1, "1.00"), line("2026-03-03", 1, "1.00")]);
    in_zone(&shop, "America/New_York").await;
    // A reader may name another zone than the company's.
    let there = analysis(&shop, "since=2026-03-01&until=2026-03-31&by=day&time_zone=Asia/Kathmandu").await;
    assert_eq!((paid(&there), &there["time_zone"]), (paid(&march), &json!("Asia/Kathmandu")));
    for path in ["/analysis", "/analysis/cohorts"] {
        let wrong = shop.office.call("GET", &format!("{path}?time_zone=Nowhere"), &[], &Value::Null).await.expect(422);
        assert_eq!(faults(&wrong), [("time_zone", "unknown")]);
    }
    for (reference, at) in [
        ("H", "2025-11-02T03:59:59Z"),
        ("I", "2025-11-02T04:00:00Z"),
        ("J", "2025-11-03T04:59:59Z"),
        ("K", "2025-11-03T05:00:00Z"),
    ] {
        received(&shop, reference, euro("1.00"), at).await;
    }
    let days = analysis(&shop, "since=2025-11-01&until=2025-11-30&by=day").await;
    assert_eq!(
        paid(&days),
        [line("2025-11-01", 1, "1.00"), line("2025-11-02", 2, "2.00"), line("2025-11-03", 1, "1.00")]
    );
    assert_eq!((days["count"].as_u64(), &days["total"]["money"][0]["received"]), (Some(30), &json!("4.00")));
}

async fn a_period_is_compared_with_the_one_before(office: BackOffice) {
    let shop = Shop::open(office, json!({})).await;
    for (reference, amount, at) in [
        ("A", "10.00", "2026-06-10T12:00:00Z"),
        ("B", "20.00", "2026-06-19T12:00:00Z"),
        ("C", "40.00", "2026-06-29T23:59:59Z"),
        ("D", "80.00", "2026-06-30T00:00:00Z"),
    ] {
        received(&shop, reference, euro(amount), at).await;
    }
    let query = "since=2026-06-20&until=2026-06-29&compare=true";
    for by in ["agent", "key", "country", "week"] {
        let answer = analysis(&shop, &format!("{query}&by={by}")).await;
        let (now, before) = (&answer["total"]["money"][0], &answer["previous"]["money"][0]);
        assert_eq!((&now["received"], &before["received"]), (&json!("40.00"), &json!("30.00")), "{by}");
        assert_eq!((&now["commission"], &before["commission"]), (&json!("4.00"), &json!("3.00")), "{by}");
        // Their first payment was in the period before.
        assert_eq!((&now["paying_customers"], &before["paying_customers"]), (&json!(0), &json!(1)), "{by}");
    }
    let days = analysis(&shop, &format!("{query}&by=day")).await;
    let last = &days["items"][9];
    assert_eq!((&last["id"], &last["previous"]["money"][0]["received"]), (&json!("2026-06-29"), &json!("20.00")));
    let alone = analysis(&shop, "since=2026-06-20&until=2026-06-29").await;
    assert!(alone.get("previous").is_none() && alone["items"][0].get("previous").is_none(), "{alone}");
}

async fn currencies_stay_apart_in_every_table(office: BackOffice) {
    let shop = Shop::open(office, json!({})).await;
    for (reference, amount, currency) in
        [("A", "100.00", "EUR"), ("B", "100", "JPY"), ("C", "1.000", "KWD"), ("D", "0.50", "EUR")]
    {
        let amount = json!({ "amount": amount, "currency": currency });
        received(&shop, reference, amount, "2026-06-10T12:00:00Z").await;
    }
    let answer = analysis(&shop, "since=2026-06-01&until=2026-06-30").await;
    let sums = |money: &Value| -> Vec<(String, String, String)> {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let money = money.as_array().unwrap().iter();
        money.map(|sum| (text(&sum["currency"]), text(&sum["received"]), text(&sum["commission"]))).collect()
    };
    let line =
        |currency: &str, sum: &str, commission: &str| (currency.to_owned(), sum.to_owned(), commission.to_owned());
    let expected = [line("EUR", "100.50", "10.05"), line("JPY", "100", "10"), line("KWD", "1.000", "0.100")];
    assert_eq!(sums(&answer["total"]["money"]), expected);
    assert_eq!(sums(&answer["items"][0]["money"]), expected);
    let file = csv(&shop, "since=2026-06-01&until=2026-06-30&table=payments").await;
    let lines: Vec<&str> = file.split("\r\n").collect();
    assert_eq!(lines[0], "agent,name,currency,paying_customers,payments,received,refunded,commission");
    assert!(lines[1].ends_with(",EUR,1,2,100.50,0.00,10.05") && lines[2].ends_with(",JPY,0,1,100,0,10"), "{file}");
    assert_eq!(lines[4..], ["# rows 3", ""]);
}

async fn figures_equal_the_events_for_every_grouping(office: BackOffice) {
    let shop = Shop::open(office, json!({})).await;
    let other = shop.seller.with_key("pier");
    let events = vec![
        viewed(&shop.seller, 40),
        viewed(&other, 10),
        placed(&other, new_id(), "1000000002", Some("spring")),
        refused(Some(&other), RefusalReason::Paused),
        refused(None, RefusalReason::Unknown),
    ];
    let position = shop.signups.append(events).await;
    shop.office.get(&format!("/analysis?at_least=signups:{position}")).await;
    shop.pay("A", "100.00").await;
    shop.refund("A", "R", "25.00").await.expect(201);
    let line = async |by: &str| -> Vec<Value> {
        let answer = analysis(&shop, &format!("by={by}")).await;
        let items = answer["items"].as_array().unwrap().iter();
        items
            .map(|item| {
                let money = item["money"].as_array().unwrap().first().cloned().unwrap_or_default();
                json!([
                    item["id"],
                    item["views"],
                    item["signups"],
                    item["conversion_percent"],
                    item["refusals"],
                    money["received"],
                    money["refunded"],
                    money["commission"]
                ])
            })
            .collect()
    };
    let whole = json!([shop.seller.agent_id, 50, 2, "4.0", 2, "100.00", "25.00", "7.50"]);
    assert_eq!(line("agent").await, [whole.clone(), json!(["", 0, 0, null, 2, null, null, null])]);
    let keys = [
        json!(["harbour", 40, 1, "2.5", 0, "100.00", "25.00", "7.50"]),
        json!(["pier", 10, 1, "10.0", 2, null, null, null]),
    ];
    assert_eq!(line("key").await[..2], keys);
    let countries = [
        json!(["DE", null, 2, null, null, "100.00", "25.00", "7.50"]),
        json!(["", null, 0, null, null, null, null, null]),
    ];
    assert_eq!(line("country").await, countries);
    let campaigns = [
        json!(["", 50, 1, "2.0", null, "100.00", "25.00", "7.50"]),
        json!(["spring", 0, 1, null, null, null, null, null]),
    ];
    assert_eq!(line("campaign").await, campaigns);
    let days = line("day").await;
    assert_eq!((days.len(), &days[29].as_array().unwrap()[1..4]), (30, &[json!(50), json!(2), json!("4.0")][..]));
    let answer = analysis(&shop, "").await;
    let reason = |reason: &str, count: u64| json!({ "reason": reason, "count": count });
    assert_eq!(answer["refusals"], json!([reason("paused", 2), reason("unknown", 2)]));
    let only = analysis(&shop, "by=key&country=DE&campaign=spring").await;
    assert_eq!(
        (&only["count"], &only["items"][0]["id"], &only["items"][0]["views"]),
        (&json!(1), &json!("pier"), &Value::Null)
    );
    filters_find_only_theirs(&shop).await;
    assert_eq!(analysis(&shop, "by=day&key=HARBOUR").await["total"]["signups"], 1);
}

async fn filters_find_only_theirs(shop: &Shop) {
    for (filter, signups) in [("call_plan_id", 2), ("group_id", 2)] {
        let of = if filter == "group_id" { shop.seller.group_id } else { shop.seller.call_plan_id };
        for by in ["key", "day", "campaign"] {
            let answer = analysis(shop, &format!("by={by}&{filter}={of}")).await;
            assert_eq!(answer["total"]["signups"], signups, "{filter} {by}");
            let nothing = analysis(shop, &format!("by={by}&{filter}={}", new_id())).await;
            assert_eq!(nothing["total"]["signups"], 0, "{filter} {by}");
        }
    }
}

async fn a_payment_counts_where_it_belongs_once_it_is_attributed(office: BackOffice) {
    let shop = Shop::open(office, json!({})).await;
    let stranger = new_id();
    let body = json!({ "reference": "X", "customer_id": stranger, "amount": euro("100.00"), "received_at": "2026-06-10T12:00:00Z" });
    shop.send(&body).await.expect(201);
    shop.refund("X", "R1", "40.00").await.expect(201);
    let of_all = "since=2026-06-01&until=2026-06-30";
    let answer = analysis(&shop, of_all).await;
    assert_eq!(paid(&answer), [(String::new(), 1, "100.00".to_owned())]);
    assert_eq!(analysis(&shop, "").await["items"].as_array().unwrap().last().unwrap()["money"][0]["refunded"], "40.00");
    let reason = json!({ "customer_id": shop.customer, "reason": "wrong number" });
    shop.office.post("/payments/X/attribution", &reason).await.expect(200);
    let agent = shop.seller.agent_id.to_string();
    let answer = analysis(&shop, of_all).await;
    assert_eq!(paid(&answer), [(agent.clone(), 1, "100.00".to_owned())]);
    assert_eq!(answer["total"]["money"][0]["commission"], "6.00");
    let now = analysis(&shop, "").await;
    assert_eq!(now["count"], 1, "{now}");
    assert_eq!((&now["items"][0]["id"], &now["total"]["money"][0]["refunded"]), (&json!(agent), &json!("40.00")));
    let chargeback = json!({ "reference": "CB", "amount": euro("60.00") });
    shop.office.post("/payments/X/chargebacks", &chargeback).await.expect(201);
    let sum = analysis(&shop, "").await["total"]["money"][0].clone();
    assert_eq!((&sum["refunded"], &sum["commission"]), (&json!("100.00"), &json!("-6.00")));
    shop.office.post("/payments/X/chargebacks/CB/won", &json!({})).await.expect(200);
    let sum = analysis(&shop, "").await["total"]["money"][0].clone();
    assert_eq!((&sum["refunded"], &sum["commission"]), (&json!("40.00"), &json!("0.00")));
    is_a_fold(&shop).await;
}

async fn cohorts_show_what_customers_paid_in_each_month_since(office: BackOffice) {
    let shop = Shop::open(office, json!({})).await;
    shop.place(new_id(), "1000000002").await;
    let now = crate::paid::now();
    received(&shop, "A", euro("100.00"), &now).await;
    received(&shop, "B", euro("20.00"), "2025-01-31T23:59:59Z").await;
    received(&shop, "C", json!({ "amount": "500", "currency": "JPY" }), &now).await;
    shop.refund("A", "R", "30.00").await.expect(201);
    let position = shop.office.app.log.head().await.unwrap().position;
    let path = format!("/analysis/cohorts?at_least=agents:{position}");
    let answer = shop.office.get(&path).await;
    assert_eq!(answer["count"], 12);
    let this = answer["items"][11].clone();
    assert_eq!(
        (&this["placed"], &this["customers"], &this["paying_customers"]),
        (&json!(now[..7]), &json!(2), &json!(1))
    );
    let month = |month: &str, currency: &str, customers: u64, received: &str, refunded: &str| json!({ "month": month, "currency": currency, "paying_customers": customers, "payments": 1, "received": received, "refunded": refunded });
    let months = [
        month("2025-01", "EUR", 0, "20.00", "0.00"),
        month(&now[..7], "EUR", 1, "100.00", "30.00"),
        month(&now[..7], "JPY", 0, "500", "0"),
    ];
    assert_eq!(this["months"], json!(months));
    let own = shop.office.get(&format!("/analysis/cohorts?agent_id={}", shop.seller.agent_id)).await;
    assert_eq!(own["items"][11], this);
    let others = shop.office.get(&format!("/analysis/cohorts?agent_id={}", new_id())).await;
    assert_eq!((&others["items"][11]["customers"], &others["items"][11]["months"]), (&json!(0), &json!([])));
    let file = shop.office.call("GET", "/analysis/cohorts", &[("accept", "text/csv")], &Value::Null).await.text;
    assert!(file.contains(&format!("{},2,1,2025-01,EUR,0,1,20.00,0.00\r\n", &now[..7])), "{file}");
    assert!(file.ends_with("# rows 14\r\n"), "{file}");
    let wrong =
        shop.office.call("GET", "/analysis/cohorts?since=2026-13&until=2026", &[], &Value::Null).await.expect(422);
    assert_eq!(faults(&wrong), [("since", "invalid"), ("until", "invalid")]);
    let turned =
        shop.office.call("GET", "/analysis/cohorts?since=2026-03&until=2026-02", &[], &Value::Null).await.expect(422);
    assert_eq!(faults(&turned), [("until", "ends_before_start")]);
    let mut operator = Browser::new(&shop.office);
    operator.sign_in("/sign-in", "operator", PASSWORD).await;
    let page = operator.page("/analysis/cohorts").await;
    assert!(page.contains("90.00 EUR") && page.contains("500 JPY"), "{page}");
}

async fn figures_of_a_moved_group_are_its_old_agents_as_placed_and_its_new_ones_as_now(office: BackOffice) {
    let shop = Shop::open(office, json!({})).await;
    shop.pay("A", "100.00").await;
    let heir = shop.office.agent("heir").await;
    let group = format!("/groups/{}", shop.seller.group_id);
    let version = shop.office.call("GET", &group, &[], &Value::Null).await.header("etag").to_owned();
    shop.office.call("PATCH", &group, &[("if-match", &version)], &json!({ "agent_id": heir })).await.expect(200);
    let seller = shop.seller.agent_id.to_string();
    for (attribution, whose) in [("placed", &seller), ("now", &heir)] {
        let answer = analysis(&shop, &format!("by=agent&attribution={attribution}")).await;
        assert_eq!((&answer["count"], &answer["attribution"]), (&json!(1), &json!(attribution)));
        assert_eq!((&answer["items"][0]["id"], &answer["items"][0]["signups"]), (&json!(whose), &json!(1)));
        for by in ["group", "day", "campaign"] {
            for (agent, payments) in
                [(&seller, u64::from(attribution == "placed")), (&heir, u64::from(attribution == "now"))]
            {
                let answer = analysis(&shop, &format!("by={by}&attribution={attribution}&agent_id={agent}")).await;
                let counted = answer["total"]["money"]
                    .as_array()
                    .unwrap()
                    .first()
                    .map_or(json!(0), |sum| sum["payments"].clone());
                assert_eq!(
                    (&answer["total"]["signups"], counted),
                    (&json!(payments), json!(payments)),
                    "{attribution} {by}"
                );
            }
        }
    }
}

pub async fn is_a_fold(shop: &Shop) {
    let database = shop.office.app.log.database();
    let (own, signups) = (&shop.office.app.log, &shop.signups.log);
    for (name, log) in [(ProjectionName::Directory, own), (ProjectionName::Sales, signups)] {
        let differences = maintenance::compare(database, name, log, |_| ()).await.unwrap();
        assert_eq!(differences, Vec::<String>::new());
    }
}
