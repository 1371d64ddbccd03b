//! The pages as structs: each is rendered by its template, which escapes every value. Knows no key, log or database.

use std::sync::LazyLock;

use askama::Template;
use askama::filters::{Escaper, Html};
use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use shared::events::signups::{Campaign, RefusalReason};

use super::words::{Words, autocomplete, label, ui_element, words};
use crate::domain::campaign::{NAMES, parameter};
use crate::domain::email;
use crate::domain::signup::{FieldError, FormRules, MAX_NAME, OPTIONAL_FIELDS, SignupForm, field_name, max_length};
use crate::domain::usable::{KeyRow, Offer};
use shared::events::agents::{FieldRule, SignupField};

/// Nothing but our own stylesheet and our own form: no script, no frame, nothing from elsewhere.
const CONTENT_SECURITY_POLICY: &str =
    "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// One input of the form.
pub struct Input {
    pub name: &'static str,
    pub label: &'static str,
    pub kind: &'static str,
    pub autocomplete: &'static str,
    pub max_length: usize,
    pub required: bool,
    pub value: String,
    pub error: Option<String>,
}

/// The form.
#[derive(Template)]
#[template(path = "signup.html")]
pub struct SignupPage {
    pub plan_name: String,
    pub agent_name: String,
    pub action: String,
    pub notice: Option<&'static str>,
    pub idempotency_key: String,
    /// Where the visitor came from, as hidden inputs.
    pub campaign: String,
    pub fields: Vec<Input>,
    pub terms_version: String,
    pub terms_text: String,
    pub consent_given: bool,
    pub consent_error: Option<String>,
}

impl SignupPage {
    /// The form for one key, with what was typed so far and what is wrong with it.
    pub fn new(key: &str, offer: &Offer, rules: &FormRules, form: &SignupForm, errors: &[FieldError]) -> Self {
        Self {
            plan_name: offer.plan.name.clone(),
            agent_name: offer.agent.name.clone(),
            action: action(key),
            ..Self::form(rules, form, errors)
        }
    }

    /// The form for no key yet.
    fn form(rules: &FormRules, form: &SignupForm, errors: &[FieldError]) -> Self {
        Self {
            plan_name: String::new(),
            agent_name: String::new(),
            action: String::new(),
            notice: (!errors.is_empty()).then_some("Please look at the fields that are marked below."),
            idempotency_key: String::new(),
            campaign: String::new(),
            fields: inputs(rules, form, errors),
            terms_version: rules.terms.version.clone(),
            terms_text: rules.terms.text.clone(),
            // Newer terms have to be agreed to anew.
            consent_given: form.terms_version.as_ref() == Some(&rules.terms.version),
            consent_error: error_of("consent.terms_version", errors).as_deref().map(sentence),
        }
    }

    /// The same, carrying the key that makes a repeated submission known, and where the visitor came from.
    #[must_use]
    pub fn carrying(self, idempotency_key: String, campaign: Campaign) -> Self {
        Self { idempotency_key, campaign: hidden_inputs(campaign), ..self }
    }
}

/// A campaign as hidden inputs of the form.
#[derive(Template)]
#[template(path = "campaign.html")]
struct CampaignInputs {
    campaign: Vec<(&'static str, String)>,
}

fn hidden_inputs(mut campaign: Campaign) -> String {
    let taken = NAMES.into_iter().filter_map(|name| Some((name, parameter(&mut campaign, name)?.take()?)));
    let campaign: Vec<_> = taken.collect();
    // Rendering writes to memory; a visitor who comes without a campaign is the usual one.
    if campaign.is_empty() { String::new() } else { CampaignInputs { campaign }.render().unwrap_or_default() }
}

/// The signup page, rendered once, with a blank for each thing that differs from visitor to visitor: the names of what is offered,
/// the key, the key of the submission, the campaign.
pub struct BlankPage([Box<str>; 7]);

/// Stands where a blank is to be. No text that is shown can hold a control character.
const BLANK: &str = "\u{1a}";

impl BlankPage {
    /// The page with its blanks; `None` when some text of it looks like one.
    pub fn new(rules: &FormRules) -> Option<Self> {
        let page = SignupPage {
            plan_name: BLANK.to_owned(),
            agent_name: BLANK.to_owned(),
            action: action(BLANK),
            idempotency_key: BLANK.to_owned(),
            campaign: BLANK.to_owned(),
            ..SignupPage::form(rules, &SignupForm::default(), &[])
        };
        let parts: Vec<Box<str>> = page.render().ok()?.split(BLANK).map(Box::from).collect();
        Some(Self(parts.try_into().ok()?))
    }

