//! `samples/shell/follow.sh`

use std::time::Duration;

use harness::checker::Logs;
use harness::{Pair, Result};

use super::{ends_where_the_log_is_another, file_is_the_log, killed_at_random, program, sample, token_file};

harness::on_both_pairs!(
    a_follower_in_the_shell_that_is_killed_keeps_every_event_once,
    a_follower_in_the_shell_ends_where_the_log_is_another,
);

async fn a_follower_in_the_shell_that_is_killed_keeps_every_event_once(pair: Pair) -> Result<()> {
    let (token, file) = (token_file(&pair, &["events:read"]).await?, pair.folder().join("signups.ndjson"));
    let url = pair.signup_api(1).base().to_owned();
    // A curl of a killed follower ends at the next event; it must not hold up the next follower.
    let start = || Ok(program(sample("shell/follow.sh")).arg(&url).arg(&token).arg(&file).spawn()?);
    killed_at_random(&pair, Duration::from_millis(500), start).await?;
    file_is_the_log(&file, &Logs::read(&pair).await?.signups, start).await
}

async fn a_follower_in_the_shell_ends_where_the_log_is_another(pair: Pair) -> Result<()> {
    ends_where_the_log_is_another(&pair, program(sample("shell/follow.sh"))).await
}
