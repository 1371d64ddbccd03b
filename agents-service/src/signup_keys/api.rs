use std::collections::HashMap;

use axum::extract::{Path, State};
use axum::http::{Method, header};
use axum::response::IntoResponse;
use axum::{Extension, Json};
use contract::events::signups::RefusalReason;
use contract::key::candidates;
use event_store::log::AppendResult;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;
use web::http::query::Query;
use web::http::write::replied_with;
use web::http::{Api, Caller, Operation, Problem, Write};

use crate::command::{Command, SimpleCommand};
use crate::commission::requests::TERMS_SCOPE;
use crate::endpoint::{
    AFTER, AT_LEAST, ApiFuture, ApiResult, LIMIT, Reason, located, position_cursor, read, wait_only, with_etag, write,
};
use crate::paging::Page;
use crate::settings::{self, signup_url};
use crate::signup_keys::commands::{change_commission, pause, resume, revoke};
use crate::signup_keys::model::SignupKey;
use crate::signup_keys::queries::{Filter, Usable};
use crate::signup_keys::requests::{SignupKeyChangeRequest, SignupKeyRequest};
use crate::signup_keys::snapshot::{SignupKeySnapshot, State as KeyState};
use crate::signup_keys::{self, qr, usability};
use crate::state::AppState;

/// A signup key with its URL and what is wrong with it.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "SignupKeyWithUrl")]
struct WithUrl {
    #[serde(flatten)]
    key: SignupKeySnapshot,
    /// Whether visitors can sign up through it now.
    usable: bool,
    /// Why they cannot; null when they can.
    reason: Option<RefusalReason>,
    url: String,
    /// What shows the form in a page of the agent's own, where the settings allow that page's origin.
    frame_snippet: String,
    /// In plain words, why visitors may not be able to open the URL.
    warnings: Vec<String>,
}

impl WithUrl {
    fn of(key: SignupKeySnapshot, base: &str, reasons: &HashMap<String, RefusalReason>) -> Self {
        let reason = reasons.get(&key.key).copied();
        Self {
            usable: reason.is_none(),
            reason,
            url: signup_url::compose(base, &key.key),
            frame_snippet: signup_url::frame_snippet(base, &key.key),
            warnings: signup_url::warnings(base),
            key,
        }
    }
}

pub fn routes(api: Api<AppState>) -> Api<AppState> {
    let turn = |path, summary| write(Method::POST, path, summary, "keys:write").takes::<Reason>().gives::<WithUrl>(200);
    let listing = Operation::new(Method::GET, "/api/v1/signup-keys", "List signup keys").scope("keys:read").query(&[
        ("agent_id", "Only the keys of this agent"),
        ("state", "active, paused or revoked"),
        ("usable", "true for keys that visitors can sign up through now, false for the others"),
        ("search", "A signup URL, the beginning of a key, or those of words of label and note, in any order"),
        LIMIT,
        AFTER,
        AT_LEAST,
    ]);
    api.on(
        write(Method::POST, "/api/v1/signup-keys", "Add a signup key", "keys:write")
            .takes::<SignupKeyRequest>()
            .gives::<WithUrl>(201),
        add,
    )
    .on(listing.gives::<Page<WithUrl>>(200), list)
    .on(read("/api/v1/signup-keys/{key}", "Show a signup key", "keys:read").gives::<WithUrl>(200), show)
    .on(read("/api/v1/signup-keys/{key}/qr.svg", "The URL's QR code as SVG", "keys:read"), qr_svg)
    .on(read("/api/v1/signup-keys/{key}/qr.png", "The URL's QR code as PNG", "keys:read"), qr_png)
    .on(
        write(Method::PATCH, "/api/v1/signup-keys/{key}", "State the commission terms of a key", "keys:write")
            .takes::<SignupKeyChangeRequest>()
            .gives::<WithUrl>(200),
        change,
    )
    .on(turn("/api/v1/signup-keys/{key}/pause", "Pause a key"), act(pause))
    .on(turn("/api/v1/signup-keys/{key}/resume", "Resume a paused key"), act(resume))
    .on(turn("/api/v1/signup-keys/{key}/revoke", "Revoke a key for good"), act(revoke))
}

async fn add(
    State(app): State<AppState>,
    Extension(caller): Extension<Caller>,
    write: Write<SignupKeyRequest>,
) -> ApiResult {
    write.request.check_terms(&caller)?;
    let zone = settings::queries::get(app.database()).await?.zone()?;
    let request = write.request.addition(write.errors, &zone)?;
    let appended = app.submit(write.command, request).await?;
    let response = answered(&app, &appended).await?;
    Ok(located(response, "signup-keys", appended.answer.id()))
}

