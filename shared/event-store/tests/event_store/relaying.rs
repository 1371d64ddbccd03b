//! The relay on a real NATS server: message n is event n, whatever happens to the stream.

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_nats::jetstream::stream::{Config, DiscardPolicy};
use contract::clock::Clock;
use event_store::bus::{self, Bus, NatsSettings};
use event_store::feed::{Feed, JetStreamFeed};
use event_store::health::{Dependency, Health, Status};
use event_store::log::{Log, restore, verify};
use event_store::projections::Projector;
use event_store::relay::{Halt, Relay, create, inspect, reconfigure, remove, wanted_config};
use event_store::sql::{Database, Sql};
use futures::TryStreamExt;

use crate::fixture::{self, Fixture, Nats, Suspend, Tally, health};
use crate::following::total;
use harness::until;

harness::on_both_databases! {
    crate::fixture::open:
    message_n_is_event_n,
    two_relays_at_once_publish_every_event_once,
    a_deleted_stream_halts_an_idle_relay_until_it_is_created_again,
    a_purged_stream_halts_an_idle_relay,
    a_stream_that_another_tool_made_is_refused_until_it_is_as_wanted,
    a_log_that_was_replaced_underneath_halts_the_relay,
    a_log_that_lost_its_end_halts_an_idle_relay,
    a_stream_ahead_of_its_log_halts_the_relay_and_restores_lost_events,
    a_foreign_message_halts_the_relay,
    a_foreign_message_between_the_relays_own_halts_the_relay,
    a_feed_gives_the_events_before_a_foreign_message,
    a_feed_with_a_silent_consumer_opens_another,
    holes_and_repetitions_in_the_stream_do_no_harm,
}

/// A server without streams, and a log with so many events.
async fn open(database: Database, events: usize) -> Option<(Nats, Bus, Fixture)> {
    let nats = fixture::nats().await?;
    let fixture = Fixture::new(database).await;
    fixture.fill(events).await;
    let bus = nats.bus.clone();
    Some((nats, bus, fixture))
}

fn relay(log: &Log, bus: &Bus) -> tokio::task::JoinHandle<()> {
    watched_relay(log, bus).0
}

/// A relay, and the state that it reports.
fn watched_relay(log: &Log, bus: &Bus) -> (tokio::task::JoinHandle<()>, Dependency) {
    let health = Health::new("agents").dependency("relay");
    (tokio::spawn(Relay::new(log.clone(), bus.clone(), 1, health.clone()).run()), health)
}

/// Waits until the relay has halted for this reason.
async fn halts(health: &Dependency, halt: &Halt) {
    until(|| async { matches!(health.status(), Status::Degraded(cause) if cause.contains(&halt.to_string())) }).await;
}

/// Waits until so many events are published.
async fn publishes(log: &Log, bus: &Bus, events: u64) {
    until(|| async { last(log, bus).await == events }).await;
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
    let Some((_nats, bus, fixture)) = open(database, 40).await else { return };
    let task = relay(&fixture.log, &bus);
    fixture.fill(20).await;
    publishes(&fixture.log, &bus, 60).await;
    whole(&fixture.log, &bus).await;
    task.abort();
}

async fn two_relays_at_once_publish_every_event_once(database: Database) {
    let Some((nats, bus, fixture)) = open(database, 0).await else { return };
    let other = Bus::connect(&NatsSettings::of_url(&nats.url).unwrap(), "other").await.unwrap();
    let tasks = [relay(&fixture.log, &bus), relay(&fixture.log, &other)];
    fixture.fill(300).await;
    publishes(&fixture.log, &bus, 300).await;
    whole(&fixture.log, &bus).await;
    tasks.iter().for_each(tokio::task::JoinHandle::abort);
}

