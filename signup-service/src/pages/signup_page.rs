//! The page with the form: grouped inputs, the typed values, and violations. Its template escapes every value.

use askama::Template;
use contract::events::agents::{FieldRule, SignupField};
use contract::events::signups::Campaign;

use crate::fields::CONSENT_FIELD;
use crate::fields::campaign::{NAMES, parameter};
use crate::fields::field_name;
use crate::fields::violation::FieldError;
use crate::keys::form_config::SignupFormConfig;
use crate::keys::model::Offer;
use crate::signups::requests::SignupForm;
use crate::ui::i18n::{General, Texts, filled};
use crate::ui::page_context::PageContext;
use crate::ui::page_request::query;

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
    pub hint: Option<String>,
    pub error: Option<String>,
}

impl Input {
    /// The ids of the hints and violations of the input; empty where there are none.
    fn described_by(&self) -> String {
        let hint = self.hint.as_ref().map(|_| format!("{}-hint", self.name));
        let violation = self.error.as_ref().map(|_| format!("{}-fault", self.name));
        hint.into_iter().chain(violation).collect::<Vec<_>>().join(" ")
    }

    /// Whether the value runs from left to right in every language. Other values take the direction of the typed
    /// text.
    fn is_left_to_right(&self) -> bool {
        matches!(self.kind, "email" | "tel")
    }
}

pub struct Group {
    pub heading: &'static str,
    pub inputs: Vec<Input>,
}

impl Group {
    fn is_required(&self) -> bool {
        self.inputs.iter().any(|input| input.required)
    }

    /// A field has a value or a violation.
    fn is_in_use(&self) -> bool {
        self.inputs.iter().any(|input| input.error.is_some() || !input.value.is_empty())
    }
}

/// What is wrong with the form as a whole.
#[derive(Clone, Copy)]
pub enum Notice {
    /// Some fields have violations.
    Fields,
    /// The form was sent before, with other values.
    SentBefore,
    TrapFilled,
}

#[derive(Clone, Copy)]
pub struct OfferTexts<'a> {
    pub plan: &'a str,
    pub agent: &'a str,
    pub description: &'a str,
    pub price: &'a str,
}

impl<'a> OfferTexts<'a> {
    pub fn of(offer: &'a Offer) -> Self {
        let plan = &offer.plan;
        Self { plan: &plan.name, agent: &offer.agent.name, description: &plan.description, price: &plan.price_text }
    }
}

/// The offer above the form.
#[derive(Template)]
#[template(path = "offer.html")]
struct OfferDetails<'a> {
    general: &'static General,
    names: OfferTexts<'a>,
}

/// Rendering writes to memory and cannot fail.
pub fn offer_details(names: OfferTexts<'_>, texts: &'static Texts) -> String {
    OfferDetails { general: &texts.general, names }.render().unwrap_or_default()
}

#[derive(Template)]
#[template(path = "signup.html")]
pub struct SignupPage<'a> {
    context: &'a PageContext,
    names: OfferTexts<'a>,
    /// The offer, already rendered.
    details: String,
    action: String,
    notice: Option<&'static str>,
    /// The id, label and violation of each field with a violation.
    violations: Vec<(&'static str, &'static str, String)>,
    idempotency_key: &'a str,
    /// The campaign, as hidden inputs.
    campaign: String,
    /// Groups with a required field.
    groups: Vec<Group>,
    /// Groups without a required field, which stay folded: a form that looks short is finished more often.
    more: Vec<Group>,
    terms_version: &'a str,
    terms_text: &'a str,
    consent_given: bool,
    /// Whether the form has the honeypot field.
    trapping: bool,
    consent_error: Option<String>,
}

