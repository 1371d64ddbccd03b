use std::collections::HashMap;

use axum::Extension;
use axum::extract::{Path, State};
use axum::http::{Method, header};
use axum::response::IntoResponse;
use contract::events::signups::RefusalReason;
use contract::key::candidates;
use event_store::log::{AppendResult, CommandMeta};
use futures::future::BoxFuture;
use schemars::{JsonSchema, SchemaGenerator};
use serde::Serialize;
use serde_json::{Map, Value, json};
use web::http::query::Query;
use web::http::write::replied_with;
use web::http::{Api, Caller, FieldErrors, Holds, Operation, Problem, Write};

use crate::bulk::{Line, write_together};
use crate::command::{Command, SimpleCommand, Submission};
use crate::endpoint::{
    AFTER, AT_LEAST, ApiFuture, ApiResult, LIMIT, Reason, SORT, located, order, position_cursor, read, wait_only,
    with_etag, write,
};
use crate::listing::{COUNT, Listing, MAX_COUNTED};
use crate::paging::Page;
use crate::settings::{self, signup_url};
use crate::signup_keys::commands::{self, pause, resume, revoke};
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
    let turn = |path, summary| {
        write(Method::POST, path, summary, "keys:write").if_match().takes::<Reason>().gives::<WithUrl>(200)
    };
    let listing = Operation::new(Method::GET, "/api/v1/signup-keys", "List signup keys").scope("keys:read").query(&[
        ("agent_id", "Only the keys of this agent", Holds::Id),
        ("call_plan_id", "Only the keys of this call plan", Holds::Id),
        ("group_id", "Only the keys of this customer group", Holds::Id),
        ("state", "Only keys in this state", Holds::Type(SchemaGenerator::subschema_for::<KeyState>)),
        ("usable", "true for keys that visitors can sign up through now, false for the others", Holds::Boolean),
        (
            "search",
            "A signup URL, the beginning of a key, or those of words of label and note, in any order",
            Holds::Text,
        ),
        SORT,
        LIMIT,
        COUNT,
        AFTER,
        AT_LEAST,
    ]);
    api.on(
        write(Method::POST, "/api/v1/signup-keys", "Add a signup key", "keys:write")
            .takes::<SignupKeyRequest>()
            .gives::<WithUrl>(201),
        add,
    )
    .on(
        write(Method::POST, "/api/v1/signup-keys:batch", "Add up to 1,000 signup keys in one commit", "keys:write")
            .takes::<SignupKeyRequest>()
            .gives::<WithUrl>(200)
            .by_line("signup_key"),
        write_together::<SignupKeyRequest>,
    )
    .on(listing.gives::<Page<WithUrl>>(200), list)
    .on(read("/api/v1/signup-keys/{key}", "Show a signup key", "keys:read").gives::<WithUrl>(200), show)
    .on(
        read("/api/v1/signup-keys/{key}/qr.svg", "The URL's QR code as SVG", "keys:read").sends(&["image/svg+xml"]),
        qr_svg,
    )
    .on(read("/api/v1/signup-keys/{key}/qr.png", "The URL's QR code as PNG", "keys:read").sends(&["image/png"]), qr_png)
    .on(
        write(Method::PATCH, "/api/v1/signup-keys/{key}", "Change a signup key", "keys:write")
            .if_match()
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
    write.request.check_terms(&caller)?;
    let key = find(&app, &text).await?;
    let zone = settings::queries::get(app.database()).await?.zone()?;
    let change = commands::change(&key.key, write.request.check(write.errors, &zone, &key.note)?);
    answered(&app, &app.submit(write.command, change.expecting(write.if_match)).await?).await
}

/// The stored response, completed.
async fn answered(app: &AppState, appended: &AppendResult) -> ApiResult {
    let mut completed = completed(app, std::slice::from_ref(appended)).await?;
    replied_with(appended, |members| *members = completed.pop().unwrap_or_default())
}

/// The stored responses, with the URLs composed from the current settings, and the notes, which are not in the log.
async fn completed(app: &AppState, appended: &[AppendResult]) -> Result<Vec<Map<String, Value>>, Problem> {
    let base = settings::queries::get(app.database()).await?.customer_interface_url;
    let keys: Vec<&str> = appended.iter().map(|appended| appended.answer.id()).collect();
    let found = signup_keys::queries::get_many(app.database(), &keys).await?;
    let reasons = reasons(app, &found).await?;
    let notes: HashMap<&str, &str> = found.iter().map(|key| (key.key.as_str(), key.note.as_str())).collect();
    let complete = |(appended, key): (&AppendResult, &str)| {
        let mut members: Map<String, Value> = appended.answer.read().map_err(|error| Problem::unforeseen(&error))?;
        let reason = reasons.get(key);
        let mut warnings = signup_url::warnings(&base);
        if reason == Some(&RefusalReason::Ended) {
            warnings.push("The end of this key is past, so visitors cannot sign up through it.".to_owned());
        }
        let added = [
            ("note", json!(notes.get(key).copied().unwrap_or_default())),
            ("usable", json!(reason.is_none())),
            ("reason", json!(reason)),
            ("url", signup_url::compose(&base, key).into()),
            ("frame_snippet", signup_url::frame_snippet(&base, key).into()),
            ("warnings", json!(warnings)),
        ];
        members.extend(added.map(|(name, value)| (name.to_owned(), value)));
        Ok(members)
    };
    appended.iter().zip(keys).map(complete).collect()
}

impl Line for SignupKeyRequest {
    const NOUN: &'static str = "signup_key";

    fn submission<'a>(
        self,
        app: &'a AppState,
        caller: &'a Caller,
        _: &'a CommandMeta,
        errors: FieldErrors,
    ) -> BoxFuture<'a, Result<Submission, Problem>> {
        Box::pin(async move {
            self.check_terms(caller)?;
            let zone = settings::queries::get(app.database()).await?.zone()?;
            Ok(self.addition(errors, &zone)?.into())
        })
    }

    fn answers<'a>(app: &'a AppState, appended: &'a [AppendResult]) -> BoxFuture<'a, Result<Vec<String>, Problem>> {
        Box::pin(async {
            let completed = completed(app, appended).await?;
            Ok(completed.into_iter().map(|members| Value::Object(members).to_string()).collect())
        })
    }
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
        call_plan_id: query.parsed("call_plan_id"),
        group_id: query.parsed("group_id"),
        state: query.parsed::<KeyState>("state"),
        usable: query.parsed("usable").map(|is| Usable { is, at: app.clock.now() }),
        search: query.text("search"),
        order: order(&mut query),
        after: position_cursor(&mut query, page.after),
        limit: page.limit,
    };
    let listing = Listing::of(&mut query);
    query.finish()?;
    let base = settings::queries::get(app.database()).await?.customer_interface_url;
    let page = signup_keys::queries::list(app.database(), &filter).await?;
    let reasons = reasons(&app, &page.items).await?;
    let items = page.items.into_iter().map(|key| WithUrl::of(key, &base, &reasons)).collect();
    let page = Page { items, next: page.next, total: None };
    let whole = Filter { after: None, limit: MAX_COUNTED, ..filter };
    listing.answer(&app, page, signup_keys::queries::query(app.database(), &whole)).await
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