async fn a_deleted_stream_halts_an_idle_relay_until_it_is_created_again(database: Database) {
    let Some((_nats, bus, fixture)) = open(database, 30).await else { return };
    let (task, health) = watched_relay(&fixture.log, &bus);
    publishes(&fixture.log, &bus, 30).await;
    remove(&bus, "AGENTS").await.unwrap();
    halts(&health, &Halt::Missing("AGENTS".to_owned())).await;
    assert_eq!(inspect(&fixture.log, &bus).await.unwrap().unwrap().halt, Some(Halt::Missing("AGENTS".to_owned())));
    create(&fixture.log, &bus, 1).await.unwrap();
    fixture.fill(5).await;
    publishes(&fixture.log, &bus, 35).await;
    whole(&fixture.log, &bus).await;
    until(|| async { health.status() == Status::Ok }).await;
    task.abort();
}

/// The relay's own streams deny purges, but a configuration can be changed.
async fn a_purged_stream_halts_an_idle_relay(database: Database) {
    let Some((_nats, bus, fixture)) = open(database, 20).await else { return };
    let (task, health) = watched_relay(&fixture.log, &bus);
    publishes(&fixture.log, &bus, 20).await;
    // A server keeps `deny_purge` once it is set, so the stream is created again with its last messages only.
    remove(&bus, "AGENTS").await.unwrap();
    let config = Config { first_sequence: Some(20), ..wanted_config(fixture.log.identity(), 1) };
    bus.jetstream.create_stream(config).await.unwrap();
    halts(&health, &Halt::MessagesGone { stream: "AGENTS".to_owned(), messages: 0, last: 19 }).await;
    task.abort();
}

async fn a_stream_that_another_tool_made_is_refused_until_it_is_as_wanted(database: Database) {
    let Some((_nats, bus, fixture)) = open(database, 3).await else { return };
    let config = Config {
        name: "AGENTS".to_owned(),
        subjects: vec!["agents.v1.>".to_owned()],
        max_messages: 2,
        discard: DiscardPolicy::Old,
        ..Config::default()
    };
    bus.jetstream.create_stream(config).await.unwrap();
    let (task, health) = watched_relay(&fixture.log, &bus);
    let faults = "max_msgs is 2, wanted unlimited; discard is Old, wanted New; deny_delete is false, wanted true; \
                  deny_purge is false, wanted true";
    halts(&health, &Halt::Misconfigured { stream: "AGENTS".to_owned(), faults: faults.to_owned() }).await;
    assert_eq!(last(&fixture.log, &bus).await, 0, "nothing is published to it");
    reconfigure(&fixture.log, &bus, 1).await.unwrap();
    publishes(&fixture.log, &bus, 3).await;
    whole(&fixture.log, &bus).await;
    until(|| async { health.status() == Status::Ok }).await;
    task.abort();
}

/// The database failed over to a standby that lacks the newest, published events; new ones take their positions.
async fn a_log_that_was_replaced_underneath_halts_the_relay(database: Database) {
    let Some((_nats, bus, fixture)) = open(database.clone(), 10).await else { return };
    let (task, health) = watched_relay(&fixture.log, &bus);
    publishes(&fixture.log, &bus, 10).await;
    forget_behind_7(&database).await;
    let other = Fixture::new(database.clone()).await;
    other.fill(5).await;
    halts(&health, &Halt::Diverged("AGENTS".to_owned(), 8)).await;
    assert_eq!(last(&fixture.log, &bus).await, 10, "no other history is published");
    task.abort();
}

async fn a_log_that_lost_its_end_halts_an_idle_relay(database: Database) {
    let Some((_nats, bus, fixture)) = open(database.clone(), 10).await else { return };
    let (task, health) = watched_relay(&fixture.log, &bus);
    publishes(&fixture.log, &bus, 10).await;
    forget_behind_7(&database).await;
    halts(&health, &Halt::Ahead { stream: "AGENTS".to_owned(), last: 10, head: 7 }).await;
    task.abort();
}

