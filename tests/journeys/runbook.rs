//! Runs the run book's commands as written, on a real pair. The blocks of kubectl and Compose are checked by
//! `tests/black_box/check_manifests.py`.

use std::process::Stdio;

use harness::binaries::{STANDALONE, binary};
use harness::pair::{self, TOKEN};
use harness::process::Process;
use harness::scratch::Scratch;
use harness::{Context, Pair, Result, Setup, ensure, eventually, postgres, seconds};

use crate::faults::following::{MENDED, parked, poison};

const PASSWORD: &str = "a password for the first start";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_steps_of_the_run_book_work_on_the_embedded_pair() -> Result<()> {
    let setup = Setup::embedded("runbook::embedded").with("SIGNPOST_BOOTSTRAP_PASSWORD", PASSWORD);
    pair::run(setup, the_steps_work).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_steps_of_the_run_book_work_on_servers() -> Result<()> {
    let setup = Setup::servers("runbook::servers", 1).with("SIGNPOST_BOOTSTRAP_PASSWORD", PASSWORD);
    pair::run(setup, the_steps_work).await
}

/// A block of commands.
struct Block {
    /// Its requirements: `embedded` or `servers`, `stopped`, `parked`.
    needs: String,
    text: String,
}

fn blocks() -> Result<Vec<Block>> {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../deploy/RUNBOOK.md"))?;
    let blocks = text.split("\n```sh run").skip(1).map(|rest| {
        let (needs, rest) = rest.split_once('\n').context("a block has lines")?;
        let (text, _) = rest.split_once("\n```\n").context("a block has an end")?;
        Ok(Block { needs: needs.to_owned(), text: text.to_owned() })
    });
    blocks.collect()
}

async fn the_steps_work(pair: Pair) -> Result<()> {
    let seller = pair.agents(0).add_seller().await?;
    let key = pair.agents(0).add_key(&seller).await?;
    pair.signup(0).lookup_at(&key.id, key.position).await?.expect(200)?;
    let other = if pair.is_embedded() { "servers" } else { "embedded" };
    let scratch = Scratch::new("runbook")?;
    let (parked, steps): (Vec<_>, Vec<_>) =
        blocks()?.into_iter().filter(|block| !block.needs.contains(other)).partition(|block| block.needs == " parked");
    ensure!(steps.len() > 6 && parked.len() == 1, "the run book has lost its steps");
    for block in steps {
        let stopped = block.needs.contains("stopped");
        if stopped {
            ensure!(pair.processes().all(Process::stop), "a process did not end by itself");
        }
        run(&pair, &scratch, &block.text, &[]).await?;
        if stopped {
            for process in pair.processes() {
                process.start_again()?;
                process.ready().await?;
            }
        }
    }
    // Dropped events are gone for ever, so this comes last.
    match parked.first() {
        Some(block) if !pair.is_embedded() => {
            parked_streams_are_retried_and_dropped(&pair, &scratch, &block.text).await
        }
        _ => Ok(()),
    }
}

async fn parked_streams_are_retried_and_dropped(pair: &Pair, scratch: &Scratch, text: &str) -> Result<()> {
    let poisoned = pair.agents(0).add_seller().await?;
    let known = pair.agents(0).add_key(&poisoned).await?;
    pair.signup(0).lookup_at(&known.id, known.position).await?.expect(200)?;
    postgres::execute(pair.signup_database()?, poison(&poisoned.agent)).await?;
    pair.agents(0).add_key(&poisoned).await?;
    pair.agents(0).add_key(&poisoned).await?;
    let streams = eventually(seconds(20), async || {
        let streams: Vec<String> = parked(pair)?.into_iter().collect();
        ensure!(streams.len() == 2, "two keys should be parked: {streams:?}");
        Ok(streams)
    })
    .await?;
    postgres::execute(pair.signup_database()?, MENDED.to_owned()).await?;
    run(pair, scratch, text, &[("STREAM", &streams[0]), ("OTHER_STREAM", &streams[1])]).await
}

/// Runs a block with the pair's settings.
async fn run(pair: &Pair, scratch: &Scratch, text: &str, more: &[(&str, &String)]) -> Result<()> {
    let admin = pair.agents_process(0).ready().await?.get("admin").context("there is no admin port")?.clone();
    let programs = binary(STANDALONE)?.parent().context("a program lies in a folder")?.display().to_string();
    let postgres = std::env::var("SIGNPOST_TEST_PG_BIN").unwrap_or_default();
    let path = format!("{programs}:{postgres}:{}", std::env::var("PATH")?);
    let run = tokio::process::Command::new("bash")
        .args(["-euo", "pipefail", "-c", text])
        .current_dir(scratch.path())
        .env_clear()
        .envs(pair.command_line()?.settings)
        .envs(more.iter().copied())
        .env("PATH", path)
        .env("TOKEN", TOKEN)
        .env("PASSWORD", PASSWORD)
        .env("AGENTS", pair.agents_api(0).base())
        .env("SIGNUP", pair.signup_api(0).base())
        .env("SIGNPOST_ADMIN_LISTEN", admin.trim_start_matches("http://"))
        .env("ADMIN", admin)
        .stdin(Stdio::null())
        .output()
        .await?;
    let printed = format!("{}\n{}", String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
    ensure!(run.status.success(), "a step failed with {}:\n{text}\n{printed}", run.status);
    Ok(())
}
