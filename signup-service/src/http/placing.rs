//! Placing a customer, for the API and the page alike: are the keys fresh enough, which number, what became of it.

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use shared::events::signups::{Campaign, Channel, RefusalReason};
use shared::http::{FieldErrors, Problem};
use shared::ids::{new_id, random_bytes};
use shared::key::{Key, candidates};
use shared::log::{Command, Receipt, SubmitError};
use uuid::Uuid;

use super::App;
use super::signup::language::Language;
use crate::customers::email_digest;
use crate::domain::customer_number::customer_number;
use crate::domain::fault::FieldError;
use crate::domain::signup::{Signup, SignupForm, validate};
use crate::domain::usable::{Unusable, usable};
use crate::keys::KeyFacts;
use crate::placements::{PlacedAnswer, Placement, Refusal, RefusedAnswer, Request};

/// How often another customer number is tried when one is taken.
const NUMBER_TRIES: usize = 5;
/// Most tries of one form whose visitor goes back to it after each refusal.
const TRIES_OF_A_FORM: usize = 10;
/// Seconds after which a visitor may come back when the keys are too old.
const STALE_RETRY_AFTER_SECONDS: u32 = 10;

/// What became of a signup.
#[derive(Debug)]
pub enum Outcome {
    /// There is a customer, or a decoy that looks like one.
    Placed(PlacedAnswer),
    /// The key cannot be used.
    Refused(RefusalReason),
}

/// A request that the writer has room for. It is asked at the door: reading a form that is then refused would take the time
/// of those that are not.
pub struct Admitted;

impl FromRequestParts<App> for Admitted {
    type Rejection = Problem;

    async fn from_request_parts(_: &mut Parts, app: &App) -> Result<Self, Problem> {
        if app.writer.has_room() { Ok(Self) } else { Err(Problem::unavailable()) }
    }
}

/// Places a customer.
pub async fn place(
    app: &App,
    command: Command,
    typed_key: &str,
    signup: Signup,
    (campaign, channel): (Campaign, Channel),
) -> Result<(Outcome, Receipt), Problem> {
    let keys: Vec<String> = candidates(typed_key).into_iter().map(Key::into_string).collect();
    if keys.is_empty() {
        return Err(key_unusable(RefusalReason::Unknown));
    }
    let (customer_id, email_digest) = (new_id(), email_digest(app.log.secret(), &signup.email.key));
    let mut tries = 0;
    let receipt = loop {
        let customer_number = new_number()?;
        let (keys, signup, campaign) = (keys.clone(), signup.clone(), campaign.clone());
        let placement = Placement { keys, signup, email_digest, campaign, channel, customer_id, customer_number };
        match app.writer.submit(command.clone(), Request::Place(Box::new(placement))).await {
            Err(SubmitError::Refused(Refusal::NumberTaken)) if tries < NUMBER_TRIES => tries += 1,
            outcome => break outcome?,
        }
    };
    let outcome = read_outcome(&receipt)?;
    match &outcome {
        Outcome::Placed(answer) => {
            app.keys.has_placed(&answer.placement.key);
            metrics::counter!("signpost_signups_total", "outcome" => "answered").increment(1);
        }
        Outcome::Refused(_) => metrics::counter!("signpost_signups_total", "outcome" => "refused").increment(1),
    }
    Ok((outcome, receipt))
}

/// Places a customer whose form may have been refused before. Whoever goes back to it later sends the very same form, and what he
/// was told then says nothing of a key that is usable by now. Each try is a command of its own, so that there is one customer
/// however often it is sent.
pub async fn place_form(
    app: &App,
    mut command: Command,
    facts: &KeyFacts,
    signup: Signup,
    (campaign, channel): (Campaign, Channel),
) -> Result<(Outcome, Receipt), Problem> {
    let (first, mut tries) = (command.id.clone(), 1);
    loop {
        let placed = place(app, command.clone(), &facts.row.key, signup.clone(), (campaign.clone(), channel)).await?;
        let is_of_before = placed.1.replayed && matches!(placed.0, Outcome::Refused(_));
        if !is_of_before || tries == TRIES_OF_A_FORM || verdict(app, Some(facts)).is_err() {
            return Ok(placed);
        }
        tries += 1;
        command.id = format!("{first}:{tries}");
    }
}

