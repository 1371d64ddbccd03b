//! Payments and the commission on them: each rule, on both databases.

use std::time::Duration;

use contract::ids::new_id;
use event_store::sql::Sql;
use harness::eventually;
use harness::operator::{PASSWORD, with};
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::office::{BackOffice, faults};
use crate::paid::{Shop, euro, now};
use crate::signups::erased;

harness::on_both_databases!(crate::office::BackOffice::open:
    commission_is_rounded_once_half_to_even,
    refunds_in_parts_end_at_exactly_nothing,
    a_refund_is_of_its_payment_and_no_more_than_it,
    a_refund_that_comes_first_waits_for_its_payment,
    a_won_chargeback_gives_back_once,
    the_same_payment_again_is_the_same_answer,
    a_payment_of_an_unknown_customer_finds_its_agent_later,
    an_operator_says_whose_a_payment_is,
    what_is_noted_about_payments_is_erased_with_their_customer,
    the_rate_is_that_of_the_first_source_with_one,
    terms_count_from_the_moment_they_are_stated,
    a_window_ends_by_payments,
    a_flat_commission_is_for_payments_in_its_currency,
    commission_is_held_for_the_agents_days,
    bad_payments_are_refused_with_every_field_and_leave_nothing,
    bulk_requests_at_once_are_answered_in_full_and_the_first_of_two_lines_counts,
    many_payments_are_answered_line_by_line,
    what_is_decided_by_is_a_fold_of_the_log,
    tables_that_an_upgrade_adds_are_made_from_the_log,
);

async fn commission_is_rounded_once_half_to_even(office: BackOffice) {
    let shop = Shop::open(office, json!({ "commission": { "rate_at": "payment" } })).await;
    for (number, (amount, currency, percent, commission)) in [
        ("8.35", "EUR", "30", "2.50"),
        ("8.45", "EUR", "30", "2.54"),
        ("0.50", "EUR", "5", "0.02"),
        ("0.70", "EUR", "5", "0.04"),
        ("0.05", "EUR", "50", "0.02"),
        ("0.30", "EUR", "15", "0.04"),
        ("2499.00", "EUR", "7.5", "187.42"),
        ("1260", "JPY", "12.5", "158"),
        ("1268", "JPY", "12.5", "158"),
        ("10.005", "KWD", "10", "1.000"),
        ("10.015", "KWD", "10", "1.002"),
        ("10.00", "EUR", "0", "0.00"),
    ]
    .into_iter()
    .enumerate()
    {
        shop.change_agent(json!({ "commission_percent": percent })).await;
        let money = json!({ "amount": amount, "currency": currency });
        let answer = shop.send(&shop.payment(&format!("pay-{number}"), money)).await.expect(201);
        assert_eq!(answer["commission"], json!({ "amount": commission, "currency": currency }), "{amount} {percent} %");
        assert_eq!(
            (&answer["rate"], &answer["rule"], &answer["base"]),
            (&json!(percent), &json!("agent"), &json!("as_given"))
        );
        assert_eq!(answer["ledger"][0]["amount"], commission);
    }
    shop.is_a_fold().await;
}

async fn refunds_in_parts_end_at_exactly_nothing(office: BackOffice) {
    let shop = Shop::open(office, json!({ "commission_percent": "12.5" })).await;
    shop.pay("pay-1", "100.00").await;
    for (number, (part, taken)) in [("33.34", "4.17"), ("33.33", "4.16"), ("33.33", "4.17")].into_iter().enumerate() {
        let answer = shop.refund("pay-1", &format!("r-{number}"), part).await.expect(201);
        assert_eq!(answer["reversed"], euro(taken));
    }
    assert_eq!(shop.balance().await, ["0.00", "0.00", "0.00", "0.00", "0.00"]);
    shop.is_a_fold().await;
}

