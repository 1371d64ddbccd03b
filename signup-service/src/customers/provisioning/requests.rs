//! What the operator's systems tell, as they send it: text is kept as it was given, or refused.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use web::http::{FieldErrors, Problem};

use crate::customers::service::model::Account;
use crate::fields::text::typed;
use crate::fields::violation::Violation;

const MAX_SYSTEM: usize = 40;
const MAX_ACCOUNT: usize = 200;
const MAX_REASON: usize = 500;
/// Most details of an account, and the longest name and text of one.
const MAX_DETAILS: usize = 20;
const MAX_DETAIL_NAME: usize = 40;
const MAX_DETAIL: usize = 500;

/// An account that a system made for the customer.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ProvisionedBody {
    /// The system's name: 1 to 40 lower-case letters, digits, hyphens, dots and underscores, such as `softswitch`.
    #[schemars(length(min = 1))]
    pub system: String,
    /// The account there, such as a SIP user name.
    #[schemars(length(min = 1))]
    pub account: String,
    /// What else the operator should find with the customer: at most 20 texts by name. No passwords.
    pub details: BTreeMap<String, String>,
}

/// Why a system could not make an account.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ProvisioningFailedBody {
    /// The system's name: 1 to 40 lower-case letters, digits, hyphens, dots and underscores, such as `softswitch`.
    #[schemars(length(min = 1))]
    pub system: String,
    /// In the system's words. It may be personal, so it is kept beside the log.
    pub reason: Option<String>,
}

/// Why a customer's service changes.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct StepBody {
    pub reason: Option<String>,
}

impl ProvisionedBody {
    pub fn check(self, mut errors: FieldErrors) -> Result<(String, Account), Problem> {
        let system = system(self.system, &mut errors);
        let name = needed("account", &self.account, MAX_ACCOUNT, &mut errors).unwrap_or_default();
        if self.details.len() > MAX_DETAILS {
            errors.add("details", "too_many", "must not have more than 20 texts");
        }
        let details = self.details.into_iter().filter_map(|(name, text)| {
            let kept = needed("details", &name, MAX_DETAIL_NAME, &mut errors)?;
            Some((kept, optional("details", &text, MAX_DETAIL, &mut errors)?))
        });
        let details = details.collect();
        errors.into_result()?;
        Ok((system, Account { name, details }))
    }
}

impl ProvisioningFailedBody {
    pub fn check(self, mut errors: FieldErrors) -> Result<(String, Option<String>), Problem> {
        let system = system(self.system, &mut errors);
        let reason = optional("reason", self.reason.as_deref().unwrap_or_default(), MAX_REASON, &mut errors);
        errors.into_result()?;
        Ok((system, reason))
    }
}

impl StepBody {
    pub fn check(self, mut errors: FieldErrors) -> Result<Option<String>, Problem> {
        let reason = optional("reason", self.reason.as_deref().unwrap_or_default(), MAX_REASON, &mut errors);
        errors.into_result()?;
        Ok(reason)
    }
}

fn system(text: String, errors: &mut FieldErrors) -> String {
    let is_plain = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_');
    if text.is_empty() {
        errors.add("system", Violation::Required.code(), Violation::Required.message());
    } else if text.len() > MAX_SYSTEM || !text.bytes().all(is_plain) {
        errors.add("system", "invalid", "must be 1 to 40 lower-case letters, digits, hyphens, dots and underscores");
    }
    text
}

fn optional(field: &str, text: &str, limit: usize, errors: &mut FieldErrors) -> Option<String> {
    typed(text, limit).unwrap_or_else(|violation| {
        errors.add(field, violation.code(), violation.message());
        None
    })
}

/// A text that must be there; `None` with an error.
fn needed(field: &str, text: &str, limit: usize, errors: &mut FieldErrors) -> Option<String> {
    let kept = typed(text, limit).and_then(|text| text.ok_or(Violation::Required));
    kept.map_err(|violation| errors.add(field, violation.code(), violation.message())).ok()
}
