//! A standby without the last commits is promoted: nothing is written after the gap until `signpost repair` has
//! restored the acknowledged events from the stream.

use harness::checker::streams_have_all;
use harness::names::{Person, Rng, person};
use harness::postgres::query_value;
use harness::{ApiResponse, Context, Pair, Result, Setup, Traffic, check, ensure, eventually, seconds, wait};

harness::on_servers_with!(
    2,
    super::with_asynchronous_standby,
    a_promoted_standby_that_lost_commits_takes_no_signup_before_the_repair,
);

fn with_asynchronous_standby(setup: Setup) -> Setup {
    setup.with_standby(false)
}

async fn a_promoted_standby_that_lost_commits_takes_no_signup_before_the_repair(pair: Pair) -> Result<()> {
    const HALF: usize = 10;
    let operator = pair.agents(0);
    let key = operator.add_key(&operator.add_seller().await?).await?.id;
    for replica in 0..pair.replicas() {
        pair.signup(replica).usable_within(seconds(20), &key).await?;
    }
    let mut rng = Rng::new(41);
    let people: Vec<_> = (0..60).map(|number| person(&mut rng, number)).collect();
    let traffic = Traffic::start(&pair, 6).await?;
    let mut placed = Vec::new();
    for half in 1..=2 {
        for number in placed.len()..half * HALF {
            let answer = sign_up(&pair, &key, &people, number).await?.expect(201)?;
            placed.push(answer.json()?["customer_id"].clone());
        }
        traffic.flows(20).await?;
        if half == 1 {
            pair.standby()?.stop_receiving().await?;
        }
    }
    let (journal, personal) = traffic.stop().await?;
    let before = streams_have_all(&pair).await?;
    pair.postgres()?.kill_9()?;
    pair.standby()?.promote().await?;
    // Enough for every replica to find the new server.
    for number in 2 * HALF..people.len() {
        let answer = sign_up(&pair, &key, &people, number).await;
        ensure!(answer.as_ref().map_or(true, |answer| answer.status == 503), "written behind a hole: {answer:?}");
        wait::pause().await;
    }
    let name = pair.signup_database()?.rsplit('/').next().and_then(|name| name.split('?').next());
    let promoted = format!(
        "postgres://postgres@127.0.0.1:{}/{}",
        pair.standby()?.port()?,
        name.context("a URL names a database")?
    );
    let kept: u64 = query_value(&promoted, "SELECT position FROM log_head").await?.parse()?;
    let lost = before.signups.head - kept;
    ensure!(lost >= u64::try_from(HALF)?, "the standby lacks only {lost} events");
    eventually(seconds(20), async || {
        let (status, output) = pair.command(&["repair"])?;
        let wanted = format!("stream SIGNUPS: it holds {lost} events that the log lost");
        ensure!(status == 1 && output.contains(&wanted), "{status}, not saying {wanted:?}: {output}");
        Ok(())
    })
    .await?;
    eventually(seconds(40), async || {
        let (status, output) = pair.command(&["repair", "--yes"])?;
        ensure!(status == 0, "signpost repair --yes ended with {status}:\n{output}");
        sign_up(&pair, &key, &people, 2 * HALF).await?.expect(201).context("no signup after the repair").map(drop)
    })
    .await?;
    for (number, customer) in placed.iter().enumerate() {
        let again = sign_up(&pair, &key, &people, number).await?.expect(201)?;
        ensure!(again.json()?["customer_id"] == *customer, "a repeated signup placed somebody else: {again}");
    }
    check(&pair, &journal, &personal).await.map(drop)
}

async fn sign_up(pair: &Pair, key: &str, people: &[Person], number: usize) -> Result<ApiResponse> {
    let visitor = pair.signup(number);
    let body = visitor.body(key, &people[number]);
    visitor.api.post("/api/v1/signups").json(&body).idempotency_key(&format!("failover-{number}")).send().await
}
