//! `samples/rust/signups_per_agent.rs`

use std::io::Write;
use std::process::{Command, Stdio};

use harness::checker::Logs;
use harness::names::{Rng, person};
use harness::scratch::profile_folder;
use harness::{Context, Pair, Result, ensure};

harness::on_both_pairs!(a_program_in_rust_proves_the_log_and_counts_signups);

async fn a_program_in_rust_proves_the_log_and_counts_signups(pair: Pair) -> Result<()> {
    let mut expected = Vec::new();
    for signups in [3, 2] {
        let seller = pair.agents(0).add_seller().await?;
        let key = pair.agents(0).add_key(&seller).await?;
        pair.signup(0).lookup_at(&key.id, key.position).await?.expect(200)?;
        for number in 0..signups {
            pair.signup(number).sign_up(&key.id, &person(&mut Rng::new(signups as u64), number)).await?.expect(201)?;
        }
        let name = pair.agents(0).agent(&seller.agent).await?["name"].as_str().unwrap_or_default().to_owned();
        expected.push(format!("{}\t{signups}\t{name}", seller.agent));
    }
    expected.sort();
    let log = Logs::read(&pair).await?.signups;
    let lines: Vec<&str> = log.events.iter().map(|event| &*event.line).collect();
    let (counted, told) = run(&lines)?;
    ensure!(counted.as_ref() == Some(&expected), "{counted:?} instead of {expected:?}: {told}");
    let last = &log.events.last().context("the log has events")?.hash;
    ensure!(told.trim() == format!("proved {} {last}", log.head), "{told}");
    let forged = lines[1].replace("\"commission\":\"", "\"commission\":\"9");
    for wrong in [vec![lines[0], &*forged], vec![lines[1]], vec![lines[0], lines[2]]] {
        let (counted, told) = run(&wrong)?;
        ensure!(counted.is_none() && told.contains("position"), "a wrong log is proved: {counted:?} {told}");
    }
    Ok(())
}

/// The lines that the program prints, if it succeeds, and what it says of the proof.
fn run(lines: &[&str]) -> Result<(Option<Vec<String>>, String)> {
    let mut command = Command::new(profile_folder()?.join("examples/signups_per_agent"));
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let text: String = lines.iter().flat_map(|line| [line, "\n"]).collect();
    // The program may end at a fault before it has read everything.
    let _ = child.stdin.take().context("piped")?.write_all(text.as_bytes());
    let output = child.wait_with_output()?;
    let counted = String::from_utf8(output.stdout)?.lines().map(str::to_owned).collect();
    Ok((output.status.success().then_some(counted), String::from_utf8(output.stderr)?))
}
