//! What goes wrong at the receiver, and here: nothing is lost, left out or sent out of order.

use std::time::Duration;

use event_store::sql::Sql;
use harness::until;
use serde_json::{Value, json};

use crate::receiver::{Answer, Receiver, answer};
use crate::webhook_scene::{PLAN_CREATED, Scene};

harness::on_both_databases!(crate::webhook_scene::Scene::open:
    a_failed_event_is_tried_again_by_the_schedule_and_holds_up_those_behind_it,
    a_receiver_that_is_away_gets_everything_later,
    a_receiver_that_is_gone_gets_nothing_more,
    five_days_of_failures_pause_an_endpoint_and_lose_nothing,
    a_person_can_leave_an_event_out,
    a_killed_service_loses_and_leaves_out_nothing,
    a_new_process_keeps_the_schedule,
    one_of_two_processes_sends,
    a_log_with_another_history_is_not_sent,
);

async fn a_failed_event_is_tried_again_by_the_schedule_and_holds_up_those_behind_it(scene: Scene) {
    let endpoint = scene.endpoint(&[PLAN_CREATED]).await;
    let busy = Answer { header: Some(("retry-after", "400")), ..answer(503) };
    let moved = Answer { header: Some(("location", "http://127.0.0.1:1/elsewhere")), ..answer(302) };
    scene.receiver.answers(&[answer(500), busy, moved, answer(200)]);
    let head = scene.plans(2).await;
    scene.has_failed(&endpoint, 1).await;
    scene.wait(4);
    scene.receiver.gets_no_more_than(1).await;
    scene.wait(2);
    scene.has_failed(&endpoint, 2).await;
    // The receiver asked for more than the schedule's five minutes.
    scene.wait(390);
    scene.receiver.gets_no_more_than(2).await;
    scene.wait(60);
    scene.has_failed(&endpoint, 3).await;
    scene.wait(34 * 60);
    scene.is_at(&endpoint, head).await;
    let seen = scene.receiver.seen();
    let ids: Vec<_> = seen.iter().map(|received| received.header("webhook-id")).collect();
    assert!(ids[..4].iter().all(|id| *id == ids[0]) && ids[4] != ids[0]);
    assert!(seen[..4].iter().all(|received| received.body == seen[0].body));
    assert!(seen.iter().all(|received| received.is_signed_with(&endpoint.secret)));
    assert_ne!(seen[0].header("webhook-timestamp"), seen[3].header("webhook-timestamp"));
    assert_eq!(scene.receiver.positions(), [head - 1, head - 1, head - 1, head - 1, head]);
    let attempts = scene.office.get(&format!("{}/attempts", endpoint.path)).await;
    let of = |name: &str| {
        attempts["items"].as_array().unwrap().iter().map(|attempt| attempt[name].clone()).collect::<Vec<_>>()
    };
    assert_eq!(of("status"), [200, 200, 302, 503, 500]);
    assert_eq!(of("number"), [1, 4, 3, 2, 1]);
    assert!(!attempts.to_string().contains("thanks"), "an answer was kept");
}

async fn a_receiver_that_is_away_gets_everything_later(mut scene: Scene) {
    let endpoint = scene.endpoint(&[PLAN_CREATED]).await;
    let port = scene.receiver.port;
    scene.receiver = Receiver::start().await;
    let head = scene.plans(3).await;
    scene.has_failed(&endpoint, 1).await;
    let attempts = scene.office.get(&format!("{}/attempts", endpoint.path)).await;
    assert_eq!(attempts["items"][0]["outcome"], "unreachable");
    scene.receiver = Receiver::at(port).await;
    scene.wait(6);
    scene.is_at(&endpoint, head).await;
    assert_eq!(scene.receiver.positions(), [head - 2, head - 1, head]);
}

async fn a_receiver_that_is_gone_gets_nothing_more(scene: Scene) {
    let endpoint = scene.endpoint(&[PLAN_CREATED]).await;
    scene.receiver.answers(&[answer(410), answer(200)]);
    let head = scene.plans(2).await;
    scene.is_paused(&endpoint, "gone").await;
    scene.wait(1_000);
    scene.receiver.gets_no_more_than(1).await;
    scene.step(&endpoint, "resume", &json!({})).await;
    scene.is_at(&endpoint, head).await;
    assert_eq!(scene.receiver.positions(), [head - 1, head - 1, head]);
}

async fn five_days_of_failures_pause_an_endpoint_and_lose_nothing(scene: Scene) {
    let endpoint = scene.endpoint(&[PLAN_CREATED]).await;
    scene.receiver.answers(&[answer(500)]);
    let head = scene.plans(2).await;
    for attempts in 1..=9 {
        scene.has_failed(&endpoint, attempts).await;
        scene.wait(27 * 3_600);
    }
    scene.is_paused(&endpoint, "failing").await;
    scene.wait(27 * 3_600);
    scene.receiver.gets_no_more_than(10).await;
    assert!(scene.receiver.positions().iter().all(|position| *position == head - 1));
    scene.receiver.answers(&[answer(200)]);
    scene.step(&endpoint, "resume", &json!({ "reason": "mended" })).await;
    scene.is_at(&endpoint, head).await;
    assert_eq!(scene.receiver.positions()[10..], [head - 1, head]);
}

