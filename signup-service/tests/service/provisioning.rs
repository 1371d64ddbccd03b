//! Customers' way into the operator's systems, and what becomes of their service.

use contract::events::signups::SignupsEvent;
use event_store::sql::Sql;
use serde_json::{Value, json};
use signup_service::maintenance;

use crate::agents::TOKEN;
use crate::service::Service;

harness::on_both_databases!(crate::service::Service::start:
    a_customer_waits_until_a_system_serves_them,
    a_failure_is_told_and_the_customer_waits_on,
    a_customer_is_suspended_reinstated_and_closed,
    accounts_and_reasons_are_erased_with_the_customer,
    data_and_service_may_change_at_one_moment,
    what_a_system_tells_is_checked,
    a_restored_log_tells_who_is_served,
);

const WAITING: &str = "/api/v1/customers/waiting";

async fn placed(service: &Service, email: &str) -> String {
    let seller = service.seller(None).await;
    let (_, placed) = service.sign_up(&seller.key, email).await;
    format!("/api/v1/customers/{}", placed["customer_id"].as_str().unwrap())
}

async fn post(service: &Service, path: &str, body: &Value) -> (u16, Value) {
    let answer = service.request("POST", path).bearer_auth(TOKEN).json(body).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

async fn tell(service: &Service, customer: &str, account: &str) -> u16 {
    let body = json!({ "system": "softswitch", "account": account, "details": { "gateway": "sip.example.net" } });
    post(service, &format!("{customer}/provisioned"), &body).await.0
}

async fn take(service: &Service, customer: &str, step: &str) -> (u16, Value) {
    let (status, answer) = post(service, &format!("{customer}/{step}"), &json!({ "reason": "Ms Ruiz asked" })).await;
    (status, answer["code"].clone())
}

async fn status(service: &Service, customer: &str) -> Value {
    service.call("GET", customer).await.1["status"].clone()
}

async fn waiting(service: &Service, query: &str) -> Vec<Value> {
    let (status, answer) = service.call("GET", &format!("{WAITING}{query}")).await;
    assert_eq!(status, 200, "{answer}");
    answer["items"].as_array().unwrap().clone()
}

async fn agree(service: &Service) {
    assert_eq!(maintenance::check(&service.database, &service.log).await.unwrap(), Vec::<String>::new());
}

async fn a_customer_waits_until_a_system_serves_them(service: Service) {
    let (first, second) = (placed(&service, "zoe@example.org").await, placed(&service, "li@example.org").await);
    let items = waiting(&service, "").await;
    let ids: Vec<String> = items.iter().map(|item| item["customer_id"].as_str().unwrap().to_owned()).collect();
    assert!(first.ends_with(&ids[0]) && second.ends_with(&ids[1]) && ids.len() == 2, "the oldest first: {items:?}");
    let (_, page) = service.call("GET", &format!("{WAITING}?limit=1")).await;
    let rest = waiting(&service, &format!("?limit=1&after={}", page["next"].as_str().unwrap())).await;
    assert_eq!(rest[0]["customer_id"], items[1]["customer_id"]);
    assert_eq!(waiting(&service, "?older_than=3600").await, Vec::<Value>::new());
    assert_eq!(tell(&service, &first, "1001").await, 200);
    assert_eq!(tell(&service, &first, "1001").await, 200);
    let (_, customer) = service.call("GET", &first).await;
    assert_eq!((&customer["status"], customer["accounts"].as_array().unwrap().len()), (&json!("provisioned"), 1));
    let account = &customer["accounts"][0];
    assert_eq!((&account["system"], &account["account"]), (&json!("softswitch"), &json!("1001")));
    assert_eq!(account["details"], json!({ "gateway": "sip.example.net" }));
    assert_eq!(waiting(&service, "").await.len(), 1);
    // The log says that there is an account, once, and not which.
    let served = service.signups().await.served;
    assert!(matches!(&served[..], [SignupsEvent::CustomerProvisioned(event)] if event.system == "softswitch"));
    assert_eq!(tell(&service, &first, "1002").await, 200);
    assert_eq!(service.call("GET", &first).await.1["accounts"][0]["account"], "1002");
    assert_eq!(service.signups().await.served.len(), 2);
    let texts: Vec<String> =
        service.log.read_after(0, 1_000).await.unwrap().into_iter().map(|event| event.data).collect();
    assert!(!texts.iter().any(|text| text.contains("1001") || text.contains("sip.example.net")), "{texts:?}");
    agree(&service).await;
}

async fn a_failure_is_told_and_the_customer_waits_on(service: Service) {
    let customer = placed(&service, "zoe@example.org").await;
    let body = json!({ "system": "softswitch", "reason": "No number is left in Cork" });
    assert_eq!(post(&service, &format!("{customer}/provisioning-failed"), &body).await.0, 200);
    let items = waiting(&service, "").await;
    assert!(items[0]["failed_at"].is_string(), "{items:?}");
    assert_eq!(tell(&service, &customer, "1001").await, 200);
    let (_, shown) = service.call("GET", &customer).await;
    assert!(shown["provisioning_failed_at"].is_null() && shown["provisioned_at"].is_string(), "{shown}");
    let position = service.log.head().await.unwrap().position - 1;
    let notes = service.log.notes([position]).await.unwrap();
    assert_eq!(notes[&position], "No number is left in Cork");
    agree(&service).await;
}

async fn a_customer_is_suspended_reinstated_and_closed(service: Service) {
    let customer = placed(&service, "zoe@example.org").await;
    assert_eq!(take(&service, &customer, "reinstate").await, (409, json!("not_suspended")));
    for (step, expected) in [("suspend", "suspended"), ("reinstate", "placed"), ("suspend", "suspended")] {
        assert_eq!(take(&service, &customer, step).await, (200, Value::Null));
        assert_eq!(status(&service, &customer).await, expected);
    }
    assert_eq!(waiting(&service, "").await, Vec::<Value>::new());
    assert_eq!(take(&service, &customer, "suspend").await, (409, json!("already_suspended")));
    assert_eq!(take(&service, &customer, "close").await.0, 200);
    assert_eq!(status(&service, &customer).await, "closed");
    for step in ["suspend", "reinstate", "close"] {
        assert_eq!(take(&service, &customer, step).await, (409, json!("customer_closed")));
    }
    assert_eq!(tell(&service, &customer, "1001").await, 409);
    assert_eq!(take(&service, "/api/v1/customers/nobody", "close").await.0, 404);
    agree(&service).await;
}

async fn accounts_and_reasons_are_erased_with_the_customer(service: Service) {
    static LEFT: Sql =
        Sql::new("SELECT (SELECT COUNT(*) FROM customer_accounts) AS accounts, (SELECT COUNT(*) FROM notes) AS notes");
    let customer = placed(&service, "zoe@example.org").await;
    assert_eq!(tell(&service, &customer, "1001").await, 200);
    assert_eq!(take(&service, &customer, "suspend").await.0, 200);
    let left = || async {
        let row = service.database.row(&LEFT, &[]).await.unwrap().unwrap();
        (row.count("accounts").unwrap(), row.count("notes").unwrap())
    };
    assert_eq!(left().await, (1, 1));
    assert_eq!(service.call("DELETE", &customer).await.0, 200);
    assert_eq!(left().await, (0, 0));
    assert_eq!(service.call("GET", &customer).await.1["accounts"], json!([]));
    assert_eq!(tell(&service, &customer, "1001").await, 409);
    assert_eq!(take(&service, &customer, "close").await.0, 200);
    agree(&service).await;
}

/// PostgreSQL writes a row once in a statement, and a batch is one: whoever comes second is asked to repeat.
async fn data_and_service_may_change_at_one_moment(service: Service) {
    let customer = placed(&service, "zoe@example.org").await;
    let mut expected = ("Cork".to_owned(), "placed");
    for round in 0..20 {
        let (step, becomes) = if round % 2 == 0 { ("suspend", "suspended") } else { ("reinstate", "placed") };
        let city = format!("City {round}");
        let correct = async {
            let call = service.request("PATCH", &customer).bearer_auth(TOKEN).header("If-Match", "*");
            call.json(&json!({ "city": city })).send().await.unwrap().status().as_u16()
        };
        let (corrected, (stepped, code)) = tokio::join!(correct, take(&service, &customer, step));
        assert!(matches!(corrected, 200 | 409) && matches!(stepped, 200 | 409), "{corrected} {stepped} {code}");
        if corrected == 200 {
            expected.0 = city;
        }
        expected.1 = if stepped == 200 { becomes } else { expected.1 };
        if stepped == 409 {
            assert_eq!(take(&service, &customer, step).await.0, 200);
            expected.1 = becomes;
        }
    }
    let (_, shown) = service.call("GET", &customer).await;
    assert_eq!((&shown["city"], &shown["status"]), (&json!(expected.0), &json!(expected.1)));
    agree(&service).await;
}

async fn what_a_system_tells_is_checked(service: Service) {
    let customer = placed(&service, "zoe@example.org").await;
    let path = format!("{customer}/provisioned");
    let many: Value =
        (0..21).map(|number| (format!("d{number}"), json!("x"))).collect::<serde_json::Map<_, _>>().into();
    for (body, field) in [
        (json!({ "account": "1" }), "system"),
        (json!({ "system": "Soft Switch", "account": "1" }), "system"),
        (json!({ "system": "x".repeat(41), "account": "1" }), "system"),
        (json!({ "system": "softswitch" }), "account"),
        (json!({ "system": "softswitch", "account": "a\u{7}b" }), "account"),
        (json!({ "system": "softswitch", "account": "x".repeat(201) }), "account"),
        (json!({ "system": "softswitch", "account": "1", "details": many }), "details"),
        (json!({ "system": "softswitch", "account": "1", "details": { "a": "x".repeat(501) } }), "details"),
        (json!({ "system": "softswitch", "account": "1", "detail": {} }), "detail"),
    ] {
        let (status, problem) = post(&service, &path, &body).await;
        assert!(status == 422 && problem["errors"].to_string().contains(field), "{body}: {problem}");
    }
    assert_eq!(service.call("GET", &format!("{WAITING}?older_than=-1")).await.0, 422);
    assert_eq!(service.get(WAITING).await.status(), 401);
    assert_eq!(service.signups().await.served.len(), 0);
}

async fn a_restored_log_tells_who_is_served(service: Service) {
    static LOSE: Sql =
        Sql::new("UPDATE customers SET provisioned_at = NULL, suspended_at = NULL, closed_at = NULL, failed_at = NULL");
    let (served, suspended) = (placed(&service, "zoe@example.org").await, placed(&service, "li@example.org").await);
    for customer in [&served, &suspended] {
        assert_eq!(tell(&service, customer, "1001").await, 200);
    }
    assert_eq!(take(&service, &suspended, "suspend").await.0, 200);
    service.database.execute(&LOSE, &[]).await.unwrap();
    assert_ne!(maintenance::check(&service.database, &service.log).await.unwrap(), Vec::<String>::new());
    maintenance::restore_tables(&service.database, &service.log).await.unwrap();
    assert_eq!(
        (status(&service, &served).await, status(&service, &suspended).await),
        (json!("provisioned"), json!("suspended"))
    );
    agree(&service).await;
}
