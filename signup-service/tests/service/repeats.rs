//! A form that arrives more than once makes one customer.

use contract::ids::new_id;
use futures::future::join_all;
use serde_json::Value;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::agents::{Seller, TOKEN};
use crate::pages::{encoded, fields, send};
use crate::service::{Service, signup};
use harness::until;

harness::on_both_databases!(crate::service::Service::start:
    a_double_click_makes_one_customer,
    a_reload_of_the_confirmation_shows_the_same_customer,
    going_back_and_sending_again_shows_the_same_customer,
    a_lost_answer_is_given_again,
    going_back_and_changing_a_value_needs_a_new_submission,
    an_address_is_one_in_every_way_of_writing_its_domain,
    the_idempotency_key_of_another_visitor_is_not_in_the_way,
    visitors_with_unknown_addresses_do_not_share_an_idempotency_key,
    a_caller_with_a_token_has_keys_of_their_own,
    the_key_of_a_form_is_no_key_of_the_api,
    an_idempotency_key_as_sent_is_kept_nowhere,
    an_idempotency_key_is_sent_once_and_has_bounds,
);

const EMAIL: &str = "zoe@example.org";

/// Opens the page; returns the form's idempotency key.
async fn open(service: &Service, seller: &Seller) -> String {
    let page = service.get(&format!("/signup/{}", seller.key)).await;
    // "Back" must show this page again, not a new one with another key.
    assert_eq!(page.headers()["cache-control"], "private, no-cache");
    let html = page.text().await.unwrap();
    html.split("name=\"idempotency_key\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
}

fn number(html: &str) -> &str {
    html.split("<strong dir=\"ltr\">").nth(1).unwrap().split('<').next().unwrap()
}

async fn is_the_only_customer(service: &Service, html: &str) {
    let signups = service.signups().await;
    assert_eq!((signups.placed.len(), signups.refused.len()), (1, 0));
    assert_eq!(number(html), signups.placed[0].customer_number);
}

async fn a_double_click_makes_one_customer(service: Service) {
    let seller = service.seller(None).await;
    let once = open(&service, &seller).await;
    let clicks = join_all((0..8).map(async |_| send(&service, &seller.key, &fields(&once, EMAIL)).await)).await;
    assert!(clicks.iter().all(|answer| *answer == clicks[0] && answer.0 == 200));
    is_the_only_customer(&service, &clicks[0].1).await;
}

async fn a_reload_of_the_confirmation_shows_the_same_customer(service: Service) {
    let seller = service.seller(None).await;
    let once = open(&service, &seller).await;
    let first = send(&service, &seller.key, &fields(&once, EMAIL)).await;
    for _ in 0..3 {
        assert_eq!(send(&service, &seller.key, &fields(&once, EMAIL)).await, first);
    }
    is_the_only_customer(&service, &first.1).await;
}

async fn going_back_and_sending_again_shows_the_same_customer(service: Service) {
    let seller = service.seller(None).await;
    let once = open(&service, &seller).await;
    let mut faulty = fields(&once, EMAIL);
    faulty.retain(|(name, _)| *name != "first_name");
    let (status, again) = send(&service, &seller.key, &faulty).await;
    // A form with violations stays the same submission.
    assert!(status == 422 && again.contains(&once));
    let first = send(&service, &seller.key, &fields(&once, EMAIL)).await;
    assert_eq!(first.0, 200);
    let other_language = service.request("POST", &format!("/signup/{}?lang=de", seller.key));
    let other_language = other_language.header("Content-Type", "application/x-www-form-urlencoded");
    let german = other_language.body(encoded(&fields(&once, EMAIL))).send().await.unwrap().text().await.unwrap();
    assert_eq!(number(&german), number(&first.1));
    is_the_only_customer(&service, &first.1).await;
}

async fn a_lost_answer_is_given_again(service: Service) {
    let seller = service.seller(None).await;
    let once = open(&service, &seller).await;
    let body = encoded(&fields(&once, EMAIL));
    let request = format!(
        "POST /signup/{} HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
        seller.key,
        body.len()
    );
    let mut connection = TcpStream::connect(service.base.strip_prefix("http://").unwrap()).await.unwrap();
    connection.write_all(request.as_bytes()).await.unwrap();
    until(async || !service.signups().await.placed.is_empty()).await;
    drop(connection);
    let (status, html) = send(&service, &seller.key, &fields(&once, EMAIL)).await;
    assert_eq!(status, 200);
    is_the_only_customer(&service, &html).await;
}

async fn going_back_and_changing_a_value_needs_a_new_submission(service: Service) {
    let seller = service.seller(None).await;
    let once = new_id().to_string();
    let (_, first) = send(&service, &seller.key, &fields(&once, EMAIL)).await;
    let (status, reused) = send(&service, &seller.key, &fields(&once, "other@example.org")).await;
    assert_eq!(status, 422);
    assert!(reused.contains("only if you want to sign up another customer"));
    assert!(reused.contains("other@example.org") && !reused.contains(&once));
    is_the_only_customer(&service, &first).await;
}

async fn an_address_is_one_in_every_way_of_writing_its_domain(service: Service) {
    let seller = service.seller(None).await;
    for email in ["lea@münchen.example", "lea@xn--mnchen-3ya.example", "LEA@mu\u{308}nchen\u{3002}example"] {
        assert_eq!(service.post(&signup(&seller.key, email), &new_id().to_string()).await.0, 201, "{email}");
    }
    for email in ["x@straße.example", "x@strasse.example"] {
        assert_eq!(service.post(&signup(&seller.key, email), &new_id().to_string()).await.0, 201, "{email}");
    }
    let signups = service.signups().await;
    assert_eq!((signups.placed.len(), signups.refused.len()), (3, 2));
}

/// Signs up with the idempotency key `order-1` from an address, through a proxy.
async fn order(service: &Service, from: &str, key: &str, email: &str) -> (u16, Value) {
    let call = service.request("POST", "/api/v1/signups").header("X-Forwarded-For", from);
    let answer = call.header("Idempotency-Key", "order-1").json(&signup(key, email)).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

async fn the_idempotency_key_of_another_visitor_is_not_in_the_way(service: Service) {
    let (seller, other) = (service.seller(None).await, service.seller(None).await);
    let (mine, strangers) = ("203.0.113.1", "203.0.113.2");
    let first = order(&service, mine, &seller.key, EMAIL).await;
    assert_eq!(first.0, 201, "{}", first.1);
    let foreign = order(&service, strangers, &seller.key, EMAIL).await;
    assert_eq!(foreign.0, 201, "{}", foreign.1);
    assert_ne!(foreign.1["customer_number"], first.1["customer_number"], "a customer was given away");
    assert_eq!(order(&service, "203.0.113.3", &seller.key, "other@example.org").await.0, 201);
    assert_eq!(order(&service, mine, &other.key, "third@example.org").await.0, 201);
    assert_eq!(order(&service, mine, &seller.key, "other@example.org").await.0, 422);
    assert_eq!(order(&service, mine, &seller.key.to_lowercase(), "other@example.org").await.0, 422);
    assert_eq!(order(&service, mine, &seller.key, EMAIL).await, first);
}

async fn visitors_with_unknown_addresses_do_not_share_an_idempotency_key(service: Service) {
    let seller = service.seller(None).await;
    let first = order(&service, "unknown", &seller.key, EMAIL).await;
    let second = order(&service, "unknown", &seller.key, "other@example.org").await;
    assert_eq!((first.0, second.0), (201, 201));
    assert_eq!(order(&service, "unknown", &seller.key, EMAIL).await, first);
}

async fn a_caller_with_a_token_has_keys_of_their_own(service: Service) {
    let seller = service.seller(None).await;
    let call = async |token: &str, from: &str, email: &str| {
        let call = service.request("POST", "/api/v1/signups").header("Idempotency-Key", "order-1").bearer_auth(token);
        let answer = call.header("X-Forwarded-For", from).json(&signup(&seller.key, email)).send().await.unwrap();
        (answer.status().as_u16(), answer.json::<Value>().await.unwrap())
    };
    let first = call(TOKEN, "203.0.113.1", EMAIL).await;
    assert_eq!(first.0, 201, "{}", first.1);
    assert_eq!(call(TOKEN, "203.0.113.2", EMAIL).await, first, "the address is of no concern");
    assert_eq!(call(TOKEN, "203.0.113.2", "other@example.org").await.0, 422);
    assert_eq!(order(&service, "203.0.113.1", &seller.key, "other@example.org").await.0, 201);
    assert_eq!(call("no-such-token", "203.0.113.1", "third@example.org").await.0, 401);
}

async fn the_key_of_a_form_is_no_key_of_the_api(service: Service) {
    let seller = service.seller(None).await;
    let once = open(&service, &seller).await;
    assert_eq!(send(&service, &seller.key, &fields(&once, EMAIL)).await.0, 200);
    assert_eq!(service.post(&signup(&seller.key, "other@example.org"), &once).await.0, 201);
}

async fn an_idempotency_key_as_sent_is_kept_nowhere(service: Service) {
    let seller = service.seller(None).await;
    let once = "zoe.obrien@example.org";
    let first = service.post(&signup(&seller.key, EMAIL), once).await;
    assert_eq!(service.post(&signup(&seller.key, EMAIL), once).await, first);
    let gone = service.call("DELETE", &format!("/api/v1/customers/{}", first.1["customer_id"].as_str().unwrap())).await;
    assert_eq!(gone.0, 200, "{}", gone.1);
    let events = service.log.read_after(0, 100_000).await.unwrap();
    assert!(events.iter().all(|event| !format!("{event:?}").contains("obrien")));
}

async fn an_idempotency_key_is_sent_once_and_has_bounds(service: Service) {
    let seller = service.seller(None).await;
    let call = async |keys: &[&str], email: &str| {
        let call = service.request("POST", "/api/v1/signups").json(&signup(&seller.key, email));
        let call = keys.iter().fold(call, |call, key| call.header("Idempotency-Key", *key));
        call.send().await.unwrap().status().as_u16()
    };
    let (longest, too_long) = ("x".repeat(128), "x".repeat(129));
    assert_eq!(call(&[&longest], EMAIL).await, 201);
    for keys in [&[too_long.as_str()] as &[_], &[""], &["two words"], &["größe"], &["one", "two"]] {
        assert_eq!(call(keys, EMAIL).await, 422, "{keys:?}");
    }
}
