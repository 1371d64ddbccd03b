//! A first start with a halted log.

use std::time::Instant;

use harness::api::client;
use harness::postgres::execute;
use harness::{Api, Context, Pair, Result, ensure, eventually, seconds};

harness::on_servers_with!(1, std::convert::identity, a_start_on_a_halted_log_is_whole_after_the_repair);

/// The first start is completed when the log is repaired, and its task may end then.
async fn a_start_on_a_halted_log_is_whole_after_the_repair(pair: Pair) -> Result<()> {
    let process = pair.agents_process(0);
    ensure!(process.stop(), "it does not stop");
    execute(pair.agents_database()?, "UPDATE log_head SET halted = 'for a test'".to_owned()).await?;
    process.start_again()?;
    let admin = process.ready().await?.get("admin").context("there is no admin port")?.clone();
    let admin = Api::new(client()?, &admin, None);
    let state = async |name: &str| -> Result<String> {
        let body = admin.get("/readyz").send().await?.json()?;
        Ok(body["services"]["agents"]["dependencies"][name]["state"].to_string())
    };
    let log_is = async |wanted: &str| -> Result<()> {
        eventually(seconds(20), async || {
            let found = state("log").await?;
            ensure!(found.contains(wanted), "the log is {found}, not {wanted}");
            Ok(())
        })
        .await
    };
    log_is("failing").await?;
    let (status, output) = pair.command(&["repair", "--yes"])?;
    ensure!(status == 0, "repair ended with {status}:\n{output}");
    log_is("ok").await?;
    // Longer than the first start takes.
    let repaired = Instant::now();
    while repaired.elapsed() < seconds(4) {
        ensure!(state("tasks").await?.contains("ok"), "a task that is done is reported");
        harness::wait::pause().await;
    }
    Ok(())
}
