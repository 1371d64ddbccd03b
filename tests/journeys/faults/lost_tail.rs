//! A log without its last events, which the stream or the other service still has: no customer is placed before they
//! are restored.

use std::sync::Arc;

use harness::api::client;
use harness::checker::{streams_have_all, verifies};
use harness::names::{Rng, person};
use harness::{Api, Context, Journal, Pair, Result, Traffic, check, ensure, eventually, json, seconds};

use super::copies::{Side, repaired, start, stop};

harness::on_servers!(
    a_cap_and_a_repeated_command_hold_across_a_restore_and_a_repair,
    an_older_database_is_halted_as_soon_as_a_witness_responds,
    an_older_database_places_no_customer_while_nats_is_down,
    an_older_database_places_no_customer_while_nats_has_lost_its_streams,
);

async fn a_cap_and_a_repeated_command_hold_across_a_restore_and_a_repair(pair: Pair) -> Result<()> {
    const CAP: usize = 10;
    let operator = pair.agents(0);
    let key = operator.add_key_with(&operator.add_seller().await?, json!({"cap": CAP})).await?;
    for replica in 0..pair.replicas() {
        pair.signup(replica).usable_within(seconds(20), &key.id).await?;
    }
    let mut rng = Rng::new(32);
    let people: Vec<_> = (0..20).map(|number| person(&mut rng, number)).collect();
    let sign_up = async |number: usize| {
        let visitor = pair.signup(number);
        let body = visitor.body(&key.id, &people[number]);
        visitor.api.post("/api/v1/signups").json(&body).idempotency_key(&format!("restored-{number}")).send().await
    };
    let mut first = Vec::new();
    for number in 0..4 {
        first.push(sign_up(number).await?.expect(201)?.json()?["customer_id"].clone());
    }
    let traffic = Traffic::start(&pair, 6).await?;
    let copy = Side::Signup.copy(&pair).await?;
    for number in 4..8 {
        first.push(sign_up(number).await?.expect(201)?.json()?["customer_id"].clone());
    }
    let (journal, personal) = traffic.stop().await?;
    streams_have_all(&pair).await?;
    stop(&pair);
    Side::Signup.restore(&pair, &copy).await?;
    start(&pair).await?;
    sign_up(8).await?.expect(503).context("a log that lost acknowledged signups took another")?;
    repaired(&pair).await?;
    verifies(&pair).await?;
    for (number, customer) in first.iter().enumerate() {
        let again = sign_up(number).await?.expect(201)?;
        ensure!(again.json()?["customer_id"] == *customer, "a repeated signup placed somebody else: {again}");
    }
    let mut placed = 0;
    for number in 8..people.len() {
        placed += usize::from(sign_up(number).await?.status == 201);
    }
    ensure!(placed == CAP - first.len(), "{placed} more were placed, of a cap of {CAP} with {} before", first.len());
    check(&pair, &journal, &personal).await.map(drop)
}

/// Stops everything, NATS too, and restores the signup-service's database as before the last signups.
async fn restore_an_older_database(pair: &Pair, traffic: Traffic) -> Result<(Arc<Journal>, Vec<String>)> {
    let copy = Side::Signup.copy(pair).await?;
    traffic.flows(40).await?;
    let written = traffic.stop().await?;
    streams_have_all(pair).await?;
    stop(pair);
    pair.nats()?.stop()?;
    Side::Signup.restore(pair, &copy).await?;
    Ok(written)
}

async fn an_older_database_places_no_customer_while_nats_is_down(pair: Pair) -> Result<()> {
    let (operator, traffic) = (pair.agents(0), Traffic::start(&pair, 6).await?);
    let key = operator.add_key(&operator.add_seller().await?).await?;
    let (journal, personal) = restore_an_older_database(&pair, traffic).await?;
    places_nobody(&pair, &key.id).await?;
    pair.nats()?.start_again().await?;
    repaired(&pair).await?;
    check(&pair, &journal, &personal).await.map(drop)
}

async fn an_older_database_places_no_customer_while_nats_has_lost_its_streams(pair: Pair) -> Result<()> {
    let (operator, traffic, nats) = (pair.agents(0), Traffic::start(&pair, 6).await?, pair.nats()?);
    let key = operator.add_key(&operator.add_seller().await?).await?;
    let (journal, personal) = restore_an_older_database(&pair, traffic).await?;
    nats.snapshot()?;
    nats.wipe_store()?;
    nats.start_again().await?;
    places_nobody(&pair, &key.id).await?;
    nats.stop()?;
    nats.restore()?;
    nats.start_again().await?;
    repaired(&pair).await?;
    check(&pair, &journal, &personal).await.map(drop)
}

/// Only the other service can tell that signups are lost.
async fn places_nobody(pair: &Pair, key: &str) -> Result<()> {
    start(pair).await?;
    let mut rng = Rng::new(34);
    for replica in 0..pair.replicas() {
        let visitor = pair.signup(replica);
        let who = person(&mut rng, replica);
        eventually(seconds(20), async || {
            let answer = visitor.sign_up(key, &who).await?;
            ensure!(answer.status == 503 || answer.status == 404, "a log that lost signups took another: {answer}");
            answer.expect(503).map(drop)
        })
        .await?;
    }
    Ok(())
}

/// The signup-service starts while neither NATS nor the agents-service responds.
async fn an_older_database_is_halted_as_soon_as_a_witness_responds(pair: Pair) -> Result<()> {
    let (journal, personal) = restore_an_older_database(&pair, Traffic::start(&pair, 6).await?).await?;
    let replicas = 0..pair.replicas();
    for process in replicas.clone().map(|replica| pair.signup_process(replica)) {
        process.start_again()?;
        process.ready().await?;
    }
    for process in replicas.clone().map(|replica| pair.agents_process(replica)) {
        process.start_again()?;
    }
    for process in replicas.map(|replica| pair.signup_process(replica)) {
        let addresses = process.ready().await?;
        let admin = Api::new(client()?, addresses.get("admin").context("there is no admin port")?, None);
        eventually(seconds(20), async || {
            let readiness = admin.get("/readyz").send().await?.expect(503)?;
            ensure!(readiness.text().contains("which was followed"), "{readiness}");
            Ok(())
        })
        .await?;
    }
    pair.nats()?.start_again().await?;
    repaired(&pair).await?;
    check(&pair, &journal, &personal).await.map(drop)
}
