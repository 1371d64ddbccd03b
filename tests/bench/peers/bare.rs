//! The ceiling of reading over HTTP: a bare axum server that answers as ours does, with a body of the same content and
//! size, but looks nothing up, checks nothing, counts nothing. `bench-bare <an answer of ours> <a page of ours>`, both files.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::{Context, Result};
use axum::extract::{Path, State};
use axum::response::Html;
use axum::routing::get;
use axum::serve::ListenerExt;
use axum::{Json, Router, body::Bytes};
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;
use uuid::Uuid;

#[derive(Clone, Serialize, Deserialize)]
struct Named {
    id: Uuid,
    name: String,
}

#[derive(Clone, Serialize, Deserialize)]
struct Group {
    id: Uuid,
    ui_elements: Arc<[String]>,
}

/// Field by field what the service answers.
#[derive(Clone, Serialize, Deserialize)]
struct KeyAnswer {
    key: String,
    state: String,
    call_plan: Named,
    group: Group,
    agent: Named,
    signup_fields: Arc<BTreeMap<String, String>>,
    terms_version: String,
}

#[derive(Clone)]
struct Samples {
    answer: Arc<KeyAnswer>,
    page: Bytes,
}

async fn look_up(State(samples): State<Samples>, Path(key): Path<String>) -> Json<KeyAnswer> {
    Json(KeyAnswer { key, ..KeyAnswer::clone(&samples.answer) })
}

async fn page(State(samples): State<Samples>, Path(_key): Path<String>) -> Html<Bytes> {
    Html(samples.page)
}

#[tokio::main]
async fn main() -> Result<()> {
    let mut files = std::env::args().skip(1);
    let mut next = || std::fs::read(files.next().context("usage: bench-bare <answer> <page>")?).context("no such file");
    let answer = serde_json::from_slice(&next()?).context("not an answer of ours")?;
    let samples = Samples { answer: Arc::new(answer), page: next()?.into() };
    let router = Router::new()
        .route("/api/v1/signup-keys/{key}", get(look_up))
        .route("/signup/{key}", get(page))
        .with_state(samples);
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    println!("bench-bare: ready http=http://{}", listener.local_addr()?);
    let listener = listener.tap_io(|connection| drop(connection.set_nodelay(true)));
    axum::serve(listener, router).await?;
    Ok(())
}
