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

use agents_service::cli::OperatorsAction;
use clap::{Parser, Subcommand, ValueEnum};
use event_store::bus::{Bus, NatsSettings};
use web::cli::{self, Format};
use web::settings::{Program, Settings};

/// Signup URLs for agents, and every customer placed with the right agent.
#[derive(Parser)]
#[command(name = "signpost")]
struct Arguments {
    /// Fill an empty database with an example, then serve.
    #[arg(long)]
    demo: bool,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Serve both services (the default); creates the tables and brings them up to date first.
    Serve {
        /// Fill an empty database with an example first.
        #[arg(long)]
        demo: bool,
    },
    /// Prove that nothing is lost: logs whole, views equal to their logs, streams equal to their logs.
    Verify(Format),
    /// Fold a view anew beside the live one, then switch over.
    Rebuild { view: ViewName },
    /// Show what keeps a relay from publishing, and mend it.
    Repair {
        /// Do it; without this, only say what would be done.
        #[arg(long)]
        yes: bool,
        /// Give up what a log has lost, and never take it back: messages that only its stream has are saved to a file first.
        #[arg(long)]
        from_log: bool,
    },
    /// Events that a view could not apply.
    Parked {
        #[command(subcommand)]
        action: Option<ParkedAction>,
        #[command(flatten)]
        format: Format,
    },
    /// Write a log to standard output, one event a line.
    Export {
        log: LogName,
        /// Begin behind this position.
        #[arg(long, default_value_t = 0)]
        after: u64,
    },
    /// Operators' accounts, for whoever is locked out.
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
    /// Which logins are taken.
    Logins,
    /// How many customers each key with a cap has placed.
    KeyUsage,
    /// The words that customers are found by.
    CustomerWords,
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
    let (agents, signups) = (agents_service::maintenance::migrations(), signup_service::app::migrations());
    let arguments: Arguments = cli::parse(&[("agents", &agents), ("signups", &signups)]);
    cli::run_to_end("signpost", run(arguments))
}

async fn run(arguments: Arguments) -> anyhow::Result<u8> {
    let demo = arguments.demo;
    let command = arguments.command.unwrap_or(Command::Serve { demo });
    if let Command::Common(cli::Command::Config { action }) = command {
        return Ok(cli::config(action, Program::Pair));
    }
    let settings = Settings::from_env(Program::Pair)?;
    web::telemetry::start(&settings.log);
    match command {
        Command::Serve { demo: here } => Box::pin(serve::run(settings, demo || here)).await,
        Command::Verify(format) => verify::run(&settings, format).await,
        Command::Rebuild { view } => rebuild::run(&settings, view).await,
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

/// A connection to NATS for a command.
async fn connect(nats: &NatsSettings, name: &str) -> anyhow::Result<Bus> {
    cli::connect_to(nats, name).await.map_err(anyhow::Error::msg)
}
