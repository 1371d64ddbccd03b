//! A service for each test, and a client that calls it without a network.

use agents_service::app::{self, Built};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use axum::response::Response;
use contract::clock::Clock;
use event_store::log::Log;
use event_store::projections::OtherService;
use harness::operator::{PASSWORD, agent_body};
use serde_json::{Value, json};
use tower::ServiceExt;
use web::settings::Settings;

use crate::signups::Signups;

pub const TOKEN: &str = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A response, read completely.
#[derive(Debug)]
pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Reply {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }

    /// The body of a response that must have this status.
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        self.json()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }
}

/// A running service.
pub struct BackOffice {
    pub app: Built,
    pub settings: Settings,
    router: Router,
}

impl BackOffice {
    pub async fn open(url: String) -> Self {
        Self::open_with(url, None, Clock::System, &[]).await
    }

    /// With a signups' log, a clock and settings of its own.
    pub async fn open_with(url: String, signups_log: Option<Log>, clock: Clock, more: &[(&str, &str)]) -> Self {
        let signups = signups_log.map(|log| OtherService::Here { log, projection: "keys" });
        let pairs = [
            ("SIGNPOST_DATABASE_URL", url.as_str()),
            ("SIGNPOST_BOOTSTRAP_TOKEN", TOKEN),
            ("SIGNPOST_BOOTSTRAP_PASSWORD", PASSWORD),
        ];
        let pairs = pairs.iter().chain(more).map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let settings = Settings::from(pairs).unwrap();
        let app = app::build(&settings, clock, None, signups).await.unwrap();
        Self { router: app.service.router.clone(), app, settings }
    }

    /// The same data, opened by another process.
    pub async fn again(&self) -> Self {
        Self::open(self.settings.agents_database_url.clone()).await
    }

    /// The service with the signups' log.
    pub async fn following(&self, signups: &Signups) -> Self {
        let (url, log) = (self.settings.agents_database_url.clone(), Some(signups.log.clone()));
        Self::open_with(url, log, Clock::System, &[]).await
    }

    pub async fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Reply {
        let (parts, body) = self.response(method, path, headers, body).await.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap();
        Reply { status: parts.status, headers: parts.headers, text: String::from_utf8_lossy(&bytes).into_owned() }
    }

    /// A response with an unread body, which may have no end.
    pub async fn response(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Response {
        let mut request = Request::builder().method(method).uri(path);
        if !headers.iter().any(|(name, _)| *name == "content-type") {
            request = request.header("content-type", "application/json");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.router.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap()
    }

    /// A call with the first token; `path` is relative to `/api/v1`.
    pub async fn call(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &Value) -> Reply {
        let bearer = format!("Bearer {TOKEN}");
        let mut all = vec![("authorization", bearer.as_str())];
        all.extend(headers);
        let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        self.send(method, &format!("/api/v1{path}"), &all, body).await
    }

    pub async fn get(&self, path: &str) -> Value {
        self.call("GET", path, &[], &Value::Null).await.expect(200)
    }

    pub async fn post(&self, path: &str, body: &Value) -> Reply {
        self.call("POST", path, &[], body).await
    }

    /// Sends lines of JSON with the operator's token, and returns the answers to them.
    pub async fn lines(&self, path: &str, more: &[(&str, &str)], lines: &[String]) -> Vec<Value> {
        let bearer = format!("Bearer {TOKEN}");
        let headers = [("authorization", bearer.as_str()), ("content-type", "application/x-ndjson")];
        let headers = [headers.as_slice(), more].concat();
        let reply = self.send("POST", &format!("/api/v1{path}"), &headers, lines.join("\n").into_bytes()).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        reply.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Creates an agent; returns the id.
    pub async fn agent(&self, login: &str) -> String {
        id(&self.post("/agents", &agent_body(login)).await.expect(201))
    }

    /// Creates a call plan; returns the id.
    pub async fn call_plan(&self, name: &str) -> String {
        id(&self.post("/call-plans", &json!({ "name": name })).await.expect(201))
    }

    /// Creates a group; returns the id.
    pub async fn group(&self, name: &str, agent_id: &str) -> String {
        id(&self.post("/groups", &json!({ "name": name, "agent_id": agent_id })).await.expect(201))
    }

    pub async fn grant(&self, agent_id: &str, call_plan_id: &str) -> Reply {
        self.call("PUT", &format!("/agents/{agent_id}/call-plans/{call_plan_id}"), &[], &Value::Null).await
    }

    /// Creates an agent with a granted call plan and a group; returns the body of a key to add.
    pub async fn ready_to_add_a_key(&self, login: &str) -> Value {
        let (agent_id, call_plan_id) = (self.agent(login).await, self.call_plan("VoIP").await);
        self.grant(&agent_id, &call_plan_id).await.expect(200);
        let group_id = self.group("VoIP customers", &agent_id).await;
        json!({ "agent_id": agent_id, "call_plan_id": call_plan_id, "group_id": group_id })
    }
}

pub fn id(body: &Value) -> String {
    body["id"].as_str().unwrap().to_owned()
}

/// The fields of a validation problem, with their codes.
pub fn faults(problem: &Value) -> Vec<(&str, &str)> {
    assert_eq!(problem["type"], "urn:signpost:problem:validation");
    let errors = problem["errors"].as_array().unwrap();
    errors.iter().map(|error| (error["field"].as_str().unwrap(), error["code"].as_str().unwrap())).collect()
}
