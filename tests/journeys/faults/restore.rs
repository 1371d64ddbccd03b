//! Databases restored from older backups, in either order and minutes apart: lost events are noticed, lost keys place
//! no customer, and `signpost repair` ends in a pair that verifies.

use harness::checker::{streams_have_all, verifies};
use harness::names::{Rng, person};
use harness::{Context, Pair, Result, Traffic, check, ensure, eventually, json, seconds};

use super::copies::{Side, decided, repaired, start, stop};

harness::on_both_pairs!(
    both_databases_restored_from_copies_of_different_moments_end_in_a_pair_that_verifies,
    lost_keys_of_a_restored_log_place_no_customer,
    keys_of_a_lost_agents_database_place_no_customer,
    a_lost_signup_database_is_not_taken_for_the_one_that_sales_followed,
);

async fn both_databases_restored_from_copies_of_different_moments_end_in_a_pair_that_verifies(
    pair: Pair,
) -> Result<()> {
    for first in [Side::Agents, Side::Signup] {
        let traffic = Traffic::start(&pair, 6).await?;
        traffic.flows(60).await?;
        let one = first.copy(&pair).await?;
        traffic.flows(60).await?;
        let other = first.other().copy(&pair).await?;
        traffic.flows(60).await?;
        let (journal, personal) = traffic.stop().await?;
        if !pair.is_embedded() {
            streams_have_all(&pair).await?;
        }
        stop(&pair);
        first.restore(&pair, &one).await?;
        first.other().restore(&pair, &other).await?;
        start(&pair).await?;
        decided(&pair).await?;
        // Without a stream, events after the backups are lost.
        if pair.is_embedded() {
            verifies(&pair).await?;
        } else {
            check(&pair, &journal, &personal).await?;
        }
        let traffic = Traffic::start(&pair, 6).await?;
        traffic.flows(40).await.context("the repaired pair does not work")?;
        let (journal, personal) = traffic.stop().await?;
        check(&pair, &journal, &personal).await?;
    }
    Ok(())
}

/// Keys that the restore lost place no customer until the operator decides.
async fn lost_keys_of_a_restored_log_place_no_customer(pair: Pair) -> Result<()> {
    let operator = pair.agents(0);
    let kept = operator.add_key(&operator.add_seller().await?).await?;
    pair.signup(0).usable_within(seconds(20), &kept.id).await?;
    let copy = Side::Agents.copy(&pair).await?;
    let vanished = operator.add_key(&operator.add_seller().await?).await?;
    for replica in 0..pair.replicas() {
        pair.signup(replica).usable_within(seconds(20), &vanished.id).await?;
    }
    // The keys may have been read from the replay, before the relay published them.
    if !pair.is_embedded() {
        streams_have_all(&pair).await?;
    }
    stop(&pair);
    Side::Agents.restore(&pair, &copy).await?;
    start(&pair).await?;
    let mut rng = Rng::new(31);
    for replica in 0..pair.replicas() {
        let visitor = pair.signup(replica);
        eventually(seconds(20), async || {
            let answer = visitor.lookup(&vanished.id).await?;
            ensure!(answer.status == 503, "a key of a log that lost it answers {answer}");
            Ok(())
        })
        .await?;
        visitor.sign_up(&vanished.id, &person(&mut rng, replica)).await?.expect(503)?;
        pair.agents(replica).api.post("/groups").json(&json!({"name": "none"})).send().await?.expect(503)?;
    }
    decided(&pair).await?;
    verifies(&pair).await?;
    for replica in 0..pair.replicas() {
        pair.signup(replica).usable_within(seconds(20), &kept.id).await?;
        let answer = pair.signup(replica).lookup(&vanished.id).await?;
        // Only the stream has it still.
        ensure!(answer.status == if pair.is_embedded() { 404 } else { 200 }, "after the repair: {answer}");
    }
    Ok(())
}

async fn keys_of_a_lost_agents_database_place_no_customer(pair: Pair) -> Result<()> {
    let operator = pair.agents(0);
    let lost = operator.add_key(&operator.add_seller().await?).await?;
    for replica in 0..pair.replicas() {
        pair.signup(replica).usable_within(seconds(20), &lost.id).await?;
    }
    stop(&pair);
    Side::Agents.lose(&pair).await?;
    start(&pair).await?;
    for replica in 0..pair.replicas() {
        let visitor = pair.signup(replica);
        eventually(seconds(30), async || visitor.lookup(&lost.id).await?.expect(503).map(drop)).await?;
        visitor.sign_up(&lost.id, &person(&mut Rng::new(33), replica)).await?.expect(503)?;
    }
    begun_anew(&pair).await?;
    let key = operator.add_key(&operator.add_seller().await?).await?;
    for replica in 0..pair.replicas() {
        pair.signup(replica).usable_within(seconds(20), &key.id).await?;
        pair.signup(replica).lookup(&lost.id).await?.expect(404)?;
    }
    verifies(&pair).await
}

async fn a_lost_signup_database_is_not_taken_for_the_one_that_sales_followed(pair: Pair) -> Result<()> {
    let operator = pair.agents(0);
    let key = operator.add_key(&operator.add_seller().await?).await?;
    for replica in 0..pair.replicas() {
        pair.signup(replica).usable_within(seconds(20), &key.id).await?;
    }
    let sign_up = async |number: usize| {
        let who = person(&mut Rng::new(u64::try_from(number)?), number);
        pair.signup(number).sign_up(&key.id, &who).await
    };
    for number in 0..12 {
        sign_up(number).await?.expect(201)?;
    }
    let sold = async || operator.api.get("/sales?by=key").send().await;
    eventually(seconds(20), async || {
        let sales = sold().await?.expect(200)?.json()?;
        ensure!(sales["items"][0]["signups"] == 12, "not all were sold: {sales}");
        Ok(())
    })
    .await?;
    stop(&pair);
    Side::Signup.lose(&pair).await?;
    start(&pair).await?;
    eventually(seconds(30), async || sold().await?.expect(503).map(drop)).await?;
    for replica in 0..pair.replicas() {
        sign_up(replica + 12)
            .await?
            .expect(503)
            .context("a new log took what the old one's projectors will not see")?;
    }
    begun_anew(&pair).await?;
    pair.signup(0).usable_within(seconds(20), &key.id).await?;
    eventually(seconds(20), async || sign_up(20).await?.expect(201).map(drop)).await?;
    eventually(seconds(20), async || {
        let sales = sold().await?.expect(200)?.json()?;
        ensure!(sales["items"][0]["signups"] == 1, "the sales are of the lost log: {sales}");
        Ok(())
    })
    .await?;
    verifies(&pair).await
}

/// `signpost verify` and `signpost repair` report the fault; only with explicit consent is a history given up. Then
/// the services make their first start.
async fn begun_anew(pair: &Pair) -> Result<()> {
    for command in ["verify", "repair"] {
        let (status, output) = pair.command(&[command])?;
        ensure!(status == 1, "signpost {command} ended with {status}:\n{output}");
    }
    let (status, output) = pair.command(&["repair", "--from-log", "--yes"])?;
    ensure!(status == 0, "signpost repair --from-log --yes ended with {status}:\n{output}");
    repaired(pair).await?;
    for replica in 0..pair.replicas() {
        eventually(seconds(20), async || pair.agents(replica).api.get("/agents").send().await?.expect(200).map(drop))
            .await?;
    }
    Ok(())
}
