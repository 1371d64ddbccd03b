//! The signup pages: plain HTML, no script. Each handler answers with a page, whatever goes wrong.

pub mod assets;
mod form;
pub mod pages;
pub mod words;

use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use shared::events::signups::RefusalReason;
use shared::http::Problem;
use shared::http::body::Payload;
use shared::http::query::{AT_LEAST_WAIT, wait_for};
use shared::http::trace::current_request_id;
use shared::http::write::with_receipt;
use shared::ids::new_id;

use super::App;
use super::limits::Address;
use super::page_views::Visit;
use super::placing::{self, Outcome, tell_refusal, verdict};
use crate::domain::campaign::from_link;
use crate::domain::signup::{FieldError, SignupForm};
use crate::domain::usable::Unusable;
use crate::keys::KeyFacts;
use form::Sent;
use pages::{ConfirmationPage, ErrorPage, SignupPage, UnusablePage, page};

type Pairs = Vec<(String, String)>;

/// `GET /signup/assets/{name}`
pub async fn asset(Path(name): Path<String>) -> Response {
    assets::asset(&name)
}

/// `GET /`: this address is no signup link.
pub async fn nothing_here() -> Response {
    let explanation = "A signup link goes on behind this address. Please check that it was copied whole.";
    ErrorPage::response(StatusCode::NOT_FOUND, "There is nothing here", explanation, "")
}

/// `GET /signup/{key}`
pub async fn show(
    State(app): State<App>,
    key: Result<Path<String>, PathRejection>,
    uri: Uri,
    visit: Visit,
    address: Address,
) -> Response {
    let Ok(Path(key)) = key else { return UnusablePage::response(RefusalReason::Unknown) };
    let parameters = Query::<Pairs>::try_from_uri(&uri).map(|query| query.0).unwrap_or_default();
    show_form(&app, &key, &parameters, visit, address).await.unwrap_or_else(|problem| problem_page(&problem))
}