async fn change(
    State(app): State<AppState>,
    Extension(caller): Extension<Caller>,
    Path(text): Path<String>,
    write: Write<SignupKeyChangeRequest>,
) -> ApiResult {
    let commission = write.request.check(write.errors)?;
    // All that can be changed are terms.
    caller.require(TERMS_SCOPE)?;
    let key = find(&app, &text).await?.key;
    let command = change_commission(&key, commission).expecting(write.if_match);
    answered(&app, &app.submit(write.command, command).await?).await
}

/// The stored response, with the URL composed from the current settings.
async fn answered(app: &AppState, appended: &AppendResult) -> ApiResult {
    let base = settings::queries::get(app.database()).await?.customer_interface_url;
    let key = appended.answer.id();
    let found = signup_keys::queries::get(app.database(), key).await?;
    let reason = reasons(app, found.as_slice()).await?.get(key).copied();
    replied_with(appended, |members| {
        members.insert("usable".to_owned(), reason.is_none().into());
        members.insert("reason".to_owned(), json!(reason));
        members.insert("url".to_owned(), signup_url::compose(&base, key).into());
        members.insert("frame_snippet".to_owned(), signup_url::frame_snippet(&base, key).into());
        let mut warnings = signup_url::warnings(&base);
        if reason == Some(RefusalReason::Ended) {
            warnings.push("The end of this key is past, so visitors cannot sign up through it.".to_owned());
        }
        members.insert("warnings".to_owned(), json!(warnings));
    })
}

/// Why keys cannot be used now, by key.
async fn reasons(app: &AppState, keys: &[SignupKeySnapshot]) -> Result<HashMap<String, RefusalReason>, Problem> {
    Ok(usability::reasons(app.database(), keys, app.clock.now()).await?)
}

/// The key that a text in a path means.
async fn find(app: &AppState, text: &str) -> Result<SignupKeySnapshot, Problem> {
    for candidate in candidates(text) {
        if let Some(key) = signup_keys::queries::get(app.database(), candidate.as_str()).await? {
            return Ok(key);
        }
    }
    Err(Problem::not_found())
}

async fn show(State(app): State<AppState>, Path(text): Path<String>, query: Query) -> ApiResult {
    wait_only(&app, query).await?;
    let key = find(&app, &text).await?;
    let version = key.version;
    let base = settings::queries::get(app.database()).await?.customer_interface_url;
    let reasons = reasons(&app, std::slice::from_ref(&key)).await?;
    Ok(with_etag(WithUrl::of(key, &base, &reasons), version))
}

async fn list(State(app): State<AppState>, mut query: Query) -> ApiResult {
    query.at_least("agents", &app.directory, Some(&app.log)).await?;
    let page = query.page();
    let filter = Filter {
        agent_id: query.parsed("agent_id"),
        state: query.parsed::<KeyState>("state"),
        usable: query.parsed("usable").map(|is| Usable { is, at: app.clock.now() }),
        search: query.text("search"),
        after: position_cursor(&mut query, page.after),
        limit: page.limit,
    };
    query.finish()?;
    let base = settings::queries::get(app.database()).await?.customer_interface_url;
    let page = signup_keys::queries::list(app.database(), &filter).await?;
    let reasons = reasons(&app, &page.items).await?;
    let items = page.items.into_iter().map(|key| WithUrl::of(key, &base, &reasons)).collect();
    Ok(Json(Page { items, next: page.next }).into_response())
}

async fn url(app: &AppState, text: &str, query: Query) -> Result<String, Problem> {
    wait_only(app, query).await?;
    let key = find(app, text).await?;
    Ok(signup_url::compose(&settings::queries::get(app.database()).await?.customer_interface_url, &key.key))
}

async fn qr_svg(State(app): State<AppState>, Path(text): Path<String>, query: Query) -> ApiResult {
    let image = qr::as_svg(&url(&app, &text, query).await?).map_err(|error| Problem::unforeseen(&error))?;
    Ok(([(header::CONTENT_TYPE, "image/svg+xml")], image).into_response())
}

async fn qr_png(State(app): State<AppState>, Path(text): Path<String>, query: Query) -> ApiResult {
    let image = qr::as_png(&url(&app, &text, query).await?).map_err(|error| Problem::unforeseen(&error))?;
    Ok(([(header::CONTENT_TYPE, "image/png")], image).into_response())
}

/// The handler of a route that does one thing with a key, for a reason.
fn act(
    command: fn(&str, Option<String>) -> SimpleCommand<SignupKey>,
) -> impl Fn(State<AppState>, Path<String>, Write<Reason>) -> ApiFuture + Clone {
    move |State(app), Path(text), write| {
        Box::pin(async move {
            let reason = write.request.check(write.errors)?;
            let key = find(&app, &text).await?.key;
            let appended = app.submit(write.command, command(&key, reason).expecting(write.if_match)).await?;
            answered(&app, &appended).await
        })
    }
}
