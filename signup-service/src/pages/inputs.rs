//! The inputs of the form, in groups: their labels, the typed values, the choices and the violations.

use askama::Template;
use contract::events::agents::{FieldRule, SignupField};

use crate::fields::field_name;
use crate::fields::violation::FieldError;
use crate::keys::form_config::SignupFormConfig;
use crate::signups::requests::SignupForm;
use crate::ui::i18n::Texts;
use crate::ui::language::Language;
use crate::ui::names::{ChoiceGroup, Names};
use crate::ui::suggestion::Suggestion;

/// The groups of optional fields, in this order.
const COMPANY: [SignupField; 2] = [SignupField::Company, SignupField::VatNumber];
const ADDRESS: [SignupField; 5] =
    [SignupField::Address, SignupField::PostalCode, SignupField::City, SignupField::State, SignupField::Country];
const PREFERENCES: [SignupField; 3] = [SignupField::Language, SignupField::TimeZone, SignupField::Currency];

pub struct Input {
    pub name: &'static str,
    pub label: &'static str,
    pub kind: &'static str,
    pub autocomplete: &'static str,
    pub required: bool,
    pub value: String,
    /// The options of a field that is chosen, already rendered.
    pub choices: Option<String>,
    /// The option that the visitor's browser suggests, already rendered; empty without one.
    pub suggested: String,
    /// Whether the suggestion is chosen from the start.
    pub suggestion_is_first: bool,
    pub error: Option<String>,
}

impl Input {
    /// Whether the value runs from left to right in every language. Other values take the direction of the typed
    /// text.
    pub fn is_left_to_right(&self) -> bool {
        matches!(self.kind, "email" | "tel")
    }
}

pub struct Group {
    pub heading: &'static str,
    pub inputs: Vec<Input>,
}

impl Group {
    pub fn is_required(&self) -> bool {
        self.inputs.iter().any(|input| input.required)
    }

    /// A field has a value or a violation.
    pub fn is_in_use(&self) -> bool {
        self.inputs.iter().any(|input| input.error.is_some() || !input.value.is_empty())
    }

    /// Adds the suggested options. They are chosen from the start where the visitor sees them: nothing is sent in
    /// their name that they did not see.
    pub fn suggest(&mut self, suggested: &SuggestedOptions, is_chosen: bool) {
        for input in &mut self.inputs {
            input.suggested = suggested.of(input.name).to_owned();
            input.suggestion_is_first = is_chosen;
        }
    }
}

/// The suggested options, rendered.
#[derive(Clone, Debug, Default)]
pub struct SuggestedOptions {
    pub country: String,
    pub language: String,
    pub currency: String,
}

impl SuggestedOptions {
    pub fn new(suggestion: &Suggestion, language: Language) -> Self {
        let option = |field| suggestion.code(field).and_then(|code| option(language, field, code)).unwrap_or_default();
        Self {
            country: option(SignupField::Country),
            language: option(SignupField::Language),
            currency: option(SignupField::Currency),
        }
    }

    fn of(&self, name: &str) -> &str {
        match name {
            "country" => &self.country,
            "language" => &self.language,
            "currency" => &self.currency,
            _ => "",
        }
    }
}

#[derive(Template)]
#[template(source = r#"<option value="{{ code }}" data-suggested>{{ text }}</option>"#, ext = "html")]
struct SuggestedOption<'a> {
    code: &'a str,
    text: String,
}

/// Rendering writes to memory and cannot fail.
fn option(language: Language, field: SignupField, code: &str) -> Option<String> {
    let text = Names::of(language).text(field, code)?;
    SuggestedOption { code, text }.render().ok()
}

#[derive(Template)]
#[template(path = "choices.html")]
struct Choices<'a> {
    groups: Vec<ChoiceGroup>,
    /// The chosen code, as the list writes it where the list has it.
    chosen: &'a str,
    /// A value that was sent and is none of the choices; it stays as it is until the visitor chooses another.
    other: Option<&'a str>,
}

/// The options of a field; `None` for a field that is typed.
fn choices(language: Language, field: SignupField, typed: &str) -> Option<String> {
    let groups = Names::of(language).choices(field)?;
    let all = groups.iter().flat_map(|group| &group.choices);
    let chosen = all.map(|(code, _)| *code).find(|code| code.eq_ignore_ascii_case(typed));
    let other = Some(typed).filter(|typed| chosen.is_none() && !typed.is_empty());
    Choices { chosen: chosen.unwrap_or_default(), other, groups }.render().ok()
}

