//! The log: dense, in order, all or nothing, once.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use contract::clock::Clock;
use contract::selection::Selection;
use event_store::log::{
    CommandMeta, FORGOTTEN_AT_ONCE, Log, MAX_BATCH, MAX_EVENT_BYTES, MAX_TOGETHER, PAGE_BYTES, SubmitError, Testimony,
    Witness, Writer, page_of_lines, verify,
};
use event_store::sql::{Database, Sql};
use futures::future::join_all;
use uuid::Uuid;

use crate::fixture::{Fixture, Suspend, TestCommandHandler, command, health, suspend};
use harness::until;

harness::on_both_databases! {
    crate::fixture::open:
    a_repeated_command_gets_its_first_answer_and_one_effect,
    a_command_id_cannot_serve_two_requests,
    one_expected_version_is_won_by_one,
    one_bad_request_does_not_fail_its_neighbours,
    what_is_submitted_together_is_committed_together,
    many_writers_leave_no_gap,
    a_request_is_in_whole_or_not_at_all,
    a_changed_history_shows,
    two_processes_share_one_log,
    a_writer_that_is_overtaken_writes_again,
    a_wrong_guess_is_decided_again,
    a_witness_that_is_absent_is_asked_again_until_it_responds,
    a_page_of_events_is_bounded_in_bytes,
    old_commands_without_events_are_forgotten_in_small_steps,
}

async fn a_repeated_command_gets_its_first_answer_and_one_effect(database: Database) {
    let fixture = Fixture::new(database).await;
    let first = fixture.append("c1", suspend(Uuid::from_u128(1))).await.unwrap();
    let again = fixture.append("c1", suspend(Uuid::from_u128(1))).await.unwrap();
    assert!(!first.replayed && again.replayed);
    assert_eq!((first.position, &first.answer), (again.position, &again.answer));
    assert_eq!(fixture.log.head().await.unwrap().position, 1);
}

async fn a_command_id_cannot_serve_two_requests(database: Database) {
    let fixture = Fixture::new(database).await;
    fixture.append("c1", suspend(Uuid::from_u128(1))).await.unwrap();
    let mut other = command("c1");
    "other".clone_into(&mut other.fingerprint);
    let refused = fixture.writer.submit(other, suspend(Uuid::from_u128(2))).await;
    assert_eq!(refused, Err(SubmitError::CommandReused));
}

async fn one_expected_version_is_won_by_one(database: Database) {
    let fixture = Arc::new(Fixture::new(database).await);
    let attempts = (0..50).map(|number| {
        let fixture = Arc::clone(&fixture);
        tokio::spawn(async move {
            let request = Suspend { at_version: Some(0), ..suspend(Uuid::from_u128(1)) };
            fixture.append(&format!("c{number}"), request).await
        })
    });
    let mut won = 0;
    for attempt in attempts.collect::<Vec<_>>() {
        match attempt.await.unwrap() {
            Ok(_) => won += 1,
            Err(error) => assert!(matches!(error, SubmitError::Conflict(_)), "{error:?}"),
        }
    }
    assert_eq!(won, 1);
}

async fn one_bad_request_does_not_fail_its_neighbours(database: Database) {
    let fixture = Arc::new(Fixture::new(database).await);
    let attempts = (0..60_u128).map(|number| {
        let fixture = Arc::clone(&fixture);
        tokio::spawn(async move {
            let reason = match number {
                10 => "refuse".to_owned(),
                20 => "break a constraint".to_owned(),
                30 => "x".repeat(MAX_EVENT_BYTES),
                _ => String::new(),
            };
            let request = Suspend { reason, ..suspend(Uuid::from_u128(number)) };
            (number, fixture.append(&format!("c{number}"), request).await)
        })
    });
    for attempt in attempts.collect::<Vec<_>>() {
        let (number, outcome) = attempt.await.unwrap();
        match number {
            10 => assert_eq!(outcome, Err(SubmitError::Refused("refused"))),
            20 => assert_eq!(outcome, Err(SubmitError::Broken)),
            30 => assert_eq!(outcome, Err(SubmitError::TooLarge)),
            _ => assert!(outcome.is_ok(), "{number}: {outcome:?}"),
        }
    }
    assert_eq!(fixture.log.head().await.unwrap().position, 57);
}

