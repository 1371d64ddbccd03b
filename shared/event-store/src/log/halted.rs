use std::time::Duration;

use super::reader::Log;
use crate::health::{Dependency, Status};

/// How soon a replica notices that another has halted the log.
const POLL: Duration = Duration::from_secs(1);

/// Reports whether the log is halted, until the task is aborted. An unresponsive database is reported elsewhere.
pub async fn watch_halted(log: Log, health: Dependency) {
    let service = log.identity().service;
    loop {
        if let Ok(halted) = log.halted().await {
            metrics::gauge!("signpost_log_halted", "log" => service).set(if halted.is_some() { 1.0 } else { 0.0 });
            health.set_lasting(match halted {
                Some(reason) => Status::Failing(format!("nothing is appended: {reason}; run `signpost repair`")),
                None => Status::Ok,
            });
        }
        tokio::time::sleep(POLL).await;
    }
}
