//! Parked events: none is lost or applied twice, whatever a projector or a rebuild does at the same time.

use std::sync::Arc;
use std::time::Duration;

use contract::clock::Clock;
use event_store::feed::Feed;
use event_store::projections::rebuild::Step;
use event_store::projections::{Checkpoint, EventEnvelope, Projection, Projector, Table, parked, rebuild};
use event_store::sql::{Database, Dialect, Sql, SqlError, Tx};
use tokio::runtime::Handle;
use tokio::sync::Notify;
use uuid::Uuid;

use crate::fixture::{Fixture, Tally, health, sqlite, suspend};
use crate::following::{follow, poison, reach, total};
use harness::until;

harness::on_both_databases! {
    crate::fixture::open:
    an_event_that_is_parked_during_a_retry_is_kept,
    a_retry_locks_the_checkpoint_before_parked_events,
    dropping_locks_the_checkpoint_before_parked_events,
    a_rebuild_contains_what_a_retry_applied_meanwhile,
    a_rebuild_leaves_out_what_was_parked_meanwhile,
    a_view_that_is_set_back_keeps_no_parked_events_of_the_other_history,
}

const SICK: Uuid = Uuid::from_u128(13);
const WELL: Uuid = Uuid::from_u128(1);

fn sick_stream() -> String {
    format!("agent-{SICK}")
}

async fn run(database: &Database, statements: &'static [Sql]) {
    for statement in statements {
        database.execute(statement, &[]).await.unwrap();
    }
}

async fn parked_positions(database: &Database) -> Vec<u64> {
    parked::list(database).await.unwrap().iter().map(|event| event.position).collect()
}

/// A followed log of four events. The first and the third are parked, and could be applied by now.
async fn with_parked_events(database: &Database) -> (Fixture, Checkpoint) {
    let (raise, mend) = poison(database.dialect());
    let fixture = Fixture::new(database.clone()).await;
    run(database, raise).await;
    let checkpoint = follow(&fixture).await;
    for (number, agent_id) in [SICK, WELL, SICK, WELL].into_iter().enumerate() {
        fixture.append(&format!("c{number}"), suspend(agent_id)).await.unwrap();
    }
    reach(&checkpoint, 4).await;
    run(database, mend).await;
    assert_eq!(parked_positions(database).await, [1, 3]);
    (fixture, checkpoint)
}

/// The tally, paused before it applies events.
#[derive(Default)]
struct StoppedTally {
    begun: Notify,
    go_on: Notify,
}

impl Projection for StoppedTally {
    type Event = <Tally as Projection>::Event;
    const NAME: &'static str = Tally::NAME;

    fn tables(&self) -> &'static [Table] {
        Tally.tables()
    }

    async fn apply(&self, tx: &mut Tx, events: &[EventEnvelope<Self::Event>]) -> Result<(), SqlError> {
        self.begun.notify_one();
        self.go_on.notified().await;
        Tally.apply(tx, events).await
    }
}

async fn an_event_that_is_parked_during_a_retry_is_kept(database: Database) {
    let (fixture, checkpoint) = with_parked_events(&database).await;
    let (view, stream) = (StoppedTally::default(), sick_stream());
    let meanwhile = async {
        view.begun.notified().await;
        let appended = fixture.append("later", suspend(SICK));
        let released = async {
            // A projector that does not wait for the retry arrives long before this ends.
            let _ = checkpoint.wait_for(5, Duration::from_millis(400)).await;
            view.go_on.notify_one();
        };
        tokio::join!(appended, released).0.unwrap();
    };
    let (retried, ()) = tokio::join!(parked::retry(&view, &database, &stream), meanwhile);
    assert_eq!(retried.unwrap(), 2);
    reach(&checkpoint, 5).await;
    assert_eq!(total(&database).await, 5, "parked: {:?}", parked_positions(&database).await);
}

/// Runs `work` while another transaction locks the checkpoint and then removes the event at position 3, as a rebuild
/// may.
async fn beside_a_rebuild<T>(database: &Database, work: impl Future<Output = Result<T, SqlError>>) -> T {
    static HOLD: Sql = Sql::new("UPDATE checkpoints SET position = position WHERE projection = 'tally'");
    static REMOVE: Sql = Sql::new("DELETE FROM parked_events WHERE projection = 'tally' AND position = 3");
    static WAITING: Sql =
        Sql::new("SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'");
    let mut tx = database.begin().await.unwrap();
    tx.execute(&HOLD, &[]).await.unwrap();
    let rebuild = async {
        if database.dialect() == Dialect::Postgres {
            until(|| async { !database.rows(&WAITING, &[]).await.unwrap().is_empty() }).await;
        }
        tx.execute(&REMOVE, &[]).await.unwrap();
        tx.commit().await.unwrap();
    };
    tokio::join!(work, rebuild).0.unwrap()
}