async fn what_is_submitted_together_is_committed_together(database: Database) {
    const COUNT: usize = MAX_BATCH + 50;
    let fixture = Arc::new(Fixture::new(database).await);
    let others = Arc::clone(&fixture);
    let others = tokio::spawn(async move { others.fill(20).await });
    let requests = || {
        let request = |number: usize| {
            let reason = if number == 7 { "refuse" } else { "together" };
            Suspend { reason: reason.to_owned(), ..suspend(Uuid::from_u128(u128::try_from(number).unwrap())) }
        };
        (0..COUNT).map(|number| (command(&format!("line-{number}")), request(number))).collect::<Vec<_>>()
    };
    let outcomes = fixture.writer.submit_together(requests()).await;
    assert_eq!(outcomes[7], Err(SubmitError::Refused("refused")));
    let positions: Vec<u64> = outcomes.iter().filter_map(|outcome| Some(outcome.as_ref().ok()?.position)).collect();
    assert_eq!(positions.len(), COUNT - 1);
    assert!(positions.windows(2).all(|two| two[0] + 1 == two[1]), "{positions:?}");
    let first = fixture.log.get(positions[0]).await.unwrap().unwrap();
    let last = fixture.log.get(*positions.last().unwrap()).await.unwrap().unwrap();
    // A batch has one moment.
    assert_eq!(first.recorded_at, last.recorded_at);
    others.await.unwrap();

    let again = fixture.writer.submit_together(requests()).await;
    let replayed = again.iter().filter(|outcome| outcome.as_ref().is_ok_and(|appended| appended.replayed)).count();
    assert_eq!((replayed, &again[7]), (COUNT - 1, &Err(SubmitError::Refused("refused"))));
    let too_many = (0..=MAX_TOGETHER).map(|number| (command(&number.to_string()), suspend(Uuid::nil()))).collect();
    let refused = fixture.writer.submit_together(too_many).await;
    assert!(refused.len() > MAX_TOGETHER && refused.iter().all(|outcome| *outcome == Err(SubmitError::TooLarge)));
}

async fn many_writers_leave_no_gap(database: Database) {
    let fixture = Arc::new(Fixture::new(database).await);
    let attempts = (0..500_u128).map(|number| {
        let fixture = Arc::clone(&fixture);
        tokio::spawn(async move {
            let request = Suspend { times: 1 + number as usize % 3, ..suspend(Uuid::from_u128(number % 20)) };
            fixture.append(&format!("c{number}"), request).await.unwrap().position
        })
    });
    let mut positions = HashSet::new();
    for attempt in attempts.collect::<Vec<_>>() {
        assert!(positions.insert(attempt.await.unwrap()), "two requests got one position");
    }
    let report = verify::verify(&fixture.log, |_| {}).await.unwrap();
    assert_eq!((report.faults.as_slice(), report.streams), ([].as_slice(), 20));
}

async fn a_request_is_in_whole_or_not_at_all(database: Database) {
    let fixture = Fixture::new(database).await;
    fixture.fill(1).await;
    let stale = Suspend { times: 3, at_version: Some(7), ..suspend(Uuid::from_u128(1)) };
    assert!(matches!(fixture.append("c1", stale).await, Err(SubmitError::Conflict(_))));
    assert_eq!(fixture.log.head().await.unwrap().position, 1);
}

async fn a_changed_history_shows(database: Database) {
    static FORGE: Sql = Sql::new("UPDATE events SET data = '{}' WHERE position = 2");
    static STRAY: Sql = Sql::new("INSERT INTO notes (position, about, text) VALUES (9, $1, 'of no event')");
    let fixture = Fixture::new(database.clone()).await;
    fixture.fill(4).await;
    assert!(verify::verify(&fixture.log, |_| {}).await.unwrap().faults.is_empty());
    database.execute(&FORGE, &[]).await.unwrap();
    database.execute(&STRAY, &[Uuid::nil().into()]).await.unwrap();
    let report = verify::verify(&fixture.log, |_| {}).await.unwrap();
    assert_eq!(report.faults, ["position 2: the hash does not fit the history", "1 notes belong to no event"]);
}

async fn two_processes_share_one_log(database: Database) {
    let first = Fixture::new(database.clone()).await;
    let log = Log::open(database, "agents").await.unwrap();
    let second = Writer::start(log.clone(), Clock::System, TestCommandHandler, health("log"), Vec::new());
    for number in 0..40_u128 {
        let request = suspend(Uuid::from_u128(number % 4));
        if number % 2 == 0 {
            first.append(&format!("c{number}"), request).await.unwrap();
        } else {
            second.submit(command(&format!("c{number}")), request).await.unwrap();
        }
    }
    let repeated = second.submit(command("c0"), suspend(Uuid::from_u128(0))).await.unwrap();
    assert!(repeated.replayed);
    let report = verify::verify(&log, |_| {}).await.unwrap();
    assert_eq!((report.events, report.faults.as_slice()), (40, [].as_slice()));
}

