//! Faults between the log and the stream: a relay killed between publish and acknowledgement, a suspended leader, a
//! stream that lost its tail, was deleted or wiped. Each time the stream must equal the log again; faults that need a
//! decision are reported and wait for `signpost repair`.

use std::time::Instant;

use harness::checker::Logs;
use harness::{Context, Journal, Pair, Result, Traffic, check, ensure, eventually, seconds, stream, wait};

harness::on_servers!(
    a_killed_relay_leaves_the_stream_equal_to_the_log,
    an_old_leader_that_wakes_up_does_no_harm,
    a_stream_that_lost_its_tail_is_repaired,
    a_deleted_stream_is_built_again_when_asked,
    a_wiped_nats_is_filled_again_with_the_same_numbers_when_asked,
    a_stream_that_disappears_while_nothing_happens_is_noticed,
    nats_may_be_away_while_people_work,
    a_lost_nats_is_logged_once_and_so_is_its_return,
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
    // One of the two rounds stops the leader.
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

async fn a_stream_that_lost_its_tail_is_repaired(pair: Pair) -> Result<()> {
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

async fn a_deleted_stream_is_built_again_when_asked(pair: Pair) -> Result<()> {
    let traffic = Traffic::start(&pair, 8).await?;
    let jetstream = pair.nats()?.jetstream().await?;
    for name in ["AGENTS", "SIGNUPS"] {
        let purged = jetstream.get_stream(name).await?.purge().await;
        ensure!(purged.is_err(), "{name} could be purged, though its configuration should deny it");
        jetstream.delete_stream(name).await?;
        traffic.flows(30).await?;
        has_halted(&pair, &format!("stream {name} is missing")).await?;
        ensure!(jetstream.get_stream(name).await.is_err(), "{name} was created again without consent");
        let (status, output) = pair.command(&["repair"])?;
        ensure!(
            status == 1 && output.contains(&format!("stream {name} is missing")),
            "repair ended with {status}:\n{output}"
        );
        is_mended(&pair, &[name])?;
    }
    let (journal, personal) = traffic.stop().await?;
    check(&pair, &journal, &personal).await?;
    goes_on(&pair).await
}

async fn a_wiped_nats_is_filled_again_with_the_same_numbers_when_asked(pair: Pair) -> Result<()> {
    let traffic = Traffic::start(&pair, 8).await?;
    traffic.flows(40).await?;
    let nats = pair.nats()?;
    nats.kill_9()?;
    nats.wipe_store()?;
    // A relay with an earlier temporary failure must report the halt too.
    for service in ["agents", "signup"] {
        let report = format!("\"service\":\"{service}\",\"dependency\":\"relay\"");
        eventually(seconds(20), async || {
            ensure!(pair.lines().iter().any(|line| line.contains(&report)), "the relay of {service} reports nothing");
            Ok(())
        })
        .await?;
    }
    nats.start_again().await?;
    traffic.flows(40).await?;
    for name in ["AGENTS", "SIGNUPS"] {
        has_halted(&pair, &format!("stream {name} is missing")).await?;
    }
    is_mended(&pair, &["AGENTS", "SIGNUPS"])?;
    let (journal, personal) = traffic.stop().await?;
    check(&pair, &journal, &personal).await?;
    goes_on(&pair).await
}

/// Without new events, only the idle check of the stream can find it.
async fn a_stream_that_disappears_while_nothing_happens_is_noticed(pair: Pair) -> Result<()> {
    let jetstream = pair.nats()?.jetstream().await?;
    check(&pair, &Journal::default(), &[]).await?;
    jetstream.delete_stream("SIGNUPS").await?;
    let begun = Instant::now();
    has_halted(&pair, "stream SIGNUPS is missing").await?;
    ensure!(begun.elapsed() < seconds(10), "it took {:?}", begun.elapsed());
    let lines: Vec<_> = pair.lines().into_iter().filter(|line| line.contains("stream SIGNUPS is missing")).collect();
    ensure!(lines.len() == 1, "expected one line: {lines:#?}");
    is_mended(&pair, &["SIGNUPS"])?;
    goes_on(&pair).await
}

async fn a_lost_nats_is_logged_once_and_so_is_its_return(pair: Pair) -> Result<()> {
    check(&pair, &Journal::default(), &[]).await?;
    let before: Vec<usize> = pair.processes().map(|process| process.lines().len()).collect();
    pair.nats()?.stop()?;
    // Enough for many attempts to connect.
    let begun = Instant::now();
    while begun.elapsed() < seconds(4) {
        wait::pause().await;
    }
    for (process, before) in pair.processes().zip(before) {
        let output = process.lines().split_off(before);
        let about_nats = output.iter().filter(|line| line.contains("\"dependency\":\"nats\"")).count();
        ensure!(
            about_nats == 1 && output.len() <= 2,
            "expected one line about NATS, and one about the relay: {output:#?}"
        );
    }
    let processes = pair.processes().count();
    pair.nats()?.start_again().await?;
    eventually(seconds(20), async || {
        let back = pair.lines().iter().filter(|line| line.contains("\"works\"") && line.contains("\"nats\"")).count();
        ensure!(back == processes, "{back} of {processes} processes say that NATS is back");
        Ok(())
    })
    .await?;
    goes_on(&pair).await
}

/// Waits until a relay reports why it has halted, in its log and its metrics.
pub(super) async fn has_halted(pair: &Pair, reason: &str) -> Result<()> {
    eventually(seconds(20), async || {
        let says_so = pair.lines().iter().any(|line| line.contains("the relay has halted") && line.contains(reason));
        ensure!(says_so, "no relay says: {reason}");
        ensure!(halted_relays(pair).await? > 0, "no metric says that a relay has halted");
        Ok(())
    })
    .await
}

/// The number of halted relays, by the metrics of all processes.
async fn halted_relays(pair: &Pair) -> Result<usize> {
    let mut halted = 0;
    for process in pair.processes() {
        let admin = process.ready().await?.remove("admin").context("a process does not say where its admin port is")?;
        let metrics = reqwest::get(format!("{admin}/metrics")).await?.text().await?;
        halted +=
            metrics.lines().filter(|line| line.starts_with("signpost_relay_halted{") && line.ends_with(" 1")).count();
    }
    Ok(halted)
}

fn is_mended(pair: &Pair, names: &[&str]) -> Result<()> {
    let (status, output) = pair.command(&["repair", "--yes"])?;
    for name in names {
        let done = output.contains(&format!("stream {name}: made anew"));
        ensure!(status == 0 && done, "repair ended with {status}:\n{output}");
    }
    Ok(())
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

/// No relay is halted any more, and a new key is usable.
pub(super) async fn goes_on(pair: &Pair) -> Result<()> {
    eventually(seconds(20), async || {
        let halted = halted_relays(pair).await?;
        ensure!(halted == 0, "{halted} relays are halted still");
        Ok(())
    })
    .await?;
    a_new_key_is_usable(pair).await
}

/// The projectors work, or have recovered.
async fn a_new_key_is_usable(pair: &Pair) -> Result<()> {
    let operator = pair.agents(0);
    let seller = operator.add_seller().await?;
    let key = operator.add_key(&seller).await?;
    for replica in 0..pair.replicas() {
        pair.signup(replica).usable_within(seconds(20), &key.id).await?;
    }
    check(pair, &Journal::default(), &[]).await.map(drop)
}
