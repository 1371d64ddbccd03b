use std::fmt::Display;

use clap::Args;
use serde::Serialize;

/// Exit code: no faults.
pub const ALL_WELL: u8 = 0;
/// Exit code: an operator must act, for example on faults found, a halted relay, parked streams or a schema to
/// migrate.
pub const WORK_DUE: u8 = 1;
/// Exit code: the command or the settings are wrong.
pub const WRONG_USAGE: u8 = 2;
/// Exit code: the result is unknown, since the database or NATS does not respond.
pub const UNKNOWN: u8 = 3;

/// The format of a command's result.
#[derive(Args, Clone, Copy, Debug, Default)]
pub struct Format {
    /// Write one JSON object instead of text.
    #[arg(long)]
    pub json: bool,
}

/// Writes a result to standard output.
pub fn print<T: Serialize + Display>(result: &T, format: Format) {
    let json = if format.json { serde_json::to_string(result).ok() } else { None };
    match json {
        Some(json) => println!("{json}"),
        None => println!("{result}"),
    }
}
