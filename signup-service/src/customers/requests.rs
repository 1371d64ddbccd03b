//! Corrections as clients send them: each changed field must pass the form's checks. Which fields the form requires
//! today is ignored, since the customer signed up under other rules.

use std::collections::BTreeMap;

use contract::email;

use crate::customers::model::Correction;
use crate::fields::violation::FieldError;
use crate::fields::violations::Violations;
use crate::fields::{MAX_NAME, OPTIONAL_FIELDS, field_name, max_length};

/// The fields to change as they were typed, by name; an empty text clears an optional field.
pub type Typed = BTreeMap<String, String>;

impl Correction {
    /// The correction, or all its violations.
    pub fn check(typed: &Typed) -> Result<Self, Vec<FieldError>> {
        let (mut violations, mut checked) = (Violations::default(), Self::default());
        if let Some(text) = typed.get("email") {
            let text = violations.required("email", text.trim(), email::MAX_LENGTH);
            checked.email = text.and_then(|text| violations.email(&text));
            let address = checked.email.as_ref().map(|email| email.address.clone());
            checked.fields.extend(address.map(|address| ("email", Some(address))));
        }
        if let Some(text) = typed.get("first_name") {
            checked.fields.insert("first_name", violations.required("first_name", text, MAX_NAME));
        }
        for field in OPTIONAL_FIELDS {
            let name = field_name(field);
            if let Some(text) = typed.get(name) {
                let text = violations.shown(name, text, max_length(field));
                checked.fields.insert(name, text.and_then(|text| violations.format(field, text)));
            }
        }
        violations.into_result(checked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::customers::model::Personal;

    fn typed(fields: &[(&str, &str)]) -> Typed {
        fields.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
    }

    #[test]
    fn a_correction_changes_what_it_names_and_nothing_else() {
        let correction = Correction::check(&typed(&[("last_name", "Ruiz"), ("city", ""), ("country", "de")])).unwrap();
        let mut personal: Personal =
            [("first_name", "Zoë"), ("last_name", "O'Brien"), ("city", "Cork"), ("country", "DE")]
                .map(|(name, text)| (name, text.to_owned()))
                .into();
        assert_eq!(correction.apply(&mut personal), ["city", "last_name"]);
        assert_eq!((personal["last_name"].as_str(), personal.get("city"), personal.len()), ("Ruiz", None, 3));
        assert!(correction.apply(&mut personal).is_empty());
    }

    #[test]
    fn every_violation_of_a_correction_is_reported() {
        let wrong = typed(&[("email", "zoe"), ("first_name", " "), ("currency", "XXQ"), ("phone", "call me")]);
        let violations = Correction::check(&wrong).unwrap_err();
        let found: Vec<_> =
            violations.iter().map(|violation| (violation.field.as_str(), violation.violation.code())).collect();
        let expected = [
            ("email", "not_an_email"),
            ("first_name", "required"),
            ("phone", "not_a_phone"),
            ("currency", "not_a_currency"),
        ];
        assert_eq!(found, expected);
    }
}
