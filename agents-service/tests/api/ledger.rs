//! The ledger of an agent: lines, corrections, and its limit, on both databases.

use contract::ids::new_id;
use futures::future::join_all;
use serde_json::{Value, json};

use crate::office::{BackOffice, faults};
use crate::paid::{Shop, euro, now};

harness::on_both_databases!(crate::office::BackOffice::open:
    the_ledger_runs_from_the_opening_to_the_closing_balance,
    a_correction_needs_a_reason_and_shows_in_the_balance,
    more_than_the_ledger_holds_is_refused_and_can_be_taken_back,
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
