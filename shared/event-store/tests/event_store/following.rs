//! Projectors: every event once and in order, whatever happens to the projector or to one event.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use contract::clock::Clock;
use event_store::feed::Feed;
use event_store::lease::Lease;
use event_store::log::LogPoint;
use event_store::projections::rebuild::Step;
use event_store::projections::{Checkpoint, Difference, Projector, TooFarBehind, parked, rebuild};
use event_store::sql::{Database, Dialect, Sql};
use uuid::Uuid;

use crate::fixture::{Fixture, Tally, WIDE_EVENTS, Wide, health, suspend};

harness::on_both_databases! {
    crate::fixture::open:
    one_waiter_polls_for_all_waiters_of_another_process,
    a_view_equals_its_log,
    two_followers_at_once_apply_every_event_once,
    a_poison_event_parks_its_stream_until_it_is_repaired,
    a_rebuilt_view_is_the_same_and_a_forged_one_shows,
    two_rebuilds_at_once_leave_a_complete_projection,
    a_switch_holds_no_write_up_for_as_long_as_the_table_is_large,
    every_difference_between_two_large_tables_is_counted,
    a_lease_from_before_the_clock_was_set_back_blocks_no_process,
}

static TOTAL: Sql = Sql::new("SELECT CAST(COALESCE(SUM(events), 0) AS BIGINT) AS n FROM tally");

pub async fn total(database: &Database) -> i64 {
    database.row(&TOTAL, &[]).await.unwrap().unwrap().int("n").unwrap()
}

pub async fn follow(fixture: &Fixture) -> Checkpoint {
    let feed = Feed::Local(fixture.log.clone());
    let database = fixture.log.database().clone();
    let projector =
        Projector::new(Arc::new(Tally), database, Clock::System, feed, None, health("tally")).await.unwrap();
    let checkpoint = projector.checkpoint();
    tokio::spawn(projector.run());
    checkpoint
}

pub async fn reach(checkpoint: &Checkpoint, position: u64) {
    checkpoint.wait_for(position, Duration::from_secs(20)).await.unwrap();
}

async fn a_view_equals_its_log(database: Database) {
    let fixture = Fixture::new(database.clone()).await;
    fixture.fill(30).await;
    let checkpoint = follow(&fixture).await;
    reach(&checkpoint, 30).await;
    fixture.fill(20).await;
    reach(&checkpoint, 50).await;
    assert_eq!(total(&database).await, 50);
}

async fn two_followers_at_once_apply_every_event_once(database: Database) {
    let fixture = Fixture::new(database.clone()).await;
    // Without leases both would lead; here they race, and a third projector writes in between.
    let (first, second) = (follow(&fixture).await, follow(&fixture).await);
    fixture.fill(60).await;
    reach(&first, 60).await;
    reach(&second, 60).await;
    assert_eq!(total(&database).await, 60);
}

/// The holder has died; its lease would last for an hour by the old clock.
async fn a_lease_from_before_the_clock_was_set_back_blocks_no_process(database: Database) {
    static SET_BACK: Sql = Sql::new("UPDATE leases SET expires_at = expires_at + INTERVAL '1 hour'");
    // Each queries once, since a claim queries no more often than it renews.
    let [mut dead, mut early, mut late] = [(); 3].map(|()| Lease::new(database.clone(), "work"));
    assert!(dead.hold().await.unwrap());
    if database.dialect() == Dialect::Postgres {
        assert!(!early.hold().await.unwrap(), "two have the lease");
        database.execute(&SET_BACK, &[]).await.unwrap();
    }
    assert!(late.hold().await.unwrap());
}

async fn a_poison_event_parks_its_stream_until_it_is_repaired(database: Database) {
    let (raise, mend) = poison(database.dialect());
    let fixture = Fixture::new(database.clone()).await;
    let (sick, well) = (Uuid::from_u128(13), Uuid::from_u128(1));
    for statement in raise {
        database.execute(statement, &[]).await.unwrap();
    }
    let checkpoint = follow(&fixture).await;
    for (number, agent_id) in [sick, well, sick, well].into_iter().enumerate() {
        fixture.append(&format!("c{number}"), suspend(agent_id)).await.unwrap();
    }
    reach(&checkpoint, 4).await;
    assert_eq!(total(&database).await, 2, "the others move on");
    let waiting = parked::list(&database).await.unwrap();
    assert_eq!(waiting.iter().map(|event| event.position).collect::<Vec<_>>(), [1, 3]);
    let stream = format!("agent-{sick}");
    assert!(parked::retry(&Tally, &database, &stream).await.is_err(), "it is still poison");
    for statement in mend {
        database.execute(statement, &[]).await.unwrap();
    }
    assert_eq!(parked::retry(&Tally, &database, &stream).await.unwrap(), 2);
    assert_eq!(total(&database).await, 4);
    assert!(parked::list(&database).await.unwrap().is_empty());
}

