use contract::codes;
use contract::email::Email;
use contract::events::agents::SignupField;
use contract::money::Currency;
use contract::phone::is_phone;

use crate::fields::text::typed;
use crate::fields::violation::{FieldError, Violation};
use crate::fields::{CONSENT_FIELD, field_name};

/// Collects violations. Each check returns the checked value, or records the violation and returns `None`.
#[derive(Default)]
pub struct Violations {
    pub found: Vec<FieldError>,
}

impl Violations {
    pub fn into_result<T>(self, checked: T) -> Result<T, Vec<FieldError>> {
        if self.found.is_empty() { Ok(checked) } else { Err(self.found) }
    }

    pub fn add<T>(&mut self, field: &str, violation: Violation) -> Option<T> {
        self.found.push(FieldError { field: field.to_owned(), violation });
        None
    }

    pub fn shown(&mut self, field: &str, text: &str, limit: usize) -> Option<String> {
        match typed(text, limit) {
            Ok(text) => text,
            Err(violation) => self.add(field, violation),
        }
    }

    pub fn required(&mut self, field: &str, text: &str, limit: usize) -> Option<String> {
        match typed(text, limit) {
            Ok(None) => self.add(field, Violation::Required),
            Ok(text) => text,
            Err(violation) => self.add(field, violation),
        }
    }

    pub fn email(&mut self, text: &str) -> Option<Email> {
        Email::parse(text).or_else(|| self.add("email", Violation::NotAnEmail))
    }

    /// The text, or its code, where the field has a format of its own.
    pub fn format(&mut self, field: SignupField, text: String) -> Option<String> {
        let (read, violation) = match field {
            SignupField::Currency => {
                (Currency::known(&text).ok().map(|currency| currency.as_str().to_owned()), Violation::NotACurrency)
            }
            SignupField::Language => (codes::language(&text), Violation::NotALanguage),
            SignupField::Country => (codes::country(&text), Violation::NotACountry),
            SignupField::TimeZone => (codes::time_zone(&text).map(str::to_owned), Violation::NotATimeZone),
            SignupField::Phone => (is_phone(&text).then_some(text), Violation::NotAPhone),
            _ => return Some(text),
        };
        read.or_else(|| self.add(field_name(field), violation))
    }

    pub fn consent(&mut self, agreed: Option<&str>, current: &str) -> Option<String> {
        match agreed {
            None => self.add(CONSENT_FIELD, Violation::NotAgreed),
            Some(version) if version == current => Some(version.to_owned()),
            Some(_) => self.add(CONSENT_FIELD, Violation::Outdated),
        }
    }
}