    /// The page for one visitor. Neither key needs to be escaped, by what they are made of.
    pub fn filled(&self, key: &str, offer: &Offer, idempotency_key: &str, campaign: Campaign) -> Response {
        let [start, title, heading, lead, path, once, rest] = self.0.each_ref().map(AsRef::as_ref);
        let (plan, agent) = (escaped(&offer.plan.name), escaped(&offer.agent.name));
        let campaign = hidden_inputs(campaign);
        let html =
            [start, &plan, title, &plan, heading, &agent, lead, key, path, idempotency_key, once, &campaign, rest]
                .concat();
        whole(StatusCode::OK, html)
    }
}

/// A text as the templates write it.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    // Writing to memory cannot fail.
    let _ = Html.write_escaped_str(&mut escaped, text);
    escaped
}

/// Where the form is sent.
fn action(key: &str) -> String {
    format!("/signup/{key}")
}

fn inputs(rules: &FormRules, form: &SignupForm, errors: &[FieldError]) -> Vec<Input> {
    let fixed = |name, label, kind, autocomplete, max_length, value: &str| Input {
        name,
        label,
        kind,
        autocomplete,
        max_length,
        required: true,
        value: value.to_owned(),
        error: error_of(name, errors),
    };
    let mut inputs = vec![
        fixed("first_name", "First name", "text", "given-name", MAX_NAME, &form.first_name),
        fixed("last_name", "Last name", "text", "family-name", MAX_NAME, &form.last_name),
        fixed("email", "E-mail address", "email", "email", email::MAX_LENGTH, &form.email),
    ];
    let asked_for = OPTIONAL_FIELDS.into_iter().filter(|field| rules.of(*field) != FieldRule::Hidden);
    inputs.extend(asked_for.map(|field| Input {
        name: field_name(field),
        label: label(field),
        kind: if field == SignupField::Phone { "tel" } else { "text" },
        autocomplete: autocomplete(field),
        max_length: max_length(field),
        required: rules.of(field) == FieldRule::Required,
        value: form.optional.get(&field).cloned().unwrap_or_default(),
        error: error_of(field_name(field), errors),
    }));
    inputs
}

fn error_of(field: &str, errors: &[FieldError]) -> Option<String> {
    errors.iter().find(|error| error.field == field).map(|error| error.message.clone())
}

/// A message as a sentence of its own.
fn sentence(message: &str) -> String {
    let mut letters = message.chars();
    letters.next().map(|first| format!("{}{}.", first.to_uppercase(), letters.as_str())).unwrap_or_default()
}

/// What a new customer sees.
#[derive(Template)]
#[template(path = "confirmation.html")]
pub struct ConfirmationPage {
    pub plan_name: String,
    pub agent_name: String,
    pub customer_number: String,
    pub ui_elements: Vec<&'static str>,
}

impl ConfirmationPage {
    /// The confirmation for a customer placed through this key.
    pub fn new(row: &KeyRow, customer_number: String) -> Self {
        Self {
            plan_name: row.offer.plan.name.clone(),
            agent_name: row.offer.agent.name.clone(),
            customer_number,
            ui_elements: row.offer.group.ui_elements.iter().map(|element| ui_element(*element)).collect(),
        }
    }
}

/// What a visitor with an unusable key sees.
#[derive(Template)]
#[template(path = "unusable.html")]
pub struct UnusablePage {
    pub words: Words,
}

impl UnusablePage {
    /// The page for one reason, with its status.
    pub fn response(reason: RefusalReason) -> Response {
        let status = if reason == RefusalReason::Unknown { StatusCode::NOT_FOUND } else { StatusCode::GONE };
        page(status, &Self { words: words(reason) })
    }
}

/// What anybody sees when something else is wrong.
#[derive(Template)]
#[template(path = "error.html")]
pub struct ErrorPage {
    pub heading: &'static str,
    pub explanation: String,
    pub request_id: String,
}

impl ErrorPage {
    /// An error page with this status.
    pub fn response(status: StatusCode, heading: &'static str, explanation: &str, request_id: &str) -> Response {
        page(status, &Self { heading, explanation: explanation.to_owned(), request_id: request_id.to_owned() })
    }
}

/// A rendered page with the headers that every page has.
pub fn page(status: StatusCode, template: &impl Template) -> Response {
    match template.render() {
        Ok(html) => whole(status, html),
        // Rendering writes to memory, so this is a defect of a template; nothing of the request is shown.
        Err(_) => (StatusCode::INTERNAL_SERVER_ERROR, "Something went wrong.").into_response(),
    }
}

