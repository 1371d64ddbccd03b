//! Known addresses: who is told, what a stranger sees, and how support finds a decoy number.

use std::sync::Arc;
use std::time::{Duration, Instant};

use contract::clock::Clock;
use contract::events::agents::ApiTokenIssued;
use contract::events::signup_keys::{SignupKeyPaused, SignupKeyResumed};
use contract::events::signups::{Campaign, Channel};
use contract::ids::{digest, new_id};
use contract::note::Note;
use event_store::log::{CommandHandler, NewEvent};
use event_store::sql::Sql;
use serde_json::{Value, json};
use signup_service::command::AnyCommand;
use signup_service::customers::table::email_digest;
use signup_service::maintenance;
use signup_service::signups::commands::PlaceCustomer;
use signup_service::signups::model::Placement;
use signup_service::signups::requests::{SignupForm, validate};

use crate::agents::{TOKEN, event, key_event};
use crate::service::{Service, signup};
use harness::until;

harness::on_both_databases!(crate::service::Service::start:
    a_caller_who_may_read_customers_learns_that_an_address_is_known,
    the_number_that_a_stranger_was_shown_is_found,
    the_same_signup_without_a_key_is_the_same_request_for_an_hour,
    a_stranger_who_asks_twice_sees_the_same_for_known_and_new_addresses,
    a_signup_without_a_key_that_was_refused_can_be_sent_again_later,
    a_known_address_uses_up_a_place_of_the_cap_like_a_new_one,
    a_known_address_takes_the_first_look_only_like_a_new_one,
    a_known_address_takes_as_long_as_a_new_one,
);

const EMAIL: &str = "zoe@example.org";

/// Signs up without an `Idempotency-Key`; returns status, body, and whether it counted as a repetition.
async fn unkeyed(service: &Service, from: &str, body: &Value) -> (u16, Value, bool) {
    let call = service.request("POST", "/api/v1/signups").header("X-Forwarded-For", from).json(body);
    let answer = call.send().await.unwrap();
    let (status, replayed) = (answer.status().as_u16(), answer.headers().contains_key("idempotent-replayed"));
    (status, answer.json().await.unwrap(), replayed)
}

async fn a_caller_who_may_read_customers_learns_that_an_address_is_known(service: Service) {
    let seller = service.seller(None).await;
    let (_, placed) = service.sign_up(&seller.key, EMAIL).await;
    let call = async |once: &str| {
        let call = service.request("POST", "/api/v1/signups").bearer_auth(TOKEN).header("Idempotency-Key", once);
        let answer = call.json(&signup(&seller.key, "ZOE@example.org")).send().await.unwrap();
        let replayed = answer.headers().contains_key("idempotent-replayed");
        (answer.status().as_u16(), answer.json::<Value>().await.unwrap(), replayed)
    };
    for (once, is_repetition) in [("one", false), ("one", true), ("two", false)] {
        let (status, problem, replayed) = call(once).await;
        assert_eq!((status, replayed), (409, is_repetition), "{problem}");
        assert_eq!((&problem["code"], &problem["customer_id"]), (&json!("email_known"), &placed["customer_id"]));
    }
    let signups = service.signups().await;
    assert_eq!((signups.placed.len(), signups.refused.len()), (1, 2));
    assert!(signups.refused.iter().all(|refused| refused.shown.is_none()));
    // A token without the scope to read customers counts as a stranger.
    let (token_id, scopes) = (new_id(), vec!["events:read".to_owned()]);
    let issued = ApiTokenIssued { token_id, name: "analyst".to_owned(), scopes, digest: digest("an analyst's token") };
    let position = service.agents.append(vec![event(format!("token-{token_id}"), issued)]).await;
    service.look_up_at(&seller.key, position).await;
    let call = service.request("POST", "/api/v1/signups").json(&signup(&seller.key, EMAIL));
    assert_eq!(call.bearer_auth("an analyst's token").send().await.unwrap().status(), 201);
}