async fn a_refund_is_of_its_payment_and_no_more_than_it(office: BackOffice) {
    let shop = Shop::open(office, json!({ "commission_percent": "25" })).await;
    shop.pay("pay-1", "80.00").await;
    let answer = shop.refund("pay-1", "r-1", "30.00").await.expect(201);
    assert_eq!((&answer["reversed"], &answer["payment"]), (&euro("7.50"), &json!("pay-1")));
    assert_eq!(shop.refund("pay-1", "r-1", "30.00").await.expect(200), answer);
    shop.refund("pay-1", "r-1", "31.00").await.expect(409);
    assert_eq!(faults(&shop.refund("pay-1", "r-2", "50.01").await.expect(422)), [("amount", "too_much")]);
    let yen = json!({ "reference": "r-3", "amount": { "amount": "10", "currency": "JPY" } });
    let problem = shop.office.post("/payments/pay-1/refunds", &yen).await.expect(422);
    assert_eq!(faults(&problem), [("amount.currency", "other_currency")]);
    assert_eq!(shop.refund("pay-1", "r-2", "50.00").await.expect(201)["reversed"], euro("12.50"));
    let shown = shop.office.get("/payments/pay-1").await;
    assert_eq!((&shown["amount_left"], &shown["commission"]), (&euro("0.00"), &euro("0.00")));
    assert_eq!(shown["reversals"].as_array().unwrap().len(), 2);
}

async fn a_refund_that_comes_first_waits_for_its_payment(office: BackOffice) {
    let shop = Shop::open(office, json!({ "commission_percent": "25" })).await;
    assert_eq!(shop.refund("pay-1", "r-1", "30.00").await.expect(202)["state"], "held");
    assert_eq!(shop.refund("pay-1", "r-2", "60.00").await.expect(202)["state"], "held");
    for no_payment in [&"x".repeat(65), "a%2Fb", "a%0Ab"] {
        shop.refund(no_payment, "r-1", "30.00").await.expect(404);
    }
    assert_eq!(shop.office.get("/open-reversals").await["items"].as_array().unwrap().len(), 2);
    shop.pay("pay-1", "80.00").await;
    assert_eq!(shop.balance().await[1], "12.50");
    let open = shop.office.get("/open-reversals").await;
    let open = open["items"].as_array().unwrap();
    assert_eq!((open.len(), &open[0]["reference"], &open[0]["not_applied"]), (1, &json!("r-2"), &json!("too_much")));
    shop.is_a_fold().await;
}

async fn a_won_chargeback_gives_back_once(office: BackOffice) {
    let shop = Shop::open(office, json!({ "commission_percent": "25" })).await;
    shop.pay("pay-1", "100.00").await;
    shop.refund("pay-1", "r-1", "40.00").await.expect(201);
    let chargeback = shop.office.post("/payments/pay-1/chargebacks", &json!({ "reference": "c-1" })).await.expect(201);
    assert_eq!((&chargeback["amount"], &chargeback["reversed"]), (&euro("60.00"), &euro("15.00")));
    for _ in 0..2 {
        let won = shop.office.post("/payments/pay-1/chargebacks/c-1/won", &json!({})).await.expect(200);
        assert_eq!(won["state"], "won");
        assert_eq!(shop.balance().await[1], "15.00");
    }
    shop.office.post("/payments/pay-1/chargebacks/r-1/won", &json!({})).await.expect(404);
    shop.is_a_fold().await;
}

async fn the_same_payment_again_is_the_same_answer(office: BackOffice) {
    let shop = Shop::open(office, json!({})).await;
    let payment = shop.payment("  pay-1 ", json!({ "amount": "10.00", "currency": "eur" }));
    let first = shop.send(&payment).await.expect(201);
    assert_eq!(first["reference"], "pay-1");
    assert_eq!(shop.send(&payment).await.expect(200), first);
    assert_eq!(shop.send(&with(payment.clone(), json!({ "received_at": now() }))).await.expect(200), first);
    let problem = shop.send(&shop.payment("pay-1", euro("10.01"))).await.expect(409);
    assert_eq!((&problem["reason"], &problem["code"]), (&json!("payment_differs"), &json!("payment_differs")));
    shop.place(new_id(), "1000000002").await;
    let other = json!({ "customer_number": "1000000002", "customer_id": null });
    shop.send(&with(shop.payment("pay-1", euro("10.00")), other)).await.expect(409);
    assert_eq!(shop.balance().await[1], "1.00");
}

