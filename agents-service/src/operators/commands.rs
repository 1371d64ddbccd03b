use std::collections::{BTreeMap, BTreeSet};

use contract::clock::Moment;
use contract::events::agents::AgentsEvent;
use contract::roles::OperatorRole;
use event_store::sql::{SqlError, Tx};
use futures::future::BoxFuture;
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use crate::auth::logins::{self, LoginDigest, TakenLogins, login_taken};
use crate::auth::passwords::PasswordHash;
use crate::batch::{BatchContext, Decided, Outcome};
use crate::command::{Command, Reply, SimpleCommand};
use crate::domain_error::DomainError;
use crate::facts::{Fact, Known, Needs};
use crate::operators;
use crate::operators::model::{Operator, OperatorCommand, stream};
use crate::operators::snapshot::State;

/// The operators with every right who can sign in, all under one key.
struct AbleOperators;

impl Fact for AbleOperators {
    type Key = ();
    type Value = BTreeSet<Uuid>;

    fn load(tx: &mut Tx, _: BTreeSet<()>, _: Moment) -> BoxFuture<'_, Result<Known<Self>, SqlError>> {
        Box::pin(async { Ok(BTreeMap::from([((), operators::accounts::able_operators(tx).await?)])) })
    }
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "OperatorChanged")]
pub struct Added {
    id: Uuid,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "OperatorTurned")]
pub struct Turned {
    id: Uuid,
    state: State,
}

fn turned(batch: &BatchContext, outcome: &Outcome) -> Reply {
    let state = match batch.state::<Operator>(&outcome.stream) {
        Operator::Absent | Operator::Active(_) => State::Active,
        Operator::Disabled(_) => State::Disabled,
        Operator::Erased => State::Erased,
    };
    Reply::ok(Turned { id: outcome.uuid(), state })
}

pub struct CreateOperator {
    pub operator_id: Uuid,
    pub login: String,
    pub login_digest: LoginDigest,
    pub password: PasswordHash,
    pub role: OperatorRole,
}

impl Command for CreateOperator {
    fn stream(&self) -> String {
        stream(self.operator_id)
    }

    fn needs(&self, needs: &mut Needs) {
        needs.fact::<TakenLogins>(self.login_digest);
    }

    fn decide(&self, batch: &mut BatchContext) -> Result<Decided, DomainError> {
        if batch.fact::<TakenLogins>(&self.login_digest).is_some() {
            return Err(login_taken());
        }
        let login_digest = logins::to_text(self.login_digest);
        let create = OperatorCommand::Create { operator_id: self.operator_id, login_digest, role: self.role };
        let decided = batch.decide::<Operator>(&self.stream(), create)?;
        batch.set_fact::<TakenLogins>(self.login_digest, ());
        Ok(decided)
    }

    fn respond(&self, _: &BatchContext, outcome: &Outcome) -> Reply {
        Reply::created(Added { id: outcome.uuid() })
    }

    fn store<'a>(&'a self, tx: &'a mut Tx) -> BoxFuture<'a, Result<(), SqlError>> {
        Box::pin(async {
            operators::accounts::add_operator(tx, self.operator_id, &self.login, &self.password);
            Ok(())
        })
    }

    fn password(&self) -> Option<&PasswordHash> {
        Some(&self.password)
    }
}

/// Changes an operator's role, which counts at once, or their password, which ends their sessions.
pub struct ChangeOperator {
    pub operator_id: Uuid,
    pub role: Option<OperatorRole>,
    pub password: Option<PasswordHash>,
}

impl ChangeOperator {
    pub fn password(operator_id: Uuid, password: PasswordHash) -> Self {
        Self { operator_id, role: None, password: Some(password) }
    }
}

/// The operators with every right, except for this one.
fn others(batch: &BatchContext, operator_id: Uuid) -> BTreeSet<Uuid> {
    let mut others = batch.fact::<AbleOperators>(&()).cloned().unwrap_or_default();
    others.remove(&operator_id);
    others
}

impl Command for ChangeOperator {
    fn stream(&self) -> String {
        stream(self.operator_id)
    }

    fn needs(&self, needs: &mut Needs) {
        needs.fact::<AbleOperators>(());
    }

    fn decide(&self, batch: &mut BatchContext) -> Result<Decided, DomainError> {
        let others = others(batch, self.operator_id);
        let change = OperatorCommand::Change {
            operator_id: self.operator_id,
            has_new_password: self.password.is_some(),
            role: self.role,
            is_last: others.is_empty(),
        };
        let decided = batch.decide::<Operator>(&self.stream(), change)?;
        if decided.happened.iter().any(|event| matches!(event, AgentsEvent::OperatorRoleChanged(_))) {
            // Whoever has every right only since this batch is not counted on in it.
            batch.set_fact::<AbleOperators>((), others);
        }
        Ok(decided)
    }

    fn respond(&self, _: &BatchContext, outcome: &Outcome) -> Reply {
        Reply::ok(Added { id: outcome.uuid() })
    }

    fn store<'a>(&'a self, tx: &'a mut Tx) -> BoxFuture<'a, Result<(), SqlError>> {
        match &self.password {
            Some(password) => Box::pin(operators::accounts::change_operator(tx, self.operator_id, password)),
            None => Box::pin(async { Ok(()) }),
        }
    }

    fn password(&self) -> Option<&PasswordHash> {
        self.password.as_ref()
    }
}

/// Disables an operator, never the last one with every right who can sign in; their sessions end.
pub struct DisableOperator {
    pub operator_id: Uuid,
    pub reason: Option<String>,
}

impl Command for DisableOperator {
    fn stream(&self) -> String {
        stream(self.operator_id)
    }

    fn needs(&self, needs: &mut Needs) {
        needs.fact::<AbleOperators>(());
    }

    fn decide(&self, batch: &mut BatchContext) -> Result<Decided, DomainError> {
        let others = others(batch, self.operator_id);
        let (operator_id, reason, is_last) = (self.operator_id, self.reason.clone(), others.is_empty());
        let disable = OperatorCommand::Disable { operator_id, reason, is_last };
        let decided = batch.decide::<Operator>(&self.stream(), disable)?;
        batch.set_fact::<AbleOperators>((), others);
        Ok(decided)
    }

    fn respond(&self, batch: &BatchContext, outcome: &Outcome) -> Reply {
        turned(batch, outcome)
    }

    fn store<'a>(&'a self, tx: &'a mut Tx) -> BoxFuture<'a, Result<(), SqlError>> {
        Box::pin(operators::accounts::end_sessions_of_operator(tx, self.operator_id))
    }
}

pub fn enable(operator_id: Uuid, reason: Option<String>) -> SimpleCommand<Operator> {
    SimpleCommand::new(stream(operator_id), OperatorCommand::Enable { operator_id, reason }, turned)
}

/// Erases the login of a disabled operator for good.
pub fn erase(operator_id: Uuid, reason: Option<String>) -> SimpleCommand<Operator> {
    let command = SimpleCommand::new(stream(operator_id), OperatorCommand::Erase { operator_id, reason }, turned);
    command.storing(operator_id, |tx, id| Box::pin(operators::accounts::erase_operator(tx, id)))
}
