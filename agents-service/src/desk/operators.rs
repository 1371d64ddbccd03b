//! Requests about operators.

use serde_json::json;
use shared::log::Draft;
use uuid::Uuid;

use super::Refusal;
use super::sheet::Sheet;
use crate::domain::operator::{Command, Operator};
use crate::domain::text::folded;
use crate::passwords::PasswordHash;

/// A new operator.
#[derive(Clone)]
pub struct Request {
    pub operator_id: Uuid,
    pub login: String,
    pub password: PasswordHash,
}

impl Request {
    fn stream(&self) -> String {
        format!("operator-{}", self.operator_id)
    }

    pub(super) fn streams(&self) -> Vec<String> {
        vec![self.stream()]
    }

    pub(super) fn draft(&self, sheet: &mut Sheet) -> Result<Draft, Refusal> {
        let login = folded(&self.login);
        if sheet.operator_logins.contains(&login) {
            return Err(Refusal::LoginTaken);
        }
        let operator_id = self.operator_id;
        let draft = sheet.decide(&self.stream(), None, Command::Create { operator_id }, |_: Operator, _| {
            (201, json!({ "id": operator_id }))
        })?;
        sheet.operator_logins.insert(login);
        Ok(draft)
    }
}