/// Makes the database look like an older copy.
async fn forget_behind_7(database: &Database) {
    static CUT: Sql = Sql::new("DELETE FROM events WHERE position > 7");
    static CUT_NOTES: Sql = Sql::new("DELETE FROM notes WHERE position > 7");
    static BACK: Sql =
        Sql::new("UPDATE log_head SET position = 7, hash = (SELECT hash FROM events WHERE position = 7) WHERE id = 1");
    for statement in [&CUT, &CUT_NOTES, &BACK] {
        database.execute(statement, &[]).await.unwrap();
    }
}

/// The database is restored from a backup: the relay halts, and the stream's events are restored.
async fn a_stream_ahead_of_its_log_halts_the_relay_and_restores_lost_events(database: Database) {
    let Some((_nats, bus, fixture)) = open(database.clone(), 10).await else { return };
    let task = relay(&fixture.log, &bus);
    publishes(&fixture.log, &bus, 10).await;
    task.abort();
    forget_behind_7(&database).await;
    let state = inspect(&fixture.log, &bus).await.unwrap().unwrap();
    assert!(matches!(state.halt, Some(Halt::Ahead { last: 10, head: 7, .. })), "{state:?}");
    let mut feed = JetStreamFeed::new(bus.clone(), "AGENTS");
    let mut lost = Vec::new();
    while lost.len() < 3 {
        lost.extend(feed.next(7 + lost.len() as u64).await.unwrap().events);
    }
    assert!(restore(&fixture.log, &lost[1..]).await.is_err(), "a hole is not taken");
    assert_eq!(restore(&fixture.log, &lost).await.unwrap(), 10);
    assert!(
        fixture.log.halted().await.unwrap().is_some(),
        "the log is halted until the tables include the restored events"
    );
    assert!(verify::verify(&fixture.log, |_| {}).await.unwrap().faults.is_empty());
    assert_eq!(inspect(&fixture.log, &bus).await.unwrap().unwrap().halt, None);
    assert!(event_store::relay::verify::compare(&fixture.log, &bus, |_| {}).await.unwrap().faults.is_empty());
}

/// Three published events, followed by another program's message.
async fn with_a_foreign_message(nats: &Nats, database: Database) -> Fixture {
    let fixture = Fixture::new(database).await;
    fixture.fill(3).await;
    let task = relay(&fixture.log, &nats.bus);
    publishes(&fixture.log, &nats.bus, 3).await;
    task.abort();
    let foreign = nats.bus.jetstream.publish("agents.v1.agent.created.stranger", "{}".into());
    foreign.await.unwrap().await.unwrap();
    fixture
}

async fn a_foreign_message_halts_the_relay(database: Database) {
    let Some(nats) = fixture::nats().await else { return };
    let fixture = with_a_foreign_message(&nats, database).await;
    fixture.fill(1).await;
    let state = inspect(&fixture.log, &nats.bus).await.unwrap().unwrap();
    assert!(matches!(state.halt, Some(Halt::Foreign(_, 4))), "{state:?}");
}

/// Another program publishes between the relay's messages: its message that takes an event's place must be noticed,
/// though the events after it fit their places.
async fn a_foreign_message_between_the_relays_own_halts_the_relay(database: Database) {
    let Some((nats, bus, fixture)) = open(database, 0).await else { return };
    for _ in 0..5 {
        let many = Suspend { times: 1_000, ..fixture::suspend(contract::ids::new_id()) };
        fixture.append(&contract::ids::new_id().to_string(), many).await.unwrap();
    }
    let (task, health) = watched_relay(&fixture.log, &bus);
    let stranger = async_nats::connect(&nats.url).await.unwrap();
    let stranger = async_nats::jetstream::new(stranger);
    let mut place = None;
    until(|| async { last(&fixture.log, &bus).await > 0 }).await;
    while place.is_none() {
        let sent = stranger.publish("agents.v1.agent.created.stranger", "{}".into()).await.unwrap();
        place = sent.await.ok().map(|ack| ack.sequence).filter(|sequence| *sequence <= 5_000);
    }
    let place = place.unwrap();
    halts(&health, &Halt::Foreign("AGENTS".to_owned(), place)).await;
    task.abort();
    // A relay that takes over from another does not know of the refusal.
    let (task, health) = watched_relay(&fixture.log, &bus);
    halts(&health, &Halt::Foreign("AGENTS".to_owned(), place)).await;
    task.abort();
    let report = event_store::relay::verify::compare(&fixture.log, &bus, |_| {}).await.unwrap();
    assert_eq!(report.faults, [Halt::Foreign("AGENTS".to_owned(), place).to_string()]);
}

