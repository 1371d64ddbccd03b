//! Every projection is rebuilt while clients write, and a rebuild that is killed in the middle leaves nothing behind.

use harness::process::{CommandLine, Process};
use harness::{Pair, Result, Traffic, check, ensure, wait};

harness::on_both_pairs!(every_projection_is_rebuilt_beside_writes);

const PROJECTIONS: [&str; 5] = ["directory", "sales", "keys", "decisions", "key-usage"];
const ROUNDS: u32 = 2;

async fn every_projection_is_rebuilt_beside_writes(pair: Pair) -> Result<()> {
    let traffic = Traffic::start(&pair, 8).await?;
    traffic.flows(200).await?;
    for round in 0..ROUNDS {
        for projection in PROJECTIONS {
            let line = pair.command_line()?;
            let killed = Process::start(CommandLine { arguments: arguments(projection), ..pair.command_line()? })?;
            for _ in 0..=round {
                wait::pause().await;
            }
            killed.kill_9()?;
            let rebuilding = tokio::task::spawn_blocking(move || line.run(&["rebuild", projection]));
            let (status, output) = rebuilding.await??;
            ensure!(status == 0, "the rebuild of {projection} ended with {status}:\n{output}");
        }
        traffic.flows(50).await?;
    }
    let (journal, personal) = traffic.stop().await?;
    check(&pair, &journal, &personal).await.map(drop)
}

fn arguments(projection: &str) -> Vec<String> {
    vec!["rebuild".to_owned(), projection.to_owned()]
}
