//! What a receiver gets: every event, in order, exact and signed.

use contract::ids::new_id;
use harness::until;
use serde_json::{Value, json};
use standardwebhooks::Webhook;

use crate::receiver::{Received, answer};
use crate::signups::{Seller, Signups, placed, viewed};
use crate::webhook_scene::{PLAN_CREATED, Scene};

harness::on_both_databases!(crate::webhook_scene::Scene::open:
    every_event_comes_in_order_exact_and_signed,
    only_wanted_events_of_each_log_come,
    an_endpoint_gets_what_happens_after_it_was_added,
    a_rotated_secret_signs_beside_the_new_one_until_it_ends,
    events_are_sent_again_from_any_position,
    a_test_event_is_sent_at_once,
    only_the_last_attempts_are_kept,
    a_paused_endpoint_gets_nothing_and_keeps_its_place,
    several_endpoints_do_not_wait_for_each_other,
);

/// The lines of the log as the replay endpoint writes them.
async fn lines(scene: &Scene, after: u64) -> Vec<String> {
    let reply = scene.office.call("GET", &format!("/events?after={after}&limit=1000"), &[], &Value::Null).await;
    reply.text.lines().map(str::to_owned).collect()
}

async fn every_event_comes_in_order_exact_and_signed(scene: Scene) {
    let endpoint = scene.endpoint(&[]).await;
    let first = scene.office.app.log.head().await.unwrap().position - 1;
    let head = scene.plans(5).await;
    scene.is_at(&endpoint, head).await;
    let seen = scene.receiver.seen();
    let bodies: Vec<_> = seen.iter().map(|received| received.body.clone()).collect();
    assert_eq!(bodies, lines(&scene, first).await);
    for received in &seen {
        assert_eq!(received.header("content-type"), "application/cloudevents+json; charset=utf-8");
        assert_eq!(received.json()["id"], received.header("webhook-id"));
        assert_eq!(received.header("webhook-signature").split(' ').count(), 1);
        let library = Webhook::new(&endpoint.secret).unwrap();
        library.verify(received.body.as_bytes(), &received.headers).unwrap();
        assert!(!received.is_signed_with("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"));
    }
    let shown = scene.show(&endpoint).await;
    assert_eq!((&shown["lag"][0]["events"], &shown["lag"][0]["seconds"]), (&json!(0), &json!(0)));
    scene.receiver.gets_no_more_than(seen.len()).await;
}

async fn only_wanted_events_of_each_log_come(scene: Scene) {
    let signups = Signups::new().await;
    let url = scene.office.settings.agents_database_url.clone();
    drop(scene);
    let scene = Scene::with_signups(url, Some(signups.log.clone())).await;
    let customer_placed = "signpost.signups.customer_placed.v1";
    let endpoint = scene.endpoint_of(&["signups", "agents"], &[PLAN_CREATED, customer_placed]).await;
    let seller = Seller::new("annas-key");
    let events = vec![viewed(&seller, 1), placed(&seller, new_id(), "10000000001", None), viewed(&seller, 2)];
    let last = signups.append(events).await;
    scene.office.agent("anna").await;
    let head = scene.plans(1).await;
    scene.receiver.gets(2).await;
    until(async || {
        let cursors = scene.show(&endpoint).await["cursors"].clone();
        cursors[0]["position"] == head && cursors[1]["position"] == last
    })
    .await;
    let mut types: Vec<_> = scene.receiver.seen().iter().map(|received| received.json()["type"].clone()).collect();
    types.sort_by_key(Value::to_string);
    assert_eq!(types, [json!(PLAN_CREATED), json!(customer_placed)]);
    let identity = signups.log.identity();
    let expected = signups.log.get(2).await.unwrap().unwrap().to_json(identity).unwrap();
    assert!(scene.receiver.seen().iter().any(|received| received.body == expected));
}

