//! `agents-service`: the service alone, as it runs at scale.

use std::process::ExitCode;

use agents_service::cli::OperatorsAction;
use agents_service::maintenance;
use clap::{Parser, Subcommand};
use contract::clock::Clock;
use event_store::bus::Bus;
use web::cli;
use web::process::{BoundServer, begin, build_unless_stopped};
use web::settings::{Program, Settings};

/// Agents, call plans, customer groups and signup keys: the back office, the portal and their API.
#[derive(Parser)]
#[command(name = "agents-service")]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Serve (the default); migrates the database first.
    Serve,
    /// List operators, or reset a password.
    Operators {
        #[command(subcommand)]
        action: OperatorsAction,
    },
    #[command(flatten)]
    Common(cli::Command),
}

fn main() -> ExitCode {
    let arguments: Arguments = cli::parse(&[("agents", &maintenance::migrations())]);
    cli::run_to_end("agents-service", run(arguments.command.unwrap_or(Command::Serve)))
}

async fn run(command: Command) -> anyhow::Result<u8> {
    if let Command::Common(cli::Command::Config { action }) = command {
        return Ok(cli::config(action, Program::Agents));
    }
    let settings = Settings::from_env(Program::Agents)?;
    web::telemetry::start(&settings.log);
    match command {
        Command::Serve => Box::pin(serve(settings)).await,
        Command::Operators { action } => {
            println!("{}", agents_service::cli::operators(&settings, action).await?);
            Ok(cli::ALL_WELL)
        }
        Command::Common(command) => Ok(cli::run(command, &settings, &[maintenance::data(&settings)]).await?),
    }
}

async fn serve(settings: Settings) -> anyhow::Result<u8> {
    let (stop, admin) = begin("agents-service", settings.admin_listen)?;
    let Some(app) = build_unless_stopped(&stop, Box::pin(build(&settings))).await else { return Ok(cli::ALL_WELL) };
    let app = app?;
    let listening = BoundServer::open(vec![app.service], admin)?;
    println!("{}", listening.ready_line("agents-service"));
    if let Some(operator) = &app.first_operator {
        println!("  {operator}");
    }
    for warning in &app.warnings {
        println!("  warning: {warning}");
    }
    listening.serve(stop).await?;
    Ok(cli::ALL_WELL)
}

async fn build(settings: &Settings) -> anyhow::Result<agents_service::app::Built> {
    let bus = Bus::connect_to(settings.nats.as_ref(), "agents-service").await?;
    Ok(agents_service::app::build(settings, Clock::System, bus, None).await?)
}
