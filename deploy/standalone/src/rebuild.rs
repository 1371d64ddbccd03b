//! Views folded anew, while the live ones go on serving.

use std::process::ExitCode;

use shared::feed::Feed;
use shared::settings::Settings;

use crate::ViewName;
use crate::progress::Progress;

/// Rebuilds one view.
pub async fn run(settings: &Settings, view: ViewName) -> anyhow::Result<ExitCode> {
    let (agents_database, agents_log) = agents_service::operate::open(settings).await?;
    let mut progress = Progress::new("rebuild", agents_log.head().await?.position);
    let tell = move |position| progress.at(position);
    // Both views follow the agents' log.
    let source = Feed::Local(agents_log);
    let (name, position) = match view {
        ViewName::Directory => ("directory", agents_service::operate::rebuild(&agents_database, source, tell).await?),
        ViewName::Keys => {
            let (database, _) = signup_service::operate::open(settings).await?;
            ("keys", signup_service::operate::rebuild(&database, source, tell).await?)
        }
    };
    println!("view {name}: rebuilt, at position {position}");
    Ok(ExitCode::SUCCESS)
}
