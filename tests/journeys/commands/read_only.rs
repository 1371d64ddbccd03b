//! Commands on a read-only database, such as a standby.

use harness::binaries::STANDALONE;
use harness::pair::servers_are_here;
use harness::postgres::Postgres;
use harness::{Journal, Pair, Result, SingleService, check, ensure};

use crate::postgres::failures::set_read_only;

harness::on_servers_with!(1, std::convert::identity, a_database_that_takes_no_writes_is_checked_but_for_its_views);

const NOT_COMPARED: &str = "not compared, since the database takes no writes";

async fn a_database_that_takes_no_writes_is_checked_but_for_its_views(pair: Pair) -> Result<()> {
    let seller = pair.agents(0).add_seller().await?;
    pair.agents(0).add_key(&seller).await?;
    check(&pair, &Journal::default(), &[]).await?;
    set_read_only(pair.agents_database()?, true).await?;
    says(&pair, &format!("projections directory, sales, decisions: {NOT_COMPARED}"))?;
    set_read_only(pair.signup_database()?, true).await?;
    says(&pair, &format!("views: {NOT_COMPARED}"))?;
    let (status, output) = pair.command(&["verify", "--json"])?;
    ensure!(status == 0 && output.contains("\"verified\":false"), "verify ended with {status}:\n{output}");
    let (status, output) = pair.command(&["repair"])?;
    ensure!(
        status == 0 && output.contains(&format!("projection decisions: {NOT_COMPARED}")),
        "repair ended with {status}:\n{output}"
    );
    for database in [pair.agents_database()?, pair.signup_database()?] {
        set_read_only(database, false).await?;
    }
    let (status, output) = pair.command(&["verify"])?;
    ensure!(status == 0 && output.contains("verified: nothing is lost"), "verify ended with {status}:\n{output}");
    Ok(())
}

fn says(pair: &Pair, left_out: &str) -> Result<()> {
    let (status, output) = pair.command(&["verify"])?;
    ensure!(status == 0 && !output.contains("verified: nothing"), "verify ended with {status}:\n{output}");
    for line in [left_out, "log agents: ", "agents tables: agree", "signups tables: agree", "stream SIGNUPS: "] {
        ensure!(output.contains(line), "{line} is missing:\n{output}");
    }
    Ok(())
}

#[tokio::test]
async fn a_standby_is_checked_but_for_its_views() -> Result<()> {
    if !servers_are_here()? {
        return Ok(());
    }
    let primary = Postgres::private("commands::read_only").await?;
    let standby = primary.standby(true).await?;
    let databases = [primary.fresh_database("agents").await?, primary.fresh_database("signups").await?];
    let (status, output) = pair_on(&databases)?.run(&["migrate"])?;
    ensure!(status == 0, "migrate ended with {status}:\n{output}");
    primary.is_replayed().await?;
    let (from, to) = (primary.port()?.to_string(), standby.port()?.to_string());
    let alone = pair_on(&databases.map(|url| url.replacen(&from, &to, 1)))?;
    for command in ["verify", "repair"] {
        let (status, output) = alone.run(&[command])?;
        ensure!(status == 0 && output.contains(NOT_COMPARED), "{command} ended with {status}:\n{output}");
    }
    Ok(())
}

fn pair_on([agents, signups]: &[String; 2]) -> Result<SingleService> {
    let settings = [("SIGNPOST_AGENTS_DATABASE_URL", agents.as_str()), ("SIGNPOST_SIGNUP_DATABASE_URL", signups)];
    SingleService::new(STANDALONE, &settings)
}
