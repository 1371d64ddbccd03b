//! Whatever a browser or a network does to a form that was sent, there is one customer.

use futures::future::join_all;
use shared::ids::new_id;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::agents::Seller;
use crate::pages::{encoded, fields, send};
use crate::service::{Service, eventually, signup};

crate::on_both!(
    a_double_click_makes_one_customer,
    a_reload_of_the_confirmation_shows_the_same_customer,
    going_back_and_sending_again_shows_the_same_customer,
    a_lost_answer_is_given_again,
    going_back_and_changing_something_makes_nobody_without_being_asked,
    an_address_is_one_in_every_way_of_writing_its_domain,
);

const EMAIL: &str = "zoe@example.org";

/// The key of the submission that an opened page carries.
async fn open(service: &Service, seller: &Seller) -> String {
    let page = service.get(&format!("/signup/{}", seller.key)).await;
    // Whoever goes back is shown this very page, and not a new one with another key.
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
    // A form that comes back with faults is the same submission still.
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
    eventually(async || !service.signups().await.placed.is_empty()).await;
    drop(connection);
    let (status, html) = send(&service, &seller.key, &fields(&once, EMAIL)).await;
    assert_eq!(status, 200);
    is_the_only_customer(&service, &html).await;
}

async fn going_back_and_changing_something_makes_nobody_without_being_asked(service: Service) {
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