static HEADERS: LazyLock<HeaderMap> = LazyLock::new(|| {
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    headers.map(|(name, value)| (name, HeaderValue::from_static(value))).into_iter().collect()
});

fn whole(status: StatusCode, html: String) -> Response {
    let mut response = Response::new(Body::from(html));
    *response.status_mut() = status;
    response.headers_mut().clone_from(&HEADERS);
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::signup::validate;
    use crate::domain::usable::tests::usable_row;

    fn hostile() -> SignupForm {
        SignupForm {
            first_name: "<script>alert('x')</script>".to_owned(),
            last_name: "李小龙".to_owned(),
            ..SignupForm::default()
        }
    }

    #[test]
    fn what_was_typed_comes_back_escaped_with_each_fault_beside_its_field() {
        let (form, rules) = (hostile(), FormRules::default());
        let errors = validate(&form, &rules).unwrap_err();
        let html = SignupPage::new("K", &usable_row().offer, &rules, &form, &errors).render().unwrap();
        assert!(!html.contains("<script>"));
        assert!(html.contains("&#60;script&#62;"));
        assert!(html.contains("value=\"李小龙\""));
        assert!(html.contains("id=\"email-fault\">E-mail address must be filled in."));
        assert!(html.contains("The terms must be agreed to."));
    }

    #[test]
    fn the_form_carries_the_key_of_the_submission_and_the_campaign() {
        let campaign = Campaign { utm_source: Some("a\"b".to_owned()), ..Campaign::default() };
        let page = form();
        let html = page.carrying("once".to_owned(), campaign).render().unwrap();
        assert!(html.contains("name=\"idempotency_key\" value=\"once\""));
        assert!(html.contains("name=\"utm_source\" value=\"a&#34;b\""));
    }

    fn form() -> SignupPage {
        SignupPage::new("0123456789", &usable_row().offer, &FormRules::default(), &SignupForm::default(), &[])
    }

    async fn text(response: Response) -> String {
        let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
        String::from_utf8(body.to_vec()).unwrap()
    }

    #[tokio::test]
    async fn a_filled_blank_page_is_the_page() {
        let (mut offer, rules) = (Offer::clone(&usable_row().offer), FormRules::default());
        let blank = BlankPage::new(&rules).unwrap();
        let campaign = Campaign { sub_id: Some("<7>".to_owned()), ..Campaign::default() };
        for (name, campaign) in [("Plan", Campaign::default()), ("<b>'Plan' & \"more\"</b>", campaign)] {
            offer.plan.name = name.to_owned();
            offer.agent.name = format!("{name} of {name}");
            let page = SignupPage::new("0123456789", &offer, &rules, &SignupForm::default(), &[]);
            let page = page.carrying("once".to_owned(), campaign.clone()).render().unwrap();
            assert_eq!(text(blank.filled("0123456789", &offer, "once", campaign)).await, page);
        }
    }

    #[test]
    fn terms_that_look_like_a_blank_make_no_blank_page() {
        let mut rules = FormRules::default();
        rules.terms.text = format!("A{BLANK}B");
        assert!(BlankPage::new(&rules).is_none());
    }

    #[test]
    fn hidden_fields_are_not_asked_for() {
        let rules = FormRules { fields: [(SignupField::Company, FieldRule::Hidden)].into(), ..FormRules::default() };
        let html = SignupPage::new("K", &usable_row().offer, &rules, &SignupForm::default(), &[]).render().unwrap();
        assert!(!html.contains("name=\"company\""));
        assert!(html.contains("name=\"phone\""));
    }

    #[test]
    fn the_confirmation_shows_the_number_and_what_may_be_used() {
        let html = ConfirmationPage::new(&usable_row(), "12345678901".to_owned()).render().unwrap();
        assert!(html.contains("12345678901"));
        assert!(html.contains("Your call history"));
    }

    #[test]
    fn every_page_is_rendered_without_script_and_with_a_strict_policy() {
        let response = UnusablePage::response(RefusalReason::Paused);
        assert_eq!(response.status(), StatusCode::GONE);
        assert!(
            response.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap().starts_with("default-src 'none'")
        );
        assert_eq!(UnusablePage::response(RefusalReason::Unknown).status(), StatusCode::NOT_FOUND);
        assert_eq!(ErrorPage::response(StatusCode::BAD_GATEWAY, "Oh", "Well", "1").status(), StatusCode::BAD_GATEWAY);
    }
}