async fn a_retry_locks_the_checkpoint_before_parked_events(database: Database) {
    let (_stand, _) = with_parked_events(&database).await;
    let stream = sick_stream();
    let retried = beside_a_rebuild(&database, Box::pin(parked::retry(&Tally, &database, &stream))).await;
    assert_eq!((retried, total(&database).await), (1, 3));
}

async fn dropping_locks_the_checkpoint_before_parked_events(database: Database) {
    let (_stand, _) = with_parked_events(&database).await;
    let stream = sick_stream();
    let dropped = Box::pin(parked::drop_stream::<Tally>(&database, &stream, "a test"));
    let dropped = beside_a_rebuild(&database, dropped).await;
    assert_eq!((dropped, total(&database).await), (1, 2));
}

/// Rebuilds the projection, and runs `work` when the first four events are folded.
async fn rebuild_and_meanwhile(fixture: &Fixture, work: impl Future<Output = ()>) {
    let mut work = Some(Box::pin(work));
    let progress = |step| {
        if step == Step::Folded(4)
            && let Some(work) = work.take()
        {
            tokio::task::block_in_place(|| Handle::current().block_on(work));
        }
    };
    rebuild::rebuild(&Tally, fixture.log.database(), &fixture.log, progress).await.unwrap();
    assert!(work.is_none());
}

async fn a_rebuild_contains_what_a_retry_applied_meanwhile(database: Database) {
    let (fixture, _) = with_parked_events(&database).await;
    rebuild_and_meanwhile(&fixture, async {
        assert_eq!(parked::retry(&Tally, &database, &sick_stream()).await.unwrap(), 2);
    })
    .await;
    assert_eq!(total(&database).await, 4);
    assert!(rebuild::compare(&Tally, &database, &fixture.log, |_| {}).await.unwrap().is_empty());
}

async fn a_rebuild_leaves_out_what_was_parked_meanwhile(database: Database) {
    let (fixture, checkpoint) = with_parked_events(&database).await;
    rebuild_and_meanwhile(&fixture, async {
        fixture.append("later", suspend(SICK)).await.unwrap();
        reach(&checkpoint, 5).await;
    })
    .await;
    assert_eq!(parked_positions(&database).await, [1, 3, 5]);
    assert_eq!(total(&database).await, 2);
    assert_eq!(parked::retry(&Tally, &database, &sick_stream()).await.unwrap(), 3);
    assert_eq!(total(&database).await, 5);
}

/// The rebuild has replaced the table that had the trigger.
async fn poison_anew(database: &Database) {
    let (raise, mend) = poison(database.dialect());
    if database.dialect() == Dialect::Sqlite {
        run(database, mend).await;
    }
    run(database, &raise[raise.len() - 1..]).await;
}

async fn a_view_that_is_set_back_keeps_no_parked_events_of_the_other_history(database: Database) {
    let (other, fixture) = (Fixture::new(sqlite().await).await, Fixture::new(database.clone()).await);
    run(&database, poison(database.dialect()).0).await;
    let feed = Feed::Local(other.log.clone());
    let projector =
        Projector::new(Arc::new(Tally), database.clone(), Clock::System, feed, None, health("tally")).await.unwrap();
    let checkpoint = projector.checkpoint();
    let following = tokio::spawn(projector.run());
    for (number, agent_id) in [SICK, WELL, WELL, WELL, WELL, SICK].into_iter().enumerate() {
        other.append(&format!("c{number}"), suspend(agent_id)).await.unwrap();
    }
    reach(&checkpoint, 6).await;
    following.abort();
    assert!(following.await.unwrap_err().is_cancelled());
    assert_eq!(parked_positions(&database).await, [1, 6]);

    fixture.fill(4).await;
    assert_eq!(rebuild::rebuild(&Tally, &database, &fixture.log, |_| {}).await.unwrap(), 4);
    assert_eq!(total(&database).await, 4);
    assert!(parked_positions(&database).await.is_empty());
    poison_anew(&database).await;
    let checkpoint = follow(&fixture).await;
    fixture.append("later", suspend(WELL)).await.unwrap();
    fixture.append("sick", suspend(SICK)).await.unwrap();
    reach(&checkpoint, 6).await;
    assert_eq!(parked_positions(&database).await, [6]);
}
