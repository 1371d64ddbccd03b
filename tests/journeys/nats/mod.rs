//! The connection to NATS: users and permissions, encryption, several servers, and a restart in lame-duck mode.

mod access;
mod consumers;
mod encryption;
mod lame_duck;
mod servers;
mod taken_back;

use harness::{Nats, Result, Standalone, ensure, eventually, seconds, stream};

/// Waits until both logs are published.
async fn publishes(nats: &Nats) -> Result<()> {
    eventually(seconds(30), async || {
        let jetstream = nats.jetstream().await?;
        for name in ["AGENTS", "SIGNUPS"] {
            jetstream.get_stream(name).await?;
        }
        ensure!(stream::last_sequence(&jetstream, "AGENTS").await? > 0, "nothing is published");
        Ok(())
    })
    .await
}

/// Whether a dependency has this state (0 ok, 1 degraded, 2 failing), by the process's metrics.
async fn has_state(standalone: &Standalone, dependency: &str, state: u8) -> Result<()> {
    eventually(seconds(30), async || {
        let metrics = standalone.admin("/metrics").await?;
        let wanted = format!("dependency=\"{dependency}\"");
        let states: Vec<_> = metrics
            .lines()
            .filter(|line| line.starts_with("signpost_dependency_state{") && line.contains(&wanted))
            .collect();
        ensure!(
            states.iter().any(|line| line.ends_with(&format!(" {state}"))),
            "{dependency} is not {state}: {states:?}"
        );
        Ok(())
    })
    .await
}

/// The process's log lines about its connection to NATS.
fn about_nats(standalone: &Standalone) -> Vec<String> {
    let about = |line: &String| line.contains("\"dependency\":\"nats\"") && line.contains("\"service\":\"agents\"");
    standalone.process().lines().into_iter().filter(about).collect()
}
