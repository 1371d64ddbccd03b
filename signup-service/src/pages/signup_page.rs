//! The page with the form: grouped inputs, the typed values, and violations. Its template escapes every value.

use askama::Template;
use contract::clock::Moment;
use contract::events::agents::Terms;
use contract::events::signups::Campaign;

use crate::fields::CONSENT_FIELD;
use crate::fields::campaign::{NAMES, parameter};
use crate::fields::violation::FieldError;
use crate::keys::form_config::SignupFormConfig;
use crate::keys::model::Offer;
use crate::pages::inputs::{Group, Inputs, SuggestedOptions, violation_of};
use crate::signups::requests::SignupForm;
use crate::ui::i18n::{General, Texts, filled};
use crate::ui::language::Language;
use crate::ui::page_context::PageContext;
use crate::ui::page_request::query;

/// What is wrong with the form as a whole.
#[derive(Clone, Copy)]
pub enum Notice {
    /// Some fields have violations.
    Fields,
    /// The form was sent before, with other values.
    SentBefore,
    TrapFilled,
    /// The challenge was not solved; the form is let through from that moment on.
    Unsolved {
        not_before: Moment,
        seconds: i64,
    },
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

/// The terms as a visitor reads them.
pub struct Wording<'a> {
    pub text: &'a str,
    /// The language of the text, where it is another than the page's and known.
    pub language: Option<&'a str>,
}

impl<'a> Wording<'a> {
    /// The translation into the page's language; without one, the text that the operator wrote first.
    pub fn of(terms: &'a Terms, page: Language) -> Self {
        if let Some(text) = terms.translations.get(page.tag()) {
            return Self { text, language: None };
        }
        let language = Some(terms.language.as_str()).filter(|tag| !tag.is_empty());
        Self { text: &terms.text, language: language.filter(|tag| Language::of_tag(tag) != Some(page)) }
    }
}

#[derive(Template)]
#[template(path = "signup.html")]
pub struct SignupPage<'a> {
    context: &'a PageContext,
    key: &'a str,
    names: OfferTexts<'a>,
    /// The offer, already rendered.
    details: String,
    action: String,
    notice: Option<String>,
    /// The form is let through after a wait.
    is_waiting: bool,
    /// The id, label and violation of each field with a violation.
    violations: Vec<(&'static str, &'static str, String)>,
    idempotency_key: &'a str,
    /// The campaign, as hidden inputs.
    campaign: String,
    /// The challenge, already rendered; empty where none is needed.
    challenge: String,
    /// Groups with a required field.
    groups: Vec<Group>,
    /// Groups without a required field, which stay folded: a form that looks short is finished more often.
    more: Vec<Group>,
    terms_version: &'a str,
    wording: Wording<'a>,
    consent_given: bool,
    /// Whether the form has the honeypot field.
    trapping: bool,
    consent_error: Option<String>,
    /// The form was not sent before.
    is_new: bool,
}

impl<'a> SignupPage<'a> {
    /// The form for one key, with the typed values and violations.
    pub fn new(
        context: &'a PageContext,
        key: &'a str,
        names: OfferTexts<'a>,
        rules: &'a SignupFormConfig,
        form: &SignupForm,
        errors: &[FieldError],
    ) -> Self {
        let texts = context.texts();
        let (groups, more): (Vec<_>, Vec<_>) = Inputs { language: context.language, rules, form, errors }
            .groups()
            .into_iter()
            .partition(Group::is_required);
        let consent_error = violation_of(CONSENT_FIELD, errors, texts);
        let wrong = groups.iter().chain(&more).flat_map(|group| &group.inputs);
        let wrong = wrong.filter_map(|input| Some((input.name, input.label, input.error.clone()?)));
        let consent = consent_error.clone().map(|error| ("consent", texts.general.terms, error));
        let violations = wrong.chain(consent).collect();
        Self {
            context,
            key,
            names,
            details: offer_details(names, texts),
            action: format!("/signup/{key}{}", query(context.language, context.embedded)),
            notice: None,
            is_waiting: false,
            violations,
            idempotency_key: "",
            campaign: String::new(),
            challenge: String::new(),
            terms_version: &rules.terms.version,
            wording: Wording::of(&rules.terms, context.language),
            // Newer terms need a new consent.
            consent_given: form.terms_version.as_ref() == Some(&rules.terms.version),
            trapping: true,
            consent_error,
            groups,
            more,
            is_new: false,
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

    /// Adds what the visitor's browser suggests. On a form that was not sent before, it is chosen in the groups that
    /// the visitor sees.
    #[must_use]
    pub fn suggesting(mut self, suggested: &SuggestedOptions, is_new: bool) -> Self {
        self.groups.iter_mut().for_each(|group| group.suggest(suggested, is_new));
        self.more.iter_mut().for_each(|group| group.suggest(suggested, false));
        Self { is_new, ..self }
    }

    #[must_use]
    pub fn with_challenge(self, challenge: String) -> Self {
        Self { challenge, ..self }
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
        let text = match notice {
            Notice::Fields if self.violations.is_empty() => general.form_changed,
            Notice::Fields => general.check_fields,
            Notice::SentBefore => general.sent_before,
            Notice::TrapFilled => general.trap_filled,
            Notice::Unsolved { .. } => general.wait_instead,
        };
        match notice {
            Notice::Unsolved { seconds, .. } => {
                Self { notice: Some(filled(text, &seconds.to_string())), is_waiting: true, ..self }
            }
            _ => Self { notice: Some(text.to_owned()), ..self },
        }
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
