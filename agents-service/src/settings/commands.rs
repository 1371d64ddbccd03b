use crate::batch::{BatchContext, Decided, Outcome};
use crate::command::{Command, Reply};
use crate::domain_error::DomainError;
use crate::settings::model::{STREAM, Settings, SettingsChange};
use crate::settings::snapshot::SettingsSnapshot;

/// Changes settings; absent fields stay.
pub struct ChangeSettings(pub SettingsChange);

impl Command for ChangeSettings {
    fn stream(&self) -> String {
        STREAM.to_owned()
    }

    fn decide(&self, batch: &mut BatchContext) -> Result<Decided, DomainError> {
        batch.decide::<Settings>(STREAM, self.0.clone())
    }

    fn respond(&self, batch: &BatchContext, _: &Outcome) -> Reply {
        Reply::ok(SettingsSnapshot::of(batch.state::<Settings>(STREAM), batch.version(STREAM)))
    }
}
