//! Customers: who may read them, and their erasure.

use std::time::Duration;

use contract::clock::Clock;
use event_store::sql::Sql;
use serde_json::{Value, json};
use signup_service::maintenance;

use crate::service::{Service, signup};

harness::on_both_databases!(crate::service::Service::start:
    personal_data_is_for_those_who_may,
    an_erased_customer_keeps_the_placement_and_may_sign_up_again,
    the_log_holds_nothing_personal,
    erasures_and_losses_in_the_log_are_applied_to_an_older_table,
);

async fn personal_data_is_for_those_who_may(service: Service) {
    let seller = service.seller(None).await;
    let (_, placed) = service.sign_up(&seller.key, "zoe@example.org").await;
    let path = format!("/api/v1/customers/{}", placed["customer_id"].as_str().unwrap());
    assert_eq!(service.get(&path).await.status(), 401);
    assert_eq!(service.request("DELETE", &path).bearer_auth("wrong").send().await.unwrap().status(), 401);
    let (status, customer) = service.call("GET", &path).await;
    assert_eq!((status, &customer["email"]), (200, &json!("zoe@example.org")));
    assert_eq!(service.call("GET", "/api/v1/customers/nobody").await.0, 404);
}

async fn an_erased_customer_keeps_the_placement_and_may_sign_up_again(service: Service) {
    let seller = service.seller(None).await;
    let (_, placed) = service.sign_up(&seller.key, "zoe@example.org").await;
    let path = format!("/api/v1/customers/{}", placed["customer_id"].as_str().unwrap());
    for _ in 0..2 {
        let (status, erased) = service.call("DELETE", &path).await;
        assert_eq!((status, erased), (200, json!({ "customer_id": placed["customer_id"], "erased": true })));
    }
    let (_, customer) = service.call("GET", &path).await;
    assert_eq!(customer["customer_number"], placed["customer_number"]);
    assert_eq!(customer["placement"], placed["placement"]);
    assert!(
        customer["erased_at"].is_string() && customer["erased_because"].is_null() && customer.get("email").is_none()
    );
    service.sign_up(&seller.key, "zoe@example.org").await;
    let signups = service.signups().await;
    assert_eq!((signups.placed.len(), signups.erased.len(), signups.refused.len()), (2, 1, 0));
    assert_eq!(maintenance::check(&service.database, &service.log).await.unwrap(), Vec::<String>::new());
    let missing = "/api/v1/customers/00000000-0000-7000-8000-000000000000";
    assert_eq!(service.call("DELETE", missing).await.0, 404);
}

async fn the_log_holds_nothing_personal(service: Service) {
    let seller = service.seller(None).await;
    let mut body = signup(&seller.key, "zoe.secret@example.org");
    body["phone"] = json!("+49 30 99887766");
    service.post(&body, "one").await;
    service.post(&body, "two").await;
    let events = service.request("GET", "/api/v1/events").bearer_auth(crate::agents::TOKEN).send().await.unwrap();
    assert_eq!(events.headers()["signpost-head"], service.log.head().await.unwrap().position.to_string());
    let text = events.text().await.unwrap();
    assert!(text.lines().count() >= 2);
    for personal in ["zoe.secret", "99887766", "李小龙", "O'Brien"] {
        assert!(!text.contains(personal), "{personal}");
    }
    let last: Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
    assert_eq!(last["type"], "signpost.signups.signup_refused.v1");
}

async fn erasures_and_losses_in_the_log_are_applied_to_an_older_table(service: Service) {
    static LOSE: Sql = Sql::new(
        "UPDATE customers SET email = NULL, email_digest = NULL, first_name = NULL, last_name = NULL
         WHERE erased_at IS NULL",
    );
    static AGE: Sql = Sql::new("UPDATE customers SET lost_at = NULL, erased_at = NULL, email = $1, first_name = $1");
    let (database, log, seller) = (&service.database, &service.log, service.seller(None).await);
    for number in 0..4 {
        let (_, placed) = service.sign_up(&seller.key, &format!("zoe{number}@example.org")).await;
        if number < 2 {
            let path = format!("/api/v1/customers/{}", placed["customer_id"].as_str().unwrap());
            assert_eq!(service.call("DELETE", &path).await.0, 200);
        }
    }
    assert_eq!(database.execute(&LOSE, &[]).await.unwrap(), 2);
    assert_eq!(maintenance::settle_lost_data(database, log, Clock::System).await.unwrap(), 2);
    assert_eq!(maintenance::check(database, log).await.unwrap(), Vec::<String>::new());
    // The projection of the words must not read the made-up rows below.
    let head = log.head().await.unwrap().position;
    service.app.words_checkpoint.wait_for(head, Duration::from_secs(10)).await.unwrap();
    // As in a backup from before the erasure.
    assert_eq!(database.execute(&AGE, &["Zoe".into()]).await.unwrap(), 4);
    assert_ne!(maintenance::check(database, log).await.unwrap(), Vec::<String>::new());
    maintenance::restore_tables(database, log).await.unwrap();
    assert_eq!(maintenance::check(database, log).await.unwrap(), Vec::<String>::new());
}
