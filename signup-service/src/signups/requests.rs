//! The signup form: its checks by the operator's settings and the terms in force. All violations are found together.

use std::collections::BTreeMap;

use contract::email::{self, Email};
use contract::events::agents::{FieldRule, SignupField};
use contract::phone::e164;

use crate::fields::violation::{FieldError, Violation};
use crate::fields::violations::Violations;
use crate::fields::{MAX_NAME, OPTIONAL_FIELDS, field_name, max_length};
use crate::keys::form_config::SignupFormConfig;

/// In characters.
pub const MAX_TERMS_VERSION: usize = 100;

#[derive(Clone, Debug, Default)]
pub struct SignupForm {
    pub email: String,
    pub first_name: String,
    pub optional: BTreeMap<SignupField, String>,
    /// The version of the terms that was shown and accepted; `None` without consent.
    pub terms_version: Option<String>,
}

/// A form without violations, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signup {
    pub email: Email,
    pub first_name: String,
    pub optional: BTreeMap<SignupField, String>,
    pub terms_version: String,
}

impl Signup {
    pub fn phone_e164(&self) -> Option<String> {
        e164(self.optional.get(&SignupField::Phone)?, self.optional.get(&SignupField::Country).map(String::as_str))
    }
}

/// The signup, or all violations of the form.
pub fn validate(form: &SignupForm, rules: &SignupFormConfig) -> Result<Signup, Vec<FieldError>> {
    let mut violations = Violations::default();
    let email =
        violations.required("email", form.email.trim(), email::MAX_LENGTH).and_then(|text| violations.email(&text));
    let first_name = violations.required("first_name", &form.first_name, MAX_NAME);
    let optional = optional_fields(form, rules, &mut violations);
    let terms_version = violations.consent(form.terms_version.as_deref(), &rules.terms.version);
    match (email, first_name, terms_version) {
        (Some(email), Some(first_name), Some(terms_version)) if violations.found.is_empty() => {
            Ok(Signup { email, first_name, optional, terms_version })
        }
        _ => Err(violations.found),
    }
}

