use crate::batch::{BatchContext, Outcome};
use crate::command::{Reply, SimpleCommand};
use crate::settings::model::{STREAM, Settings, SettingsChange};
use crate::settings::snapshot::SettingsSnapshot;

/// Changes settings; absent fields stay.
pub fn change_settings(change: SettingsChange) -> SimpleCommand<Settings> {
    let changed = |batch: &BatchContext, outcome: &Outcome| Reply::ok(batch.snapshot(outcome, SettingsSnapshot::of));
    SimpleCommand::new(STREAM.to_owned(), change, changed)
}
