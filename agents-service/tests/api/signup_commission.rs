//! Flat commission for a signup, on both databases.

use std::time::Duration;

use agents_service::maintenance::{self, ProjectionName};
use contract::ids::new_id;
use harness::eventually;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::office::BackOffice;
use crate::paid::{Shop, euro};
use crate::signups::{erased, placed_at};

harness::on_both_databases!(crate::office::BackOffice::open:
    a_signup_earns_once_and_its_payments_nothing,
    the_terms_of_the_placement_count,
    signup_commission_is_held_for_the_agents_days,
    a_key_with_a_percentage_earns_by_payments,
    an_erased_customer_earns_nothing,
    a_rebuild_of_the_sales_loses_and_doubles_nothing,
);

fn per_signup(amount: &str) -> Value {
    json!({ "commission": { "flat": euro(amount), "per": "signup" } })
}

/// The lines of signup commission: their causes and amounts, oldest first.
async fn lines(shop: &Shop) -> Vec<(String, String)> {
    let ledger = shop.office.get(&format!("/agents/{}/ledger?limit=200", shop.seller.agent_id)).await;
    let items = ledger["items"].as_array().unwrap().iter().filter(|line| line["kind"] == "signup_commission");
    items
        .map(|line| (line["cause"].as_str().unwrap().to_owned(), line["amount"].as_str().unwrap().to_owned()))
        .collect()
}

async fn wait_for_lines(shop: &Shop, customers: &[Uuid]) {
    let all_there = eventually(Duration::from_secs(10), async || {
        let found: Vec<String> = lines(shop).await.into_iter().map(|(cause, _)| cause).collect();
        let expected: Vec<String> = customers.iter().map(Uuid::to_string).collect();
        if found == expected { Ok(()) } else { harness::bail!("{found:?}") }
    });
    all_there.await.unwrap();
}

async fn a_signup_earns_once_and_its_payments_nothing(office: BackOffice) {
    let shop = Shop::open(office, per_signup("5.00")).await;
    wait_for_lines(&shop, &[shop.customer]).await;
    assert_eq!(shop.balance().await[1], "5.00");
    let payment = shop.pay("pay-1", "100.00").await;
    assert_eq!((&payment["commission"], &payment["no_commission"]), (&euro("0.00"), &json!("per_signup")));
    shop.refund("pay-1", "r-1", "100.00").await.expect(201);
    let next = new_id();
    shop.place(next, "1000000002").await;
    wait_for_lines(&shop, &[shop.customer, next]).await;
    assert_eq!(shop.balance().await[1], "10.00");
    shop.is_a_fold().await;
}

async fn the_terms_of_the_placement_count(office: BackOffice) {
    let shop = Shop::open(office, json!({})).await;
    shop.change_agent(per_signup("5.00")).await;
    let second = new_id();
    shop.place(second, "1000000002").await;
    wait_for_lines(&shop, &[second]).await;
    shop.change_agent(json!({ "commission": { "flat": euro("7.00"), "per": "signup", "rate_at": "payment" } })).await;
    let third = new_id();
    shop.place(third, "1000000003").await;
    wait_for_lines(&shop, &[second, third]).await;
    let amounts: Vec<String> = lines(&shop).await.into_iter().map(|(_, amount)| amount).collect();
    assert_eq!(amounts, ["5.00", "7.00"]);
    shop.change_agent(json!({ "commission": { "flat": null, "per": "payment" } })).await;
    assert_eq!(shop.pay("pay-1", "100.00").await["commission"], euro("10.00"));
}

async fn signup_commission_is_held_for_the_agents_days(office: BackOffice) {
    let terms = json!({ "hold_days": 30, "commission": { "flat": euro("5.00"), "per": "signup" } });
    let shop = Shop::open(office, terms).await;
    wait_for_lines(&shop, &[shop.customer]).await;
    assert_eq!(shop.balance().await, ["5.00", "0.00", "0.00", "0.00", "0.00"]);
}

async fn a_key_with_a_percentage_earns_by_payments(office: BackOffice) {
    let shop = Shop::open(office, per_signup("5.00")).await;
    let percent = json!({ "commission_percent": "20" });
    shop.office.call("PATCH", "/signup-keys/harbour", &[("if-match", "*")], &percent).await.expect(200);
    let (by_percent, by_signup) = (new_id(), new_id());
    shop.place(by_percent, "1000000002").await;
    let flat = json!({ "commission": { "flat": euro("9.00") } });
    shop.office.call("PATCH", "/signup-keys/harbour", &[("if-match", "*")], &flat).await.expect(200);
    shop.place(by_signup, "1000000003").await;
    wait_for_lines(&shop, &[shop.customer, by_signup]).await;
    let payment = json!({ "reference": "pay-1", "customer_id": by_percent, "amount": euro("10.00"), "received_at": crate::paid::now() });
    let payment = shop.send(&payment).await.expect(201);
    assert_eq!((&payment["commission"], &payment["terms"]["per"]), (&euro("2.00"), &json!("payment")));
    assert_eq!(lines(&shop).await[1].1, "9.00");
}

async fn an_erased_customer_earns_nothing(office: BackOffice) {
    let shop = Shop::open(office, per_signup("5.00")).await;
    let (gone, next) = (new_id(), new_id());
    let head = shop.office.app.log.head().await.unwrap().position;
    let placement = placed_at(&shop.seller, gone, "1000000002", None, head);
    shop.signups.append(vec![placement, erased(&shop.seller, gone)]).await;
    shop.place(next, "1000000003").await;
    wait_for_lines(&shop, &[shop.customer, next]).await;
}

async fn a_rebuild_of_the_sales_loses_and_doubles_nothing(office: BackOffice) {
    let mut shop = Shop::open(office, per_signup("5.00")).await;
    wait_for_lines(&shop, &[shop.customer]).await;
    // Stopped, so that the rebuild meets placements that were not looked at.
    shop.office.app.service.tasks.abort_all();
    let next = new_id();
    let head = shop.office.app.log.head().await.unwrap().position;
    shop.signups.append(vec![placed_at(&shop.seller, next, "1000000002", None, head)]).await;
    let (database, signups) = (shop.office.app.log.database().clone(), shop.signups.log.clone());
    maintenance::rebuild(&database, ProjectionName::Sales, &signups, |_| ()).await.unwrap();
    for _ in 0..2 {
        let office = shop.office.following(&shop.signups).await;
        shop = Shop { office, ..shop };
        wait_for_lines(&shop, &[shop.customer, next]).await;
    }
    let last = new_id();
    shop.place(last, "1000000003").await;
    wait_for_lines(&shop, &[shop.customer, next, last]).await;
    shop.is_a_fold().await;
}