fn optional_fields(
    form: &SignupForm,
    rules: &SignupFormConfig,
    violations: &mut Violations,
) -> BTreeMap<SignupField, String> {
    let mut kept = BTreeMap::new();
    for field in OPTIONAL_FIELDS {
        let name = field_name(field);
        let text = form.optional.get(&field).map(String::as_str).unwrap_or_default();
        let text = match rules.of(field) {
            FieldRule::Hidden if text.is_empty() => None,
            FieldRule::Hidden => violations.add(name, Violation::NotAskedFor),
            FieldRule::Shown => violations.shown(name, text, max_length(field)),
            FieldRule::Required => violations.required(name, text, max_length(field)),
        };
        if let Some(text) = text.and_then(|text| violations.format(field, text)) {
            kept.insert(field, text);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use contract::events::agents::Terms;

    use super::*;
    use crate::fields::text::typed;

    fn rules() -> SignupFormConfig {
        SignupFormConfig {
            fields: BTreeMap::from([
                (SignupField::Company, FieldRule::Hidden),
                (SignupField::Phone, FieldRule::Required),
            ]),
            terms: Terms { version: "2026-01".to_owned(), text: "Be kind.".to_owned(), ..Terms::default() },
            ..SignupFormConfig::default()
        }
    }

    fn form() -> SignupForm {
        SignupForm {
            email: "Zoë@example.org".to_owned(),
            first_name: "李小龙".to_owned(),
            optional: BTreeMap::from([
                (SignupField::LastName, "O'Brien".to_owned()),
                (SignupField::Phone, "+49 30 123".to_owned()),
            ]),
            terms_version: Some("2026-01".to_owned()),
        }
    }

    fn violations(form: &SignupForm) -> Vec<(String, &'static str)> {
        let errors = validate(form, &rules()).unwrap_err();
        errors.into_iter().map(|error| (error.field, error.violation.code())).collect()
    }

    #[test]
    fn a_form_without_fault_is_kept_as_typed() {
        let signup = validate(&form(), &rules()).unwrap();
        assert_eq!(signup.first_name, "李小龙");
        assert_eq!(signup.optional[&SignupField::LastName], "O'Brien");
        assert_eq!(signup.email.key, "zoë@example.org");
        assert_eq!(signup.optional[&SignupField::Phone], "+49 30 123");
    }

    #[test]
    fn every_violation_is_reported_at_once() {
        let bad = SignupForm {
            email: "nobody".to_owned(),
            first_name: " ".to_owned(),
            optional: BTreeMap::from([
                (SignupField::LastName, "x".repeat(101)),
                (SignupField::Company, "Acme".to_owned()),
                (SignupField::City, "a\nb".to_owned()),
                (SignupField::Country, "Atlantis".to_owned()),
                (SignupField::Currency, "XXQ".to_owned()),
                (SignupField::Language, "no way".to_owned()),
                (SignupField::TimeZone, "Berlin".to_owned()),
            ]),
            terms_version: None,
        };
        let expected = [
            ("email", "not_an_email"),
            ("first_name", "required"),
            ("last_name", "too_long"),
            ("phone", "required"),
            ("company", "not_asked_for"),
            ("city", "control_character"),
            ("country", "not_a_country"),
            ("language", "not_a_language"),
            ("time_zone", "not_a_time_zone"),
            ("currency", "not_a_currency"),
            ("consent.terms_version", "required"),
        ];
        assert_eq!(violations(&bad), expected.map(|(field, code)| (field.to_owned(), code)));
    }

    #[test]
    fn codes_are_kept_as_their_lists_write_them_and_phones_as_typed() {
        let mut form = form();
        form.optional.extend([
            (SignupField::Phone, "٠٥٠١٢٣٤٥٦٧".to_owned()),
            (SignupField::Country, "ae".to_owned()),
            (SignupField::Currency, "kwd".to_owned()),
            (SignupField::Language, "pt-br".to_owned()),
            (SignupField::TimeZone, "asia/dubai".to_owned()),
        ]);
        let signup = validate(&form, &rules()).unwrap();
        let kept = |field| signup.optional[&field].as_str();
        assert_eq!((kept(SignupField::Phone), signup.phone_e164().as_deref()), ("٠٥٠١٢٣٤٥٦٧", Some("+971501234567")));
        assert_eq!((kept(SignupField::Country), kept(SignupField::Currency)), ("AE", "KWD"));
        assert_eq!((kept(SignupField::Language), kept(SignupField::TimeZone)), ("pt-BR", "Asia/Dubai"));
        form.optional.insert(SignupField::Phone, "1-800-FLOWERS".to_owned());
        assert_eq!(violations(&form), [("phone".to_owned(), "not_a_phone")]);
    }

    #[test]
    fn consent_to_older_terms_is_no_consent() {
        let old = SignupForm { terms_version: Some("2025-12".to_owned()), ..form() };
        assert_eq!(violations(&old), [("consent.terms_version".to_owned(), "outdated")]);
    }

    #[test]
    fn a_hidden_field_that_is_sent_empty_is_no_fault() {
        let mut form = form();
        form.optional.insert(SignupField::Company, String::new());
        assert!(validate(&form, &rules()).is_ok());
    }

    #[test]
    fn names_of_people_are_names() {
        let long = "q\u{301}\u{323}".repeat(MAX_NAME);
        for (first_name, last_name) in [
            ("O", "B"),
            ("李", "刘"),
            ("Jo", "O’Brien-Müller"),
            ("Suharto", ""),
            ("Björk Guðmundsdóttir", ""),
            ("Nguye\u{302}\u{303}n", "Null"),
            ("Test", "-"),
            (&long, &long),
        ] {
            let mut form = SignupForm { first_name: first_name.to_owned(), ..form() };
            form.optional.insert(SignupField::LastName, last_name.to_owned());
            let signup = validate(&form, &rules()).unwrap_or_else(|violations| panic!("{first_name}: {violations:?}"));
            let stored = signup.optional.get(&SignupField::LastName).map(String::as_str).unwrap_or_default();
            let composed = |name: &str| typed(name, MAX_NAME).unwrap().unwrap_or_default();
            assert_eq!((signup.first_name, stored), (composed(first_name), &*composed(last_name)));
        }
    }

    #[test]
    fn a_last_name_is_required_only_by_the_operators_setting() {
        let mut form = form();
        form.optional.remove(&SignupField::LastName);
        let fields = BTreeMap::from([(SignupField::LastName, FieldRule::Required)]);
        let rules = SignupFormConfig { terms: rules().terms, ..SignupFormConfig::new(&fields, Terms::default()) };
        let violations = validate(&form, &rules).unwrap_err();
        assert_eq!(
            (violations.len(), violations[0].field.as_str(), violations[0].violation),
            (1, "last_name", Violation::Required)
        );
    }

    #[test]
    fn blanks_around_an_address_are_cut() {
        for email in [" a@example.test ", "\u{a0}a@example.test", "a@example.test\t\n"] {
            let signup = validate(&SignupForm { email: email.to_owned(), ..form() }, &rules()).unwrap();
            assert_eq!(signup.email.address, "a@example.test");
        }
        for email in ["a\u{200b}@example.test", "a @example.test", "a@example.test.", "\u{202e}a@example.test"] {
            assert_eq!(violations(&SignupForm { email: email.to_owned(), ..form() })[0].1, "not_an_email", "{email:?}");
        }
    }

    #[test]
    fn every_optional_field_is_asked_for_once() {
        let names: std::collections::BTreeSet<_> = OPTIONAL_FIELDS.into_iter().map(field_name).collect();
        assert_eq!(names.len(), OPTIONAL_FIELDS.len());
    }
}