impl<'a> SignupPage<'a> {
    /// The form for one key, with the typed values and violations.
    pub fn new(
        context: &'a PageContext,
        key: &str,
        names: OfferTexts<'a>,
        rules: &'a SignupFormConfig,
        form: &SignupForm,
        errors: &[FieldError],
    ) -> Self {
        let texts = context.texts();
        let (groups, more): (Vec<_>, Vec<_>) =
            Inputs { texts, rules, form, errors }.groups().into_iter().partition(Group::is_required);
        let consent_error = violation_of(CONSENT_FIELD, errors, texts);
        let wrong = groups.iter().chain(&more).flat_map(|group| &group.inputs);
        let wrong = wrong.filter_map(|input| Some((input.name, input.label, input.error.clone()?)));
        let consent = consent_error.clone().map(|error| ("consent", texts.general.terms, error));
        let violations = wrong.chain(consent).collect();
        Self {
            context,
            names,
            details: offer_details(names, texts),
            action: format!("/signup/{key}{}", query(context.language, context.embedded)),
            notice: None,
            violations,
            idempotency_key: "",
            campaign: String::new(),
            terms_version: &rules.terms.version,
            terms_text: &rules.terms.text,
            // Newer terms need a new consent.
            consent_given: form.terms_version.as_ref() == Some(&rules.terms.version),
            trapping: true,
            consent_error,
            groups,
            more,
        }
    }

    /// Adds the idempotency key and the campaign.
    #[must_use]
    pub fn carrying(self, idempotency_key: &'a str, campaign: Campaign) -> Self {
        self.carrying_inputs(idempotency_key, hidden_inputs(campaign))
    }

    /// Adds the idempotency key and hidden inputs that are already rendered.
    #[must_use]
    pub fn carrying_inputs(self, idempotency_key: &'a str, campaign: String) -> Self {
        Self { idempotency_key, campaign, ..self }
    }

    #[must_use]
    pub fn without_trap(self) -> Self {
        Self { trapping: false, ..self }
    }

    #[must_use]
    pub fn with_details(self, details: String) -> Self {
        Self { details, ..self }
    }

    /// Whether the optional groups start unfolded.
    fn more_is_open(&self) -> bool {
        self.more.iter().any(Group::is_in_use)
    }

    #[must_use]
    pub fn noticing(self, notice: Notice) -> Self {
        let general = self.context.general();
        let notice = match notice {
            Notice::Fields if self.violations.is_empty() => general.form_changed,
            Notice::Fields => general.check_fields,
            Notice::SentBefore => general.sent_before,
            Notice::TrapFilled => general.trap_filled,
        };
        Self { notice: Some(notice), ..self }
    }
}

#[derive(Template)]
#[template(path = "campaign.html")]
struct CampaignInputs {
    campaign: Vec<(&'static str, String)>,
}

pub fn hidden_inputs(mut campaign: Campaign) -> String {
    let taken = NAMES.into_iter().filter_map(|name| Some((name, parameter(&mut campaign, name)?.take()?)));
    let campaign: Vec<_> = taken.collect();
    // Rendering writes to memory and cannot fail; most visitors come without a campaign.
    if campaign.is_empty() { String::new() } else { CampaignInputs { campaign }.render().unwrap_or_default() }
}

/// Builds the inputs.
struct Inputs<'a> {
    texts: &'static Texts,
    rules: &'a SignupFormConfig,
    form: &'a SignupForm,
    errors: &'a [FieldError],
}

impl Inputs<'_> {
    fn groups(&self) -> Vec<Group> {
        let (general, labels, form) = (&self.texts.general, &self.texts.labels, self.form);
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
        let (value, error) = (value.to_owned(), violation_of(name, self.errors, self.texts));
        Input { name, label, kind: "text", autocomplete, required: true, value, hint: None, error }
    }

    /// The input of an optional field, unless the operator hides it.
    fn optional(&self, field: SignupField) -> Option<Input> {
        let rule = self.rules.of(field);
        if rule == FieldRule::Hidden {
            return None;
        }
        let typed = self.form.optional.get(&field).map(String::as_str).unwrap_or_default();
        let label = self.texts.labels.of(field);
        Some(Input {
            kind: if field == SignupField::Phone { "tel" } else { "text" },
            required: rule == FieldRule::Required,
            hint: example(field).map(|example| filled(self.texts.general.for_example, example)),
            ..self.required(field_name(field), label, autocomplete(field), typed)
        })
    }
}

fn violation_of(field: &str, errors: &[FieldError], texts: &Texts) -> Option<String> {
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

/// A sample value for a field with a format.
fn example(field: SignupField) -> Option<&'static str> {
    match field {
        SignupField::Country => Some("DE"),
        SignupField::Language => Some("en, pt-BR"),
        SignupField::TimeZone => Some("Europe/Berlin"),
        SignupField::Currency => Some("EUR"),
        _ => None,
    }
}
