//! Signups with violations: all are reported together, and nothing of the request is repeated or stored.

use contract::clock::{Clock, Moment};
use serde_json::{Value, json};
use web::settings::Settings;

use crate::agents::Agents;
use crate::service::{Service, signup};
use harness::databases::sqlite_url;

harness::on_both_databases!(crate::service::Service::start: every_violation_of_a_signup_is_reported_at_once, a_body_that_is_no_json_is_explained, text_comes_back_as_typed);

async fn every_violation_of_a_signup_is_reported_at_once(service: Service) {
    let seller = service.seller(None).await;
    let before = service.log.head().await.unwrap();
    let body = json!({
        "key": seller.key, "email": "secret", "first_name": 5, "city": "a\nb", "company": "Acme", "colour": "red",
        "campaign": { "sub_id": "visitor-7@example.net" }, "consent": { "terms_version": "2020" },
    });
    let (status, problem) = service.post(&body, "bad").await;
    assert_eq!(status, 422);
    let fields: Vec<&str> =
        problem["errors"].as_array().unwrap().iter().map(|error| error["field"].as_str().unwrap()).collect();
    let expected = ["campaign.sub_id", "city", "colour", "company", "consent.terms_version", "email", "first_name"];
    assert_eq!(fields, expected);
    assert!(!problem.to_string().contains("secret") && !problem.to_string().contains("visitor-7@example.net"));
    assert_eq!(service.log.head().await.unwrap(), before);
}

async fn a_body_that_is_no_json_is_explained(service: Service) {
    let send = |body: Vec<u8>, kind: &'static str| {
        service.request("POST", "/api/v1/signups").header("Content-Type", kind).body(body).send()
    };
    let large = vec![b' '; 1_000_000];
    for (body, kind, status, name) in [
        (b"{".to_vec(), "application/json", 400, "malformed-json"),
        (b"{\"key\":\"\xff\"}".to_vec(), "application/json", 400, "invalid-utf8"),
        (b"key=1".to_vec(), "application/x-www-form-urlencoded", 415, "unsupported-media-type"),
        (large, "application/json", 413, "body-too-large"),
    ] {
        let answer = send(body, kind).await.unwrap();
        assert_eq!(answer.status(), status);
        let problem: Value = answer.json().await.unwrap();
        assert_eq!(problem["type"], format!("urn:signpost:problem:{name}"));
    }
}

async fn text_comes_back_as_typed(service: Service) {
    let seller = service.seller(None).await;
    for (number, name) in
        ["O'Brien", "Union City", "李小龙", "Zoë", "أحمد النجار", "👩‍👩‍👧 Smith", "<b>x</b>"].iter().enumerate()
    {
        let mut body = signup(&seller.key, &format!("c{number}@example.org"));
        body["last_name"] = json!(name);
        body["city"] = json!(name);
        let (status, answer) = service.post(&body, &number.to_string()).await;
        assert_eq!(status, 201, "{answer}");
        let path = format!("/api/v1/customers/{}", answer["customer_id"].as_str().unwrap());
        let (_, customer) = service.call("GET", &path).await;
        assert_eq!((&customer["last_name"], &customer["city"]), (&json!(name), &json!(name)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_that_were_not_known_to_be_current_for_too_long_refuse_signups() {
    // The projector caught up at the fixed moment; a limit of -1 seconds makes any age too old.
    let agents = Agents::new().await;
    let (seller, position) = agents.add_seller().await;
    let url = sqlite_url();
    let clock = Clock::Fixed(Moment::from_micros(1_800_000_000_000_000));
    let given = [("SIGNPOST_DATABASE_URL", url), ("SIGNPOST_SIGNUP_LISTEN", "127.0.0.1:0".to_owned())];
    let mut settings = Settings::from(given.map(|(name, value)| (name.to_owned(), value))).unwrap();
    settings.keys_max_age_seconds = -1;
    let service = Service::start_on(agents, settings, clock).await;
    assert_eq!(service.look_up_at(&seller.key, position).await.status(), 200);
    let good = signup(&seller.key, "zoe@example.org");
    let mut outdated = good.clone();
    outdated["consent"]["terms_version"] = json!("2020");
    for body in [good, outdated] {
        let answer = service.request("POST", "/api/v1/signups").json(&body).send().await.unwrap();
        assert_eq!(answer.status(), 503, "{body}");
        assert!(answer.headers().contains_key("retry-after"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_who_signs_up_too_often_is_slowed_down() {
    let agents = Agents::new().await;
    let (seller, position) = agents.add_seller().await;
    let url = sqlite_url();
    let settings = [("SIGNPOST_DATABASE_URL", url.as_str()), ("SIGNPOST_RATE_LIMITS", "on")];
    let service = Service::start_unready(agents, &settings, Clock::System).await;
    service.look_up_at(&seller.key, position).await;
    harness::until(async || !service.app.keys.are_stale(Clock::System.now())).await;
    let from = |address: &'static str| {
        let body = json!({ "key": seller.key });
        service.request("POST", "/api/v1/signups").header("X-Forwarded-For", address).json(&body).send()
    };
    for left in (0..20).rev() {
        let answer = from("203.0.113.1").await.unwrap();
        assert_eq!(answer.status(), 422);
        assert_eq!(answer.headers()["ratelimit-policy"], "\"signups\";q=20;w=60");
        let limit_header = answer.headers()["ratelimit"].to_str().unwrap().to_owned();
        assert!(limit_header.starts_with(&format!("\"signups\";r={left};t=")), "{limit_header}");
    }
    let slowed = from("203.0.113.1").await.unwrap();
    assert_eq!(slowed.status(), 429);
    let wait = slowed.headers()["retry-after"].to_str().unwrap();
    assert_eq!(slowed.headers()["ratelimit"], format!("\"signups\";r=0;t={wait}").as_str());
    let page =
        service.request("GET", "/signup/nothing-here").header("X-Forwarded-For", "203.0.113.1").send().await.unwrap();
    assert_eq!(page.headers()["ratelimit-policy"], "\"pages\";q=240;w=60");
    assert_eq!(from("203.0.113.2").await.unwrap().status(), 422);
    // A visitor's own header stands to the left of the proxy's, in the same line or an earlier one.
    let mut outcomes = Vec::new();
    for number in 0..60 {
        let body = json!({ "key": seller.key });
        let call = service.request("POST", "/api/v1/signups").header("X-Forwarded-For", format!("192.0.2.{number}"));
        let sent = call.header("X-Forwarded-For", "203.0.113.9").header("Forwarded", format!("for=192.0.2.{number}"));
        outcomes.push(sent.json(&body).send().await.unwrap().status().as_u16());
    }
    assert_eq!(outcomes.iter().filter(|status| **status == 429).count(), 40, "{outcomes:?}");
}
