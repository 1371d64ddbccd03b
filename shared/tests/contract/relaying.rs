//! The relay on a real NATS server: message n is event n, whatever happens to the stream.

use std::sync::Arc;

use shared::bus::{self, Bus};
use shared::clock::Clock;
use shared::feed::{Feed, JetStreamFeed};
use shared::follow::Follower;
use shared::log::{Log, restore, verify};
use shared::relay::{Halt, Relay, inspect, remove};
use shared::sql::{Database, Sql};

use crate::following::total;
use crate::on_both_databases;
use crate::stand::{self, Stand, Tally, eventually, health};

on_both_databases! {
    message_n_is_event_n
    two_relays_at_once_publish_every_event_once
    a_deleted_stream_is_published_anew
    a_purged_stream_is_published_anew
    a_stream_ahead_of_its_log_halts_the_relay_and_gives_back_what_was_lost
    a_foreign_message_halts_the_relay
    holes_and_repetitions_in_the_stream_do_no_harm
}

fn relay(log: &Log, bus: &Bus) -> tokio::task::JoinHandle<()> {
    tokio::spawn(Relay::new(log.clone(), bus.clone(), 1, Clock::System).run())
}

async fn last(log: &Log, bus: &Bus) -> u64 {
    inspect(log, bus).await.unwrap().map_or(0, |state| state.last)
}

async fn whole(log: &Log, bus: &Bus) {
    let stream = bus.jetstream.get_stream(log.identity().stream_name()).await.unwrap();
    for event in log.read_after(0, 10_000).await.unwrap() {
        let message = stream.get_raw_message(event.position).await.unwrap();
        assert_eq!(message.headers.get("ce-id").unwrap().as_str(), event.event_id.to_string());
        assert_eq!(message.headers.get("ce-hash").unwrap().as_str(), event.hash.to_string());
        assert_eq!(message.subject.as_str(), event.subject);
        assert_eq!(message.payload, event.data.as_bytes());
    }
}

async fn message_n_is_event_n(database: Database) {
    let Some(nats) = stand::nats().await else { return };
    let bus = nats.bus.clone();
    let stand = Stand::new(database).await;
    stand.fill(40).await;
    let task = relay(&stand.log, &bus);
    stand.fill(20).await;
    eventually(|| async { last(&stand.log, &bus).await == 60 }).await;
    whole(&stand.log, &bus).await;
    task.abort();
}

async fn two_relays_at_once_publish_every_event_once(database: Database) {
    let Some(nats) = stand::nats().await else { return };
    let bus = nats.bus.clone();
    let stand = Stand::new(database).await;
    let other = Bus::connect(&nats.url, "other").await.unwrap();
    let tasks = [relay(&stand.log, &bus), relay(&stand.log, &other)];
    stand.fill(300).await;
    eventually(|| async { last(&stand.log, &bus).await == 300 }).await;
    whole(&stand.log, &bus).await;
    tasks.iter().for_each(tokio::task::JoinHandle::abort);
}

async fn a_deleted_stream_is_published_anew(database: Database) {
    let Some(nats) = stand::nats().await else { return };
    let bus = nats.bus.clone();
    let stand = Stand::new(database).await;
    stand.fill(30).await;
    let task = relay(&stand.log, &bus);
    eventually(|| async { last(&stand.log, &bus).await == 30 }).await;
    remove(&bus, &stand.log.identity().stream_name()).await.unwrap();
    stand.fill(5).await;
    eventually(|| async { last(&stand.log, &bus).await == 35 }).await;
    whole(&stand.log, &bus).await;
    task.abort();
}

/// The relay's own streams deny it, but one that somebody else made may be purged.
async fn a_purged_stream_is_published_anew(database: Database) {
    let Some(nats) = stand::nats().await else { return };
    let bus = nats.bus.clone();
    let stand = Stand::new(database).await;
    stand.fill(20).await;
    let config = async_nats::jetstream::stream::Config {
        name: "AGENTS".to_owned(),
        subjects: vec!["agents.v1.>".to_owned()],
        ..Default::default()
    };
    let stream = bus.jetstream.create_stream(config).await.unwrap();
    let task = relay(&stand.log, &bus);
    eventually(|| async { last(&stand.log, &bus).await == 20 }).await;
    task.abort();
    stream.purge().await.unwrap();
    let task = relay(&stand.log, &bus);
    stand.fill(3).await;
    eventually(|| async { inspect(&stand.log, &bus).await.unwrap().is_some_and(|state| state.messages == 23) }).await;
    whole(&stand.log, &bus).await;
    task.abort();
}