async fn a_person_can_leave_an_event_out(scene: Scene) {
    let endpoint = scene.endpoint(&[PLAN_CREATED]).await;
    scene.receiver.answers(&[answer(500), answer(200)]);
    let head = scene.plans(2).await;
    scene.has_failed(&endpoint, 1).await;
    let skip = format!("{}/skip", endpoint.path);
    for (body, field) in [
        (json!({ "log": "agents", "position": head - 1 }), "reason"),
        (json!({ "log": "agents", "position": 1, "reason": "x" }), "position"),
        (json!({ "log": "agents", "position": head + 1_000, "reason": "x" }), "position"),
    ] {
        let problem = scene.office.post(&skip, &body).await.expect(422);
        assert_eq!(problem["errors"][0]["field"], field, "{body}");
    }
    scene.step(&endpoint, "skip", &json!({ "log": "agents", "position": head - 1, "reason": "too large" })).await;
    scene.receiver.gets(2).await;
    assert_eq!(scene.receiver.positions(), [head - 1, head]);
}

async fn a_killed_service_loses_and_leaves_out_nothing(scene: Scene) {
    let endpoint = scene.endpoint(&[PLAN_CREATED]).await;
    let hanging = Answer { after: Duration::from_mins(10), ..answer(200) };
    scene.receiver.answers(&[answer(200), hanging]);
    let head = scene.plans(4).await;
    scene.receiver.gets(2).await;
    let receiver_got = scene.receiver.positions();
    scene.receiver.answers(&[answer(200)]);
    let scene = scene.again().await;
    scene.is_at(&endpoint, head).await;
    assert_eq!(receiver_got, [head - 3, head - 2]);
    // The event whose answer was lost comes again, as the same one.
    assert_eq!(scene.receiver.positions()[2..], [head - 2, head - 1, head]);
    let seen = scene.receiver.seen();
    assert_eq!(seen[1].header("webhook-id"), seen[2].header("webhook-id"));
    assert_eq!(seen[1].body, seen[2].body);
}

async fn a_new_process_keeps_the_schedule(scene: Scene) {
    let endpoint = scene.endpoint(&[PLAN_CREATED]).await;
    scene.receiver.answers(&[answer(500)]);
    scene.plans(1).await;
    scene.has_failed(&endpoint, 1).await;
    scene.wait(6);
    scene.has_failed(&endpoint, 2).await;
    let mut scene = scene;
    for _ in 0..2 {
        scene = scene.again().await;
        scene.receiver.gets_no_more_than(2).await;
    }
    scene.wait(331);
    scene.has_failed(&endpoint, 3).await;
    scene.receiver.gets_no_more_than(3).await;
}

async fn one_of_two_processes_sends(scene: Scene) {
    if !scene.office.app.log.database().is_shared() {
        return;
    }
    let other = scene.other().await;
    let endpoint = scene.endpoint(&[PLAN_CREATED]).await;
    let head = scene.plans(10).await;
    scene.is_at(&endpoint, head).await;
    scene.receiver.gets_no_more_than(10).await;
    let positions: Vec<_> = (head - 9..=head).collect();
    assert_eq!(scene.receiver.positions(), positions);
    // The one that sends, or the other one, is killed: the one that is left goes on.
    let Scene { office, receiver, clock } = scene;
    drop(office);
    let scene = Scene { office: other, receiver, clock };
    let head = scene.plans(3).await;
    scene.is_at(&endpoint, head).await;
    assert_eq!(scene.receiver.positions()[10..], [head - 2, head - 1, head]);
}

async fn a_log_with_another_history_is_not_sent(scene: Scene) {
    static FORGE: Sql = Sql::new("UPDATE webhook_cursors SET hash = $1");
    let endpoint = scene.endpoint(&[PLAN_CREATED]).await;
    let first = scene.plans(1).await;
    scene.is_at(&endpoint, first).await;
    scene.step(&endpoint, "pause", &json!({})).await;
    scene.office.app.log.database().execute(&FORGE, &[[7; 32].into()]).await.unwrap();
    scene.step(&endpoint, "resume", &json!({})).await;
    let head = scene.plans(1).await;
    until(async || scene.show(&endpoint).await["cursors"][0]["fault"] != Value::Null).await;
    assert_eq!(scene.receiver.seen().len(), 1);
    scene.step(&endpoint, "replay", &json!({ "log": "agents", "after": first })).await;
    scene.receiver.gets(2).await;
    assert_eq!(scene.receiver.positions(), [first, head]);
}
