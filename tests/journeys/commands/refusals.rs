//! Refusals of commands on servers: another program's schema, and unresponsive servers.

use harness::binaries::STANDALONE;
use harness::postgres::execute;
use harness::{Pair, Result, SingleService, ensure};

harness::on_servers!(
    a_schema_that_is_not_this_programs_is_refused,
    a_command_without_an_answer_exits_with_unknown,
    a_role_or_database_that_is_unknown_is_a_wrong_setting,
);

async fn a_schema_that_is_not_this_programs_is_refused(pair: Pair) -> Result<()> {
    let database = pair.signup_database()?;
    let newer = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
        VALUES (99999, 'newer', true, '', 0)";
    execute(database, newer.to_owned()).await?;
    let (status, output) = pair.command(&["verify"])?;
    ensure!(status == 2 && output.contains("older than its data"), "{status}: {output}");
    let older = "DELETE FROM _sqlx_migrations WHERE version >= (SELECT MAX(version) FROM _sqlx_migrations
        WHERE version < 99999)";
    execute(database, older.to_owned()).await?;
    let (status, output) = pair.command(&["export", "signups"])?;
    ensure!(status == 2 && output.contains("signpost migrate"), "{status}: {output}");
    let (status, output) = pair.command(&["status"])?;
    ensure!(status == 1 && output.contains("older than this program"), "{status}: {output}");
    Ok(())
}

async fn a_command_without_an_answer_exits_with_unknown(pair: Pair) -> Result<()> {
    pair.nats()?.stop()?;
    for arguments in [&["verify"], &["status"]] {
        let (status, output) = pair.command(arguments)?;
        ensure!(status == 3 && output.contains("NATS does not answer"), "{arguments:?}: {status}: {output}");
    }
    let nowhere = "postgres://postgres@127.0.0.1:1/nowhere";
    let alone = SingleService::new(STANDALONE, &[("SIGNPOST_AGENTS_DATABASE_URL", nowhere)])?;
    for arguments in [&["verify"], &["status"]] {
        let (status, output) = alone.run(arguments)?;
        ensure!(status == 3, "{arguments:?}: {status}: {output}");
    }
    Ok(())
}

async fn a_role_or_database_that_is_unknown_is_a_wrong_setting(pair: Pair) -> Result<()> {
    let agents = pair.agents_database()?;
    let nobody = agents.replacen("postgres://postgres", "postgres://nobody", 1);
    for (url, commands) in [(nobody, &["verify", "migrate", "serve"][..]), (format!("{agents}_missing"), &["migrate"])]
    {
        let alone = SingleService::new(STANDALONE, &[("SIGNPOST_AGENTS_DATABASE_URL", &url)])?;
        let alone = alone.with("SIGNPOST_ADMIN_LISTEN", "127.0.0.1:0");
        for command in commands {
            let (status, output) = alone.run(&[command])?;
            ensure!(status == 2 && output.contains("does not exist"), "{command}: {status}: {output}");
        }
    }
    Ok(())
}

#[test]
fn databases_that_are_exchanged_are_named() -> Result<()> {
    let alone = SingleService::new(STANDALONE, &[("SIGNPOST_ADMIN_LISTEN", "127.0.0.1:0")])?;
    let (status, output) = alone.run(&["migrate"])?;
    ensure!(status == 0, "{status}: {output}");
    let url = |name: &str| format!("sqlite:{}/data/{name}.sqlite", alone.folder().display());
    let exchanged = SingleService::new(STANDALONE, &[("SIGNPOST_AGENTS_DATABASE_URL", &url("signups"))])?;
    let exchanged = exchanged.with("SIGNPOST_SIGNUP_DATABASE_URL", &url("agents"));
    let exchanged = exchanged.with("SIGNPOST_ADMIN_LISTEN", "127.0.0.1:0");
    for command in ["verify", "repair", "migrate", "serve"] {
        let (status, output) = exchanged.run(&[command])?;
        let [agents, signup] = [("signup", "agents"), ("agents", "signup")].map(|(found, wanted)| {
            format!("the database of the {found}-service, not of the {wanted}-service: check the two database URLs")
        });
        ensure!(status == 2 && (output.contains(&agents) || output.contains(&signup)), "{command}: {status}: {output}");
    }
    Ok(())
}