async fn an_endpoint_gets_what_happens_after_it_was_added(scene: Scene) {
    scene.plans(2).await;
    let endpoint = scene.endpoint(&[PLAN_CREATED]).await;
    let head = scene.plans(1).await;
    scene.is_at(&endpoint, head).await;
    assert_eq!(scene.receiver.positions(), [head]);
}

async fn a_rotated_secret_signs_beside_the_new_one_until_it_ends(scene: Scene) {
    let endpoint = scene.endpoint(&[PLAN_CREATED]).await;
    scene.receiver.answers(&[answer(500), answer(200)]);
    scene.plans(1).await;
    scene.has_failed(&endpoint, 1).await;
    let rotated = scene.step(&endpoint, "rotate-secret", &json!({})).await;
    assert_eq!(rotated["older_secret_ended"], false);
    let second = rotated["secret"].as_str().unwrap().to_owned();
    scene.wait(6);
    // Also the attempt that waited is signed with both, the new one first.
    let retried = scene.receiver.gets(2).await.pop().unwrap();
    assert!(retried.is_signed_with(&endpoint.secret) && retried.is_signed_with(&second));
    let newest = Webhook::new(&second).unwrap();
    let timestamp = retried.header("webhook-timestamp").parse().unwrap();
    let signed = newest.sign(retried.header("webhook-id"), timestamp, retried.body.as_bytes()).unwrap();
    assert!(retried.header("webhook-signature").starts_with(&format!("{signed} ")));

    // Twice within the day: two are kept, and the answer says so.
    let rotated = scene.step(&endpoint, "rotate-secret", &json!({})).await;
    assert_eq!(rotated["older_secret_ended"], true);
    let third = rotated["secret"].as_str().unwrap().to_owned();
    scene.plans(1).await;
    let both = scene.receiver.gets(3).await.pop().unwrap();
    assert!(!both.is_signed_with(&endpoint.secret) && both.is_signed_with(&second) && both.is_signed_with(&third));
    scene.wait(24 * 3_600 + 1);
    scene.plans(1).await;
    let one = scene.receiver.gets(4).await.pop().unwrap();
    assert!(!one.is_signed_with(&second) && one.is_signed_with(&third));

    // For a leak: the old one ends at once.
    let rotated = scene.step(&endpoint, "rotate-secret", &json!({ "end_old_now": true })).await;
    scene.plans(1).await;
    let fresh = scene.receiver.gets(5).await.pop().unwrap();
    assert!(!fresh.is_signed_with(&third) && fresh.is_signed_with(rotated["secret"].as_str().unwrap()));
}

async fn events_are_sent_again_from_any_position(scene: Scene) {
    let endpoint = scene.endpoint(&[PLAN_CREATED]).await;
    let head = scene.plans(3).await;
    scene.is_at(&endpoint, head).await;
    let ids = |received: &[Received]| {
        received.iter().map(|received| received.header("webhook-id").to_owned()).collect::<Vec<_>>()
    };
    let before = ids(&scene.receiver.seen());
    scene.receiver.clear();
    scene.step(&endpoint, "replay", &json!({ "log": "agents", "after": head - 2, "reason": "they lost two" })).await;
    scene.receiver.gets(2).await;
    assert_eq!(ids(&scene.receiver.seen()), before[1..]);
    let replay = format!("{}/replay", endpoint.path);
    for (body, field) in [
        (json!({ "log": "agents", "after": 1_000_000 }), "after"),
        (json!({ "log": "signups", "after": 0 }), "log"),
        (json!({ "after": 0 }), "log"),
        (json!({ "log": "agents" }), "after"),
    ] {
        let problem = scene.office.post(&replay, &body).await.expect(422);
        assert_eq!(problem["errors"][0]["field"], field, "{body}");
    }
    let moved = lines(&scene, head).await.into_iter().find(|line| line.contains("webhook_moved")).unwrap();
    let moved: Value = serde_json::from_str(&moved).unwrap();
    assert_eq!((&moved["data"]["from"], &moved["data"]["to"]), (&json!(head), &json!(head - 2)));
    assert!(!moved.to_string().contains("they lost two"));
}

