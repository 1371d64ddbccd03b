//! Places a customer, for the API and the pages: submits the command, retries with another number where one is taken,
//! counts refusals.

use std::sync::Arc;

use axum::extract::{FromRef, FromRequestParts};
use axum::http::StatusCode;
use axum::http::request::Parts;
use contract::events::signups::{Campaign, Channel, RefusalReason, RefusalStage};
use contract::ids::{new_id, random_bytes};
use contract::key::{Key, candidates};
use event_store::log::{AppendResult, CommandMeta, SubmitError};
use uuid::Uuid;
use web::http::Problem;

use crate::command::DomainError;
use crate::confirmations::address::AddressDigest;
use crate::customers::table::email_digest;
use crate::fields::violation::FieldError;
use crate::keys::placed::Placed;
use crate::signups::commands::{KnownAnswer, PlaceCustomer, PlacedAnswer};
use crate::signups::customer_number::customer_number;
use crate::signups::model::{Placement, SignupError};
use crate::signups::requests::{Signup, SignupForm, validate};
use crate::state::AppState;

const NUMBER_TRIES: usize = 5;

/// The outcome of a signup.
#[derive(Debug)]
pub enum Outcome {
    /// A customer was created, or a decoy that looks like one.
    Placed(PlacedAnswer, AppendResult),
    /// This customer has the address already, and the caller may know it.
    Known(Uuid, AppendResult),
    Refused(RefusalReason),
}

/// The facts of a signup beside its form.
#[derive(Clone, Debug)]
pub struct Circumstances {
    pub campaign: Campaign,
    pub channel: Channel,
    /// The caller may read customers.
    pub may_know: bool,
    /// The digest of the address at which the visitor sees the confirmation; `None` for programs, which get an answer.
    pub confirmation: Option<AddressDigest>,
}

/// Proves that the writer's queue has room. It is extracted before the form is read: reading forms that are then
/// refused would slow accepted ones down.
pub struct WriteCapacity;

impl<S: Sync> FromRequestParts<S> for WriteCapacity
where
    AppState: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(_: &mut Parts, state: &S) -> Result<Self, Problem> {
        if AppState::from_ref(state).writer.has_room() { Ok(Self) } else { Err(Problem::unavailable()) }
    }
}

pub async fn place(
    app: &AppState,
    command: CommandMeta,
    typed_key: &str,
    signup: Signup,
    Circumstances { campaign, channel, may_know, confirmation }: Circumstances,
) -> Result<Outcome, Problem> {
    let keys: Vec<String> = candidates(typed_key).into_iter().map(Key::into_string).collect();
    if keys.is_empty() {
        return Ok(refused(app, typed_key, None, RefusalReason::Unknown, campaign));
    }
    let (customer_id, email_digest) = (new_id(), email_digest(app.log.secret(), &signup.email.key));
    let mut tries = 0;
    let appended = loop {
        let customer_number = new_number()?;
        let placement = Placement {
            keys: keys.clone(),
            signup: signup.clone(),
            email_digest,
            campaign: campaign.clone(),
            channel,
            may_know,
            customer_id,
            customer_number,
        };
        let place = PlaceCustomer { placement, keys: app.keys.clone(), confirmation };
        let refusal = match app.writer.submit(command.clone(), Arc::new(place)).await {
            Err(SubmitError::Refused(refusal)) => refusal,
            outcome => break outcome?,
        };
        match refusal.error() {
            Some(SignupError::NumberTaken) if tries < NUMBER_TRIES => tries += 1,
            Some(SignupError::Unusable { at, reason }) => {
                return Ok(refused(app, typed_key, at.clone(), *reason, campaign));
            }
            _ => return Err(refusal.into()),
        }
    };
    if appended.answer.status == StatusCode::CONFLICT.as_u16() {
        metrics::counter!("signpost_signups_total", "outcome" => "refused").increment(1);
        let known: KnownAnswer = appended.answer.read().map_err(|error| Problem::unforeseen(&error))?;
        return Ok(Outcome::Known(known.customer_id, appended));
    }
    let answer: PlacedAnswer = appended.answer.read().map_err(|error| Problem::unforeseen(&error))?;
    app.keys.has_placed(&answer.placement.key);
    metrics::counter!("signpost_signups_total", "outcome" => "answered").increment(1);
    Ok(Outcome::Placed(answer, appended))
}

fn refused(app: &AppState, typed_key: &str, at: Option<Placed>, reason: RefusalReason, campaign: Campaign) -> Outcome {
    metrics::counter!("signpost_signups_total", "outcome" => "refused").increment(1);
    app.counts.refusals.count(typed_key, at, (reason, RefusalStage::Signup), campaign);
    Outcome::Refused(reason)
}

/// Checks a form. Before violations are reported, the settings are read again, since they may have changed a moment
/// ago. Settings that are as stale as the keys make no violations: the terms may not have been read yet.
pub async fn check_form(app: &AppState, form: &SignupForm) -> Result<Result<Signup, Vec<FieldError>>, Problem> {
    if let Ok(signup) = validate(form, &app.keys.rules()) {
        return Ok(Ok(signup));
    }
    if app.keys.are_stale(app.clock.now()) {
        return Err(SignupError::StaleKeys.problem());
    }
    app.keys.read_rules().await?;
    Ok(validate(form, &app.keys.rules()))
}

pub fn new_number() -> Result<String, Problem> {
    random_bytes().map(customer_number).map_err(|error| Problem::unforeseen(&error))
}

/// The problem for callers who may know that the address is a customer's.
pub fn email_known(customer_id: Uuid) -> Problem {
    let detail = "Somebody with this e-mail address is a customer already.";
    Problem::conflict("email_known", detail).with("customer_id", customer_id.to_string())
}