async fn a_payment_of_an_unknown_customer_finds_its_agent_later(office: BackOffice) {
    let shop = Shop::open(office, json!({})).await;
    let early = new_id();
    for (reference, customer) in [
        ("by-id", json!({ "customer_id": early })),
        ("by-number", json!({ "customer_id": null, "customer_number": "1000000009" })),
    ] {
        let answer = shop.send(&with(shop.payment(reference, euro("50.00")), customer)).await.expect(201);
        assert_eq!((&answer["agent_id"], &answer["commission"]), (&Value::Null, &Value::Null));
    }
    shop.refund("by-id", "r-1", "20.00").await.expect(201);
    assert_eq!(shop.office.get("/payments?unattributed=true").await["items"].as_array().unwrap().len(), 2);
    shop.place(early, "1000000009").await;
    let all_found = eventually(Duration::from_secs(10), async || {
        let left = shop.office.get("/payments?unattributed=true").await;
        if left["items"].as_array().unwrap().is_empty() { Ok(()) } else { harness::bail!("{left}") }
    });
    all_found.await.unwrap();
    assert_eq!(shop.office.get("/payments/by-number").await["commission"], euro("5.00"));
    assert_eq!(shop.office.get("/payments/by-id").await["commission"], euro("3.00"));
    assert_eq!(shop.balance().await[1], "8.00");
    shop.is_a_fold().await;
}

async fn an_operator_says_whose_a_payment_is(office: BackOffice) {
    let shop = Shop::open(office, json!({})).await;
    let stranger = json!({ "customer_id": new_id() });
    shop.send(&with(shop.payment("pay-1", euro("50.00")), stranger)).await.expect(201);
    let path = "/payments/pay-1/attribution";
    let known = json!({ "customer_id": shop.customer, "reason": "paid for a neighbour" });
    let unreasoned = with(known.clone(), json!({ "reason": "" }));
    assert_eq!(faults(&shop.office.post(path, &unreasoned).await.expect(422)).len(), 1);
    let unknown = with(known.clone(), json!({ "customer_id": new_id() }));
    assert_eq!(shop.office.post(path, &unknown).await.expect(409)["code"], "customer_unknown");
    for _ in 0..2 {
        assert_eq!(shop.office.post(path, &known).await.expect(200)["commission"], euro("5.00"));
    }
    shop.place(new_id(), "1000000002").await;
    let another = json!({ "customer_number": "1000000002", "reason": "no, theirs" });
    assert_eq!(shop.office.post(path, &another).await.expect(409)["code"], "payment_attributed");
}

