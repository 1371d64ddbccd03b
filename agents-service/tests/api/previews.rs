//! What payments would have earned by other terms, on both databases.

use std::time::Duration;

use contract::ids::new_id;
use harness::eventually;
use harness::operator::{PASSWORD, with};
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::office::{BackOffice, Reply, faults};
use crate::paid::{Shop, euro, now};
use crate::signups::erased;

harness::on_both_databases!(crate::office::BackOffice::open:
    other_terms_of_an_agent_are_tried_on_what_is_left_of_payments,
    other_terms_are_tried_where_they_would_have_counted,
    a_preview_counts_in_each_currency_and_also_erased_customers,
    a_preview_writes_nothing_and_needs_the_right_to_read_money,
    a_preview_that_makes_no_sense_is_refused,
    a_fixed_amount_for_each_signup_is_tried_on_placements,
    an_operator_tries_other_terms_on_a_page,
);

const PATH: &str = "/commission-rules/preview";

async fn preview(shop: &Shop, change: Value) -> Reply {
    let period = json!({ "since": "2020-01-01", "until": "2999-12-31" });
    shop.office.post(PATH, &with(period, change)).await
}

/// Of the only agent and currency: commission now and then, difference, payments.
async fn compare(shop: &Shop, change: Value) -> (String, String, String, u64) {
    let answer = preview(shop, change).await.expect(200);
    let items = answer["items"].as_array().unwrap();
    assert_eq!((items.len(), &answer["payments"]), (1, &items[0]["payments"]), "{answer}");
    assert_eq!(items[0]["agent_id"], shop.seller.agent_id.to_string());
    let text = |name: &str| items[0][name].as_str().unwrap().to_owned();
    (text("commission_now"), text("commission_then"), text("difference"), items[0]["payments"].as_u64().unwrap())
}

fn found(now: &str, then: &str, difference: &str, payments: u64) -> (String, String, String, u64) {
    (now.to_owned(), then.to_owned(), difference.to_owned(), payments)
}

async fn other_terms_of_an_agent_are_tried_on_what_is_left_of_payments(office: BackOffice) {
    let shop = Shop::open(office, json!({})).await;
    for number in 0..3 {
        shop.pay(&format!("pay-{number}"), "100.00").await;
    }
    shop.refund("pay-0", "r-1", "40.00").await.expect(201);
    let of_agent = |change| with(json!({ "agent_id": shop.seller.agent_id }), change);
    let at = |percent: &str| of_agent(json!({ "commission_percent": percent }));
    assert_eq!(compare(&shop, at("12.5")).await, found("26.00", "32.50", "6.50", 3));
    assert_eq!(compare(&shop, at("0")).await, found("26.00", "0.00", "-26.00", 3));
    assert_eq!(compare(&shop, at("10")).await, found("26.00", "26.00", "0.00", 3));
    let flat = of_agent(json!({ "commission": { "flat": euro("5.00") } }));
    assert_eq!(compare(&shop, flat).await, found("26.00", "13.00", "-13.00", 3));
    let once = of_agent(json!({ "commission_percent": "20", "commission": { "window": { "payments": 1 } } }));
    assert_eq!(compare(&shop, once).await, found("26.00", "12.00", "-14.00", 3));
    let soon = json!({ "since": now() });
    assert_eq!(preview(&shop, with(at("20"), soon)).await.expect(200)["items"], json!([]));
}

