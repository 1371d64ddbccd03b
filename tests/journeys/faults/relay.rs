//! Faults between the log and the stream: a relay killed between publish and acknowledgement, an old leader that
//! wakes up, a stream that lost its tail, was deleted or wiped. Each time the stream must equal the log again.

use harness::checker::Logs;
use harness::{Context, Journal, Pair, Result, Traffic, check, ensure, eventually, seconds, stream};

harness::on_servers!(
    a_killed_relay_leaves_the_stream_equal_to_the_log,
    an_old_leader_that_wakes_up_does_no_harm,
    a_stream_that_lost_its_tail_is_mended,
    a_deleted_stream_is_built_again,
    a_wiped_nats_is_filled_again_with_the_same_numbers,
    nats_may_be_away_while_people_work,
);

async fn a_killed_relay_leaves_the_stream_equal_to_the_log(pair: Pair) -> Result<()> {
    let traffic = Traffic::start(&pair, 12).await?;
    for round in 0..4 {
        traffic.flows(25).await?;
        let process = if round < 2 { pair.agents_process(round) } else { pair.signup_process(round) };
        process.kill_9()?;
        process.start_again()?;
        process.ready().await?;
    }
    let (journal, personal) = traffic.stop().await?;
    check(&pair, &journal, &personal).await.map(drop)
}

async fn an_old_leader_that_wakes_up_does_no_harm(pair: Pair) -> Result<()> {
    // Whoever leads, one of the two rounds stops it.
    for stopped in 0..2 {
        let traffic = Traffic::start_on(&pair, 6, &[1 - stopped]).await?;
        pair.agents_process(stopped).sigstop()?;
        traffic.flows(40).await?;
        let head = Logs::read_from(&pair, 1 - stopped).await?.agents.head;
        let jetstream = pair.nats()?.jetstream().await?;
        stream::catches_up(&jetstream, "AGENTS", head).await.context("nobody took over")?;
        pair.agents_process(stopped).sigcont()?;
        traffic.flows(40).await?;
        let (journal, personal) = traffic.stop().await?;
        check(&pair, &journal, &personal).await?;
    }
    Ok(())
}

async fn a_stream_that_lost_its_tail_is_mended(pair: Pair) -> Result<()> {
    let traffic = Traffic::start(&pair, 8).await?;
    let nats = pair.nats()?;
    nats.stop()?;
    nats.snapshot()?;
    nats.start_again().await?;
    let before = Logs::read(&pair).await?.signups.head;
    eventually(seconds(30), async || {
        let last = stream::last_sequence(&nats.jetstream().await?, "SIGNUPS").await?;
        ensure!(last > before + 20, "the stream has only {last}");
        Ok(())
    })
    .await?;
    nats.kill_9()?;
    nats.restore()?;
    nats.start_again().await?;
    traffic.flows(40).await?;
    let (journal, personal) = traffic.stop().await?;
    check(&pair, &journal, &personal).await?;
    a_new_key_is_usable(&pair).await
}

async fn a_deleted_stream_is_built_again(pair: Pair) -> Result<()> {
    let traffic = Traffic::start(&pair, 8).await?;
    let jetstream = pair.nats()?.jetstream().await?;
    for name in ["AGENTS", "SIGNUPS"] {
        let purged = jetstream.get_stream(name).await?.purge().await;
        ensure!(purged.is_err(), "{name} could be purged, though its configuration should deny it");
        jetstream.delete_stream(name).await?;
        traffic.flows(30).await?;
    }
    let (journal, personal) = traffic.stop().await?;
    check(&pair, &journal, &personal).await?;
    a_new_key_is_usable(&pair).await
}

async fn a_wiped_nats_is_filled_again_with_the_same_numbers(pair: Pair) -> Result<()> {
    let traffic = Traffic::start(&pair, 8).await?;
    traffic.flows(40).await?;
    let nats = pair.nats()?;
    nats.kill_9()?;
    nats.wipe_store()?;
    nats.start_again().await?;
    traffic.flows(40).await?;
    let (journal, personal) = traffic.stop().await?;
    check(&pair, &journal, &personal).await?;
    a_new_key_is_usable(&pair).await
}

async fn nats_may_be_away_while_people_work(pair: Pair) -> Result<()> {
    let operator = pair.agents(0);
    let seller = operator.add_seller().await?;
    let key = operator.add_key(&seller).await?;
    for replica in 0..pair.replicas() {
        pair.signup(replica).lookup_at(&key.id, key.position).await?.expect(200)?;
    }
    let traffic = Traffic::start(&pair, 6).await?;
    pair.nats()?.stop()?;
    traffic.flows(60).await.context("work stopped with NATS")?;
    pair.nats()?.start_again().await?;
    let (journal, personal) = traffic.stop().await?;
    check(&pair, &journal, &personal).await?;
    a_new_key_is_usable(&pair).await
}

/// The followers noticed nothing, or at least got over it.
async fn a_new_key_is_usable(pair: &Pair) -> Result<()> {
    let operator = pair.agents(0);
    let seller = operator.add_seller().await?;
    let key = operator.add_key(&seller).await?;
    for replica in 0..pair.replicas() {
        pair.signup(replica).usable_within(seconds(20), &key.id).await?;
    }
    check(pair, &Journal::default(), &[]).await.map(drop)
}
