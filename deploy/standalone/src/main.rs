//! `signpost`: both services in one process, and the operator's commands over their logs.

mod demo;
mod export;
mod parked;
mod progress;
mod rebuild;
mod repair;
mod serve;
mod verify;

use std::process::ExitCode;

use anyhow::Context;
use clap::{Parser, Subcommand, ValueEnum};
use shared::bus::{Bus, NatsSettings};
use shared::health::{Health, Status};
use shared::settings::Settings;

/// Signup URLs for agents, and every customer placed with the right one. Settings come from the environment: see the
/// README's table.
#[derive(Parser)]
#[command(name = "signpost", version)]
struct Arguments {
    /// Fill an empty database with an example, then serve.
    #[arg(long)]
    demo: bool,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Serve both services (the default).
    Serve {
        /// Fill an empty database with an example first.
        #[arg(long)]
        demo: bool,
    },
    /// Prove that nothing is lost: logs whole, views equal to their logs, streams equal to their logs.
    Verify,
    /// Fold a view anew beside the live one, then switch over.
    Rebuild { view: ViewName },
    /// Show what keeps a relay from publishing, and mend it.
    Repair {
        /// Do it; without this, only say what would be done.
        #[arg(long)]
        yes: bool,
        /// Where a stream has more than its log: save that to a file and make the stream anew, instead of taking it back.
        #[arg(long)]
        from_log: bool,
    },
    /// Events that a view could not apply.
    Parked {
        #[command(subcommand)]
        action: Option<ParkedAction>,
    },
    /// Write a log to standard output, one event a line.
    Export {
        log: LogName,
        /// Begin behind this position.
        #[arg(long, default_value_t = 0)]
        after: u64,
    },
    /// Ask the running process whether it is ready.
    Healthcheck,
}

#[derive(Subcommand)]
enum ParkedAction {
    /// List them (the default).
    List,
    /// Apply a stream's parked events, now that the cause is mended.
    Retry { stream: String },
    /// Give a stream's parked events up.
    Drop {
        stream: String,
        /// Why; goes to the program's log.
        #[arg(long)]
        reason: String,
    },
}

/// The views that can be rebuilt.
#[derive(Clone, Copy, ValueEnum)]
enum ViewName {
    /// What the agents-service lists.
    Directory,
    /// The key lookup table of the signup-service.
    Keys,
    /// The agents-service's figures of signups.
    Sales,
}

/// The logs.
#[derive(Clone, Copy, ValueEnum)]
enum LogName {
    /// The agents-service's.
    Agents,
    /// The signup-service's.
    Signups,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let runtime = shared::process::runtime().context("the program cannot start");
    match runtime.and_then(|runtime| runtime.block_on(run(arguments))) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("signpost: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let settings = Settings::from_env().context("the settings are not right")?;
    shared::telemetry::start(&settings.log);
    let demo = arguments.demo;
    match arguments.command.unwrap_or(Command::Serve { demo }) {
        Command::Serve { demo: here } => serve::run(settings, demo || here).await,
        Command::Verify => verify::run(&settings).await,
        Command::Rebuild { view } => rebuild::run(&settings, view).await,
        Command::Repair { yes, from_log } => repair::run(&settings, repair::Consent { yes, from_log }).await,
        Command::Parked { action } => parked::run(&settings, action.unwrap_or(ParkedAction::List)).await,
        Command::Export { log, after } => export::run(&settings, log, after).await,
        Command::Healthcheck => {
            let ready = shared::process::healthcheck(settings.admin_listen).await;
            Ok(if ready { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
    }
}

/// A connection to NATS for a command, which cannot wait for it forever.
async fn connect(nats: &NatsSettings, name: &str) -> anyhow::Result<Bus> {
    let bus = Bus::connect(nats, name).await?;
    let health = Health::new("signpost").dependency("nats");
    bus.report_to(health.clone());
    for _ in 0..50 {
        if bus.is_connected() {
            return Ok(bus);
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    match health.status() {
        Status::Degraded(cause) | Status::Failing(cause) => anyhow::bail!("{cause}"),
        Status::Ok => anyhow::bail!("NATS at {} does not answer", nats.addresses()),
    }
}
