//! Events that a view could not apply: listed, tried again, given up.

use std::process::ExitCode;

use agents_service::operate::Kept;
use anyhow::ensure;
use shared::follow::parked::{self, ParkedEvent};
use shared::settings::Settings;

use crate::ParkedAction;

/// Does one of the three.
pub async fn run(settings: &Settings, action: ParkedAction) -> anyhow::Result<ExitCode> {
    let (agents, _) = agents_service::operate::open(settings).await?;
    let (signups, _) = signup_service::operate::open(settings).await?;
    let mut waiting = parked::list(&agents).await?;
    waiting.extend(parked::list(&signups).await?);
    match action {
        ParkedAction::List => list(&waiting),
        ParkedAction::Retry { stream } => {
            for view in views(&waiting, &stream)? {
                let applied = match Kept::named(&view) {
                    Some(kept) => agents_service::operate::retry(&agents, kept, &stream).await?,
                    None => signup_service::operate::retry(&signups, &stream).await?,
                };
                println!("view {view}: {applied} events of {stream} applied");
            }
        }
        ParkedAction::Drop { stream, reason } => {
            for view in views(&waiting, &stream)? {
                let dropped = match Kept::named(&view) {
                    Some(kept) => agents_service::operate::drop(&agents, kept, &stream, &reason).await?,
                    None => signup_service::operate::drop(&signups, &stream, &reason).await?,
                };
                println!("view {view}: {dropped} events of {stream} dropped");
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn list(waiting: &[ParkedEvent]) {
    if waiting.is_empty() {
        println!("no event is parked");
    }
    for event in waiting {
        println!(
            "{}  view {}  position {}  stream {}  {}",
            event.parked_at, event.view, event.position, event.stream, event.error
        );
    }
}

/// The views in which a stream is parked.
fn views(waiting: &[ParkedEvent], stream: &str) -> anyhow::Result<Vec<String>> {
    let mut views: Vec<String> =
        waiting.iter().filter(|event| event.stream == stream).map(|event| event.view.clone()).collect();
    views.dedup();
    ensure!(!views.is_empty(), "stream {stream} is not parked");
    Ok(views)
}
