//! The parts that the command lines of all binaries share: commands, exit codes, `--version` and `--help`. Each
//! binary flattens [`Command`] into its own commands.

mod output;
pub mod service;
pub mod status;

use std::error::Error;
use std::fmt::Write;
use std::iter::successors;
use std::process::ExitCode;
use std::time::Duration;

use clap::{CommandFactory, FromArgMatches, Subcommand};
use serde_json::json;

use crate::process::{self, ProcessError, Readiness, readiness};
use crate::settings::{Entry, NAMES, Program, Settings, SettingsErrors};
use event_store::bus::{Bus, NatsSettings};
use event_store::health::{Status, with_causes};
use event_store::sql::{Migration, is_unusable};
pub use output::{ALL_WELL, Format, UNKNOWN, WORK_DUE, WRONG_USAGE, print};
pub use service::schema_version;
use service::{OpenError, ServiceData};

/// Longest wait of a command for NATS.
const NATS_TIMEOUT: Duration = Duration::from_secs(5);
/// How often the connection to NATS is checked.
const NATS_POLL: Duration = Duration::from_millis(50);

/// The commit that the program was built from, or "unknown".
pub const COMMIT: &str = env!("SIGNPOST_COMMIT");

/// The commands that every binary has.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Create the tables or bring them up to date, then end.
    Migrate,
    /// Show each log, its projections, its stream and whether the running process is ready.
    Status(Format),
    /// Check or print the settings.
    Config {
        #[command(subcommand)]
        action: ConfigAction,
    },
    /// Ask the running process whether it is ready.
    Healthcheck,
}

/// What `config` does.
#[derive(Clone, Copy, Debug, Subcommand)]
pub enum ConfigAction {
    /// Check every setting and name each one that is wrong.
    Check(Format),
    /// Print every setting with its source; secrets are masked.
    Print(Format),
}

/// Parses the command line. `--help` lists the settings; `--version` names the commit and the schemas' versions.
pub fn parse<P: CommandFactory + FromArgMatches>(schemas: &[(&str, &[Migration])]) -> P {
    let command = P::command().version(version(schemas)).after_long_help(help());
    let read = P::from_arg_matches(&command.get_matches());
    read.unwrap_or_else(|error| error.exit())
}

/// `0.1.0 (commit 0123456789ab, schema agents 107, signups 103)`.
fn version(schemas: &[(&str, &[Migration])]) -> String {
    let schemas: Vec<String> =
        schemas.iter().map(|(service, migrations)| format!("{service} {}", schema_version(migrations))).collect();
    format!("{} (commit {COMMIT}, schema {})", env!("CARGO_PKG_VERSION"), schemas.join(", "))
}

fn help() -> String {
    let mut text = String::from(
        "Exit codes: 0 all is well, 1 work is due or faults are found, 2 wrong usage or settings, 3 not found out, since \
         the database or NATS does not answer.\n\n\
         Settings (environment variables; NAME_FILE names a file that holds the value of NAME):\n",
    );
    for (name, default, meaning) in NAMES {
        let _ = write!(text, "  {name}\n      {meaning} [default: {default}]\n");
    }
    text
}

/// A command with arguments that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct UsageError(pub String);

/// Runs a program to its end. A failure is printed in one line, and sets the exit code.
pub fn run_to_end<E: AsRef<dyn Error + 'static>>(name: &str, program: impl Future<Output = Result<u8, E>>) -> ExitCode {
    let fail = |error: &(dyn Error + 'static)| {
        eprintln!("{name}: {}", with_causes(error));
        exit_code(error)
    };
    ExitCode::from(match process::run_to_end(program) {
        Ok(Ok(code)) => code,
        Ok(Err(error)) => fail(error.as_ref()),
        Err(error) => fail(&error),
    })
}

