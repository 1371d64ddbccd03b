//! Batches decided from the cache: the writing statement finds wrong facts. The database reads of a batch do not grow
//! with its size.

use contract::ids::new_id;
use event_store::sql::Sql;
use futures::future::join_all;
use serde_json::{Value, json};
use signup_service::maintenance;

use crate::agents::Seller;
use crate::service::{Service, signup};
use harness::databases::postgres_url;
use harness::postgres::{execute, query_value};
use harness::until;

harness::on_both_databases!(crate::service::Service::start:
    a_key_that_changed_without_a_notification_is_noticed,
    a_cap_holds_where_memory_is_behind,
    known_addresses_and_repetitions_among_new_ones_get_their_own_answers,
);

/// Signs up several times, after which the writer assumes that it has no competitors.
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

async fn a_key_that_changed_without_a_notification_is_noticed(service: Service) {
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

/// PostgreSQL plans by its statistics. Here they say that all tables are empty, and updates are turned off.
#[tokio::test(flavor = "multi_thread")]
async fn the_reads_of_a_signup_do_not_grow_with_the_log() {
    static DO_NOT_LOOK_AGAIN: Sql = Sql::new(
        "DO $$ DECLARE t text; BEGIN FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
             EXECUTE format('ALTER TABLE %I SET (autovacuum_enabled = false)', t);
         END LOOP; END $$",
    );
    static LOOK: Sql = Sql::new("ANALYZE");
    const END: &str = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()";
    const EVENTS: &str = "SELECT n_tup_ins FROM pg_stat_user_tables WHERE relname = 'events'";
    const READ: &str = "SELECT SUM(seq_tup_read + COALESCE(idx_tup_fetch, 0)) FROM pg_stat_user_tables
        WHERE relname IN ('customers', 'signup_keys', 'events')";
    const SIGNUPS: usize = 600;
    /// The row of the key, some rows of the log for the relay and the checks, and a margin.
    const MOST_FOR_EACH: usize = 20;

    let Some(url) = postgres_url().await else { return };
    let service = Service::start(url.clone()).await;
    service.database.execute(&DO_NOT_LOOK_AGAIN, &[]).await.unwrap();
    service.database.execute(&LOOK, &[]).await.unwrap();
    let seller = used(&service, None).await;
    let one = async |number: usize| {
        // Every tenth is a repetition, so both modes of a batch are used.
        let (email, once) =
            if number.is_multiple_of(10) { (0, "once-0".to_owned()) } else { (number, new_id().to_string()) };
        assert_eq!(service.post(&signup(&seller.key, &address(email)), &once).await.0, 201);
    };
    for first in (4..SIGNUPS).step_by(20) {
        join_all((first..first + 20).map(one)).await;
    }
    let count = async |query: &str| query_value(&url, query).await.unwrap().parse::<usize>().unwrap();
    // A connection publishes its statistics when it ends, and before that once a second at most.
    execute(&url, END.to_owned()).await.unwrap();
    until(async || count(EVENTS).await >= SIGNUPS * 9 / 10).await;
    let (read, events) = (count(READ).await, count(EVENTS).await);
    assert!(read <= events * MOST_FOR_EACH, "{read} rows were read for {events} signups");
}
