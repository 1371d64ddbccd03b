//! The services at a clock that is set, and calls of them without a network.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use agents_service::bootstrap::FirstOperator;
use agents_service::command::Submission;
use anyhow::{Context, bail, ensure};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, StatusCode};
use contract::clock::{Clock, Moment, SetClock};
use event_store::log::CommandMeta;
use serde_json::{Value, json};
use tower::ServiceExt;
use web::process::Service;
use web::settings::Settings;

use crate::pair::Pair;

/// Longest wait for a projection.
const WAIT: Duration = Duration::from_secs(30);
/// Older than any clock here jumps: the lookup table is as fresh as its log all the same.
const KEYS_MAX_AGE_SECONDS: i64 = 800 * 24 * 60 * 60;
/// The most seconds that the setting allows: the example records the counts itself.
const COUNTS_SECONDS: u64 = 3_600;
const JSON: &str = "application/json";

/// Which of the two services.
#[derive(Clone, Copy)]
enum To {
    Agents,
    Signup,
}

pub struct Company {
    agents: Router,
    signup: Router,
    services: [Service; 2],
    pub agents_app: agents_service::state::AppState,
    pub signup_app: signup_service::state::AppState,
    clock: SetClock,
    bearer: String,
    sent: AtomicU64,
}

/// An answer, read whole.
pub struct Answer {
    pub status: StatusCode,
    /// The position that a write reached.
    pub position: Option<u64>,
    body: Vec<u8>,
}

impl Answer {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    fn read(&self, path: &str) -> anyhow::Result<Value> {
        ensure!(self.status.is_success(), "{path}: {}", self.text());
        serde_json::from_slice(&self.body).with_context(|| format!("{path} answered no JSON"))
    }
}

impl Company {
    /// Starts the services at a moment of the past, without limits of rates and without a bus.
    pub async fn found(settings: &Settings, token: &str, at: Moment) -> anyhow::Result<(Self, Option<FirstOperator>)> {
        let clock = SetClock::at(at);
        let settings = Settings {
            rate_limits: None,
            keys_max_age_seconds: KEYS_MAX_AGE_SECONDS,
            counts_seconds: COUNTS_SECONDS,
            ..settings.clone()
        };
        let pair = Box::pin(Pair::build(&settings, Clock::Set(clock.clone()), None)).await?;
        let company = Self {
            agents: pair.agents.router.clone(),
            signup: pair.signup.router.clone(),
            services: [pair.agents, pair.signup],
            agents_app: pair.agents_app,
            signup_app: pair.signup_app,
            clock,
            bearer: format!("Bearer {token}"),
            sent: AtomicU64::new(0),
        };
        Ok((company, pair.first_operator))
    }

    pub fn now(&self) -> Moment {
        self.clock.now()
    }

    pub fn set_clock(&self, to: Moment) {
        self.clock.set(to);
    }

    /// Sends a request with the token.
    async fn send(&self, to: To, method: Method, path: &str, (kind, body): (&str, String)) -> anyhow::Result<Answer> {
        let once = self.sent.fetch_add(1, Ordering::Relaxed).to_string();
        let mut request = Request::builder();
        if method == Method::PATCH || method == Method::PUT {
            request = request.header("if-match", "*");
        }
        let request = request
            .method(method)
            .uri(format!("/api/v1/{path}"))
            .header("authorization", &self.bearer)
            .header("content-type", kind)
            .header("idempotency-key", once)
            .body(Body::from(body))?;
        let router = match to {
            To::Agents => &self.agents,
            To::Signup => &self.signup,
        };
        answered(router, request).await
    }

    async fn write(&self, to: To, method: Method, path: &str, body: &Value) -> anyhow::Result<Value> {
        self.send(to, method, path, (JSON, body.to_string())).await?.read(path)
    }

