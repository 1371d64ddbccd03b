//! The signup pages: plain HTML that needs no script, in the visitor's language, on a page of their own or in a frame. Each handler
//! answers with a page, whatever goes wrong.

pub mod assets;
pub mod blank_page;
mod form;
pub mod language;
pub mod look;
pub mod nowhere;
pub mod old_links;
pub mod pages;
#[cfg(test)]
mod samples;
pub mod signup_page;
pub mod stage;
pub mod visit;
pub mod words;

use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use shared::events::signups::{Channel, RefusalReason};
use shared::http::Problem;
use shared::http::body::Payload;
use shared::http::client::Client;
use shared::http::trace::current_request_id;
use shared::http::write::with_receipt;
use shared::ids::new_id;

use super::App;
use super::page_views::Viewing;
use super::placing::{self, Outcome, tell_refusal, verdict};
use crate::domain::fault::FieldError;
use crate::domain::signup::SignupForm;
use crate::domain::usable::Unusable;
use crate::keys::KeyFacts;
use form::{Sent, Trap};
use nowhere::unglued;
use pages::{ConfirmationPage, ErrorPage, UnusablePage};
use signup_page::{Names, Notice, SignupPage};
use stage::Stage;
use visit::Visit;

/// What stands around a page for this visitor.
fn stage_of(app: &App, visit: &Visit) -> Stage {
    Stage::new(visit, Arc::clone(&app.sheet.of(app.keys.rules()).look))
}

/// `GET /signup/assets/{name}`
pub async fn asset(State(app): State<App>, Path(name): Path<String>) -> Response {
    assets::asset(&name, app.sheet.of(app.keys.rules()).look.logo.as_ref())
}

/// `GET /`: this address is no signup link.
pub async fn nothing_here(State(app): State<App>, visit: Visit) -> Response {
    let stage = stage_of(&app, &visit);
    let general = stage.general();
    let (heading, explanation) = (general.nothing_here, general.nothing_here_explained);
    ErrorPage { stage: &stage, heading, explanation, request_id: String::new() }.response(StatusCode::NOT_FOUND)
}

/// `GET /signup/{key}`
pub async fn show(
    State(app): State<App>,
    key: Result<Path<String>, PathRejection>,
    visit: Visit,
    viewing: Viewing,
    client: Client,
) -> Response {
    let Ok(Path(key)) = key else { return UnusablePage::response(&stage_of(&app, &visit), RefusalReason::Unknown) };
    let (key, visit) = unglued(&key, visit);
    let shown = show_form(&app, &key, &visit, viewing, client).await;
    shown.unwrap_or_else(|problem| problem_page(&stage_of(&app, &visit), &problem))
}

async fn show_form(app: &App, key: &str, visit: &Visit, viewing: Viewing, client: Client) -> Result<Response, Problem> {
    app.limits.page(client)?;
    let facts = app.keys.find(key).await?;
    let unusable = |reason| UnusablePage::response(&stage_of(app, visit), reason);
    let Some(facts) = facts else { return Ok(unusable(RefusalReason::Unknown)) };
    if let Err(unusable) = verdict(app, Some(&facts)) {
        return unusable_page(app, &stage_of(app, visit), &facts, unusable, client).await;
    }
    app.page_views.count(viewing, &facts.row);
    let (row, rules, once) = (&facts.row, app.keys.rules(), new_id().to_string());
    let sheet = app.sheet.of(Arc::clone(&rules));
    if let Some(blank) = sheet.page(visit.language, visit.embedded) {
        return Ok(blank.filled(&row.key, &row.offer, &once, &visit.campaign));
    }
    let stage = Stage::new(visit, Arc::clone(&sheet.look));
    let form = SignupPage::new(&stage, &row.key, Names::of(&row.offer), &rules, &SignupForm::default(), &[]);
    let form = form.carrying(&once, visit.campaign.clone());
    Ok(stage.page_with(stage.look.form_headers(stage.embedded), StatusCode::OK, &form))
}

/// `POST /signup/{key}`
pub async fn submit(
    State(app): State<App>,
    key: Result<Path<String>, PathRejection>,
    visit: Visit,
    client: Client,
    headers: HeaderMap,
    body: Result<Payload, Problem>,
) -> Response {
    // Another language would show the empty form, and what was typed would be lost.
    let stage = stage_of(&app, &visit).fixed();
    let Ok(Path(key)) = key else { return UnusablePage::response(&stage, RefusalReason::Unknown) };
    let pairs = match body {
        Ok(Payload(bytes)) if is_form(&headers) => form_urlencoded::parse(&bytes).into_owned().collect(),
        Ok(_) => return not_arrived(&stage, StatusCode::UNSUPPORTED_MEDIA_TYPE),
        Err(problem) => return not_arrived(&stage, problem.status),
    };
    let submitted = submit_form(&app, &stage, &key, pairs, client).await;
    submitted.unwrap_or_else(|problem| problem_page(&stage, &problem))
}

fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