async fn other_terms_are_tried_where_they_would_have_counted(office: BackOffice) {
    let shop = Shop::open(office, json!({})).await;
    shop.pay("pay-1", "100.00").await;
    let (agent, plan) = (shop.seller.agent_id, shop.seller.call_plan_id);
    let twenty = json!({ "commission_percent": "20" });
    for scope in [
        json!({ "call_plan_id": plan }),
        json!({ "agent_id": agent, "call_plan_id": plan }),
        json!({ "key": "harbour" }),
    ] {
        assert_eq!(compare(&shop, with(scope, twenty.clone())).await, found("10.00", "20.00", "10.00", 1));
    }
    // The terms of the placement count, also those of the others.
    shop.office.call("PATCH", "/signup-keys/harbour", &[("if-match", "*")], &twenty).await.expect(200);
    assert_eq!(
        compare(&shop, json!({ "agent_id": agent, "commission_percent": "15" })).await,
        found("10.00", "15.00", "5.00", 1)
    );
    let by_payment = json!({ "agent_id": agent, "commission_percent": "15", "commission": { "rate_at": "payment" } });
    assert_eq!(compare(&shop, by_payment).await, found("10.00", "15.00", "5.00", 1));
    shop.place(new_id(), "1000000002").await;
    let second = json!({ "customer_id": null, "customer_number": "1000000002" });
    let second = with(shop.payment("pay-2", euro("100.00")), second);
    assert_eq!(shop.send(&second).await.expect(201)["rule"], "signup_key");
    assert_eq!(
        compare(&shop, json!({ "agent_id": agent, "commission_percent": "15" })).await,
        found("30.00", "35.00", "5.00", 2)
    );
    let none = json!({ "key": "harbour", "commission_percent": null });
    assert_eq!(compare(&shop, none).await, found("30.00", "20.00", "-10.00", 2));
    let own = json!({ "key": "harbour", "commission": { "percent": "30", "base": "gross" } });
    assert_eq!(compare(&shop, own).await, found("30.00", "60.00", "30.00", 2));
}

