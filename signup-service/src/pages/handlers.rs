use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use contract::clock::Moment;
use contract::events::signups::{Channel, RefusalReason, RefusalStage};
use contract::ids::new_id;
use web::http::Problem;
use web::http::body::Payload;
use web::http::client::Client;
use web::http::trace::current_request_id;

use crate::confirmations::address::Address;
use crate::fields::violation::FieldError;
use crate::keys::model::{KeyFacts, Unusable};
use crate::keys::placed::Placed;
use crate::lookups::admission::admit;
use crate::page_views::counting::PageView;
use crate::pages::challenge;
use crate::pages::confirmation;
use crate::pages::form::{LanguageSwitch, SubmittedForm, Trap};
use crate::pages::inputs::SuggestedOptions;
use crate::pages::nowhere::unglued;
use crate::pages::outcome_pages::{ErrorPage, UnusablePage, problem_page};
use crate::pages::signup_page::{Notice, OfferTexts, SignupPage};
use crate::pages::site::Site;
use crate::signups::placing as signups;
use crate::signups::placing::{Circumstances, Outcome};
use crate::signups::requests::{SignupForm, validate};
use crate::ui::assets;
use crate::ui::page_context::PageContext;
use crate::ui::page_request::PageRequest;

/// `GET /signup/assets/{name}`
pub async fn asset(State(site): State<Site>, Path(name): Path<String>) -> Response {
    assets::asset(&name, site.pages().theme.logo.as_ref())
}

/// `GET /`, which is no signup link.
pub async fn nothing_here(State(site): State<Site>, visit: PageRequest) -> Response {
    let context = site.context(&visit);
    let general = context.general();
    let (heading, explanation) = (general.nothing_here, general.nothing_here_explained);
    ErrorPage { context: &context, heading, explanation, request_id: String::new() }.response(StatusCode::NOT_FOUND)
}

/// `GET /signup/{key}`
pub async fn show(
    State(site): State<Site>,
    key: Result<Path<String>, PathRejection>,
    visit: PageRequest,
    page_view: PageView,
    client: Client,
) -> Response {
    let (key, visit) = unglued(&typed(key), visit);
    let shown = show_form(&site, &key, &visit, page_view, client).await;
    shown.unwrap_or_else(|problem| problem_page(&site.context(&visit), &problem))
}

/// The text in place of a key; empty where it is not valid UTF-8.
fn typed(key: Result<Path<String>, PathRejection>) -> String {
    key.map(|Path(key)| key).unwrap_or_default()
}

async fn show_form(
    site: &Site,
    key: &str,
    visit: &PageRequest,
    page_view: PageView,
    client: Client,
) -> Result<Response, Problem> {
    site.limits.page(client)?;
    let facts = match admit(site, key, site.keys.find(key).await?, Some(RefusalStage::Page), &visit.campaign) {
        Ok(facts) => facts,
        Err(unusable) => return unusable_page(&site.context(visit), unusable),
    };
    site.counts.views.count(page_view, &facts.row, &visit.campaign);
    let (row, pages, idempotency_key) = (&facts.row, site.pages(), new_id().to_string());
    let challenge = challenge::of_new_form(site, &row.key, &idempotency_key, visit.language);
    if let Some(blank) = pages.page(visit.language, visit.embedded) {
        return Ok(blank.filled(&row.key, &row.offer, &idempotency_key, &challenge, visit));
    }
    let context = PageContext::new(visit, Arc::clone(&pages.theme));
    let form =
        SignupPage::new(&context, &row.key, OfferTexts::of(&row.offer), &pages.rules, &SignupForm::default(), &[]);
    let suggested = SuggestedOptions::new(&visit.suggestion, visit.language);
    let form = form.carrying(&idempotency_key, visit.campaign.clone()).suggesting(&suggested, true);
    let form = form.with_challenge(challenge);
    Ok(context.page_with(context.theme.form_headers(context.embedded), StatusCode::OK, &form))
}

