//! Requests about operators.

use serde_json::json;
use shared::log::Draft;
use shared::sql::{SqlError, Tx};
use uuid::Uuid;

use super::Refusal;
use super::sheet::Sheet;
use crate::accounts;
use crate::domain::operator::{Command, Operator};
use crate::domain::text::folded;
use crate::passwords::PasswordHash;

/// What can be asked about an operator.
#[derive(Clone)]
pub enum Request {
    Create { operator_id: Uuid, login: String, password: PasswordHash },
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

    pub(super) fn draft(&self, sheet: &mut Sheet) -> Result<Draft, Refusal> {
        match self {
            Self::Create { operator_id, login, .. } => {
                let login = folded(login);
                if sheet.operator_logins.contains(&login) {
                    return Err(Refusal::LoginTaken);
                }
                let draft = self.decide(sheet, 201, Command::Create { operator_id: *operator_id }, *operator_id)?;
                sheet.operator_logins.insert(login);
                Ok(draft)
            }
            Self::ChangePassword { operator_id, .. } => {
                self.decide(sheet, 200, Command::ChangePassword { operator_id: *operator_id }, *operator_id)
            }
        }
    }

    fn decide(&self, sheet: &mut Sheet, status: u16, command: Command, id: Uuid) -> Result<Draft, Refusal> {
        sheet.decide(&self.stream(), None, command, |_: Operator, _| (status, json!({ "id": id })))
    }

    /// Writes the account that belongs to the event.
    pub(super) async fn store(&self, tx: &mut Tx) -> Result<(), SqlError> {
        match self {
            Self::Create { operator_id, login, password } => accounts::add_operator(tx, *operator_id, login, password),
            Self::ChangePassword { operator_id, password } => {
                accounts::change_operator(tx, *operator_id, password).await?;
            }
        }
        Ok(())
    }
}