async fn show_form(
    app: &App,
    key: &str,
    parameters: &Pairs,
    visit: Visit,
    address: Address,
) -> Result<Response, Problem> {
    app.limits.page(address)?;
    let at_least = parameters.iter().find(|(name, _)| name == "at_least").and_then(|(_, value)| value.parse().ok());
    let facts = match at_least {
        Some(position) => {
            wait_for(app.keys.checkpoint(), position, AT_LEAST_WAIT).await?;
            app.keys.find_anew(key).await?
        }
        None => app.keys.find(key).await?,
    };
    let Some(facts) = facts else { return Ok(UnusablePage::response(RefusalReason::Unknown)) };
    if let Err(unusable) = verdict(app, Some(&facts)) {
        return unusable_page(app, &facts, unusable, address).await;
    }
    app.page_views.count(visit, &facts.row);
    let campaign = from_link(parameters.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    let (row, rules, once) = (&facts.row, app.keys.rules(), new_id().to_string());
    if let Some(blank) = &app.sheets.page(Arc::clone(&rules)).page {
        return Ok(blank.filled(&row.key, &row.offer, &once, campaign));
    }
    let form = SignupPage::new(&row.key, &row.offer, &rules, &SignupForm::default(), &[]);
    Ok(page(StatusCode::OK, &form.carrying(once, campaign)))
}

/// `POST /signup/{key}`
pub async fn submit(
    State(app): State<App>,
    key: Result<Path<String>, PathRejection>,
    address: Address,
    headers: HeaderMap,
    body: Result<Payload, Problem>,
) -> Response {
    let Ok(Path(key)) = key else { return UnusablePage::response(RefusalReason::Unknown) };
    let pairs = match body {
        Ok(Payload(bytes)) if is_form(&headers) => form_urlencoded::parse(&bytes).into_owned().collect(),
        body => {
            let explanation = "The form did not arrive as it was sent. Please go back and send it again.";
            let status = body.map_or_else(|problem| problem.status, |_| StatusCode::UNSUPPORTED_MEDIA_TYPE);
            return ErrorPage::response(status, "That did not work", explanation, &current_request_id());
        }
    };
    submit_form(&app, &key, pairs, address).await.unwrap_or_else(|problem| problem_page(&problem))
}

fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

async fn submit_form(app: &App, key: &str, pairs: Pairs, address: Address) -> Result<Response, Problem> {
    app.limits.signup(address, key)?;
    if !app.writer.has_room() {
        return Err(Problem::unavailable());
    }
    let facts = app.keys.find(key).await?;
    let Some(facts) = facts else { return Ok(UnusablePage::response(RefusalReason::Unknown)) };
    let sent = Sent::read(pairs);
    let signup = match placing::check_form(app, &sent.form).await? {
        Ok(signup) => signup,
        Err(errors) => {
            if let Err(unusable) = verdict(app, Some(&facts)) {
                return unusable_page(app, &facts, unusable, address).await;
            }
            return Ok(form_again(app, &facts, &sent, &errors, None));
        }
    };
    // Only a program fills in what nobody can see. It is told what it wants to hear.
    if sent.is_trapped {
        metrics::counter!("signpost_honeypot_total").increment(1);
        return Ok(page(StatusCode::OK, &ConfirmationPage::new(&facts.row, placing::new_number()?)));
    }
    let command = sent.command(&facts.row.key)?;
    let campaign = sent.campaign.clone();
    match placing::place(app, command, &facts.row.key, signup, campaign).await {
        Ok((Outcome::Placed(placed), receipt)) => {
            let confirmation = ConfirmationPage::new(&facts.row, placed.customer_number);
            let mut response = with_receipt(page(StatusCode::OK, &confirmation), &receipt);
            *response.status_mut() = StatusCode::OK;
            Ok(response)
        }
        Ok((Outcome::Refused(reason), receipt)) => Ok(with_receipt(UnusablePage::response(reason), &receipt)),
        Err(problem) if problem.kind == "idempotency-key-reused" => {
            let notice = "This form was sent before with other details. Please check them and send it again.";
            Ok(form_again(app, &facts, &sent, &[], Some(notice)))
        }
        Err(problem) => Err(problem),
    }
}

/// The form with what was typed. A submission that was understood but not taken gets a new key, any other keeps its own.
fn form_again(
    app: &App,
    facts: &KeyFacts,
    sent: &Sent,
    errors: &[FieldError],
    notice: Option<&'static str>,
) -> Response {
    let mut form = SignupPage::new(&facts.row.key, &facts.row.offer, &app.keys.rules(), &sent.form, errors);
    form.notice = notice.or(form.notice);
    let once = if notice.is_some() { new_id().to_string() } else { sent.idempotency_key() };
    page(StatusCode::UNPROCESSABLE_ENTITY, &form.carrying(once, sent.campaign.clone()))
}

async fn unusable_page(app: &App, facts: &KeyFacts, unusable: Unusable, address: Address) -> Result<Response, Problem> {
    let Unusable::Refused(reason) = unusable else { return Err(unusable.into()) };
    if app.limits.is_worth_telling(address, &facts.row.key) {
        tell_refusal(app, &facts.row.key).await;
    }
    Ok(UnusablePage::response(reason))
}

/// A problem as a page. What went wrong here is not explained, only numbered.
fn problem_page(problem: &Problem) -> Response {
    let (heading, explanation) = match problem.status {
        StatusCode::TOO_MANY_REQUESTS => {
            ("One moment, please", "That was a little fast. Please try again in a minute.")
        }
        StatusCode::SERVICE_UNAVAILABLE => {
            ("Please try again shortly", "Signing up is not possible just now. Nothing is lost; please try again.")
        }
        StatusCode::NOT_FOUND | StatusCode::GONE => return UnusablePage::response(RefusalReason::Unknown),
        _ => ("Something went wrong", "That should not have happened. Please try again."),
    };
    let mut response = ErrorPage::response(problem.status, heading, explanation, &current_request_id());
    let original = problem.clone().into_response();
    if let Some(seconds) = original.headers().get(header::RETRY_AFTER) {
        response.headers_mut().insert(header::RETRY_AFTER, seconds.clone());
    }
    response
}
