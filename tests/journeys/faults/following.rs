//! Faults of the followers: killed while catching up, two at once, and an event that can't be applied.

use futures::future::try_join_all;
use harness::{Journal, Pair, Result, Seller, check, ensure, eventually, postgres, seconds, wait};

harness::on_servers!(
    a_follower_killed_while_catching_up_ends_with_the_right_view,
    two_followers_of_one_view_do_no_harm,
    a_poisoned_agent_stops_nobody_else_and_can_be_mended,
);

/// Adds keys, many at a time.
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
        // Each time it is killed a little later: before it is ready, or in the middle of catching up.
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
    // A follower that was stopped believes that it still leads when it wakes up.
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

async fn a_poisoned_agent_stops_nobody_else_and_can_be_mended(pair: Pair) -> Result<()> {
    let operator = pair.agents(0);
    let (poisoned, healthy) = (operator.add_seller().await?, operator.add_seller().await?);
    let before = operator.add_key(&poisoned).await?;
    for replica in 0..pair.replicas() {
        pair.signup(replica).lookup_at(&before.id, before.position).await?.expect(200)?;
    }
    poison(&pair, &poisoned.agent).await?;
    let stuck = operator.add_key(&poisoned).await?.id;
    let key = operator.add_key(&healthy).await?.id;
    for replica in 0..pair.replicas() {
        let visitor = pair.signup(replica);
        visitor.usable_within(seconds(20), &key).await?;
        eventually(seconds(20), async || {
            for stopped in [&stuck, &before.id] {
                let answer = visitor.lookup(stopped).await?;
                ensure!(answer.status != 200, "a key of a parked agent is usable: {answer}");
            }
            Ok(())
        })
        .await?;
    }
    eventually(seconds(20), async || {
        let (status, listed) = pair.command(&["parked"])?;
        ensure!(status == 0 && listed.contains(&poisoned.agent), "not listed as parked ({status}):\n{listed}");
        ensure!(!listed.contains(&healthy.agent), "a healthy agent is parked:\n{listed}");
        Ok(())
    })
    .await?;
    let later = operator.add_key(&poisoned).await?.id;

    let mended = "DROP TRIGGER poison ON signup_keys; DROP FUNCTION poison();";
    postgres::execute(pair.signup_database()?, mended.to_owned()).await?;
    let (status, said) = pair.command(&["parked", "retry"])?;
    ensure!(status == 0, "the retry ended with {status}:\n{said}");
    for replica in 0..pair.replicas() {
        for key in [&before.id, &stuck, &later, &key] {
            pair.signup(replica).usable_within(seconds(20), key).await?;
        }
    }
    check(&pair, &Journal::default(), &[]).await.map(drop)
}

/// From now on nothing about this agent's keys can be written.
async fn poison(pair: &Pair, agent: &str) -> Result<()> {
    let statements = format!(
        "CREATE FUNCTION poison() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
             IF NEW.agent_id::text = '{agent}' THEN RAISE EXCEPTION 'poison'; END IF;
             RETURN NEW;
         END $$;
         CREATE TRIGGER poison BEFORE INSERT OR UPDATE ON signup_keys FOR EACH ROW EXECUTE FUNCTION poison();"
    );
    postgres::execute(pair.signup_database()?, statements).await
}
