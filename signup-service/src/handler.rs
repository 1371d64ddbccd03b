//! The log writer's callbacks: load the facts of a batch, decide its commands, write its rows. A batch may be decided
//! from cached facts; if one was wrong, the write fails and the batch is decided again from the database.

use std::sync::Arc;

use contract::clock::{Clock, Moment};
use event_store::log::{CommandHandler, CommandResponse, Decision, Decisions, RecordedEvent, Repeated, Writer};
use event_store::sql::{SqlError, Tx};

use crate::batch::Batch;
use crate::command::{AnyCommand, Refused, State};

pub type SignupWriter = Writer<SignupCommandHandler>;

/// Decides and stores the commands of a batch together.
pub struct SignupCommandHandler {
    clock: Clock,
}

impl SignupCommandHandler {
    pub fn new(clock: Clock) -> Self {
        Self { clock }
    }
}

fn needs_of(commands: &[&Arc<dyn AnyCommand>]) -> Batch {
    let mut batch = Batch::default();
    for command in commands {
        command.needs(&mut batch);
    }
    batch
}

impl CommandHandler for SignupCommandHandler {
    type Request = Arc<dyn AnyCommand>;
    type Error = Refused;
    type HandlerState = State;
    type Queries = Batch;

    fn queue_queries(&self, tx: &mut Tx, commands: &[&Self::Request]) -> Batch {
        let mut batch = needs_of(commands);
        batch.queue_queries(tx);
        batch
    }

    async fn decide(
        &self,
        tx: &mut Tx,
        mut batch: Batch,
        commands: &[&Self::Request],
        now: Moment,
    ) -> Result<Decisions<Self>, SqlError> {
        batch.load(tx).await?;
        batch.now = now;
        commands.iter().map(|command| command.decide(&mut batch)).collect()
    }

    async fn guess(
        &self,
        tx: &mut Tx,
        commands: &[&Self::Request],
        now: Moment,
    ) -> Result<Option<Vec<Decision<State>>>, SqlError> {
        if !commands.iter().all(|command| command.can_be_guessed()) {
            return Ok(None);
        }
        let mut batch = needs_of(commands);
        if !batch.recall(tx).await? {
            return Ok(None);
        }
        batch.now = now;
        Ok(commands.iter().map(|command| command.decide(&mut batch).ok()?.ok()).collect())
    }

    async fn repeat(
        &self,
        _: &mut Tx,
        command: &Self::Request,
        repeated: &Repeated,
    ) -> Result<CommandResponse, SqlError> {
        command.repeat(repeated)
    }

    async fn store(
        &self,
        tx: &mut Tx,
        accepted: &[(&Self::Request, &Decision<State>)],
        _: &[RecordedEvent],
        is_guessed: bool,
    ) -> Result<(), SqlError> {
        let mut batch = Batch::at(self.clock.now());
        for (command, decision) in accepted {
            command.store(&decision.state, &mut batch);
        }
        batch.write(tx, is_guessed);
        Ok(())
    }
}
