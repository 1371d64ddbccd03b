//! Requests about operators.

use event_store::sql::{SqlError, Tx};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::DomainError;
use super::batch_context::{BatchContext, Decided, Outcome};
use crate::accounts;
use crate::domain::operator::{Command, Operator};
use crate::logins::{self, LoginDigest};
use crate::passwords::PasswordHash;

/// What can be asked about an operator.
#[derive(Clone)]
pub enum Request {
    Create { operator_id: Uuid, login: String, login_digest: LoginDigest, password: PasswordHash },
    ChangePassword { operator_id: Uuid, password: PasswordHash },
    Disable { operator_id: Uuid, reason: Option<String> },
    Enable { operator_id: Uuid, reason: Option<String> },
    Erase { operator_id: Uuid, reason: Option<String> },
}

impl Request {
    fn stream(&self) -> String {
        match self {
            Self::Create { operator_id, .. }
            | Self::ChangePassword { operator_id, .. }
            | Self::Disable { operator_id, .. }
            | Self::Enable { operator_id, .. }
            | Self::Erase { operator_id, .. } => format!("operator-{operator_id}"),
        }
    }

    pub(super) fn password(&self) -> Option<&PasswordHash> {
        match self {
            Self::Create { password, .. } | Self::ChangePassword { password, .. } => Some(password),
            Self::Disable { .. } | Self::Enable { .. } | Self::Erase { .. } => None,
        }
    }

    pub(super) fn streams(&self) -> Vec<String> {
        vec![self.stream()]
    }

    pub(super) fn decide(&self, batch: &mut BatchContext) -> Result<Decided, DomainError> {
        match self {
            Self::Create { operator_id, login_digest, .. } => {
                if batch.logins.contains(login_digest) {
                    return Err(DomainError::LoginTaken);
                }
                let login = logins::to_text(*login_digest);
                let create = Command::Create { operator_id: *operator_id, login_digest: login };
                let decided = batch.decide::<Operator>(&self.stream(), None, create)?;
                batch.logins.insert(*login_digest);
                Ok(decided)
            }
            Self::ChangePassword { operator_id, .. } => {
                batch.decide::<Operator>(&self.stream(), None, Command::ChangePassword { operator_id: *operator_id })
            }
            Self::Disable { operator_id, reason } => {
                let others = batch.able_operators.iter().filter(|able| *able != operator_id).count();
                let disable =
                    Command::Disable { operator_id: *operator_id, reason: reason.clone(), is_last: others == 0 };
                let decided = batch.decide::<Operator>(&self.stream(), None, disable)?;
                batch.able_operators.remove(operator_id);
                Ok(decided)
            }
            Self::Enable { operator_id, reason } => {
                let enable = Command::Enable { operator_id: *operator_id, reason: reason.clone() };
                batch.decide::<Operator>(&self.stream(), None, enable)
            }
            Self::Erase { operator_id, reason } => {
                let erase = Command::Erase { operator_id: *operator_id, reason: reason.clone() };
                batch.decide::<Operator>(&self.stream(), None, erase)
            }
        }
    }

    pub(super) fn answer(&self, outcome: &Outcome) -> (u16, Json) {
        match self {
            Self::Create { .. } => (201, json!({ "id": outcome.id() })),
            Self::ChangePassword { .. } => (200, json!({ "id": outcome.id() })),
            Self::Disable { .. } => (200, json!({ "id": outcome.id(), "state": "disabled" })),
            Self::Enable { .. } => (200, json!({ "id": outcome.id(), "state": "active" })),
            Self::Erase { .. } => (200, json!({ "id": outcome.id(), "state": "erased" })),
        }
    }

    /// Writes the account that belongs to the event.
    pub(super) async fn store(&self, tx: &mut Tx) -> Result<(), SqlError> {
        match self {
            Self::Create { operator_id, login, login_digest, password } => {
                logins::take(tx, *login_digest, *operator_id);
                logins::set_active(tx, *operator_id, true).await?;
                accounts::add_operator(tx, *operator_id, login, password);
            }
            Self::ChangePassword { operator_id, password } => {
                accounts::change_operator(tx, *operator_id, password).await?;
            }
            Self::Disable { operator_id, .. } => {
                logins::set_active(tx, *operator_id, false).await?;
                accounts::end_sessions_of_operator(tx, *operator_id).await?;
            }
            Self::Enable { operator_id, .. } => logins::set_active(tx, *operator_id, true).await?,
            Self::Erase { operator_id, .. } => accounts::erase_operator(tx, *operator_id).await?,
        }
        Ok(())
    }
}