async fn what_is_noted_about_payments_is_erased_with_their_customer(office: BackOffice) {
    let shop = Shop::open(office, json!({})).await;
    shop.pay("pay-1", "100.00").await;
    let refund = json!({ "reference": "r-1", "amount": euro("10.00"), "reason": "Ms Ruiz complained" });
    shop.office.post("/payments/pay-1/refunds", &refund).await.expect(201);
    let mut operator = Browser::new(&shop.office);
    operator.sign_in("/sign-in", "operator", PASSWORD).await;
    assert!(operator.page("/payments/pay-1").await.contains("Ms Ruiz complained"));
    let events = shop.office.call("GET", "/events?after=0", &[], &Value::Null).await.text;
    assert!(events.contains(r#""has_reason":true"#) && !events.contains("complained"), "{events}");
    let position = shop.signups.append(vec![erased(&shop.seller, shop.customer)]).await;
    shop.office.get(&format!("/sales?at_least={position}")).await;
    let page = operator.page("/payments/pay-1").await;
    assert!(page.contains("(erased)") && !page.contains("complained"), "{page}");
    // The refund is still known as the same.
    shop.office.post("/payments/pay-1/refunds", &refund).await.expect(200);
    shop.is_a_fold().await;
}

async fn the_rate_is_that_of_the_first_source_with_one(office: BackOffice) {
    let shop = Shop::open(office, json!({ "commission": { "rate_at": "payment" } })).await;
    let (agent, plan) = (shop.seller.agent_id, shop.seller.call_plan_id);
    let mut number = 0;
    let mut rate = async || {
        number += 1;
        let answer = shop.pay(&format!("pay-{number}"), "100.00").await;
        (answer["rule"].as_str().unwrap().to_owned(), answer["rate"].as_str().unwrap().to_owned())
    };
    let is = |rule: &str, rate: &str| (rule.to_owned(), rate.to_owned());
    assert_eq!(rate().await, is("agent", "10"));
    let of = |percent: Value| json!({ "commission_percent": percent });
    let plan_path = format!("/call-plans/{plan}");
    shop.office.call("PATCH", &plan_path, &[("if-match", "*")], &of(json!("12"))).await.expect(200);
    assert_eq!(rate().await, is("call_plan", "12"));
    let grant_path = format!("/agents/{agent}/call-plans/{plan}");
    let granted = shop.office.call("PUT", &grant_path, &[], &of(json!("15"))).await.expect(200);
    assert_eq!(granted["commission"]["rate"], "15");
    assert_eq!(rate().await, is("grant", "15"));
    let key =
        shop.office.call("PATCH", "/signup-keys/harbour", &[("if-match", "*")], &of(json!("0"))).await.expect(200);
    assert_eq!(key["commission"]["rate"], "0");
    assert_eq!(rate().await, is("signup_key", "0"));
    shop.office.call("PATCH", "/signup-keys/harbour", &[("if-match", "*")], &of(Value::Null)).await.expect(200);
    assert_eq!(rate().await, is("grant", "15"));
    let key = shop.office.get("/signup-keys/harbour").await;
    let plans = shop.office.get(&format!("/agents/{agent}/call-plans")).await;
    assert_eq!((&key["commission"], &plans["items"][0]["commission"]["rate"]), (&Value::Null, &json!("15")));
    assert_eq!(shop.office.get(&plan_path).await["commission"]["rate"], "12");
    shop.is_a_fold().await;
}

async fn terms_count_from_the_moment_they_are_stated(office: BackOffice) {
    let shop = Shop::open(office, json!({})).await;
    let before = now();
    shop.change_agent(json!({ "commission_percent": "15" })).await;
    assert_eq!(shop.pay("placement", "100.00").await["rate"], "10");
    shop.change_agent(json!({ "commission": { "rate_at": "payment" } })).await;
    assert_eq!(shop.pay("payment", "100.00").await["rate"], "15");
    let late = with(shop.payment("late", euro("100.00")), json!({ "received_at": before }));
    assert_eq!(shop.send(&late).await.expect(201)["rate"], "10");
    assert_eq!(shop.office.get("/payments/placement").await["rate"], "10");
}

async fn a_window_ends_by_payments(office: BackOffice) {
    let shop = Shop::open(office, json!({ "commission": { "window": { "payments": 2 } } })).await;
    shop.pay("pay-1", "10.00").await;
    shop.refund("pay-1", "r-1", "10.00").await.expect(201);
    assert_eq!(shop.pay("pay-2", "10.00").await["commission"], euro("1.00"));
    let third = shop.pay("pay-3", "10.00").await;
    assert_eq!((&third["commission"], &third["no_commission"]), (&euro("0.00"), &json!("payments_over")));
    assert_eq!(third["ledger"].as_array().unwrap().len(), 1);
}

async fn a_flat_commission_is_for_payments_in_its_currency(office: BackOffice) {
    let shop = Shop::open(office, json!({ "commission": { "flat": euro("5.00") } })).await;
    assert_eq!(shop.pay("pay-1", "20.00").await["commission"], euro("5.00"));
    assert_eq!(shop.refund("pay-1", "r-1", "5.00").await.expect(201)["reversed"], euro("1.25"));
    let yen = shop.send(&shop.payment("pay-2", json!({ "amount": "1000", "currency": "JPY" }))).await.expect(201);
    assert_eq!((&yen["commission"]["amount"], &yen["no_commission"]), (&json!("0"), &json!("other_currency")));
    let agent = format!("/agents/{}", shop.seller.agent_id);
    let per_signup = json!({ "commission": { "flat": null, "per": "signup" } });
    let problem = shop.office.call("PATCH", &agent, &[("if-match", "*")], &per_signup).await.expect(422);
    assert_eq!(faults(&problem), [("commission.per", "needs_flat")]);
}

async fn commission_is_held_for_the_agents_days(office: BackOffice) {
    let shop = Shop::open(office, json!({ "hold_days": 30 })).await;
    shop.pay("held", "100.00").await;
    assert_eq!(shop.balance().await, ["10.00", "0.00", "0.00", "0.00", "0.00"]);
    let early = with(shop.payment("due", euro("50.00")), json!({ "received_at": "2026-01-31T12:00:00Z" }));
    let answer = shop.send(&early).await.expect(201);
    assert_eq!(answer["due_at"], "2026-03-02T12:00:00.000000Z");
    assert_eq!(shop.balance().await, ["10.00", "5.00", "0.00", "0.00", "5.00"]);
    shop.refund("held", "r-1", "100.00").await.expect(201);
    assert_eq!(shop.balance().await, ["0.00", "5.00", "0.00", "0.00", "5.00"]);
    let changed = json!({ "hold_days": 0 });
    shop.change_agent(changed).await;
    shop.pay("at-once", "100.00").await;
    assert_eq!(shop.balance().await[1], "15.00");
}

async fn bad_payments_are_refused_with_every_field_and_leave_nothing(office: BackOffice) {
    let shop = Shop::open(office, json!({})).await;
    for amount in ["-1.00", "0.00", "1.001", "1e3", "NaN", "1,50", "", "1000000000001"] {
        let problem = shop.send(&shop.payment("pay-1", euro(amount))).await.expect(422);
        assert_eq!(faults(&problem)[0].0, "amount.amount", "{amount}");
    }
    let currency = json!({ "amount": "1.00", "currency": "XYZ" });
    assert_eq!(faults(&shop.send(&shop.payment("pay-1", currency)).await.expect(422))[0].0, "amount.currency");
    for (changes, field) in [
        (json!({ "reference": " " }), "reference"),
        (json!({ "reference": "x".repeat(65) }), "reference"),
        (json!({ "reference": "a/b" }), "reference"),
        (json!({ "received_at": "2999-01-01T00:00:00Z" }), "received_at"),
        (json!({ "customer_id": null }), "customer_id"),
        (json!({ "net": "11.00" }), "net"),
        (json!({ "net": "9.00", "vat_percent": "19" }), "net"),
        (json!({ "net": { "amount": "9", "currency": "JPY" } }), "net.currency"),
    ] {
        let problem = shop.send(&with(shop.payment("pay-1", euro("10.00")), changes.clone())).await.expect(422);
        assert_eq!(faults(&problem)[0].0, field, "{changes}");
    }
    shop.office.call("GET", "/payments/pay-1", &[], &Value::Null).await.expect(404);
    assert_eq!(shop.office.get("/payments").await["items"], json!([]));
}

async fn many_payments_are_answered_line_by_line(office: BackOffice) {
    let shop = Shop::open(office, json!({})).await;
    let mut lines: Vec<String> =
        (0..300).map(|n| shop.payment(&format!("bulk-{n}"), euro("10.00")).to_string()).collect();
    lines.insert(1, "{ not json".to_owned());
    lines.insert(2, shop.payment("bulk-0", euro("11.00")).to_string());
    lines.push(String::new());
    let bearer = format!("Bearer {}", crate::office::TOKEN);
    let headers = [("authorization", bearer.as_str()), ("content-type", "application/x-ndjson")];
    for again in [false, true] {
        let reply = shop.office.send("POST", "/api/v1/payments", &headers, lines.join("\n").into_bytes()).await;
        let answers: Vec<Value> = reply.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!((reply.status.as_u16(), answers.len()), (200, 302));
        let status =
            |index: usize| (answers[index]["line"].as_u64().unwrap(), answers[index]["status"].as_u64().unwrap());
        let done = if again { 200 } else { 201 };
        assert_eq!([status(0), status(1), status(301)], [(1, done), (2, 400), (302, done)]);
        assert_eq!((status(2).1, &answers[2]["problem"]["code"]), (409, &json!("payment_differs")));
        assert_eq!(answers[0]["payment"]["commission"], euro("1.00"));
        assert_eq!(shop.balance().await[1], "300.00");
    }
    shop.is_a_fold().await;
}

/// Together they have more lines than the writer's queue has room for.
async fn bulk_requests_at_once_are_answered_in_full_and_the_first_of_two_lines_counts(office: BackOffice) {
    let shop = Shop::open(office, json!({})).await;
    let bearer = format!("Bearer {}", crate::office::TOKEN);
    let headers = [("authorization", bearer.as_str()), ("content-type", "application/x-ndjson")];
    let send = async |name: &str| {
        let lines = (0..600).map(|line| {
            let amount = if line % 2 == 0 { "10.00" } else { "11.00" };
            format!("{}\n", shop.payment(&format!("{name}-{}", line / 2), euro(amount)))
        });
        let reply =
            shop.office.send("POST", "/api/v1/payments", &headers, lines.collect::<String>().into_bytes()).await;
        let answers = reply.text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        answers.map(|answer| answer["status"].as_u64().unwrap()).collect::<Vec<_>>()
    };
    let (first, second, third) = tokio::join!(send("one"), send("two"), send("three"));
    for statuses in [first, second, third] {
        assert_eq!(statuses, [201, 409].repeat(300));
    }
    assert_eq!(shop.balance().await[1], "900.00");
}

async fn what_is_decided_by_is_a_fold_of_the_log(office: BackOffice) {
    let shop = Shop::open(office, json!({ "hold_days": 3 })).await;
    for number in 0..5 {
        shop.pay(&format!("pay-{number}"), "10.00").await;
    }
    shop.refund("pay-1", "r-1", "10.00").await.expect(201);
    shop.is_a_fold().await;
    let (database, log) = (shop.office.app.log.database(), &shop.office.app.log);
    let decisions = agents_service::maintenance::ProjectionName::Decisions;
    agents_service::maintenance::rebuild(database, decisions, log, |_| ()).await.unwrap();
    shop.is_a_fold().await;
    assert_eq!(shop.balance().await[0], "4.00");
    shop.pay("pay-6", "10.00").await;
    assert_eq!(shop.balance().await[0], "5.00");
}

async fn tables_that_an_upgrade_adds_are_made_from_the_log(office: BackOffice) {
    static EMPTY: [Sql; 3] = [
        Sql::new("DELETE FROM commission_terms"),
        Sql::new("DELETE FROM payments"),
        Sql::new("DELETE FROM operator_roles"),
    ];
    let shop = Shop::open(office, json!({})).await;
    shop.pay("pay-1", "10.00").await;
    for sql in &EMPTY {
        shop.office.app.log.database().execute(sql, &[]).await.unwrap();
    }
    let office = shop.office.again().await;
    shop.is_a_fold().await;
    drop(office);
}
