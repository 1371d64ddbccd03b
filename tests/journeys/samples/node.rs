//! `samples/node/follow.mjs`

use std::time::Duration;

use harness::checker::Logs;
use harness::{Pair, Result};
use tokio::process::Command;

use super::{ends_where_the_log_is_another, file_is_the_log, killed_at_random, program, sample, token_file};

harness::on_both_pairs!(
    a_follower_in_node_that_is_killed_keeps_every_event_once,
    a_follower_in_node_ends_where_the_log_is_another,
);

fn node() -> Command {
    let mut node = program("node");
    node.arg(sample("node/follow.mjs"));
    node
}

async fn a_follower_in_node_that_is_killed_keeps_every_event_once(pair: Pair) -> Result<()> {
    let (token, file) = (token_file(&pair, &["events:read"]).await?, pair.folder().join("signups.ndjson"));
    let url = pair.signup_api(1).base().to_owned();
    let start = || Ok(node().arg(&url).arg(&token).arg(&file).spawn()?);
    killed_at_random(&pair, Duration::from_millis(800), start).await?;
    file_is_the_log(&file, &Logs::read(&pair).await?.signups, start).await
}

async fn a_follower_in_node_ends_where_the_log_is_another(pair: Pair) -> Result<()> {
    ends_where_the_log_is_another(&pair, node()).await
}
