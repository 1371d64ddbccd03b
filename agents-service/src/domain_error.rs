//! Errors of commands, of all nouns: the kind of error for clients, its stable code, and its text.

use std::convert::Infallible;

use web::http::{FieldErrors, Problem};

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DomainError {
    #[error("it is at another version")]
    VersionMismatch,
    #[error("an event cannot be written")]
    Unwritable,
    /// The command's subject does not exist.
    #[error("{text}")]
    NotFound { text: String },
    /// A rule forbids the command in the current state.
    #[error("{text}")]
    Conflict { code: &'static str, text: String },
    /// One field of the request is wrong.
    #[error("{text}")]
    InvalidField { field: &'static str, code: &'static str, text: String },
}

impl DomainError {
    /// The command's subject does not exist.
    pub fn not_found(text: impl Into<String>) -> Self {
        Self::NotFound { text: text.into() }
    }

    /// A rule forbids the command in the current state. `code` is the stable name of the rule.
    pub fn conflict(code: &'static str, text: impl Into<String>) -> Self {
        Self::Conflict { code, text: text.into() }
    }

    /// A field of the request is wrong. `code` is the stable name of the reason.
    pub fn invalid_field(field: &'static str, code: &'static str, text: impl Into<String>) -> Self {
        Self::InvalidField { field, code, text: text.into() }
    }
}

impl From<Infallible> for DomainError {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

impl From<DomainError> for Problem {
    fn from(error: DomainError) -> Self {
        match error {
            DomainError::VersionMismatch => Self::version_mismatch(),
            DomainError::Unwritable => Self::internal(),
            DomainError::NotFound { .. } => Self::not_found(),
            DomainError::Conflict { code, text } => Self::conflict(code, sentence(&text)).with("reason", code),
            DomainError::InvalidField { field, code, text } => {
                let mut errors = FieldErrors::new();
                errors.add(field, code, text);
                Self::validation(errors)
            }
        }
    }
}

/// A fragment as a sentence.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first.into_iter().chain(letters).chain(['.']).collect()
}