async fn a_preview_counts_in_each_currency_and_also_erased_customers(office: BackOffice) {
    let shop = Shop::open(office, json!({})).await;
    shop.pay("pay-1", "100.00").await;
    shop.send(&shop.payment("pay-2", json!({ "amount": "1000", "currency": "JPY" }))).await.expect(201);
    let unknown = with(shop.payment("pay-3", euro("100.00")), json!({ "customer_id": new_id() }));
    shop.send(&unknown).await.expect(201);
    let position = shop.signups.append(vec![erased(&shop.seller, shop.customer)]).await;
    shop.office.get(&format!("/sales?at_least={position}")).await;
    let change = json!({ "agent_id": shop.seller.agent_id, "commission_percent": "20" });
    let answer = preview(&shop, change).await.expect(200);
    let items: Vec<[&str; 3]> = answer["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| ["currency", "commission_now", "commission_then"].map(|name| item[name].as_str().unwrap()))
        .collect();
    assert_eq!(items, [["EUR", "10.00", "20.00"], ["JPY", "100", "200"]]);
    assert_eq!((&answer["payments"], &answer["max_payments"]), (&json!(2), &json!(20_000)));
}

async fn a_fixed_amount_for_each_signup_is_tried_on_placements(office: BackOffice) {
    let per_signup = |amount| json!({ "flat": euro(amount), "per": "signup" });
    let shop = Shop::open(office, json!({ "commission": per_signup("5.00") })).await;
    shop.place(new_id(), "1000000002").await;
    let path = format!("/agents/{}/ledger", shop.seller.agent_id);
    // The service writes the commission of signups by itself.
    let written = eventually(Duration::from_secs(10), async || {
        let lines = shop.office.get(&path).await["items"].as_array().unwrap().len();
        if lines == 2 { Ok(()) } else { harness::bail!("{lines} lines") }
    });
    written.await.unwrap();
    shop.pay("pay-1", "100.00").await;
    let of_agent = |change| with(json!({ "agent_id": shop.seller.agent_id }), change);
    let one = async |change| {
        let answer = preview(&shop, of_agent(change)).await.expect(200);
        let [item] = answer["items"].as_array().unwrap().as_slice() else { panic!("{answer}") };
        let text = |name: &str| item[name].as_str().unwrap().to_owned();
        (text("commission_now"), text("commission_then"), item["payments"].as_u64(), item["signups"].as_u64())
    };
    let expected =
        |now: &str, then: &str, payments, signups| (now.to_owned(), then.to_owned(), Some(payments), Some(signups));
    assert_eq!(one(json!({ "commission": per_signup("7.50") })).await, expected("10.00", "15.00", 1, 2));
    assert_eq!(one(json!({ "commission": per_signup("5.00") })).await, expected("10.00", "10.00", 1, 2));
    let percent = json!({ "commission_percent": "12.5", "commission": { "flat": null, "per": "payment" } });
    assert_eq!(one(percent).await, expected("10.00", "12.50", 1, 2));
}

async fn a_preview_writes_nothing_and_needs_the_right_to_read_money(office: BackOffice) {
    let shop = Shop::open(office, json!({})).await;
    shop.pay("pay-1", "100.00").await;
    let make = async |scope: &str| {
        let token = json!({ "name": scope, "scopes": [scope] });
        shop.office.post("/api-tokens", &token).await.expect(201)["token"].as_str().unwrap().to_owned()
    };
    let (reader, other) = (make("money:read").await, make("agents:read").await);
    let head = shop.office.app.log.head().await.unwrap().position;
    let change = json!({ "agent_id": shop.seller.agent_id, "commission_percent": "20", "since": "2020-01-01", "until": "2999-12-31" });
    for (token, status) in [(reader, 200), (other, 403)] {
        let headers = [("authorization", format!("Bearer {token}"))];
        let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
        let reply = shop.office.send("POST", &format!("/api/v1{PATH}"), &headers, change.to_string().into()).await;
        assert_eq!(reply.status.as_u16(), status, "{}", reply.text);
    }
    assert_eq!(shop.office.app.log.head().await.unwrap().position, head);
    shop.is_a_fold().await;
}

async fn a_preview_that_makes_no_sense_is_refused(office: BackOffice) {
    let shop = Shop::open(office, json!({})).await;
    let agent = shop.seller.agent_id;
    let twenty = json!({ "commission_percent": "20" });
    for (change, field, code) in [
        (json!({ "agent_id": agent }), "commission_percent", "required"),
        (twenty.clone(), "agent_id", "required"),
        (with(twenty.clone(), json!({ "agent_id": agent, "key": "harbour" })), "key", "ambiguous"),
        (with(twenty.clone(), json!({ "agent_id": new_id() })), "agent_id", "unknown_value"),
        (with(twenty.clone(), json!({ "call_plan_id": new_id() })), "call_plan_id", "unknown_value"),
        (with(twenty.clone(), json!({ "key": "nowhere" })), "key", "unknown_value"),
        (with(twenty.clone(), json!({ "agent_id": agent, "until": "2019-12-31" })), "until", "ends_before_start"),
        (with(twenty.clone(), json!({ "agent_id": agent, "since": "yesterday" })), "since", "invalid"),
        (with(twenty.clone(), json!({ "agent_id": agent, "since": null })), "since", "required"),
        (json!({ "agent_id": agent, "commission_percent": "101" }), "commission_percent", "invalid"),
        (json!({ "agent_id": agent, "commission": { "percent": "20" } }), "commission.percent", "unknown_field"),
        (
            json!({ "key": "harbour", "commission": { "percent": "20", "rate_at": "payment" } }),
            "commission.rate_at",
            "unknown_field",
        ),
    ] {
        let problem = preview(&shop, change.clone()).await.expect(422);
        assert_eq!(faults(&problem), [(field, code)], "{change}");
    }
}

async fn an_operator_tries_other_terms_on_a_page(office: BackOffice) {
    let shop = Shop::open(office, json!({})).await;
    shop.pay("pay-1", "100.00").await;
    let mut operator = Browser::new(&shop.office);
    operator.sign_in("/sign-in", "operator", PASSWORD).await;
    let agent = format!("/agents/{}", shop.seller.agent_id);
    let path = format!("{agent}/preview");
    assert!(operator.page(&format!("{agent}/ledger")).await.contains(&format!("href=\"{path}\"")));
    let form = operator.page(&path).await;
    assert!(form.contains("Try other terms for") && form.contains("value=\"10\""), "{form}");
    let period = [("since", "2020-01-01"), ("until", "2999-12-31")];
    let compare = async |terms: &[(&str, &str)]| operator.fill(&path, &[&period, terms].concat()).await;
    let percent = compare(&[("commission_percent", "12.5"), ("commission.base", "gross")]).await;
    assert_eq!(percent.status, 200, "{}", percent.text);
    for amount in ["10.00 EUR", "12.50 EUR", "2.50 EUR", "Nothing has changed."] {
        assert!(percent.text.contains(amount), "{amount}: {}", percent.text);
    }
    let flat =
        [("commission.flat.amount", "5"), ("commission.flat.currency", "EUR"), ("commission.window.payments", "1")];
    assert!(compare(&flat).await.text.contains("-5.00 EUR"));
    let wrong = compare(&[("commission_percent", "x"), ("commission.window.months", "many")]).await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.text.contains("must be a whole number such as 12"), "{}", wrong.text);
    assert_eq!(operator.get(&filled_with_nobody(&path, &agent)).await.status, 404);
}

fn filled_with_nobody(path: &str, agent: &str) -> String {
    path.replace(agent, &format!("/agents/{}", crate::pages::NOBODY))
}
