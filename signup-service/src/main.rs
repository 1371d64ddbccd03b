//! The signup-service as a process of its own: `serve` (the default) and `healthcheck`.

use std::process::ExitCode;

use anyhow::{Context, bail};
use shared::bus::Bus;
use shared::clock::Clock;
use shared::http::admin::install_metrics;
use shared::http::serve::Stop;
use shared::process::{Listening, healthcheck};
use shared::settings::Settings;
use signup_service::app;

fn main() -> anyhow::Result<ExitCode> {
    shared::process::runtime()?.block_on(run())
}

async fn run() -> anyhow::Result<ExitCode> {
    let settings = Settings::from_env()?;
    match std::env::args().nth(1).as_deref() {
        None | Some("serve") => serve(settings).await.map(|()| ExitCode::SUCCESS),
        Some("healthcheck") => {
            let ready = healthcheck(settings.admin_listen).await;
            Ok(if ready { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
        Some(other) => bail!("{other} is not a command: serve (the default), healthcheck"),
    }
}

async fn serve(settings: Settings) -> anyhow::Result<()> {
    shared::telemetry::start(&settings.log);
    let metrics = install_metrics();
    let stop = Stop::default();
    stop.at_signals().context("cannot listen for signals")?;
    let bus = match &settings.nats {
        Some(nats) => Some(Bus::connect(nats, "signup-service").await?),
        None => None,
    };
    let built = app::build(&settings, Clock::System, bus, None).await?;
    let listening = Listening::open(vec![built.service], settings.admin_listen)?;
    println!("{}", listening.ready_line("signup-service"));
    listening.serve(metrics, stop).await?;
    Ok(())
}
