//! A database restored from a backup, older than the stream: lost events are restored, or saved to a file and given
//! up.

use harness::pair::servers_are_here;
use harness::{Nats, Result, Standalone, ensure, eventually, seconds, stream};

/// A stopped process whose database is older than its stream, and the number of events that only the stream has.
async fn restored(journey: &str, nats: &Nats) -> Result<(Standalone, u64)> {
    let standalone = Standalone::start(journey, &[("SIGNPOST_NATS_URL", nats.url())])?;
    standalone.operator().await?.add_plan("Kept").await?;
    standalone.process().stop();
    standalone.keep_data()?;
    standalone.process().start_again()?;
    let mut last = 0;
    for name in ["Lost", "Lost too"] {
        last = standalone.operator().await?.add_plan(name).await?.position;
    }
    stream::catches_up(&nats.jetstream().await?, "AGENTS", last).await?;
    standalone.process().stop();
    standalone.put_data_back()?;
    Ok((standalone, last))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_that_a_restored_database_lacks_are_taken_back_from_the_stream() -> Result<()> {
    if !servers_are_here()? {
        return Ok(());
    }
    let journey = "nats::events_that_a_restored_database_lacks";
    let nats = Nats::private(journey).await?;
    let (standalone, last) = restored(journey, &nats).await?;
    let (status, output) = standalone.command(&["repair"])?;
    ensure!(
        status == 1 && output.contains("it holds 2 events that the log lost"),
        "repair ended with {status}:\n{output}"
    );
    // A foreign publisher after those events must not cause their loss.
    let jetstream = nats.jetstream().await?;
    jetstream.publish("agents.v1.agent.agent_created.stranger", "{}".into()).await?.await?;
    let (status, output) = standalone.command(&["repair", "--yes"])?;
    for part in ["2 events are back in the log", "1 messages saved to", "made anew"] {
        ensure!(
            status == 0 && output.contains(part),
            "repair ended with {status}, and does not say {part:?}:\n{output}"
        );
    }
    standalone.process().start_again()?;
    let operator = standalone.operator().await?;
    let names: Vec<_> = operator.list("/call-plans").await?.iter().map(|plan| plan["name"].clone()).collect();
    ensure!(
        ["Kept", "Lost", "Lost too"].iter().all(|name| names.contains(&(*name).into())),
        "the call plans are {names:?}"
    );
    stream::catches_up(&nats.jetstream().await?, "AGENTS", last).await?;
    verifies(&standalone).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_that_are_given_up_are_in_a_file_first() -> Result<()> {
    if !servers_are_here()? {
        return Ok(());
    }
    let journey = "nats::events_that_are_given_up";
    let nats = Nats::private(journey).await?;
    let (standalone, last) = restored(journey, &nats).await?;
    let (status, output) = standalone.command(&["repair", "--from-log", "--yes"])?;
    ensure!(status == 0 && output.contains("2 messages saved to"), "repair ended with {status}:\n{output}");
    let path = output.lines().find_map(|line| line.split(" saved to ").nth(1)).unwrap_or_default();
    let text = std::fs::read_to_string(path)?;
    for (line, sequence) in text.lines().zip(last - 1..) {
        ensure!(line.contains(&format!("\"sequence\":{sequence},")) && line.contains("ce-hash"), "saved is {line}");
    }
    ensure!(text.lines().count() == 2 && text.contains("Lost too"), "saved is {text}");
    standalone.process().start_again()?;
    verifies(&standalone).await
}

/// No witness knew that the log had lost events when it went on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_of_another_history_are_given_up_only_with_consent() -> Result<()> {
    if !servers_are_here()? {
        return Ok(());
    }
    let journey = "nats::events_of_another_history";
    let nats = Nats::private(journey).await?;
    let (standalone, _) = restored(journey, &nats).await?;
    nats.stop()?;
    standalone.process().start_again()?;
    standalone.operator().await?.add_plan("Another").await?;
    standalone.process().stop();
    nats.start_again().await?;
    for options in [&["repair"][..], &["repair", "--yes"]] {
        let (status, output) = standalone.command(options)?;
        for part in ["it holds 2 events that do not continue the log", "--from-log --yes"] {
            ensure!(
                status == 1 && output.contains(part),
                "{options:?} ended with {status}, not saying {part:?}:\n{output}"
            );
        }
    }
    let (status, output) = standalone.command(&["repair", "--from-log", "--yes"])?;
    ensure!(status == 0 && output.contains("2 messages saved to"), "repair ended with {status}:\n{output}");
    standalone.process().start_again()?;
    verifies(&standalone).await
}

async fn verifies(standalone: &Standalone) -> Result<()> {
    standalone.process().ready().await?;
    eventually(seconds(30), async || {
        let (status, output) = standalone.command(&["verify"])?;
        ensure!(status == 0, "verify ended with {status}:\n{output}");
        Ok(())
    })
    .await
}
