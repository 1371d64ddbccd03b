//! The one place that says which problem a refusal is, or a password that cannot be hashed now.

use shared::http::{FieldErrors, Problem};

use crate::commands::Refusal;
use crate::domain::{agent, api_token, call_plan, group, message, operator, signup_key};
use crate::passwords::HashingFailed;

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match &refusal {
            Refusal::VersionMismatch => Self::version_mismatch(),
            Refusal::Unwritable => Self::internal(),
            Refusal::Agent(agent::Refusal::Unknown | agent::Refusal::CallPlanUnknown)
            | Refusal::CallPlan(call_plan::Refusal::Unknown)
            | Refusal::Group(group::Refusal::Unknown)
            | Refusal::SignupKey(signup_key::Refusal::Unknown)
            | Refusal::Message(message::Refusal::AgentUnknown | message::Refusal::Unknown)
            | Refusal::Operator(operator::Refusal::Unknown)
            | Refusal::ApiToken(api_token::Refusal::Unknown) => Self::not_found(),
            Refusal::Agent(agent::Refusal::NoPermission) => field("permissions", &refusal),
            Refusal::Group(group::Refusal::AgentUnknown) | Refusal::SignupKey(signup_key::Refusal::AgentUnknown) => {
                field("agent_id", &refusal)
            }
            Refusal::SignupKey(signup_key::Refusal::CallPlanUnknown) => field("call_plan_id", &refusal),
            Refusal::SignupKey(signup_key::Refusal::GroupUnknown) => field("group_id", &refusal),
            Refusal::SignupKey(signup_key::Refusal::EndsBeforeStart) => field("ends_at", &refusal),
            Refusal::ApiToken(api_token::Refusal::NoScope) => field("scopes", &refusal),
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

fn field(name: &str, refusal: &Refusal) -> Problem {
    let mut errors = FieldErrors::new();
    errors.add(name, refusal.code(), refusal.to_string());
    Problem::validation(errors)
}

/// A fragment as a sentence.
fn sentence(refusal: &Refusal) -> String {
    let text = refusal.to_string();
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first.into_iter().chain(letters).chain(['.']).collect()
}
