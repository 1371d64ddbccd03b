//! The ledger of an agent: lines, corrections, and its limit, on both databases.

use contract::ids::new_id;
use futures::future::join_all;
use harness::operator::{PASSWORD, agent_body};
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::office::{BackOffice, faults, id};
use crate::paid::{Shop, euro, now};

harness::on_both_databases!(crate::office::BackOffice::open:
    the_ledger_runs_from_the_opening_to_the_closing_balance,
    a_correction_needs_a_reason_and_shows_in_the_balance,
    more_than_the_ledger_holds_is_refused_and_can_be_taken_back,
    the_ledger_over_all_agents_is_listed_with_its_sums_and_corrections,
);

async fn the_ledger_runs_from_the_opening_to_the_closing_balance(office: BackOffice) {
    let shop = Shop::open(office, json!({})).await;
    shop.pay("pay-1", "100.00").await;
    let between = now();
    shop.pay("pay-2", "50.00").await;
    shop.refund("pay-1", "r-1", "20.00").await.expect(201);
    let path = format!("/agents/{}/ledger", shop.seller.agent_id);
    let all = shop.office.get(&path).await;
    let balances: Vec<&str> =
        all["items"].as_array().unwrap().iter().map(|line| line["balance"].as_str().unwrap()).collect();
    assert_eq!(
        (balances, &all["opening"], &all["closing"]),
        (vec!["10.00", "15.00", "13.00"], &json!("0.00"), &json!("13.00"))
    );
    assert_eq!(
        (&all["items"][2]["kind"], &all["items"][2]["amount"], &all["items"][2]["cause"]),
        (&json!("refund"), &json!("-2.00"), &json!("pay-1"))
    );
    let first = shop.office.get(&format!("{path}?limit=2")).await;
    let next = shop.office.get(&format!("{path}?limit=2&after={}", first["next"].as_str().unwrap())).await;
    assert_eq!((&next["items"][0]["balance"], &next["next"]), (&json!("13.00"), &Value::Null));
    let since = shop.office.get(&format!("{path}?since={between}")).await;
    assert_eq!((&since["opening"], since["items"].as_array().unwrap().len()), (&json!("10.00"), 2));
    let until = shop.office.get(&format!("{path}?until={between}&currency=eur")).await;
    assert_eq!((&until["closing"], until["items"].as_array().unwrap().len()), (&json!("10.00"), 1));
    assert_eq!(shop.office.get(&format!("{path}?currency=JPY")).await["items"], json!([]));
}

async fn a_correction_needs_a_reason_and_shows_in_the_balance(office: BackOffice) {
    let shop = Shop::open(office, json!({})).await;
    let path = format!("/agents/{}/corrections", shop.seller.agent_id);
    let correct = async |amount: &str, reason: &str| {
        shop.office.post(&path, &json!({ "amount": euro(amount), "reason": reason })).await
    };
    assert_eq!(correct("25.00", "opening balance").await.expect(201)["amount"], "25.00");
    assert_eq!(correct("-5.50", "counted twice").await.expect(201)["amount"], "-5.50");
    for (amount, reason, field) in
        [("1.00", " ", "reason"), ("0.00", "x", "amount.amount"), ("--1", "x", "amount.amount")]
    {
        assert_eq!(faults(&correct(amount, reason).await.expect(422))[0].0, field);
    }
    assert_eq!(shop.balance().await, ["0.00", "19.50", "0.00", "0.00", "19.50"]);
    let nobody = format!("/agents/{}/corrections", new_id());
    shop.office.post(&nobody, &json!({ "amount": euro("1.00"), "reason": "x" })).await.expect(404);
    shop.is_a_fold().await;
}

async fn more_than_the_ledger_holds_is_refused_and_can_be_taken_back(office: BackOffice) {
    let shop = Shop::open(office, json!({})).await;
    shop.pay("pay-1", "10.00").await;
    let path = format!("/agents/{}/corrections", shop.seller.agent_id);
    let correction = |amount: &str| json!({ "amount": euro(amount), "reason": "opening balance" });
    let most = correction("1000000000000.00");
    for reply in join_all((0..99).map(|_| shop.office.post(&path, &most))).await {
        reply.expect(201);
    }
    let too_large = [("amount", "too_large")];
    assert_eq!(faults(&shop.office.post(&path, &most).await.expect(422)), too_large);
    shop.office.post(&path, &correction("999999999999.00")).await.expect(201);
    let next = shop.payment("pay-2", euro("10.00"));
    assert_eq!(faults(&shop.send(&next).await.expect(422)), too_large);
    shop.send(&shop.payment("pay-1", euro("10.00"))).await.expect(200);
    shop.office.post(&path, &correction("-1000000000000.00")).await.expect(201);
    shop.send(&next).await.expect(201);
    assert_eq!(shop.balance().await[1], "99000000000001.00");
    shop.is_a_fold().await;
}

async fn the_ledger_over_all_agents_is_listed_with_its_sums_and_corrections(office: BackOffice) {
    let shop = Shop::open(office, json!({})).await;
    let other = id(&shop.office.post("/agents", &agent_body("anna-agent")).await.expect(201));
    shop.pay("pay-1", "100.00").await;
    let correction = json!({ "amount": { "amount": "-500", "currency": "JPY" }, "reason": "a bank fee" });
    shop.office.post(&format!("/agents/{other}/corrections"), &correction).await.expect(201);
    shop.pay("pay-2", "50.00").await;
    let mut listed = Vec::new();
    let mut path = "/ledger?limit=2".to_owned();
    loop {
        let page = shop.office.get(&path).await;
        for item in page["items"].as_array().unwrap() {
            listed.push(format!(
                "{} {} {}",
                item["kind"].as_str().unwrap(),
                item["amount"].as_str().unwrap(),
                item["currency"].as_str().unwrap()
            ));
        }
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/ledger?limit=2&after={next}");
    }
    assert_eq!(listed, ["commission 5.00 EUR", "correction -500 JPY", "commission 10.00 EUR"]);
    let corrections = shop.office.get("/ledger?kind=correction").await;
    let [only] = corrections["items"].as_array().unwrap().as_slice() else { panic!("{corrections}") };
    assert_eq!((&only["agent_id"], &only["reason"]), (&json!(other), &json!("a bank fee")));
    let totals = shop.office.get("/ledger/totals").await;
    assert_eq!(
        totals["items"],
        json!([
            { "currency": "EUR", "owed": "15.00", "reserved": "0.00", "paid": "0.00" },
            { "currency": "JPY", "owed": "-500", "reserved": "0", "paid": "0" },
        ])
    );
    for wrong in ["/ledger?kind=refund", "/ledger?after=x"] {
        let reply = shop.office.call("GET", wrong, &[], &Value::Null).await;
        assert_eq!(reply.status, 422, "{wrong} {}", reply.text);
    }
    let mut browser = Browser::new(&shop.office);
    browser.sign_in("/sign-in", "operator", PASSWORD).await;
    let page = browser.page("/commission").await;
    assert!(page.contains("15.00 EUR") && page.contains("-500 JPY") && page.contains("/payments/pay%2D2"), "{page}");
    let page = browser.page("/commission?kind=correction").await;
    assert!(page.contains("a bank fee") && !page.contains("/payments/"), "{page}");
}