/// Statements that make the database refuse one stream's rows, and statements that undo it.
pub fn poison(dialect: Dialect) -> (&'static [Sql], &'static [Sql]) {
    static RAISE_SQLITE: [Sql; 1] = [Sql::new(
        "CREATE TRIGGER poison BEFORE INSERT ON tally WHEN NEW.stream LIKE '%00000000000d'
         BEGIN SELECT RAISE(ABORT, 'poison'); END",
    )];
    static MEND_SQLITE: [Sql; 1] = [Sql::new("DROP TRIGGER poison")];
    static RAISE_POSTGRES: [Sql; 2] = [
        Sql::new(
            "CREATE FUNCTION poison() RETURNS trigger AS 'BEGIN RAISE EXCEPTION ''poison''; END' LANGUAGE plpgsql",
        ),
        Sql::new(
            "CREATE TRIGGER poison BEFORE INSERT ON tally FOR EACH ROW WHEN (NEW.stream LIKE '%00000000000d')
             EXECUTE FUNCTION poison()",
        ),
    ];
    static MEND_POSTGRES: [Sql; 1] = [Sql::new("DROP TRIGGER poison ON tally")];
    match dialect {
        Dialect::Sqlite => (&RAISE_SQLITE, &MEND_SQLITE),
        Dialect::Postgres => (&RAISE_POSTGRES, &MEND_POSTGRES),
    }
}

async fn a_rebuilt_view_is_the_same_and_a_forged_one_shows(database: Database) {
    static FORGE: Sql = Sql::new("UPDATE tally SET events = 99 WHERE stream = (SELECT MIN(stream) FROM tally)");
    let fixture = Fixture::new(database.clone()).await;
    fixture.fill(700).await;
    let checkpoint = follow(&fixture).await;
    reach(&checkpoint, 700).await;
    let source = &fixture.log;
    assert!(rebuild::compare(&Tally, &database, source, |_| {}).await.unwrap().is_empty());
    database.execute(&FORGE, &[]).await.unwrap();
    let differences = rebuild::compare(&Tally, &database, source, |_| {}).await.unwrap();
    assert_eq!(differences.len(), 2, "{differences:?}");
    assert_eq!(rebuild::rebuild(&Tally, &database, source, |_| {}).await.unwrap(), 700);
    assert_eq!(total(&database).await, 700);
    fixture.fill(5).await;
    reach(&checkpoint, 705).await;
    assert_eq!(total(&database).await, 705);
}

async fn two_rebuilds_at_once_leave_a_complete_projection(database: Database) {
    let fixture = Fixture::new(database.clone()).await;
    fixture.fill(700).await;
    let checkpoint = follow(&fixture).await;
    reach(&checkpoint, 700).await;
    let first = rebuild::rebuild(&Tally, &database, &fixture.log, |_| {});
    let second = rebuild::rebuild(&Tally, &database, &fixture.log, |_| {});
    let outcomes = tokio::join!(first, second);
    assert!(outcomes.0.is_ok() || outcomes.1.is_ok(), "{outcomes:?}");
    assert_eq!(total(&database).await, 700);
    assert!(rebuild::compare(&Tally, &database, &fixture.log, |_| {}).await.unwrap().is_empty());
}

/// Writes to a table repeatedly, and returns the longest write that ended while `counts` was set.
async fn longest_write(database: Database, counts: Arc<AtomicBool>, stop: Arc<AtomicBool>) -> Duration {
    static TOUCH: Sql = Sql::new("UPDATE tally SET events = events WHERE stream = (SELECT MIN(stream) FROM tally)");
    let mut longest = Duration::ZERO;
    while !stop.load(Ordering::SeqCst) {
        let began = Instant::now();
        database.execute(&TOUCH, &[]).await.unwrap();
        if counts.load(Ordering::SeqCst) {
            longest = longest.max(began.elapsed());
        }
    }
    longest
}

