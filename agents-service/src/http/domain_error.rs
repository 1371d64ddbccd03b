//! The one place that says which problem a refusal is, or a password that cannot be hashed now.

use web::http::{FieldErrors, Problem};

use crate::commands::DomainError;
use crate::domain::{agent, api_token, call_plan, group, message, operator, signup_key};
use crate::passwords::HashingFailed;

impl From<DomainError> for Problem {
    fn from(refusal: DomainError) -> Self {
        match &refusal {
            DomainError::VersionMismatch => Self::version_mismatch(),
            DomainError::Unwritable => Self::internal(),
            DomainError::Agent(agent::DomainError::Unknown | agent::DomainError::CallPlanUnknown)
            | DomainError::CallPlan(call_plan::DomainError::Unknown)
            | DomainError::Group(group::DomainError::Unknown)
            | DomainError::SignupKey(signup_key::DomainError::Unknown)
            | DomainError::Message(message::DomainError::AgentUnknown | message::DomainError::Unknown)
            | DomainError::Operator(operator::DomainError::Unknown)
            | DomainError::ApiToken(api_token::DomainError::Unknown) => Self::not_found(),
            DomainError::Agent(agent::DomainError::NoPermission) => field("permissions", &refusal),
            DomainError::Group(group::DomainError::AgentUnknown)
            | DomainError::SignupKey(signup_key::DomainError::AgentUnknown) => field("agent_id", &refusal),
            DomainError::SignupKey(signup_key::DomainError::CallPlanUnknown) => field("call_plan_id", &refusal),
            DomainError::SignupKey(signup_key::DomainError::GroupUnknown) => field("group_id", &refusal),
            DomainError::SignupKey(signup_key::DomainError::EndsBeforeStart) => field("ends_at", &refusal),
            DomainError::ApiToken(api_token::DomainError::NoScope) => field("scopes", &refusal),
            _ => Self::conflict(refusal.code(), sentence(&refusal)),
        }
    }
}

impl From<HashingFailed> for Problem {
    fn from(error: HashingFailed) -> Self {
        match error {
            HashingFailed::Full => Self::unavailable(),
            HashingFailed::Broken => Self::unforeseen(&error),
        }
    }
}

fn field(name: &str, refusal: &DomainError) -> Problem {
    let mut errors = FieldErrors::new();
    errors.add(name, refusal.code(), refusal.to_string());
    Problem::validation(errors)
}

/// A fragment as a sentence.
fn sentence(refusal: &DomainError) -> String {
    let text = refusal.to_string();
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first.into_iter().chain(letters).chain(['.']).collect()
}