/// The exit code of a command that ended with this error.
fn exit_code(error: &(dyn Error + 'static)) -> u8 {
    let is_usage = |error: &(dyn Error + 'static)| {
        let unfit = error.downcast_ref::<OpenError>().is_some_and(|error| !matches!(error, OpenError::Sql { .. }));
        let address =
            error.downcast_ref::<ProcessError>().is_some_and(|error| matches!(error, ProcessError::Listen { .. }));
        unfit || is_unusable(error) || address || error.is::<SettingsErrors>() || error.is::<UsageError>()
    };
    if successors(Some(error), |&error| error.source()).any(is_usage) { WRONG_USAGE } else { UNKNOWN }
}

/// A connection to NATS for a command; `None` where no NATS is configured.
pub async fn connect(settings: &Settings, name: &str) -> Result<Option<Bus>, String> {
    match &settings.nats {
        Some(nats) => connect_to(nats, name).await.map(Some),
        None => Ok(None),
    }
}

/// A connection to NATS for a command, with a time limit.
pub async fn connect_to(nats: &NatsSettings, name: &str) -> Result<Bus, String> {
    let bus = Bus::connect(nats, name).await.map_err(|error| with_causes(&error))?;
    let connected = async {
        while !bus.is_connected() {
            tokio::time::sleep(NATS_POLL).await;
        }
    };
    if tokio::time::timeout(NATS_TIMEOUT, connected).await.is_ok() {
        return Ok(bus);
    }
    Err(match bus.status() {
        Status::Degraded(cause) | Status::Failing(cause) => format!("NATS does not answer: {cause}"),
        Status::Ok => format!("NATS does not answer within {} s", NATS_TIMEOUT.as_secs()),
    })
}

/// Runs one of the common commands, except for `config`, which needs no valid settings.
pub async fn run(command: Command, settings: &Settings, services: &[ServiceData]) -> Result<u8, OpenError> {
    match command {
        Command::Migrate => {
            for service in services {
                service.migrate().await?;
            }
            Ok(ALL_WELL)
        }
        Command::Status(format) => {
            let bus = connect(settings, "status").await;
            Ok(status::run(services, settings, bus, format).await)
        }
        Command::Healthcheck => Ok(healthcheck(settings).await),
        Command::Config { .. } => Ok(ALL_WELL),
    }
}

/// Asks the running process whether it is ready, for containers without a shell.
async fn healthcheck(settings: &Settings) -> u8 {
    match readiness(settings.admin_listen).await {
        Some(Readiness { ready: true, .. }) => ALL_WELL,
        Some(Readiness { body, .. }) => {
            eprintln!("not ready: {}", body.unwrap_or_default());
            WORK_DUE
        }
        None => {
            eprintln!("{} does not answer", process::from_here(settings.admin_listen));
            UNKNOWN
        }
    }
}

/// Checks or prints the settings; returns the exit code.
pub fn config(action: ConfigAction, program: Program) -> u8 {
    let (format, print_all) = match action {
        ConfigAction::Check(format) => (format, false),
        ConfigAction::Print(format) => (format, true),
    };
    let (entries, errors) = match Settings::from_env(program) {
        Ok(settings) => (settings.entries, Vec::new()),
        Err(SettingsErrors(errors)) => (Vec::new(), errors.iter().map(ToString::to_string).collect()),
    };
    let code = if errors.is_empty() { ALL_WELL } else { WRONG_USAGE };
    let entries = if print_all { entries } else { Vec::new() };
    if format.json {
        let entries: Vec<_> = entries
            .iter()
            .map(|Entry { name, value, source }| json!({ "name": name, "value": value, "source": source }))
            .collect();
        println!("{}", json!({ "valid": errors.is_empty(), "errors": errors, "settings": entries }));
        return code;
    }
    for Entry { name, value, source } in &entries {
        println!("{name}={value} ({source})");
    }
    for error in &errors {
        eprintln!("{error}");
    }
    if !print_all && errors.is_empty() {
        println!("the settings are valid");
    }
    code
}
