//! `signup-service`: the service alone, as it runs at scale.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use contract::clock::Clock;
use event_store::bus::Bus;
use signup_service::{app, maintenance};
use web::cli;
use web::process::{BoundServer, begin, build_unless_stopped};
use web::settings::{Program, Settings};

/// The public signup pages and the record of placements.
#[derive(Parser)]
#[command(name = "signup-service")]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Serve (the default); migrates the database first.
    Serve,
    #[command(flatten)]
    Common(cli::Command),
}

fn main() -> ExitCode {
    let arguments: Arguments = cli::parse(&[("signups", &app::migrations())]);
    cli::run_to_end("signup-service", run(arguments.command.unwrap_or(Command::Serve)))
}

async fn run(command: Command) -> anyhow::Result<u8> {
    if let Command::Common(cli::Command::Config { action }) = command {
        return Ok(cli::config(action, Program::Signup));
    }
    let settings = Settings::from_env(Program::Signup)?;
    web::telemetry::start(&settings.log);
    match command {
        Command::Serve => Box::pin(serve(settings)).await,
        Command::Common(command) => Ok(cli::run(command, &settings, &[maintenance::data(&settings)]).await?),
    }
}

async fn serve(settings: Settings) -> anyhow::Result<u8> {
    let (stop, admin) = begin("signup-service", settings.admin_listen)?;
    let Some(built) = build_unless_stopped(&stop, Box::pin(build(&settings))).await else { return Ok(cli::ALL_WELL) };
    let listening = BoundServer::open(vec![built?.service], admin)?;
    println!("{}", listening.ready_line("signup-service"));
    listening.serve(stop).await?;
    Ok(cli::ALL_WELL)
}

async fn build(settings: &Settings) -> anyhow::Result<app::Built> {
    let bus = Bus::connect_to(settings.nats.as_ref(), "signup-service").await?;
    Ok(app::build(settings, Clock::System, bus, None).await?)
}