/// Checks a form. Before a fault is told, the operator's rules are read again, for they may have changed a moment ago.
pub async fn check_form(app: &App, form: &SignupForm) -> Result<Result<Signup, Vec<FieldError>>, Problem> {
    if let Ok(signup) = validate(form, &app.keys.rules()) {
        return Ok(Ok(signup));
    }
    app.keys.read_rules().await?;
    Ok(validate(form, &app.keys.rules()))
}

/// A new random customer number.
pub fn new_number() -> Result<String, Problem> {
    random_bytes().map(customer_number).map_err(|error| Problem::unforeseen(&error))
}

fn read_outcome(receipt: &Receipt) -> Result<Outcome, Problem> {
    let outcome = if receipt.answer.status == StatusCode::CREATED.as_u16() {
        receipt.answer.read().map(Outcome::Placed)
    } else {
        receipt.answer.read::<RefusedAnswer>().map(|answer| Outcome::Refused(answer.refused))
    };
    outcome.map_err(|error| Problem::unforeseen(&error))
}

/// Whether a looked-up key may be used now.
pub fn verdict(app: &App, facts: Option<&KeyFacts>) -> Result<(), Unusable> {
    usable(facts.map(|facts| &facts.row), facts.map_or(0, |facts| facts.placed), app.clock.now())
}

/// Notes that a visitor was shown why they cannot sign up: why the key cannot be used, or what is wrong with the form.
/// Whether that succeeds is of no concern to them.
pub async fn tell_refusal(app: &App, key: &str, of_the_form: Option<RefusalReason>) {
    let refusal_id = new_id();
    let command = Command {
        id: format!("visitor:{refusal_id}"),
        fingerprint: String::new(),
        actor: "visitor".to_owned(),
        cause: shared::http::trace::current_traceparent(),
    };
    let request = Request::TellRefusal { key: key.to_owned(), refusal_id, of_the_form };
    if let Err(error) = app.writer.submit(command, request).await {
        tracing::warn!(error = %error, "a shown refusal could not be noted");
    }
}

/// The problem of a key that cannot be used.
pub fn key_unusable(reason: RefusalReason) -> Problem {
    let explanation = Language::English.words().outcomes.of(reason).explanation;
    let status = if reason == RefusalReason::Unknown { StatusCode::NOT_FOUND } else { StatusCode::GONE };
    let reason = serde_json::to_value(reason).unwrap_or_default();
    Problem::new(status, "key-unusable", "This key cannot be used", explanation).with("reason", reason)
}

impl From<Unusable> for Problem {
    fn from(unusable: Unusable) -> Self {
        match unusable {
            Unusable::Refused(reason) => key_unusable(reason),
            Unusable::Parked => Self::unavailable(),
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Parked | Refusal::NumberTaken => Self::unavailable(),
            Refusal::StaleKeys => Self::unavailable().retry_after(STALE_RETRY_AFTER_SECONDS),
            Refusal::NoSuchCustomer => Self::not_found(),
            Refusal::VersionMismatch => Self::version_mismatch(),
            Refusal::Erased => Self::conflict("customer_erased", "Nothing personal is kept of this customer any more."),
            Refusal::EmailTaken => Self::conflict("email_taken", "Another customer has this e-mail address."),
        }
    }
}

/// Adds the form's own errors to those that reading the body found.
pub fn add_errors(errors: &mut FieldErrors, found: Vec<FieldError>) {
    for error in found {
        let parent = error.field.split_once('.').map_or(error.field.as_str(), |(parent, _)| parent);
        if !errors.iter().any(|(field, _, _)| field == parent) {
            errors.add(error.field, error.fault.code(), error.fault.message());
        }
    }
}

/// The id that stands in a path; what does not read names nothing.
pub fn path_id(text: &str) -> Result<Uuid, Problem> {
    text.parse().map_err(|_| Problem::not_found())
}
