use contract::clock::Moment;
use contract::events::agents::{AgentsEvent, MessageFrom};
use event_store::sql::{SqlError, Tx};
use futures::future::BoxFuture;
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use crate::agents::model::Agent;
use crate::batch::{BatchContext, Decided, Outcome};
use crate::command::{Command, Reply};
use crate::domain_error::DomainError;
use crate::support::messages::Message;
use crate::support::model::{Board, BoardCommand, Post, Text, stream};
use crate::{agents, support};

/// Posts a message on a board.
pub struct PostMessage {
    pub message_id: Uuid,
    pub agent_id: Uuid,
    pub from: MessageFrom,
    /// The author as the log's actor.
    pub author: String,
    pub text: Text,
    pub written_at: Moment,
}

/// A message that was posted, without its text.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "MessagePosted")]
pub struct Posted {
    id: Uuid,
    agent_id: Uuid,
    from: MessageFrom,
}

impl Command for PostMessage {
    fn stream(&self) -> String {
        stream(self.agent_id)
    }

    fn reads(&self) -> Vec<String> {
        vec![agents::model::stream(self.agent_id)]
    }

    fn decide(&self, batch: &mut BatchContext) -> Result<Decided, DomainError> {
        let Self { message_id, agent_id, from, .. } = *self;
        let agent = batch.state::<Agent>(&agents::model::stream(agent_id)).state();
        batch.decide::<Board>(&self.stream(), BoardCommand::Post(Post { message_id, agent_id, from, agent }))
    }

    fn respond(&self, _: &BatchContext, outcome: &Outcome) -> Reply {
        let id = match &outcome.last {
            Some(AgentsEvent::MessagePosted(event)) => event.message_id,
            _ => self.message_id,
        };
        Reply::created(Posted { id, agent_id: self.agent_id, from: self.from })
    }

    fn store<'a>(&'a self, tx: &'a mut Tx) -> BoxFuture<'a, Result<(), SqlError>> {
        let message = Message {
            id: self.message_id,
            from: self.from,
            author: self.author.clone(),
            text: self.text.as_str().to_owned(),
            written_at: self.written_at,
        };
        support::messages::add(tx, self.agent_id, &message);
        Box::pin(async { Ok(()) })
    }
}

pub struct EraseMessage {
    pub message_id: Uuid,
    pub agent_id: Uuid,
    pub reason: Option<String>,
}

/// A message whose text was erased.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "MessageErased")]
pub struct ErasedMessage {
    id: Uuid,
    agent_id: Uuid,
    erased: bool,
}

impl Command for EraseMessage {
    fn stream(&self) -> String {
        stream(self.agent_id)
    }

    fn decide(&self, batch: &mut BatchContext) -> Result<Decided, DomainError> {
        let (message_id, agent_id, reason) = (self.message_id, self.agent_id, self.reason.clone());
        batch.decide::<Board>(&self.stream(), BoardCommand::Erase { message_id, agent_id, reason })
    }

    fn respond(&self, _: &BatchContext, _: &Outcome) -> Reply {
        Reply::ok(ErasedMessage { id: self.message_id, agent_id: self.agent_id, erased: true })
    }

    fn store<'a>(&'a self, tx: &'a mut Tx) -> BoxFuture<'a, Result<(), SqlError>> {
        Box::pin(support::messages::erase(tx, self.message_id))
    }
}
