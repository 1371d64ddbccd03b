//! Views folded anew, while the live ones go on serving.

use agents_service::maintenance::ProjectionName;
use web::settings::Settings;

use clap::ValueEnum;

use crate::ViewName;
use crate::progress::Progress;

/// Rebuilds one view.
pub async fn run(settings: &Settings, view: ViewName) -> anyhow::Result<u8> {
    let (agents_database, agents_log) = agents_service::maintenance::open_existing(settings).await?;
    let (signups_database, signups_log) = signup_service::maintenance::open_existing(settings).await?;
    let followed = match view {
        ViewName::Directory | ViewName::Keys | ViewName::Logins => agents_log,
        ViewName::Sales | ViewName::KeyUsage | ViewName::CustomerWords => signups_log,
    };
    let mut progress = Progress::new("rebuild", followed.head().await?.position);
    let tell = move |step| progress.step(step);
    let agents = async |kept, tell| agents_service::maintenance::rebuild(&agents_database, kept, &followed, tell).await;
    let position = match view {
        ViewName::Directory => agents(ProjectionName::Directory, tell).await?,
        ViewName::Sales => agents(ProjectionName::Sales, tell).await?,
        ViewName::Logins => agents(ProjectionName::Logins, tell).await?,
        ViewName::Keys => signup_service::maintenance::rebuild(&signups_database, &followed, tell).await?,
        ViewName::KeyUsage => signup_service::maintenance::rebuild_usage(&signups_database, &followed, tell).await?,
        ViewName::CustomerWords => {
            signup_service::maintenance::rebuild_words(&signups_database, &followed, tell).await?
        }
    };
    let name = view.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default();
    println!("view {name}: rebuilt, at position {position}");
    Ok(web::cli::ALL_WELL)
}
