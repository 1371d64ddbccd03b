//! A log on standard output, one event a line, for audits and copies.

use event_store::log::Log;
use std::io::{BufWriter, Error, ErrorKind, Write};
use web::settings::Settings;

use crate::LogName;

/// Events read at a time.
const PAGE: usize = 1_000;

/// Writes the log after `after`. A reader that closes the pipe is no error.
pub async fn run(settings: &Settings, name: LogName, after: u64) -> anyhow::Result<u8> {
    let (_, log) = match name {
        LogName::Agents => agents_service::maintenance::open_existing(settings).await?,
        LogName::Signups => signup_service::maintenance::open_existing(settings).await?,
    };
    match write_all(&log, after).await {
        Err(error) if error.downcast_ref().is_some_and(|io: &Error| io.kind() == ErrorKind::BrokenPipe) => {}
        outcome => outcome?,
    }
    Ok(web::cli::ALL_WELL)
}

async fn write_all(log: &Log, after: u64) -> anyhow::Result<()> {
    let mut output = BufWriter::new(std::io::stdout().lock());
    let mut position = after;
    loop {
        let page = log.read_after(position, PAGE).await?;
        let Some(last) = page.last() else { break };
        position = last.position;
        for event in &page {
            writeln!(output, "{}", event.to_json(log.identity())?)?;
        }
    }
    output.flush()?;
    Ok(())
}
