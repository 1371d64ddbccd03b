//! Faults of the projectors: killed while catching up, two at once, and an event that cannot be applied.

use std::collections::BTreeSet;

use futures::future::try_join_all;
use harness::{Journal, Pair, Result, Seller, Visitor, check, ensure, eventually, json, postgres, seconds, wait};

harness::on_servers!(
    a_follower_killed_while_catching_up_ends_with_the_right_view,
    two_followers_of_one_view_do_no_harm,
    a_poisoned_agent_stops_no_other_agent_and_can_be_repaired,
);

/// Adds keys in parallel.
async fn add_keys(pair: &Pair, seller: &Seller, count: usize) -> Result<Vec<String>> {
    let mut keys = Vec::new();
    for from in (0..count).step_by(50) {
        let adding = (from..count.min(from + 50)).map(|number| {
            let operator = pair.agents(number);
            async move { operator.add_key(seller).await }
        });
        keys.extend(try_join_all(adding).await?.into_iter().map(|key| key.id));
    }
    Ok(keys)
}

async fn all_usable(pair: &Pair, keys: &[String]) -> Result<()> {
    for (number, key) in keys.iter().enumerate() {
        pair.signup(number).usable_within(seconds(30), key).await?;
    }
    Ok(())
}

async fn a_follower_killed_while_catching_up_ends_with_the_right_view(pair: Pair) -> Result<()> {
    for replica in 0..pair.replicas() {
        pair.signup_process(replica).kill_9()?;
    }
    let seller = pair.agents(0).add_seller().await?;
    let keys = add_keys(&pair, &seller, 500).await?;
    let process = pair.signup_process(0);
    for pauses in 0..6 {
        process.start_again()?;
        // Each time it is killed a little later: before it is ready, or while it catches up.
        for _ in 0..pauses * 4 {
            wait::pause().await;
        }
        process.kill_9()?;
    }
    for replica in 0..pair.replicas() {
        pair.signup_process(replica).start_again()?;
        pair.signup_process(replica).ready().await?;
    }
    all_usable(&pair, &keys).await?;
    check(&pair, &Journal::default(), &[]).await.map(drop)
}

async fn two_followers_of_one_view_do_no_harm(pair: Pair) -> Result<()> {
    let seller = pair.agents(0).add_seller().await?;
    let keys = add_keys(&pair, &seller, 200).await?;
    all_usable(&pair, &keys).await?;
    // A projector that was suspended believes that it still holds the lease.
    pair.signup_process(0).sigstop()?;
    let more = add_keys(&pair, &seller, 100).await?;
    for key in &more {
        pair.signup(1).usable_within(seconds(30), key).await?;
    }
    pair.signup_process(0).sigcont()?;
    let rest = add_keys(&pair, &seller, 50).await?;
    all_usable(&pair, &[more, rest].concat()).await?;
    check(&pair, &Journal::default(), &[]).await.map(drop)
}

async fn a_poisoned_agent_stops_no_other_agent_and_can_be_repaired(pair: Pair) -> Result<()> {
    let operator = pair.agents(0);
    let (poisoned, healthy) = (operator.add_seller().await?, operator.add_seller().await?);
    let before = operator.add_key(&poisoned).await?;
    for replica in 0..pair.replicas() {
        pair.signup(replica).lookup_at(&before.id, before.position).await?.expect(200)?;
    }
    postgres::execute(pair.signup_database()?, poison(&poisoned.agent)).await?;
    let stuck = operator.add_key(&poisoned).await?.id;
    let agent = format!("/agents/{}", poisoned.agent);
    let version = format!("\"{}\"", operator.agent(&poisoned.agent).await?["version"]);
    let renamed = json!({"name": "Renamed while poisoned"});
    operator.api.patch(&agent).header("If-Match", &version).json(&renamed).expect(200).await?;
    let key = operator.add_key(&healthy).await?.id;
    for replica in 0..pair.replicas() {
        pair.signup(replica).usable_within(seconds(20), &key).await?;
        no_key_is_usable(&pair.signup(replica), &[&stuck, &before.id]).await?;
    }
    let streams = eventually(seconds(20), async || {
        let streams = parked(&pair)?;
        ensure!(streams.len() == 2, "expected the agent and their key to be parked: {streams:?}");
        Ok(streams)
    })
    .await?;
    ensure!(streams.iter().any(|stream| stream.contains(&poisoned.agent)), "the agent is not parked: {streams:?}");

    postgres::execute(pair.signup_database()?, MENDED.to_owned()).await?;
    for stream in streams {
        let (status, output) = pair.command(&["parked", "retry", &stream])?;
        ensure!(status == 0, "the retry of {stream} ended with {status}:\n{output}");
    }
    ensure!(parked(&pair)?.is_empty(), "something is still parked");
    let later = operator.add_key(&poisoned).await?.id;
    for replica in 0..pair.replicas() {
        for key in [&before.id, &stuck, &later, &key] {
            pair.signup(replica).usable_within(seconds(20), key).await?;
        }
        let shown = pair.signup(replica).usable_within(seconds(1), &stuck).await?;
        ensure!(shown["agent"]["name"] == renamed["name"], "the parked change was not applied: {shown}");
    }
    check(&pair, &Journal::default(), &[]).await.map(drop)
}

/// From now on the database refuses rows of this agent, and of their new keys.
pub fn poison(agent: &str) -> String {
    format!(
        "CREATE FUNCTION poison() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
             RAISE EXCEPTION 'poison';
         END $$;
         CREATE TRIGGER poison BEFORE INSERT OR UPDATE ON agents
             FOR EACH ROW WHEN (NEW.id = '{agent}') EXECUTE FUNCTION poison();
         CREATE TRIGGER poison BEFORE INSERT OR UPDATE ON signup_keys
             FOR EACH ROW WHEN (NEW.agent_id = '{agent}') EXECUTE FUNCTION poison();"
    )
}

pub const MENDED: &str = "DROP TRIGGER poison ON agents; DROP TRIGGER poison ON signup_keys; DROP FUNCTION poison();";

async fn no_key_is_usable(visitor: &Visitor, keys: &[&String]) -> Result<()> {
    eventually(seconds(20), async || {
        for key in keys {
            let answer = visitor.lookup(key).await?;
            ensure!(answer.status != 200, "a key of a parked agent is usable: {answer}");
        }
        Ok(())
    })
    .await
}

/// The streams that `signpost parked` lists.
pub fn parked(pair: &Pair) -> Result<BTreeSet<String>> {
    let (status, listed) = pair.command(&["parked"])?;
    let streams = listed.lines().filter_map(|line| line.split_once(" stream ")?.1.split_whitespace().next());
    let streams: BTreeSet<String> = streams.map(str::to_owned).collect();
    ensure!(status == i32::from(!streams.is_empty()), "signpost parked ended with {status}:\n{listed}");
    Ok(streams)
}