async fn a_feed_gives_the_events_before_a_foreign_message(database: Database) {
    let Some(nats) = fixture::nats().await else { return };
    let _stand = with_a_foreign_message(&nats, database).await;
    let mut feed = JetStreamFeed::new(nats.bus.clone(), "AGENTS");
    let mut position = 0;
    while let Ok(page) = feed.next(position).await {
        position = page.events.last().map_or(position, |event| event.position);
    }
    assert_eq!(position, 3);
}

/// A server may forget a consumer, or another tool pause it: the consumer then delivers nothing, without an error.
async fn a_feed_with_a_silent_consumer_opens_another(database: Database) {
    let Some((_nats, bus, fixture)) = open(database, 5).await else { return };
    let task = relay(&fixture.log, &bus);
    publishes(&fixture.log, &bus, 5).await;
    let mut feed = JetStreamFeed::new(bus.clone(), "AGENTS");
    assert!(feed.next(5).await.unwrap().events.is_empty());
    let stream = bus.jetstream.get_stream("AGENTS").await.unwrap();
    let until = stream.cached_info().created + Duration::from_hours(1);
    let consumers: Vec<_> = stream.consumer_names().try_collect().await.unwrap();
    for name in &consumers {
        stream.pause_consumer(name, until).await.unwrap();
    }
    assert_eq!(consumers.len(), 1);
    fixture.fill(1).await;
    let begun = Instant::now();
    let mut found = Vec::new();
    while found.is_empty() && begun.elapsed() < Duration::from_secs(10) {
        found = feed.next(5).await.unwrap_or_default().events;
    }
    assert_eq!(found.first().map(|event| event.position), Some(6));
    task.abort();
}

/// A stream filled by a broken publisher: one event twice, one missing, two in the wrong order. The projector checks
/// every position itself and reads missing events from the log.
async fn holes_and_repetitions_in_the_stream_do_no_harm(database: Database) {
    let Some((_nats, bus, fixture)) = open(database.clone(), 12).await else { return };
    let name = fixture.log.identity().stream_name();
    let config = Config { name: name.clone(), subjects: vec!["agents.v1.>".to_owned()], ..Default::default() };
    bus.jetstream.create_stream(config).await.unwrap();
    let events = fixture.log.read_after(0, 100).await.unwrap();
    for position in [1_usize, 2, 2, 3, 5, 4, 6, 9, 12] {
        let event = &events[position - 1];
        let headers = bus::headers(&event.envelope(fixture.log.identity()));
        let sent = bus.jetstream.publish_with_headers(event.subject.clone(), headers, event.data.clone().into()).await;
        sent.unwrap().await.unwrap();
    }
    let feed = Feed::JetStream(Box::new(JetStreamFeed::new(bus.clone(), &name)));
    let replay = Some(Feed::Local(fixture.log.clone()));
    let projector =
        Projector::new(Arc::new(Tally), database.clone(), Clock::System, feed, replay, health("tally")).await.unwrap();
    let checkpoint = projector.checkpoint();
    let task = tokio::spawn(projector.run());
    checkpoint.wait_for(12, Duration::from_secs(20)).await.unwrap();
    assert_eq!(total(&database).await, 12);
    task.abort();
}
