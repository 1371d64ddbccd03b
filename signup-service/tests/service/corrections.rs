//! Corrections of customers: old values are gone, and the log names only the fields.

use serde_json::{Value, json};
use signup_service::maintenance;

use crate::agents::TOKEN;
use crate::service::{Service, signup};

harness::on_both_databases!(crate::service::Service::start:
    a_customer_is_corrected_and_the_log_does_not_say_how,
    a_correction_needs_the_version_that_it_was_made_from,
    a_corrected_address_is_taken_and_the_old_one_is_free,
    violations_of_a_correction_are_reported,
);

struct Customer {
    path: String,
    id: Value,
}

async fn placed(service: &Service, key: &str, email: &str) -> Customer {
    let (_, placed) = service.sign_up(key, email).await;
    let id = placed["customer_id"].clone();
    Customer { path: format!("/api/v1/customers/{}", id.as_str().unwrap()), id }
}

async fn correct(service: &Service, customer: &Customer, if_match: &str, body: &Value) -> (u16, Value) {
    let call = service.request("PATCH", &customer.path).bearer_auth(TOKEN).header("If-Match", if_match);
    let answer = call.json(body).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

async fn found(service: &Service, search: &str) -> usize {
    let (_, found) = service.call("GET", &format!("/api/v1/customers?search={search}")).await;
    found["items"].as_array().unwrap().len()
}

async fn a_customer_is_corrected_and_the_log_does_not_say_how(service: Service) {
    let seller = service.seller(None).await;
    let customer = placed(&service, &seller.key, "zoe@example.org").await;
    let change = json!({ "last_name": "Villanueva", "city": "Málaga", "phone": "0951 234567", "country": "ES" });
    let (status, answer) = correct(&service, &customer, "\"1\"", &change).await;
    let changed = json!(["city", "country", "last_name", "phone"]);
    assert_eq!((status, answer), (200, json!({ "customer_id": customer.id, "version": 2, "changed": changed })));
    let (_, shown) = service.call("GET", &customer.path).await;
    assert_eq!((&shown["last_name"], &shown["version"]), (&json!("Villanueva"), &json!(2)));
    assert_eq!(shown["first_name"], signup(&seller.key, "")["first_name"]);
    assert_eq!((found(&service, "villanueva%20malaga").await, found(&service, "brien").await), (1, 0));
    let event = service.log.read_after(0, 1_000).await.unwrap().pop().unwrap();
    assert_eq!(event.type_name, "signpost.signups.customer_corrected.v1");
    assert!(!event.data.contains("Villanueva") && event.data.contains("last_name"), "{}", event.data);
    let (status, again) = correct(&service, &customer, "*", &change).await;
    assert_eq!((status, &again["changed"], &again["version"]), (200, &json!([]), &json!(2)));
    assert_eq!(service.signups().await.corrected.len(), 1);
    assert_eq!(maintenance::check(&service.database, &service.log).await.unwrap(), Vec::<String>::new());
    maintenance::rebuild_words(&service.database, &service.log, |_| {}).await.unwrap();
    assert_eq!((found(&service, "villanueva").await, found(&service, "brien").await), (1, 0));
}

async fn a_correction_needs_the_version_that_it_was_made_from(service: Service) {
    let seller = service.seller(None).await;
    let customer = placed(&service, &seller.key, "zoe@example.org").await;
    let change = json!({ "city": "Cork" });
    let without = service.request("PATCH", &customer.path).bearer_auth(TOKEN).json(&change).send().await.unwrap();
    assert_eq!(without.status(), 428);
    let shown = service.request("GET", &customer.path).bearer_auth(TOKEN).send().await.unwrap();
    assert_eq!(shown.headers()["etag"], "\"1\"");
    assert_eq!(correct(&service, &customer, "\"1\"", &change).await.0, 200);
    assert_eq!(correct(&service, &customer, "\"1\"", &json!({ "city": "Dublin" })).await.0, 412);
    assert_eq!(service.request("PATCH", &customer.path).json(&change).send().await.unwrap().status(), 401);
    let nobody =
        Customer { path: "/api/v1/customers/00000000-0000-7000-8000-000000000000".to_owned(), id: Value::Null };
    assert_eq!(correct(&service, &nobody, "*", &change).await.0, 404);
    assert_eq!(service.call("DELETE", &customer.path).await.0, 200);
    let (status, problem) = correct(&service, &customer, "*", &change).await;
    assert_eq!((status, &problem["code"]), (409, &json!("customer_erased")));
    assert_eq!(maintenance::check(&service.database, &service.log).await.unwrap(), Vec::<String>::new());
}

async fn a_corrected_address_is_taken_and_the_old_one_is_free(service: Service) {
    let seller = service.seller(None).await;
    let zoe = placed(&service, &seller.key, "zoe@example.org").await;
    let li = placed(&service, &seller.key, "li@example.org").await;
    let (status, problem) = correct(&service, &zoe, "*", &json!({ "email": "LI@example.org" })).await;
    assert_eq!((status, &problem["code"]), (409, &json!("email_taken")));
    assert_eq!(correct(&service, &zoe, "*", &json!({ "email": "Zoe@Example.org" })).await.0, 200);
    assert_eq!(correct(&service, &zoe, "*", &json!({ "email": "ruiz@example.org" })).await.0, 200);
    assert_eq!(correct(&service, &li, "*", &json!({ "email": "zoe@example.org" })).await.0, 200);
    placed(&service, &seller.key, "li@example.org").await;
    assert_eq!((found(&service, "ruiz@example.org").await, found(&service, "zoe@example.org").await), (1, 1));
    let signups = service.signups().await;
    assert_eq!((signups.placed.len(), signups.refused.len(), signups.corrected.len()), (3, 0, 3));
}

async fn violations_of_a_correction_are_reported(service: Service) {
    let seller = service.seller(None).await;
    let customer = placed(&service, &seller.key, "zoe@example.org").await;
    let wrong = json!({ "email": "zoe", "first_name": "", "country": "Atlantis", "shoe_size": "42" });
    let (status, problem) = correct(&service, &customer, "*", &wrong).await;
    assert_eq!(status, 422, "{problem}");
    let fields: Vec<_> = problem["errors"].as_array().unwrap().iter().map(|error| error["field"].clone()).collect();
    assert_eq!(fields, ["country", "email", "first_name", "shoe_size"]);
    let gone = json!({ "last_name": null, "city": "" });
    assert_eq!(correct(&service, &customer, "*", &gone).await.1["changed"], json!(["last_name"]));
    assert_eq!(service.call("GET", &customer.path).await.1["last_name"], Value::Null);
}
