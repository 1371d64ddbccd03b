//! `parked`: lists, retries or drops the events that a projection could not apply.

use std::fmt::{self, Display, Formatter};

use agents_service::maintenance::ProjectionName;
use event_store::projections::parked::{self, ParkedEvent};
use serde::Serialize;
use web::cli::{self, Format, UsageError};
use web::settings::Settings;

use crate::ParkedAction;

pub async fn run(settings: &Settings, action: ParkedAction, format: Format) -> anyhow::Result<u8> {
    let (agents, _) = agents_service::maintenance::open_existing(settings).await?;
    let (signups, _) = signup_service::maintenance::open_existing(settings).await?;
    let mut waiting = parked::list(&agents).await?;
    waiting.extend(parked::list(&signups).await?);
    match action {
        ParkedAction::List => {
            cli::print(&Parked::of(&waiting), format);
            return Ok(if waiting.is_empty() { cli::ALL_WELL } else { cli::WORK_DUE });
        }
        ParkedAction::Retry { stream } => {
            for view in views(&waiting, &stream)? {
                let applied = match ProjectionName::named(&view) {
                    Some(kept) => agents_service::maintenance::retry(&agents, kept, &stream).await?,
                    None => signup_service::maintenance::retry(&signups, &view, &stream).await?,
                };
                println!("projection {view}: {applied} events of {stream} applied");
            }
        }
        ParkedAction::Drop { stream, reason } => {
            for view in views(&waiting, &stream)? {
                let dropped = match ProjectionName::named(&view) {
                    Some(kept) => agents_service::maintenance::drop(&agents, kept, &stream, &reason).await?,
                    None => signup_service::maintenance::drop(&signups, &view, &stream, &reason).await?,
                };
                println!("projection {view}: {dropped} events of {stream} dropped");
            }
        }
    }
    Ok(cli::ALL_WELL)
}

#[derive(Serialize)]
struct Parked {
    parked: Vec<Line>,
}

#[derive(Serialize)]
struct Line {
    parked_at: String,
    view: String,
    position: u64,
    stream: String,
    error: String,
}

impl Parked {
    fn of(waiting: &[ParkedEvent]) -> Self {
        let lines = waiting.iter().map(|event| Line {
            parked_at: event.parked_at.to_string(),
            view: event.view.clone(),
            position: event.position,
            stream: event.stream.clone(),
            error: event.error.clone(),
        });
        Self { parked: lines.collect() }
    }
}

impl Display for Parked {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        if self.parked.is_empty() {
            return write!(out, "no event is parked");
        }
        for (number, Line { parked_at, view, position, stream, error }) in self.parked.iter().enumerate() {
            let line_end = if number == 0 { "" } else { "\n" };
            write!(out, "{line_end}{parked_at}  projection {view}  position {position}  stream {stream}  {error}")?;
        }
        Ok(())
    }
}

/// The projections in which a stream is parked.
fn views(waiting: &[ParkedEvent], stream: &str) -> anyhow::Result<Vec<String>> {
    let mut views: Vec<String> =
        waiting.iter().filter(|event| event.stream == stream).map(|event| event.view.clone()).collect();
    views.dedup();
    if views.is_empty() {
        return Err(UsageError(format!("stream {stream} is not parked")).into());
    }
    Ok(views)
}
