//! A violation of a field: a stable code for programs and an English message for the API. The pages have a text for
//! each in the visitor's language.

use web::http::FieldErrors;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Violation {
    Required,
    /// In characters.
    TooLong(usize),
    /// Holds a control character such as a line break.
    ControlCharacter,
    /// Holds U+FFFD, which stands for bytes that were no text.
    Unreadable,
    /// The operator hides the field.
    NotAskedFor,
    NotAnEmail,
    NotACurrency,
    NotALanguage,
    NotACountry,
    NotATimeZone,
    NotAPhone,
    NotAgreed,
    /// The accepted terms are no longer in force.
    Outdated,
    Personal,
}

impl Violation {
    /// The stable code for programs.
    pub fn code(self) -> &'static str {
        match self {
            Self::Required | Self::NotAgreed => "required",
            Self::TooLong(_) => "too_long",
            Self::ControlCharacter => "control_character",
            Self::Unreadable => "unreadable",
            Self::NotAskedFor => "not_asked_for",
            Self::NotAnEmail => "not_an_email",
            Self::NotACurrency => "not_a_currency",
            Self::NotALanguage => "not_a_language",
            Self::NotACountry => "not_a_country",
            Self::NotATimeZone => "not_a_time_zone",
            Self::NotAPhone => "not_a_phone",
            Self::Outdated => "outdated",
            Self::Personal => "personal",
        }
    }

    /// The message for API clients.
    pub fn message(self) -> String {
        let message = match self {
            Self::Required => "must be filled in",
            Self::TooLong(limit) => return format!("must not be longer than {limit} characters"),
            Self::ControlCharacter => "must not hold line breaks or control characters",
            Self::Unreadable => "holds characters that could not be read",
            Self::NotAskedFor => "is not asked for",
            Self::NotAnEmail => "must be an e-mail address such as name@example.org",
            Self::NotACurrency => "must be a currency of ISO 4217 such as EUR",
            Self::NotALanguage => "must be a language such as en or pt-BR",
            Self::NotACountry => "must be a country of ISO 3166 such as DE",
            Self::NotATimeZone => "must be a time zone such as Europe/Berlin",
            Self::NotAPhone => "must be a phone number of 3 to 15 digits",
            Self::NotAgreed => "the terms must be agreed to",
            Self::Outdated => "the terms have changed: read them again and agree to them",
            Self::Personal => "must not hold an e-mail address",
        };
        message.to_owned()
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// The field's dotted path, such as `consent.terms_version`.
    pub field: String,
    pub violation: Violation,
}

/// Adds the form's violations to those found while the body was decoded.
pub fn add_errors(errors: &mut FieldErrors, found: Vec<FieldError>) {
    for error in found {
        let parent = error.field.split_once('.').map_or(error.field.as_str(), |(parent, _)| parent);
        if !errors.iter().any(|(field, _, _)| field == parent) {
            errors.add(error.field, error.violation.code(), error.violation.message());
        }
    }
}