/// Builds the inputs.
pub struct Inputs<'a> {
    pub language: Language,
    pub rules: &'a SignupFormConfig,
    pub form: &'a SignupForm,
    pub errors: &'a [FieldError],
}

impl Inputs<'_> {
    pub fn groups(&self) -> Vec<Group> {
        let (texts, form) = (self.language.texts(), self.form);
        let (general, labels) = (&texts.general, &texts.labels);
        let mut you = vec![self.required("first_name", labels.first_name, "given-name", &form.first_name)];
        you.extend(self.optional(SignupField::LastName));
        you.extend([Input { kind: "email", ..self.required("email", labels.email, "email", &form.email) }]);
        you.extend(self.optional(SignupField::Phone));
        let group = |heading, fields: &[SignupField]| Group {
            heading,
            inputs: fields.iter().filter_map(|field| self.optional(*field)).collect(),
        };
        let mut groups = vec![
            Group { heading: general.about_you, inputs: you },
            group(general.company_details, &COMPANY),
            group(general.address, &ADDRESS),
            group(general.preferences, &PREFERENCES),
        ];
        groups.retain(|group| !group.inputs.is_empty());
        groups
    }

    fn required(&self, name: &'static str, label: &'static str, autocomplete: &'static str, value: &str) -> Input {
        let (value, error) = (value.to_owned(), violation_of(name, self.errors, self.language.texts()));
        let (choices, suggested, suggestion_is_first) = (None, String::new(), false);
        Input {
            name,
            label,
            kind: "text",
            autocomplete,
            required: true,
            value,
            choices,
            suggested,
            suggestion_is_first,
            error,
        }
    }

    /// The input of an optional field, unless the operator hides it.
    fn optional(&self, field: SignupField) -> Option<Input> {
        let rule = self.rules.of(field);
        if rule == FieldRule::Hidden {
            return None;
        }
        let typed = self.form.optional.get(&field).map(String::as_str).unwrap_or_default();
        let label = self.language.texts().labels.of(field);
        Some(Input {
            kind: if field == SignupField::Phone { "tel" } else { "text" },
            required: rule == FieldRule::Required,
            choices: choices(self.language, field, typed),
            ..self.required(field_name(field), label, autocomplete(field), typed)
        })
    }
}

pub fn violation_of(field: &str, errors: &[FieldError], texts: &Texts) -> Option<String> {
    errors.iter().find(|error| error.field == field).and_then(|error| texts.violations.of(error.violation))
}

/// The field's `autocomplete` value in HTML.
fn autocomplete(field: SignupField) -> &'static str {
    match field {
        SignupField::LastName => "family-name",
        SignupField::Phone => "tel",
        SignupField::Company => "organization",
        SignupField::Address => "street-address",
        SignupField::City => "address-level2",
        SignupField::State => "address-level1",
        SignupField::Country => "country",
        SignupField::PostalCode => "postal-code",
        SignupField::Language => "language",
        SignupField::TimeZone | SignupField::Currency | SignupField::VatNumber => "off",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_sent_stays_chosen_whatever_it_is() {
        let german = |field, typed| choices(Language::German, field, typed).unwrap();
        assert!(german(SignupField::Country, "at").contains(r#"<option value="AT" selected>Österreich</option>"#));
        assert!(german(SignupField::TimeZone, "Europe/Vienna").contains(r#"<option value="Europe/Vienna" selected>"#));
        let other = german(SignupField::Language, "pt-BR");
        assert!(other.contains(r#"<option value="pt-BR" dir="auto" selected>pt-BR</option>"#));
        assert_eq!(other.matches(" selected").count(), 1);
        assert!(!german(SignupField::Currency, "").contains(" selected"));
        assert!(choices(Language::German, SignupField::City, "").is_none());
    }

    #[test]
    fn a_suggestion_is_written_in_the_pages_language() {
        assert_eq!(
            option(Language::French, SignupField::Country, "TT").unwrap(),
            r#"<option value="TT" data-suggested>Trinité-et-Tobago</option>"#
        );
        assert!(option(Language::French, SignupField::Country, "XX").is_none());
    }
}