/// `POST /signup/{key}`
pub async fn submit(
    State(site): State<Site>,
    key: Result<Path<String>, PathRejection>,
    visit: PageRequest,
    client: Client,
    headers: HeaderMap,
    body: Result<Payload, Problem>,
) -> Response {
    // A link to another language would lose the typed values; the form itself has buttons that keep them.
    let context = site.context(&visit).fixed();
    let pairs = match body {
        Ok(Payload(bytes)) if is_form(&headers) => form_urlencoded::parse(&bytes).into_owned().collect(),
        Ok(_) => return not_arrived(&context, StatusCode::UNSUPPORTED_MEDIA_TYPE),
        Err(problem) => return not_arrived(&context, problem.status),
    };
    let sent = SubmittedForm::read(pairs);
    let answer = if sent.switch.is_some() {
        show_in_another_language(&site, &visit, &context, &typed(key), &sent, client).await
    } else {
        submit_form(&site, &visit, &context, &typed(key), &sent, client).await
    };
    answer.unwrap_or_else(|problem| problem_page(&context, &problem))
}

/// The form in another language with the typed values, and with its violations where it had any. Nothing is signed up.
async fn show_in_another_language(
    site: &Site,
    visit: &PageRequest,
    context: &PageContext,
    key: &str,
    sent: &SubmittedForm,
    client: Client,
) -> Result<Response, Problem> {
    site.limits.page(client)?;
    let facts = match admit(site, key, site.keys.find(key).await?, Some(RefusalStage::Page), &sent.campaign) {
        Ok(facts) => facts,
        Err(unusable) => return unusable_page(context, unusable),
    };
    let was_checked = sent.switch == Some(LanguageSwitch::Checked);
    let errors = if was_checked { validate(&sent.form, &site.keys.rules()).err() } else { None };
    let notice = errors.as_ref().map(|_| Notice::Fields);
    Ok(form_again(site, visit, &facts, sent, &errors.unwrap_or_default(), notice))
}

fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

fn not_arrived(context: &PageContext, status: StatusCode) -> Response {
    let general = context.general();
    let (heading, explanation) = match status {
        StatusCode::PAYLOAD_TOO_LARGE => (general.too_large, general.too_large_explained),
        _ => (general.not_arrived, general.not_arrived_explained),
    };
    ErrorPage { context, heading, explanation, request_id: current_request_id() }.response(status)
}

async fn submit_form(
    site: &Site,
    visit: &PageRequest,
    context: &PageContext,
    key: &str,
    sent: &SubmittedForm,
    client: Client,
) -> Result<Response, Problem> {
    site.limits.signup(client, key)?;
    if !site.writer.has_room() {
        return Err(Problem::unavailable());
    }
    let checked = signups::check_form(site, &sent.form).await?;
    let found = site.keys.find(key).await?;
    let (Some(facts), Ok(signup), Trap::Empty | Trap::LeftOut) = (&found, &checked, sent.trap) else {
        return match admit(site, key, found, Some(RefusalStage::Signup), &sent.campaign) {
            Ok(facts) => Ok(not_taken(site, visit, &facts, sent, checked.err())),
            Err(unusable) => unusable_page(context, unusable),
        };
    };
    if let Some(not_before) = challenge::wait_of(site, facts, sent, client) {
        return Ok(unsolved(site, visit, facts, sent, not_before));
    }
    let command = sent.command(&facts.row.key)?;
    let channel = if context.embedded { Channel::Frame } else { Channel::Page };
    let address = Address::new().map_err(|error| Problem::unforeseen(&error))?;
    let confirmation = Some(address.digest());
    let circumstances = Circumstances { campaign: sent.campaign.clone(), channel, may_know: false, confirmation };
    match signups::place(site, command, &facts.row.key, signup.clone(), circumstances).await {
        Ok(Outcome::Placed(placed, appended)) => {
            confirmation::redirect(site, context, &address, placed.customer_id, &appended).await
        }
        Ok(Outcome::Known(..)) => Err(Problem::internal()),
        Ok(Outcome::Refused(reason)) => Ok(UnusablePage::response(context, reason)),
        Err(problem) if problem.kind == "idempotency-key-reused" => {
            Ok(form_again(site, visit, facts, sent, &[], Some(Notice::SentBefore)))
        }
        Err(problem) => Err(problem),
    }
}