async fn a_switch_holds_no_write_up_for_as_long_as_the_table_is_large(database: Database) {
    static COPY: Sql = Sql::new("INSERT INTO tally{shadow} SELECT stream || 'x', events FROM tally");
    let fixture = Fixture::new(database.clone()).await;
    fixture.fill(WIDE_EVENTS).await;
    let feed = Feed::Local(fixture.log.clone());
    let projector = Projector::new(Arc::new(Wide), database.clone(), Clock::System, feed, None, health("wide"));
    let projector = projector.await.unwrap();
    let checkpoint = projector.checkpoint();
    tokio::spawn(projector.run());
    checkpoint.wait_for(WIDE_EVENTS as u64, Duration::from_mins(1)).await.unwrap();
    assert_eq!(total(&database).await, 200_000);

    let (counts, stop) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
    let writing = tokio::spawn(longest_write(database.clone(), Arc::clone(&counts), Arc::clone(&stop)));
    let progress = |step| {
        counts.fetch_or(matches!(step, Step::Switching { .. }), Ordering::SeqCst);
    };
    rebuild::rebuild(&Wide, &database, &fixture.log, progress).await.unwrap();
    stop.store(true, Ordering::SeqCst);
    let longest = writing.await.unwrap();
    assert!(longest > Duration::ZERO, "nothing was written meanwhile");
    assert_eq!(total(&database).await, 200_000);

    let mut tx = database.begin_bulk().await.unwrap();
    tx.in_shadow();
    let began = Instant::now();
    tx.execute(&COPY, &[]).await.unwrap();
    let copied = began.elapsed();
    assert!(longest < copied, "a write waited for {longest:?}; to copy the table takes {copied:?}");
}

async fn every_difference_between_two_large_tables_is_counted(database: Database) {
    // The rows need more than two statements of a comparison.
    static FILL: Sql = Sql::new(
        "INSERT INTO tally{shadow} (stream, events) WITH RECURSIVE n(i) AS (SELECT 100001 UNION ALL SELECT i + 1 FROM n WHERE i < 125001)
         SELECT 'agent-' || i, i FROM n",
    );
    static FORGE: [Sql; 3] = [
        Sql::new("DELETE FROM tally WHERE stream IN ('agent-100001', 'agent-110001', 'agent-125001')"),
        Sql::new("UPDATE tally SET events = 0 WHERE stream IN ('agent-110000', 'agent-120000')"),
        Sql::new("INSERT INTO tally (stream, events) VALUES ('', 1), ('agent-110001x', 1), ('z', 1)"),
    ];
    let _stand = Fixture::new(database.clone()).await;
    let table = event_store::projection_table!("tally", "stream": Text);
    let mut tx = database.begin().await.unwrap();
    tx.execute(&FILL, &[]).await.unwrap();
    tx.in_shadow();
    tx.execute(&FILL, &[]).await.unwrap();
    let mut steps = Vec::new();
    let same = table.compare(&mut tx, &mut |step| steps.push(step)).await.unwrap();
    assert_eq!(same, Difference { missing: 0, extra: 0 });
    assert_eq!(steps.last(), Some(&Step::Compared { table: "tally", rows: 25_001, of: 25_001 }));
    for statement in &FORGE {
        tx.execute(statement, &[]).await.unwrap();
    }
    steps.clear();
    let forged = table.compare(&mut tx, &mut |step| steps.push(step)).await.unwrap();
    assert_eq!(forged, Difference { missing: 5, extra: 5 });
    assert_eq!(steps.len(), 3);
}

async fn one_waiter_polls_for_all_waiters_of_another_process(database: Database) {
    let there = Checkpoint::open(database.clone(), "tally").await.unwrap();
    let here = Checkpoint::open_existing(database.clone(), "tally");
    let wait = |milliseconds| {
        let here = here.clone();
        tokio::spawn(async move { here.wait_for(1, Duration::from_millis(milliseconds)).await })
    };
    // The first waiter polls for all, and gives up before there is any progress.
    let (first, others) = (wait(50), (0..100).map(|_| wait(20_000)).collect::<Vec<_>>());
    assert!(matches!(first.await.unwrap(), Err(TooFarBehind::Behind { wanted: 1 })));
    let mut tx = database.begin().await.unwrap();
    let (from, to) = (LogPoint::START, LogPoint { position: 1, ..LogPoint::START });
    assert!(there.advance(&mut tx, from, to, Uuid::from_u128(1)).await.unwrap());
    tx.commit().await.unwrap();
    for other in others {
        other.await.unwrap().unwrap();
    }
}