async fn a_witness_that_is_absent_is_asked_again_until_it_responds(database: Database) {
    let log = Log::open(database, "agents").await.unwrap();
    let speaks = Arc::new(AtomicBool::new(false));
    let is_present = Arc::clone(&speaks);
    let witness = Witness::new(&log, move || {
        let is_there = is_present.load(Ordering::Relaxed);
        Box::pin(async move { if is_there { Testimony::Against("ahead".to_owned()) } else { Testimony::Absent } })
    });
    let writer = Writer::start(log.clone(), Clock::System, TestCommandHandler, health("log"), vec![witness]);
    for number in 0..2 {
        writer.submit(command(&format!("c{number}")), suspend(Uuid::from_u128(number))).await.unwrap();
    }
    speaks.store(true, Ordering::Relaxed);
    until(|| async { log.halted().await.unwrap().as_deref() == Some("ahead") }).await;
    let refused = writer.submit(command("c2"), suspend(Uuid::from_u128(2))).await;
    assert_eq!(refused, Err(SubmitError::Halted));
}

/// After so many single appends, a writer assumes that it has no competitors.
const ALONE_AFTER: usize = 3;

async fn a_writer_that_is_overtaken_writes_again(database: Database) {
    let first = Fixture::new(database.clone()).await;
    first.fill(ALONE_AFTER).await;
    let second = Fixture::new(database).await;
    second.fill(1).await;
    let appended = first.append("c1", suspend(Uuid::from_u128(1))).await.unwrap();
    assert_eq!((appended.position, appended.replayed), (5, false));
    second.fill(1).await;
    let report = verify::verify(&first.log, |_| {}).await.unwrap();
    assert_eq!((report.events, report.faults.as_slice()), (6, [].as_slice()));
}

async fn a_wrong_guess_is_decided_again(database: Database) {
    let fixture = Arc::new(Fixture::new(database).await);
    let first = || Suspend { at_version: Some(0), ..suspend(Uuid::from_u128(1)) };
    let known = fixture.append("known", first()).await.unwrap();
    fixture.fill(ALONE_AFTER).await;
    let requests = [
        ("known", first()),
        ("new", suspend(Uuid::from_u128(2))),
        ("stale", first()),
        ("broken", Suspend { reason: "break a constraint".to_owned(), ..suspend(Uuid::from_u128(3)) }),
    ];
    let [repeated, new, stale, broken] = requests
        .map(|(id, request)| (Arc::clone(&fixture), id, request))
        .map(|(fixture, id, request)| tokio::spawn(async move { fixture.append(id, request).await }));
    let repeated = repeated.await.unwrap().unwrap();
    assert_eq!((repeated.position, &repeated.answer, repeated.replayed), (known.position, &known.answer, true));
    assert!(!new.await.unwrap().unwrap().replayed);
    assert!(matches!(stale.await.unwrap(), Err(SubmitError::Conflict(_))));
    assert_eq!(broken.await.unwrap(), Err(SubmitError::Broken));
    let report = verify::verify(&fixture.log, |_| {}).await.unwrap();
    assert_eq!((report.events, report.faults.as_slice()), (5, [].as_slice()));
}

async fn a_page_of_events_is_bounded_in_bytes(database: Database) {
    let fixture = Fixture::new(database).await;
    let large = PAGE_BYTES / 20;
    for number in 0..30 {
        let meta = CommandMeta { cause: Some("x".repeat(large)), ..command(&format!("c{number}")) };
        fixture.writer.submit(meta, suspend(Uuid::from_u128(number))).await.unwrap();
    }
    let first = page_of_lines(&fixture.log, 0, 5_000, &Selection::default()).await.unwrap().text;
    assert!(first.len() <= PAGE_BYTES && first.len() > PAGE_BYTES - 2 * large, "{}", first.len());
    let first_count = first.lines().count();
    let rest = page_of_lines(&fixture.log, u64::try_from(first_count).unwrap(), 5_000, &Selection::default())
        .await
        .unwrap()
        .text;
    assert_eq!(first_count + rest.lines().count(), 30);
}

async fn old_commands_without_events_are_forgotten_in_small_steps(database: Database) {
    let fixture = Fixture::new(database).await;
    let (with_event, nothing) = (suspend(Uuid::from_u128(1)), || Suspend { times: 0, ..suspend(Uuid::from_u128(1)) });
    fixture.append("with-event", with_event).await.unwrap();
    let ids: Vec<String> = (0..=FORGOTTEN_AT_ONCE).map(|number| format!("old-{number}")).collect();
    for outcome in join_all(ids.iter().map(|id| fixture.append(id, nothing()))).await {
        outcome.unwrap();
    }
    tokio::time::sleep(Duration::from_millis(2)).await;
    let limit = Clock::System.now();
    fixture.append("new", nothing()).await.unwrap();
    for forgotten in [FORGOTTEN_AT_ONCE, 1, 0] {
        assert_eq!(fixture.log.forget_commands(limit).await.unwrap(), forgotten);
    }
    for (id, times, is_known) in [("with-event", 1, true), ("new", 0, true), ("old-0", 0, false)] {
        let again = fixture.append(id, Suspend { times, ..suspend(Uuid::from_u128(1)) }).await.unwrap();
        assert_eq!(again.replayed, is_known, "{id}");
    }
}