async fn a_test_event_is_sent_at_once(scene: Scene) {
    let endpoint = scene.endpoint(&[PLAN_CREATED]).await;
    scene.step(&endpoint, "pause", &json!({})).await;
    let path = format!("{}/test", endpoint.path);
    let once = [("idempotency-key", "test-1")];
    let tested = scene.office.call("POST", &path, &once, &Value::Null).await.expect(200);
    assert_eq!((&tested["delivered"], &tested["status"]), (&json!(true), &json!(200)));
    let again = scene.office.call("POST", &path, &once, &Value::Null).await.expect(200);
    assert_eq!(again["event_id"], tested["event_id"]);
    let seen = scene.receiver.gets(2).await;
    assert_eq!(tested["event_id"], seen[0].header("webhook-id"));
    assert!(seen.iter().all(|received| received.is_signed_with(&endpoint.secret)));
    assert_eq!(seen[0].json()["type"], "signpost.agents.webhook_test.v1");
    scene.receiver.answers(&[answer(404)]);
    let refused = scene.step(&endpoint, "test", &json!({})).await;
    assert_eq!((&refused["delivered"], &refused["outcome"]), (&json!(false), &json!("refused")));
    let attempts = scene.office.get(&format!("{}/attempts?limit=1", endpoint.path)).await;
    assert_eq!((&attempts["items"][0]["status"], &attempts["items"][0]["log"]), (&json!(404), &Value::Null));
}

async fn only_the_last_attempts_are_kept(scene: Scene) {
    let endpoint = scene.endpoint(&[PLAN_CREATED]).await;
    scene.office.call_plan("First").await;
    scene.receiver.gets(1).await;
    for _ in 0..104 {
        scene.step(&endpoint, "test", &json!({})).await;
    }
    let path = format!("{}/attempts", endpoint.path);
    let first = scene.office.get(&format!("{path}?limit=60")).await;
    let next = first["next"].as_str().unwrap();
    let rest = scene.office.get(&format!("{path}?limit=60&after={next}")).await;
    assert_eq!((first["items"].as_array().unwrap().len(), rest["items"].as_array().unwrap().len()), (60, 40));
    assert_eq!(rest["next"], Value::Null);
}

async fn a_paused_endpoint_gets_nothing_and_keeps_its_place(scene: Scene) {
    let endpoint = scene.endpoint(&[PLAN_CREATED]).await;
    let first = scene.plans(1).await;
    scene.is_at(&endpoint, first).await;
    scene.step(&endpoint, "pause", &json!({ "reason": "they move" })).await;
    let head = scene.plans(2).await;
    scene.receiver.gets_no_more_than(1).await;
    let shown = scene.show(&endpoint).await;
    assert_eq!((&shown["state"], &shown["paused_because"]), (&json!("paused"), &json!("asked")));
    let place = shown["cursors"][0]["position"].as_u64().unwrap();
    assert!(place < head - 1);
    assert_eq!(shown["lag"][0]["events"], head - place);
    scene.step(&endpoint, "resume", &json!({})).await;
    scene.receiver.gets(3).await;
    assert_eq!(scene.receiver.positions()[1..], [head - 1, head]);
}

async fn several_endpoints_do_not_wait_for_each_other(scene: Scene) {
    let slow = crate::receiver::Receiver::start().await;
    let hanging = crate::receiver::Answer { after: std::time::Duration::from_mins(1), ..answer(200) };
    slow.answers(&[hanging]);
    let body = json!({ "url": slow.url(), "logs": ["agents"], "types": [PLAN_CREATED] });
    scene.office.post("/webhooks", &body).await.expect(201);
    let endpoint = scene.endpoint(&[PLAN_CREATED]).await;
    let head = scene.plans(3).await;
    slow.gets(1).await;
    scene.is_at(&endpoint, head).await;
    assert_eq!((scene.receiver.seen().len(), slow.seen().len()), (3, 1));
}
