//! The ceilings of reading over HTTP: a bare axum server that checks and counts nothing. Without a file of keys it
//! serialises one sample response and looks nothing up; with one, it finds a prepared response for each key in a hash
//! map. A page is a response of the same length as the product's. Every signup is refused with the product's
//! response. Usage: `bench-bare <file with a sample response> <bytes of a page> [<file with keys>]`.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use axum::serve::ListenerExt;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
// Linked for its allocator.
use signup_service as _;
use tokio::net::TcpListener;
use uuid::Uuid;

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    id: Uuid,
    name: String,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Plan {
    id: Uuid,
    name: String,
    description: String,
    price_text: String,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Group {
    id: Uuid,
    ui_elements: Arc<[String]>,
}

/// The product's response, field by field.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyAnswer {
    key: String,
    state: String,
    call_plan: Plan,
    group: Group,
    agent: Named,
    signup_fields: Arc<BTreeMap<String, String>>,
    terms_version: Arc<str>,
}

async fn look_up(State(sample): State<Arc<KeyAnswer>>, Path(key): Path<String>) -> Json<KeyAnswer> {
    Json(KeyAnswer { key, ..KeyAnswer::clone(&sample) })
}

/// The prepared responses by key.
type Bodies = HashMap<String, Bytes>;

async fn find(State(bodies): State<Arc<Bodies>>, Path(key): Path<String>) -> impl IntoResponse {
    let body = bodies.get(&key).cloned();
    let status = if body.is_some() { StatusCode::OK } else { StatusCode::NOT_FOUND };
    (status, [(header::CONTENT_TYPE, "application/json")], body.unwrap_or_default())
}

/// The response for each key of a file.
fn bodies(file: &str, sample: &KeyAnswer) -> Result<Bodies> {
    let body = |key: &str| {
        Ok((key.to_owned(), serde_json::to_vec(&KeyAnswer { key: key.to_owned(), ..sample.clone() })?.into()))
    };
    std::fs::read_to_string(file)?.lines().map(body).collect()
}

/// A refusal, field by field.
#[derive(Serialize)]
struct Refusal {
    #[serde(rename = "type")]
    kind: &'static str,
    title: &'static str,
    status: u16,
    detail: &'static str,
    request_id: String,
}

async fn refuse() -> impl IntoResponse {
    let refusal = Refusal {
        kind: "urn:signpost:problem:unavailable",
        title: "Not available now",
        status: 503,
        detail: "The service cannot answer now. Try again, with the same Idempotency-Key if it was a write.",
        request_id: "0123456789abcdef0123456789abcdef".to_owned(),
    };
    let headers = [(header::CONTENT_TYPE, "application/problem+json"), (header::RETRY_AFTER, "1")];
    (StatusCode::SERVICE_UNAVAILABLE, headers, serde_json::to_string(&refusal).unwrap_or_default())
}

/// The response, extended to the length of a page.
fn lengthened(sample: &KeyAnswer, bytes: usize) -> Result<KeyAnswer> {
    let missing = bytes.checked_sub(serde_json::to_vec(sample)?.len()).context("a page is longer than an answer")?;
    Ok(KeyAnswer { terms_version: [&*sample.terms_version, &"x".repeat(missing)].concat().into(), ..sample.clone() })
}

#[tokio::main]
async fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let (Some(file), Some(bytes)) = (arguments.next(), arguments.next()) else {
        bail!("usage: bench-bare <file with an answer> <bytes of a page> [<file with keys>]")
    };
    let answer: KeyAnswer = serde_json::from_slice(&std::fs::read(file)?).context("not an answer of ours")?;
    let page = lengthened(&answer, bytes.parse()?)?;
    let lookups = match arguments.next() {
        Some(keys) => get(find).with_state(Arc::new(bodies(&keys, &answer)?)),
        None => get(look_up).with_state(Arc::new(answer)),
    };
    let router = Router::new()
        .route("/api/v1/signup-keys/{key}", lookups)
        .route("/signup/{key}", get(look_up).with_state(Arc::new(page)))
        .route("/api/v1/signups", post(refuse));
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    println!("bench-bare: ready http=http://{}", listener.local_addr()?);
    let listener = listener.tap_io(|connection| drop(connection.set_nodelay(true)));
    axum::serve(listener, router).await?;
    Ok(())
}