/// The form again, with its violations, or because the honeypot was filled in: perhaps by a person's browser, so the
/// visitor can send the form once more.
fn not_taken(
    site: &Site,
    visit: &PageRequest,
    facts: &KeyFacts,
    sent: &SubmittedForm,
    errors: Option<Vec<FieldError>>,
) -> Response {
    if let Some(errors) = errors {
        return form_again(site, visit, facts, sent, &errors, Some(Notice::Fields));
    }
    metrics::counter!("signpost_honeypot_total").increment(1);
    let (at, why) = (Placed::by(&facts.row), (RefusalReason::Honeypot, RefusalStage::Signup));
    site.counts.refusals.count(&facts.row.key, Some(at), why, sent.campaign.clone());
    form_again(site, visit, facts, sent, &[], Some(Notice::TrapFilled))
}

/// The form again, because its challenge was not solved: perhaps the browser runs no script, so the visitor can send the
/// form once more after a wait.
fn unsolved(site: &Site, visit: &PageRequest, facts: &KeyFacts, sent: &SubmittedForm, not_before: Moment) -> Response {
    let (at, why) = (Placed::by(&facts.row), (RefusalReason::ChallengeUnsolved, RefusalStage::Signup));
    site.counts.refusals.count(&facts.row.key, Some(at), why, sent.campaign.clone());
    let seconds = challenge::seconds_until(not_before, site.clock.now());
    form_again(site, visit, facts, sent, &[], Some(Notice::Unsolved { not_before, seconds }))
}

/// The form with the typed values. A submission that was valid but not accepted gets a new idempotency key; any other
/// keeps its own.
fn form_again(
    site: &Site,
    visit: &PageRequest,
    facts: &KeyFacts,
    sent: &SubmittedForm,
    errors: &[FieldError],
    notice: Option<Notice>,
) -> Response {
    let (pages, offer) = (site.pages(), OfferTexts::of(&facts.row.offer));
    let idempotency_key = match notice {
        None | Some(Notice::Fields | Notice::Unsolved { .. }) => sent.idempotency_key(),
        Some(Notice::SentBefore | Notice::TrapFilled) => new_id().to_string(),
    };
    let not_before = if let Some(Notice::Unsolved { not_before, .. }) = notice { Some(not_before) } else { None };
    let challenge = challenge::of_form_again(site, &facts.row.key, &idempotency_key, visit.language, sent, not_before);
    // The campaign is in the form, not in its address.
    let visit = PageRequest { campaign: sent.campaign.clone(), ..visit.clone() };
    let context = PageContext::new(&visit, Arc::clone(&pages.theme));
    let form = SignupPage::new(&context, &facts.row.key, offer, &pages.rules, &sent.form, errors);
    let form = form.carrying(&idempotency_key, visit.campaign.clone()).with_challenge(challenge);
    let form = form.suggesting(&SuggestedOptions::new(&visit.suggestion, visit.language), false);
    let form = if let Some(notice) = notice { form.noticing(notice) } else { form };
    let form = if sent.trap == Trap::Empty { form } else { form.without_trap() };
    let status = if sent.switch.is_none() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    // The visitor's own browser may keep the page, as it keeps the form before it: "back" would else ask whether to send
    // the form again.
    context.page_with(context.theme.form_headers(context.embedded), status, &form)
}

fn unusable_page(context: &PageContext, unusable: Unusable) -> Result<Response, Problem> {
    let Unusable::Refused(reason) = unusable else { return Err(unusable.into()) };
    Ok(UnusablePage::response(context, reason))
}