async fn the_number_that_a_stranger_was_shown_is_found(service: Service) {
    let (seller, other) = (service.seller(None).await, service.seller(None).await);
    let (_, placed) = service.sign_up(&seller.key, EMAIL).await;
    let (status, shown) = service.sign_up(&other.key, EMAIL).await;
    assert_eq!(status, 201);
    let number = shown["customer_number"].as_str().unwrap();
    let spaced = format!("{}%20{}", &number[..4], &number[4..]);
    for search in [number, &spaced] {
        let (_, found) = service.call("GET", &format!("/api/v1/customers?search={search}")).await;
        assert_eq!(found["items"], json!([]));
        let found = &found["shown"][0];
        assert_eq!(found["customer_number"], number);
        assert_eq!((&found["key"], &found["agent_id"]), (&json!(other.key), &json!(other.agent)));
        assert_eq!(found["customer_id"], placed["customer_id"]);
        assert!(found["shown_at"].is_string());
    }
    let of = |agent| format!("/api/v1/customers?search={number}&agent_id={agent}");
    assert_eq!(service.call("GET", &of(other.agent)).await.1["shown"].as_array().unwrap().len(), 1);
    assert_eq!(service.call("GET", &of(seller.agent)).await.1["shown"], json!([]));
    let own = placed["customer_number"].as_str().unwrap();
    let (_, found) = service.call("GET", &format!("/api/v1/customers?search={own}")).await;
    assert_eq!((found["items"].as_array().unwrap().len(), &found["shown"]), (1, &json!([])));
}

async fn the_same_signup_without_a_key_is_the_same_request_for_an_hour(service: Service) {
    static AGE: Sql = Sql::new("UPDATE unkeyed_signups SET noted_at = $1");
    let seller = service.seller(None).await;
    let body = signup(&seller.key, EMAIL);
    let (status, first, replayed) = unkeyed(&service, "203.0.113.1", &body).await;
    assert_eq!((status, replayed), (201, false), "{first}");
    assert_eq!(unkeyed(&service, "203.0.113.1", &body).await, (201, first.clone(), true));
    let minutes_ago = |minutes: i64| Clock::System.now().plus_seconds(-60 * minutes).into();
    service.database.execute(&AGE, &[minutes_ago(59)]).await.unwrap();
    assert_eq!(unkeyed(&service, "203.0.113.1", &body).await, (201, first.clone(), true));
    let elsewhere = unkeyed(&service, "203.0.113.2", &body).await;
    assert_ne!(elsewhere.1["customer_number"], first["customer_number"], "a stranger was taken for the customer");
    let mut other = body.clone();
    other["first_name"] = json!("Another");
    assert_ne!(unkeyed(&service, "203.0.113.1", &other).await.1["customer_number"], first["customer_number"]);
    service.database.execute(&AGE, &[minutes_ago(61)]).await.unwrap();
    let late = unkeyed(&service, "203.0.113.1", &body).await;
    assert!(late.0 == 201 && !late.2 && late.1["customer_number"] != first["customer_number"], "{}", late.1);
    assert_eq!(service.signups().await.placed.len(), 1);
}

async fn a_stranger_who_asks_twice_sees_the_same_for_known_and_new_addresses(service: Service) {
    let seller = service.seller(None).await;
    service.sign_up(&seller.key, EMAIL).await;
    for email in [EMAIL, "new@example.org"] {
        let body = signup(&seller.key, email);
        let first = unkeyed(&service, "203.0.113.1", &body).await;
        let second = unkeyed(&service, "203.0.113.1", &body).await;
        assert_eq!((first.0, first.2), (201, false));
        assert_eq!(second, (201, first.1, true));
    }
}

async fn a_signup_without_a_key_that_was_refused_can_be_sent_again_later(service: Service) {
    let seller = service.seller(None).await;
    let paused = SignupKeyPaused { key: seller.key.clone(), agent_id: seller.agent, reason: Note::Absent };
    service.agents.append(key_event(&seller, paused)).await;
    service.refused_as(&seller.key, "paused").await;
    let body = signup(&seller.key, EMAIL);
    assert_eq!(unkeyed(&service, "203.0.113.1", &body).await.0, 410);
    service
        .agents
        .append(key_event(
            &seller,
            SignupKeyResumed { key: seller.key.clone(), agent_id: seller.agent, reason: Note::Absent },
        ))
        .await;
    service.usable(&seller.key).await;
    assert_eq!(unkeyed(&service, "203.0.113.1", &body).await.0, 201);
    assert_eq!(service.signups().await.placed.len(), 1);
}