fn not_arrived(stage: &Stage, status: StatusCode) -> Response {
    let general = stage.general();
    let (heading, explanation) = match status {
        StatusCode::PAYLOAD_TOO_LARGE => (general.too_large, general.too_large_explained),
        _ => (general.not_arrived, general.not_arrived_explained),
    };
    ErrorPage { stage, heading, explanation, request_id: current_request_id() }.response(status)
}

async fn submit_form(
    app: &App,
    stage: &Stage,
    key: &str,
    pairs: Vec<(String, String)>,
    client: Client,
) -> Result<Response, Problem> {
    app.limits.signup(client, key)?;
    if !app.writer.has_room() {
        return Err(Problem::unavailable());
    }
    let facts = app.keys.find(key).await?;
    let Some(facts) = facts else { return Ok(UnusablePage::response(stage, RefusalReason::Unknown)) };
    let sent = Sent::read(pairs);
    let signup = match placing::check_form(app, &sent.form).await? {
        Ok(signup) => signup,
        Err(errors) => {
            if let Err(unusable) = verdict(app, Some(&facts)) {
                return unusable_page(app, stage, &facts, unusable, client).await;
            }
            return Ok(form_again(app, stage, &facts, &sent, &errors, Notice::Fields));
        }
    };
    if sent.trap == Trap::Filled {
        return trapped(app, stage, &facts, &sent, client).await;
    }
    let command = sent.command(&facts.row.key)?;
    let campaign = sent.campaign.clone();
    let channel = if stage.embedded { Channel::Frame } else { Channel::Page };
    match placing::place_form(app, command, &facts, signup, (campaign, channel)).await {
        Ok((Outcome::Placed(placed), receipt)) => {
            let confirmation = ConfirmationPage::new(stage, &facts.row, &placed.customer_number).response();
            let mut response = with_receipt(confirmation, &receipt);
            *response.status_mut() = StatusCode::OK;
            Ok(response)
        }
        Ok((Outcome::Refused(reason), receipt)) => Ok(with_receipt(UnusablePage::response(stage, reason), &receipt)),
        Err(problem) if problem.kind == "idempotency-key-reused" => {
            Ok(form_again(app, stage, &facts, &sent, &[], Notice::SentBefore))
        }
        Err(problem) => Err(problem),
    }
}

/// Whoever filled in what people do not see may be a person whose browser did: they can send the form once more.
async fn trapped(app: &App, stage: &Stage, facts: &KeyFacts, sent: &Sent, client: Client) -> Result<Response, Problem> {
    metrics::counter!("signpost_honeypot_total").increment(1);
    if let Err(unusable) = verdict(app, Some(facts)) {
        return unusable_page(app, stage, facts, unusable, client).await;
    }
    if app.limits.is_worth_telling(client, &facts.row.key) {
        tell_refusal(app, &facts.row.key, Some(RefusalReason::Honeypot)).await;
    }
    Ok(form_again(app, stage, facts, sent, &[], Notice::TrapFilled))
}

/// The form with what was typed. A submission that was understood but not taken gets a new key, any other keeps its own.
fn form_again(
    app: &App,
    stage: &Stage,
    facts: &KeyFacts,
    sent: &Sent,
    errors: &[FieldError],
    notice: Notice,
) -> Response {
    let rules = app.keys.rules();
    let once = match notice {
        Notice::Fields => sent.idempotency_key(),
        Notice::SentBefore | Notice::TrapFilled => new_id().to_string(),
    };
    let form = SignupPage::new(stage, &facts.row.key, Names::of(&facts.row.offer), &rules, &sent.form, errors);
    let form = form.noticing(notice).carrying(&once, sent.campaign.clone());
    let form = if sent.trap == Trap::Empty { form } else { form.without_trap() };
    stage.page(StatusCode::UNPROCESSABLE_ENTITY, &form)
}

async fn unusable_page(
    app: &App,
    stage: &Stage,
    facts: &KeyFacts,
    unusable: Unusable,
    client: Client,
) -> Result<Response, Problem> {
    let Unusable::Refused(reason) = unusable else { return Err(unusable.into()) };
    if app.limits.is_worth_telling(client, &facts.row.key) {
        tell_refusal(app, &facts.row.key, None).await;
    }
    Ok(UnusablePage::response(stage, reason))
}

/// A problem as a page. What went wrong here is not explained, only numbered.
fn problem_page(stage: &Stage, problem: &Problem) -> Response {
    let general = stage.general();
    let (heading, explanation) = match problem.status {
        StatusCode::TOO_MANY_REQUESTS => (general.too_fast, general.too_fast_explained),
        StatusCode::SERVICE_UNAVAILABLE => (general.unavailable, general.unavailable_explained),
        StatusCode::NOT_FOUND | StatusCode::GONE => return UnusablePage::response(stage, RefusalReason::Unknown),
        _ => (general.went_wrong, general.went_wrong_explained),
    };
    let page = ErrorPage { stage, heading, explanation, request_id: current_request_id() };
    let mut response = page.response(problem.status);
    let original = problem.clone().into_response();
    if let Some(seconds) = original.headers().get(header::RETRY_AFTER) {
        response.headers_mut().insert(header::RETRY_AFTER, seconds.clone());
    }
    response
}
