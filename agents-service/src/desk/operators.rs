//! Requests about operators.

use serde_json::{Value as Json, json};
use shared::sql::{SqlError, Tx};
use uuid::Uuid;

use super::Refusal;
use super::sheet::{Decided, Sheet, Told};
use crate::accounts;
use crate::domain::operator::{Command, Operator};
use crate::logins::{self, LoginDigest};
use crate::passwords::PasswordHash;

/// What can be asked about an operator.
#[derive(Clone)]
pub enum Request {
    Create { operator_id: Uuid, login: String, login_digest: LoginDigest, password: PasswordHash },
    ChangePassword { operator_id: Uuid, password: PasswordHash },
}

impl Request {
    fn stream(&self) -> String {
        match self {
            Self::Create { operator_id, .. } | Self::ChangePassword { operator_id, .. } => {
                format!("operator-{operator_id}")
            }
        }
    }

    pub(super) fn streams(&self) -> Vec<String> {
        vec![self.stream()]
    }

    pub(super) fn decide(&self, sheet: &mut Sheet) -> Result<Decided, Refusal> {
        match self {
            Self::Create { operator_id, login_digest, .. } => {
                if sheet.logins.contains(login_digest) {
                    return Err(Refusal::LoginTaken);
                }
                let login = logins::to_text(*login_digest);
                let create = Command::Create { operator_id: *operator_id, login_digest: login };
                let decided = sheet.decide::<Operator>(&self.stream(), None, create)?;
                sheet.logins.insert(*login_digest);
                Ok(decided)
            }
            Self::ChangePassword { operator_id, .. } => {
                sheet.decide::<Operator>(&self.stream(), None, Command::ChangePassword { operator_id: *operator_id })
            }
        }
    }

    pub(super) fn answer(&self, told: &Told) -> (u16, Json) {
        let status = if matches!(self, Self::Create { .. }) { 201 } else { 200 };
        (status, json!({ "id": told.id() }))
    }

    /// Writes the account that belongs to the event.
    pub(super) async fn store(&self, tx: &mut Tx) -> Result<(), SqlError> {
        match self {
            Self::Create { operator_id, login, login_digest, password } => {
                logins::take(tx, *login_digest, *operator_id);
                accounts::add_operator(tx, *operator_id, login, password);
            }
            Self::ChangePassword { operator_id, password } => {
                accounts::change_operator(tx, *operator_id, password).await?;
            }
        }
        Ok(())
    }
}
