//! A batch is decided by what is in memory; the statement that stores it finds what was wrong. What is read from the database
//! does not grow with it.

use std::time::Duration;

use contract::ids::new_id;
use event_store::sql::Sql;
use futures::future::join_all;
use serde_json::{Value, json};
use signup_service::maintenance;

use crate::agents::Seller;
use crate::service::{Service, signup};
use harness::databases::postgres_url;

harness::on_both_databases!(crate::service::Service::start:
    a_key_that_changed_unheard_is_noticed,
    a_cap_holds_where_memory_is_behind,
    known_addresses_and_repetitions_among_new_ones_get_their_own_answers,
);

/// A few signups one after the other, after which the writer knows that it is alone and takes its memory for granted.
async fn used(service: &Service, cap: Option<u64>) -> Seller {
    let seller = service.seller(cap).await;
    for number in 0..4 {
        let (status, answer) = service.post(&signup(&seller.key, &address(number)), &format!("once-{number}")).await;
        assert_eq!(status, 201, "{answer}");
    }
    seller
}

fn address(number: usize) -> String {
    format!("c{number}@example.org")
}

async fn sign_up_all(service: &Service, seller: &Seller, numbers: impl Iterator<Item = usize>) -> Vec<(u16, Value)> {
    let one = async |number| service.sign_up(&seller.key, &address(number)).await;
    join_all(numbers.map(one)).await
}

async fn a_key_that_changed_unheard_is_noticed(service: Service) {
    static PAUSE: Sql =
        Sql::new("UPDATE signup_keys SET state = 'paused', changed_position = changed_position + 1 WHERE key = $1");
    let seller = used(&service, None).await;
    service.database.execute(&PAUSE, &[seller.key.as_str().into()]).await.unwrap();
    let (status, problem) = service.sign_up(&seller.key, "late@example.org").await;
    assert_eq!((status, &problem["reason"]), (410, &json!("paused")));
    assert_eq!(service.signups().await.placed.len(), 4);
}

async fn a_cap_holds_where_memory_is_behind(service: Service) {
    let seller = used(&service, Some(10)).await;
    let outcomes = sign_up_all(&service, &seller, 4..104).await;
    let placed = outcomes.iter().filter(|(status, _)| *status == 201).count();
    let exhausted = outcomes.iter().filter(|(_, body)| body["reason"] == "exhausted").count();
    assert_eq!((placed, exhausted), (6, 94));
    assert_eq!(maintenance::check(&service.database, &service.log).await.unwrap(), Vec::<String>::new());
}

async fn known_addresses_and_repetitions_among_new_ones_get_their_own_answers(service: Service) {
    let seller = used(&service, None).await;
    let again = async |number| service.post(&signup(&seller.key, &address(number)), &format!("once-{number}")).await;
    let (known, repeated, fresh) = tokio::join!(
        sign_up_all(&service, &seller, 0..4),
        join_all((0..4).map(again)),
        sign_up_all(&service, &seller, 4..44)
    );
    assert!(known.iter().chain(&repeated).chain(&fresh).all(|(status, _)| *status == 201));
    let signups = service.signups().await;
    assert_eq!((signups.placed.len(), signups.refused.len()), (44, 4));
    let number = |answer: &Value| answer["customer_number"].as_str().unwrap().to_owned();
    let is_placed = |wanted: &String| signups.placed.iter().any(|placed| placed.customer_number == *wanted);
    assert!(repeated.iter().chain(&fresh).all(|(_, answer)| is_placed(&number(answer))));
    assert!(!known.iter().any(|(_, answer)| is_placed(&number(answer))));
}

/// PostgreSQL plans by what it last knew of a table. Here it knows that all are empty, and is kept from learning more.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_signup_reads_does_not_grow_with_the_log() {
    static DO_NOT_LOOK_AGAIN: Sql = Sql::new(
        "DO $$ DECLARE t text; BEGIN FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
             EXECUTE format('ALTER TABLE %I SET (autovacuum_enabled = false)', t);
         END LOOP; END $$",
    );
    static LOOK: Sql = Sql::new("ANALYZE");
    static READ: Sql = Sql::new(
        "SELECT SUM(seq_tup_read + COALESCE(idx_tup_fetch, 0))::BIGINT AS read,
             SUM(CASE WHEN relname = 'events' THEN n_tup_ins ELSE 0 END)::BIGINT AS events
         FROM pg_stat_user_tables WHERE relname IN ('customers', 'signup_keys', 'events')",
    );
    const SIGNUPS: usize = 600;
    /// The row of the key, a few of the log for the relay and the checks, and some slack.
    const MOST_FOR_EACH: i64 = 20;

    let Some(url) = postgres_url().await else { return };
    let service = Service::start(url).await;
    service.database.execute(&DO_NOT_LOOK_AGAIN, &[]).await.unwrap();
    service.database.execute(&LOOK, &[]).await.unwrap();
    let seller = used(&service, None).await;
    let one = async |number: usize| {
        // Every tenth is a repetition, so that both ways of writing a batch are gone.
        let (email, once) =
            if number.is_multiple_of(10) { (0, "once-0".to_owned()) } else { (number, new_id().to_string()) };
        assert_eq!(service.post(&signup(&seller.key, &address(email)), &once).await.0, 201);
    };
    for first in (4..SIGNUPS).step_by(20) {
        join_all((first..first + 20).map(one)).await;
    }
    let mut count = 0;
    loop {
        // A connection that has something to do tells what it did before, once a second.
        tokio::time::sleep(Duration::from_millis(1_100)).await;
        service.sign_up(&seller.key, &format!("later{count}@example.org")).await;
        let row = service.database.row(&READ, &[]).await.unwrap().unwrap();
        let (read, events) = (row.int("read").unwrap(), row.int("events").unwrap());
        if events >= i64::try_from(SIGNUPS * 9 / 10).unwrap() {
            assert!(read <= events * MOST_FOR_EACH, "{read} rows were read for {events} signups");
            return;
        }
        count += 1;
        assert!(count < 10, "the server told of {events} signups only");
    }
}