    pub async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        self.write(To::Agents, Method::POST, path, body).await
    }

    /// The same where a rule may refuse it: `None`.
    pub async fn post_if_allowed(&self, path: &str, body: &Value) -> anyhow::Result<Option<Value>> {
        let answer = self.send(To::Agents, Method::POST, path, (JSON, body.to_string())).await?;
        if answer.status == StatusCode::CONFLICT { Ok(None) } else { answer.read(path).map(Some) }
    }

    pub async fn patch(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        self.write(To::Agents, Method::PATCH, path, body).await
    }

    pub async fn put(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        self.write(To::Agents, Method::PUT, path, body).await
    }

    pub async fn delete(&self, path: &str) -> anyhow::Result<Value> {
        self.write(To::Agents, Method::DELETE, path, &json!({})).await
    }

    pub async fn get(&self, path: &str) -> anyhow::Result<Value> {
        self.write(To::Agents, Method::GET, path, &Value::Null).await
    }

    pub async fn correct_customer(&self, id: &str, body: &Value) -> anyhow::Result<()> {
        self.write(To::Signup, Method::PATCH, &format!("customers/{id}"), body).await.map(drop)
    }

    pub async fn erase_customer(&self, id: &str, body: &Value) -> anyhow::Result<()> {
        self.write(To::Signup, Method::DELETE, &format!("customers/{id}"), body).await.map(drop)
    }

    /// Sends a line for each, and returns the lines of the answer.
    pub async fn post_many(&self, path: &str, lines: &[Value]) -> anyhow::Result<Vec<Value>> {
        let body = lines.iter().flat_map(|line| [line.to_string(), "\n".to_owned()]).collect();
        let answer = self.send(To::Agents, Method::POST, path, ("application/x-ndjson", body)).await?;
        ensure!(answer.status.is_success(), "{path}: {}", answer.text());
        Ok(answer.text().lines().map(serde_json::from_str).collect::<Result<_, _>>()?)
    }

    /// Submits a command of an agent, as their portal does.
    pub async fn of_agent(&self, agent_id: &str, command: impl Into<Submission>) -> anyhow::Result<Value> {
        let once = self.sent.fetch_add(1, Ordering::Relaxed).to_string();
        let actor = format!("agent:{agent_id}");
        let meta = CommandMeta { id: format!("{actor}:{once}"), fingerprint: once, actor, cause: None };
        match self.agents_app.submit(meta, command).await {
            Ok(appended) => Ok(appended.answer.read()?),
            Err(problem) => bail!("an agent's command was refused: {}", problem.described().1),
        }
    }

    /// Sends a visitor's request.
    pub async fn visit(&self, request: Request<Body>) -> anyhow::Result<Answer> {
        answered(&self.signup, request).await
    }

    /// Waits until visitors see what the operator did.
    pub async fn tell_visitors(&self) -> anyhow::Result<()> {
        let head = self.agents_app.log.head().await?.position;
        self.signup_app.keys.checkpoint().wait_for(head, WAIT).await?;
        let begun = Instant::now();
        // The cache is told of changes after they are committed.
        while self.signup_app.keys.cached(std::iter::empty()).1 < head {
            ensure!(begun.elapsed() < WAIT, "visitors do not see the keys");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        Ok(())
    }

    /// Records what was counted of visitors, and waits until the sales show all of them.
    pub async fn tell_operators(&self) -> anyhow::Result<()> {
        self.signup_app.counts.record(&self.signup_app.writer).await;
        let head = self.signup_app.log.head().await?.position;
        let sales = self.agents_app.sales.as_ref().context("there are sales")?;
        sales.wait_for(head, WAIT).await?;
        if let Err(problem) = agents_service::payments::signup_search::look_now(&self.agents_app).await {
            bail!("signup commission: {}", problem.described().1);
        }
        Ok(())
    }

    /// Ends the services, so that others can open the databases.
    pub async fn close(self) {
        for service in self.services {
            let Service { database, tasks, router, .. } = service;
            drop((tasks, router));
            database.close().await;
        }
    }
}

async fn answered(router: &Router, request: Request<Body>) -> anyhow::Result<Answer> {
    let Ok(response) = router.clone().oneshot(request).await;
    let (parts, body) = response.into_parts();
    let position = parts.headers.get("signpost-position").and_then(|value| value.to_str().ok()?.parse().ok());
    Ok(Answer { status: parts.status, position, body: to_bytes(body, usize::MAX).await?.to_vec() })
}

/// A member of an answer.
pub fn text(value: &Value, member: &str) -> String {
    value[member].as_str().unwrap_or_default().to_owned()
}