async fn a_known_address_uses_up_a_place_of_the_cap_like_a_new_one(service: Service) {
    let open = service.seller(None).await;
    service.sign_up(&open.key, EMAIL).await;
    for email in [EMAIL, "new@example.org"] {
        let seller = service.seller(Some(2)).await;
        for _ in 0..2 {
            service.usable(&seller.key).await;
            assert_eq!(service.sign_up(&seller.key, email).await.0, 201, "{email}");
        }
        service.refused_as(&seller.key, "exhausted").await;
        let (status, problem) = service.sign_up(&seller.key, "late@example.org").await;
        assert_eq!((status, &problem["reason"]), (410, &json!("exhausted")), "{email}");
    }
    // A caller who may know takes no place of the cap.
    let seller = service.seller(Some(1)).await;
    let call = service.request("POST", "/api/v1/signups").bearer_auth(TOKEN).json(&signup(&seller.key, EMAIL));
    assert_eq!(call.send().await.unwrap().status(), 409);
    assert_eq!(service.sign_up(&seller.key, "last@example.org").await.0, 201);
    assert_eq!(maintenance::check(&service.database, &service.log).await.unwrap(), Vec::<String>::new());
    let differences = maintenance::compare_usage(&service.database, &service.log, |_| {}).await.unwrap();
    assert_eq!(differences, Vec::<String>::new());
}

/// The events of an optimistic batch with a signup, after its only query.
async fn first_look(service: &Service, key: &str, email: &str) -> Vec<NewEvent> {
    let form = SignupForm {
        email: email.to_owned(),
        first_name: "Zoë".to_owned(),
        terms_version: Some("2026-01".to_owned()),
        ..SignupForm::default()
    };
    let signup = validate(&form, &service.app.keys.rules()).unwrap();
    let placement = Placement {
        keys: vec![key.to_owned()],
        email_digest: email_digest(service.log.secret(), &signup.email.key),
        signup,
        campaign: Campaign::default(),
        channel: Channel::Page,
        may_know: false,
        customer_id: new_id(),
        customer_number: "10000000001".to_owned(),
    };
    let place = PlaceCustomer { placement, keys: service.app.keys.clone(), confirmation: None };
    let mut events = Vec::new();
    let request: Arc<dyn AnyCommand> = Arc::new(place);
    // Once the key is cached.
    until(async || {
        service.usable(key).await;
        let mut tx = service.database.begin().await.unwrap();
        let decisions =
            service.app.writer.handler().guess(&mut tx, &[&request], service.app.clock.now()).await.unwrap();
        events = decisions.into_iter().flatten().flat_map(|decision| decision.events).collect();
        !events.is_empty()
    })
    .await;
    events
}

async fn a_known_address_takes_the_first_look_only_like_a_new_one(service: Service) {
    let seller = service.seller(None).await;
    service.sign_up(&seller.key, EMAIL).await;
    let (known, new) =
        (first_look(&service, &seller.key, EMAIL).await, first_look(&service, &seller.key, "new@example.org").await);
    assert_eq!((known.len(), new.len()), (1, 1));
    assert_eq!(known[0].stream, "shown-10000000001");
    // Both start a stream, so no version is read for either.
    assert!(known[0].starts_stream() && new[0].starts_stream());
}

/// On a busy machine medians differ now and then; a real difference would show in every attempt.
async fn a_known_address_takes_as_long_as_a_new_one(service: Service) {
    let seller = service.seller(None).await;
    service.sign_up(&seller.key, EMAIL).await;
    let mut seen = Vec::new();
    for attempt in 0..5 {
        let (known, new) = medians(&service, &seller.key, attempt).await;
        if known < new * 3 / 2 && new < known * 3 / 2 {
            return;
        }
        seen.push((known, new));
    }
    panic!("a known address and a new one took: {seen:?}");
}

/// The median durations of known and of new addresses. Nine new ones precede each pair, since the batches after a
/// wrong guess are slower.
async fn medians(service: &Service, key: &str, attempt: usize) -> (Duration, Duration) {
    let timed = async |email: &str| {
        let started = Instant::now();
        assert_eq!(service.sign_up(key, email).await.0, 201);
        started.elapsed()
    };
    let (mut known, mut new) = (Vec::new(), Vec::new());
    for round in 0..30 {
        for number in 0..9 {
            timed(&format!("{attempt}-{round}-{number}@example.org")).await;
        }
        new.push(timed(&format!("{attempt}-{round}-last@example.org")).await);
        known.push(timed(EMAIL).await);
    }
    known.sort_unstable();
    new.sort_unstable();
    (known[known.len() / 2], new[new.len() / 2])
}
