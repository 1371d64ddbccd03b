//! Runs the README's tour as written.

use std::process::Stdio;

use harness::pair::TOKEN;
use harness::{Context, Pair, Result, ensure};

harness::on_both_pairs!(the_tour_of_the_readme_works);

async fn the_tour_of_the_readme_works(pair: Pair) -> Result<()> {
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../README.md"))?;
    let tour = readme.split("```sh tour\n").nth(1).and_then(|rest| rest.split("```").next()).context("no tour")?;
    let run = tokio::process::Command::new("bash")
        .args(["-euo", "pipefail", "-c", tour])
        .env("TOKEN", TOKEN)
        .env("AGENTS", pair.agents_api(0).base())
        .env("SIGNUP", pair.signup_api(0).base())
        .stdin(Stdio::null())
        .output()
        .await?;
    let printed = format!("{}\n{}", String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
    ensure!(run.status.success(), "the tour failed:\n{printed}");
    for word in ["\"url\":\"http", "customer_number", "signpost.signups.customer_placed.v1"] {
        ensure!(printed.contains(word), "the tour does not show {word}:\n{printed}");
    }
    Ok(())
}
