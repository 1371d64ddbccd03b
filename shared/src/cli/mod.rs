//! What the command lines of the binaries have in common: the commands, the exit codes, `--version` and `--help`. Each binary
//! flattens [`Command`] into its own list of commands.

use std::fmt::Write;

use clap::{Args, CommandFactory, FromArgMatches, Subcommand};

use crate::settings::NAMES;
use crate::sql::Migration;

/// Exit code: all is well.
pub const ALL_WELL: u8 = 0;
/// Exit code: there is work for an operator, such as faults found, a halted relay, parked streams or a schema to migrate.
pub const WORK_DUE: u8 = 1;
/// Exit code: the command or the settings are wrong.
pub const WRONG_USAGE: u8 = 2;
/// Exit code: it could not be found out, since the database or NATS does not answer.
pub const UNKNOWN: u8 = 3;

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

/// How a command writes its result.
#[derive(Args, Clone, Copy, Debug, Default)]
pub struct Format {
    /// Write one JSON object instead of text.
    #[arg(long)]
    pub json: bool,
}

/// Reads the command line. `--help` lists the settings; `--version` names the commit and the schemas' versions.
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

/// The version of the schema that these migrations lead to.
pub fn schema_version(migrations: &[Migration]) -> i64 {
    migrations.iter().map(|migration| migration.version).max().unwrap_or(0)
}

fn help() -> String {
    let mut text = String::from(
        "Exit codes: 0 all is well, 1 work is due, 2 wrong usage or settings, 3 the database or NATS does not answer.\n\n\
         Settings (environment variables; NAME_FILE names a file that holds the value of NAME):\n",
    );
    for (name, default, meaning) in NAMES {
        let _ = write!(text, "  {name}\n      {meaning} [default: {default}]\n");
    }
    text
}
