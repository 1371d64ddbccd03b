//! Views folded anew, while the live ones go on serving.

use agents_service::operate::Kept;
use shared::settings::Settings;

use crate::ViewName;
use crate::progress::Progress;

/// Rebuilds one view.
pub async fn run(settings: &Settings, view: ViewName) -> anyhow::Result<u8> {
    let (agents_database, agents_log) = agents_service::operate::open_existing(settings).await?;
    let (signups_database, signups_log) = signup_service::operate::open_existing(settings).await?;
    let (kept, followed) = match view {
        ViewName::Directory => (Some(Kept::Directory), agents_log),
        ViewName::Sales => (Some(Kept::Sales), signups_log),
        ViewName::Keys => (None, agents_log),
    };
    let mut progress = Progress::new("rebuild", followed.head().await?.position);
    let tell = move |step| progress.step(step);
    let (name, position) = if let Some(kept) = kept {
        (kept.name(), agents_service::operate::rebuild(&agents_database, kept, &followed, tell).await?)
    } else {
        let position = signup_service::operate::rebuild(&signups_database, &followed, tell).await?;
        (signup_service::operate::VIEW, position)
    };
    println!("view {name}: rebuilt, at position {position}");
    Ok(shared::cli::ALL_WELL)
}
