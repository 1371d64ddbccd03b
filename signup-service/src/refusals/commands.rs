use std::sync::Arc;

use contract::events::signups::SignupRefused;
use event_store::log::CommandResponse;

use crate::batch::Batch;
use crate::command::{Command, Decided, Happened, Outcome, Refused};

/// The stream of refusals at unknown keys: one for all, so that guesses do not create streams.
const UNKNOWN_KEYS: &str = "unknown-keys";

#[derive(Clone, Debug)]
pub struct RecordRefusals(pub Arc<[SignupRefused]>);

impl Command for RecordRefusals {
    type State = ();

    const CAN_BE_GUESSED: bool = true;

    fn decide(&self, _: &mut Batch) -> Result<Decided<()>, Refused> {
        let happened = |refused: &SignupRefused| {
            let is_known = refused.agent_id.is_some();
            let stream = if is_known { format!("key-{}", refused.key) } else { UNKNOWN_KEYS.to_owned() };
            Happened::within(stream, refused.clone())
        };
        let events = self.0.iter().map(happened).collect();
        Ok(Decided { expected_versions: Vec::new(), events, version: None, state: () })
    }

    fn respond(&self, _: &Outcome<'_>) -> Result<CommandResponse, serde_json::Error> {
        CommandResponse::new(204, &())
    }
}
