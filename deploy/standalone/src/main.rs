//! `signpost`: both services in one process, and the operator's commands over their logs.

mod demo;
mod export;
mod pair;
mod parked;
mod progress;
mod rebuild;
mod repair;
mod serve;
mod verify;

use std::path::PathBuf;
use std::process::ExitCode;

use agents_service::cli::OperatorsAction;
use clap::{Parser, Subcommand, ValueEnum};
use event_store::bus::{Bus, NatsSettings};
use web::cli::{self, Format};
use web::settings::{Program, Settings};

/// Signup URLs for agents, with each customer placed with the right agent.
#[derive(Parser)]
#[command(name = "signpost")]
struct Arguments {
    #[command(flatten)]
    demo: demo::DemoArguments,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Serve both services (the default); migrates the databases first.
    Serve(demo::DemoArguments),
    /// Verify logs, and that projections and streams equal their logs; or, from outside, the log of one service.
    Verify {
        #[command(flatten)]
        format: Format,
        /// Verify the log of the service at this address by its replay endpoint alone.
        #[arg(long, value_name = "URL", requires = "token_file")]
        feed: Option<String>,
        /// A file with an API token that may read events.
        #[arg(long, value_name = "FILE", requires = "feed")]
        token_file: Option<PathBuf>,
    },
    /// Rebuild a projection beside the live one, then switch over.
    Rebuild { projection: RebuildTarget },
    /// Show the faults of logs, streams and projections, and repair them.
    Repair {
        /// Repair; without this, only show what would be done.
        #[arg(long)]
        yes: bool,
        /// Give up the events that a log has lost; messages that only its stream has are saved to a file first.
        #[arg(long)]
        from_log: bool,
    },
    /// List, retry or drop the events that a projection could not apply.
    Parked {
        #[command(subcommand)]
        action: Option<ParkedAction>,
        #[command(flatten)]
        format: Format,
    },
    /// Write a log to standard output, one event a line.
    Export {
        log: LogName,
        /// Start after this position.
        #[arg(long, default_value_t = 0)]
        after: u64,
    },
    /// List operators, or reset a password.
    Operators {
        #[command(subcommand)]
        action: OperatorsAction,
    },
    #[command(flatten)]
    Common(cli::Command),
}

#[derive(Subcommand)]
enum ParkedAction {
    /// List them (the default).
    List,
    /// Apply a stream's parked events, after the cause was repaired.
    Retry { stream: String },
    /// Give up a stream's parked events.
    Drop {
        stream: String,
        /// The reason, for the program's log.
        #[arg(long)]
        reason: String,
    },
}

#[derive(Clone, Copy, ValueEnum)]
enum RebuildTarget {
    /// The tables behind the lists of the agents-service.
    Directory,
    /// The key lookup table of the signup-service.
    Keys,
    /// The agents-service's sales.
    Sales,
    /// What commands are decided by: taken logins, commission terms, payments, the ledger, remittances.
    Decisions,
    /// The number of placements of each key with a cap.
    KeyUsage,
    /// The search words of customers.
    CustomerWords,
}

#[derive(Clone, Copy, ValueEnum)]
enum LogName {
    /// The agents-service's log.
    Agents,
    /// The signup-service's log.
    Signups,
}

fn main() -> ExitCode {
    let (agents, signups) = (agents_service::maintenance::migrations(), signup_service::app::migrations());
    let arguments: Arguments = cli::parse(&[("agents", &agents), ("signups", &signups)]);
    cli::run_to_end("signpost", run(arguments))
}

async fn run(arguments: Arguments) -> anyhow::Result<u8> {
    let demo = arguments.demo.size()?;
    let command = arguments.command.unwrap_or(Command::Serve(arguments.demo));
    if let Command::Common(cli::Command::Config { action }) = command {
        return Ok(cli::config(action, Program::Pair));
    }
    if let Command::Verify { format, feed: Some(feed), token_file: Some(file) } = &command {
        return verify::feed(feed, file, *format).await;
    }
    let settings = Settings::from_env(Program::Pair)?;
    web::telemetry::start(&settings.log);
    match command {
        Command::Serve(here) => Box::pin(serve::run(settings, here.size()?.or(demo))).await,
        Command::Verify { format, .. } => verify::run(&settings, format).await,
        Command::Rebuild { projection } => rebuild::run(&settings, projection).await,
        Command::Repair { yes, from_log } => repair::run(&settings, repair::Consent { yes, from_log }).await,
        Command::Parked { action, format } => {
            parked::run(&settings, action.unwrap_or(ParkedAction::List), format).await
        }
        Command::Export { log, after } => export::run(&settings, log, after).await,
        Command::Operators { action } => {
            println!("{}", agents_service::cli::operators(&settings, action).await?);
            Ok(cli::ALL_WELL)
        }
        Command::Common(command) => {
            let data = [agents_service::maintenance::data(&settings), signup_service::maintenance::data(&settings)];
            Ok(cli::run(command, &settings, &data).await?)
        }
    }
}

async fn connect(nats: &NatsSettings, name: &str) -> anyhow::Result<Bus> {
    cli::connect_to(nats, name).await.map_err(anyhow::Error::msg)
}
