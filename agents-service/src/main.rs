//! `agents-service`: the service alone, as it runs at scale; `serve` by default, `healthcheck` for containers.

use std::process::ExitCode;

use anyhow::{Context, bail};
use shared::bus::Bus;
use shared::clock::Clock;
use shared::http::serve::Stop;
use shared::process::Listening;
use shared::settings::Settings;

fn main() -> ExitCode {
    let command = std::env::args().nth(1);
    let runtime = shared::process::runtime().context("the program cannot start");
    match runtime.and_then(|runtime| runtime.block_on(run(command.as_deref()))) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("agents-service: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(command: Option<&str>) -> anyhow::Result<ExitCode> {
    let settings = Settings::from_env().context("the settings are not right")?;
    match command {
        None | Some("serve") => serve(settings).await,
        Some("healthcheck") => {
            let ready = shared::process::healthcheck(settings.admin_listen).await;
            Ok(if ready { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
        Some(_) => bail!("usage: agents-service [serve | healthcheck]"),
    }
}

async fn serve(settings: Settings) -> anyhow::Result<ExitCode> {
    shared::telemetry::start(&settings.log);
    let metrics = shared::http::admin::install_metrics();
    let stop = Stop::default();
    stop.at_signals().context("cannot listen for signals")?;
    let bus = match &settings.nats {
        Some(nats) => Some(Bus::connect(nats, "agents-service").await?),
        None => None,
    };
    let app = agents_service::app::build(&settings, Clock::System, bus, None).await?;
    let listening = Listening::open(vec![app.service], settings.admin_listen)?;
    println!("{}", listening.ready_line("agents-service"));
    if let Some((login, password)) = &app.first_operator {
        println!("  first operator: login {login}, password {password} (shown this once; change it)");
    }
    for warning in &app.warnings {
        println!("  warning: {warning}");
    }
    listening.serve(metrics, stop).await?;
    Ok(ExitCode::SUCCESS)
}
