use agents_service::maintenance::ProjectionName;
use web::settings::Settings;

use clap::ValueEnum;

use crate::RebuildTarget;
use crate::progress::Progress;

/// Rebuilds one projection while the live one goes on serving.
pub async fn run(settings: &Settings, projection: RebuildTarget) -> anyhow::Result<u8> {
    let (agents_database, agents_log) = agents_service::maintenance::open_existing(settings).await?;
    let (signups_database, signups_log) = signup_service::maintenance::open_existing(settings).await?;
    let followed = match projection {
        RebuildTarget::Directory | RebuildTarget::Keys | RebuildTarget::Decisions => agents_log,
        RebuildTarget::Sales | RebuildTarget::KeyUsage | RebuildTarget::CustomerWords => signups_log,
    };
    let mut progress = Progress::new("rebuild", followed.head().await?.position);
    let progress = move |step| progress.step(step);
    let agents = async |projection, progress| {
        agents_service::maintenance::rebuild(&agents_database, projection, &followed, progress).await
    };
    let position = match projection {
        RebuildTarget::Directory => agents(ProjectionName::Directory, progress).await?,
        RebuildTarget::Sales => agents(ProjectionName::Sales, progress).await?,
        RebuildTarget::Decisions => agents(ProjectionName::Decisions, progress).await?,
        RebuildTarget::Keys => signup_service::maintenance::rebuild(&signups_database, &followed, progress).await?,
        RebuildTarget::KeyUsage => {
            signup_service::maintenance::rebuild_usage(&signups_database, &followed, progress).await?
        }
        RebuildTarget::CustomerWords => {
            signup_service::maintenance::rebuild_words(&signups_database, &followed, progress).await?
        }
    };
    let name = projection.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default();
    println!("projection {name}: rebuilt, at position {position}");
    Ok(web::cli::ALL_WELL)
}
