use std::sync::Arc;

use contract::events::signups::SignupPageViewed;
use event_store::log::CommandResponse;

use crate::batch::Batch;
use crate::command::{Command, Decided, Happened, Outcome, Refused};

#[derive(Clone, Debug)]
pub struct RecordPageViews(pub Arc<[SignupPageViewed]>);

impl Command for RecordPageViews {
    type State = ();

    const CAN_BE_GUESSED: bool = true;

    fn decide(&self, _: &mut Batch) -> Result<Decided<()>, Refused> {
        let events = self.0.iter().map(|seen| Happened::within(format!("views-{}", seen.key), seen.clone())).collect();
        Ok(Decided { expected_versions: Vec::new(), events, version: None, state: () })
    }

    fn respond(&self, _: &Outcome<'_>) -> Result<CommandResponse, serde_json::Error> {
        CommandResponse::new(204, &())
    }
}