/// The database is restored from a backup: the relay halts, and what the stream still has is taken back.
async fn a_stream_ahead_of_its_log_halts_the_relay_and_gives_back_what_was_lost(database: Database) {
    static CUT: Sql = Sql::new("DELETE FROM events WHERE position > 7");
    static BACK: Sql =
        Sql::new("UPDATE log_head SET position = 7, hash = (SELECT hash FROM events WHERE position = 7) WHERE id = 1");
    let Some(nats) = stand::nats().await else { return };
    let bus = nats.bus.clone();
    let stand = Stand::new(database.clone()).await;
    stand.fill(10).await;
    let task = relay(&stand.log, &bus);
    eventually(|| async { last(&stand.log, &bus).await == 10 }).await;
    task.abort();
    for statement in [&CUT, &BACK] {
        database.execute(statement, &[]).await.unwrap();
    }
    let state = inspect(&stand.log, &bus).await.unwrap().unwrap();
    assert!(matches!(state.halt, Some(Halt::Ahead { last: 10, head: 7, .. })), "{state:?}");
    let mut feed = JetStreamFeed::new(bus.clone(), "AGENTS");
    let mut lost = Vec::new();
    while lost.len() < 3 {
        lost.extend(feed.next(7 + lost.len() as u64).await.unwrap().events);
    }
    assert!(restore(&stand.log, &lost[1..]).await.is_err(), "a hole is not taken");
    assert_eq!(restore(&stand.log, &lost).await.unwrap(), 10);
    assert!(verify::verify(&stand.log, |_| {}).await.unwrap().faults.is_empty());
    assert_eq!(inspect(&stand.log, &bus).await.unwrap().unwrap().halt, None);
    assert!(shared::relay::verify::compare(&stand.log, &bus, |_| {}).await.unwrap().faults.is_empty());
}

async fn a_foreign_message_halts_the_relay(database: Database) {
    let Some(nats) = stand::nats().await else { return };
    let bus = nats.bus.clone();
    let stand = Stand::new(database).await;
    stand.fill(3).await;
    let task = relay(&stand.log, &bus);
    eventually(|| async { last(&stand.log, &bus).await == 3 }).await;
    task.abort();
    bus.jetstream.publish("agents.v1.agent.created.stranger", "{}".into()).await.unwrap().await.unwrap();
    stand.fill(1).await;
    let state = inspect(&stand.log, &bus).await.unwrap().unwrap();
    assert!(matches!(state.halt, Some(Halt::Foreign(_, 4))), "{state:?}");
}

/// A stream that a broken publisher filled: an event twice, one missing, two in the wrong order. The follower checks
/// every position itself and asks the log for what is missing.
async fn holes_and_repetitions_in_the_stream_do_no_harm(database: Database) {
    let Some(nats) = stand::nats().await else { return };
    let bus = nats.bus.clone();
    let stand = Stand::new(database.clone()).await;
    stand.fill(12).await;
    let name = stand.log.identity().stream_name();
    let config = async_nats::jetstream::stream::Config {
        name: name.clone(),
        subjects: vec!["agents.v1.>".to_owned()],
        ..Default::default()
    };
    bus.jetstream.create_stream(config).await.unwrap();
    let events = stand.log.read_after(0, 100).await.unwrap();
    for position in [1_usize, 2, 2, 3, 5, 4, 6, 9, 12] {
        let event = &events[position - 1];
        let headers = bus::headers(event, stand.log.identity());
        let sent = bus.jetstream.publish_with_headers(event.subject.clone(), headers, event.data.clone().into()).await;
        sent.unwrap().await.unwrap();
    }
    let feed = Feed::JetStream(Box::new(JetStreamFeed::new(bus.clone(), &name)));
    let replay = Some(Feed::Local(stand.log.clone()));
    let follower =
        Follower::new(Arc::new(Tally), database.clone(), Clock::System, feed, replay, health("tally")).await.unwrap();
    let checkpoint = follower.checkpoint();
    let task = tokio::spawn(follower.run());
    checkpoint.wait_for(12, std::time::Duration::from_secs(20)).await.unwrap();
    assert_eq!(total(&database).await, 12);
    task.abort();
}
