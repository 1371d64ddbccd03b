//! A receiver of webhooks on loopback: it keeps what it got, and answers as a test wants.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::to_bytes;
use axum::extract::Request;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use harness::until;
use serde_json::Value;
use standardwebhooks::Webhook;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// How a request is answered.
#[derive(Clone, Copy)]
pub struct Answer {
    pub status: u16,
    pub header: Option<(&'static str, &'static str)>,
    pub after: Duration,
}

pub const fn answer(status: u16) -> Answer {
    Answer { status, header: None, after: Duration::ZERO }
}

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Received {
    pub headers: HeaderMap,
    pub body: String,
}

impl Received {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).unwrap().to_str().unwrap()
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// The position of the event in its log.
    pub fn position(&self) -> u64 {
        self.json()["sequence"].as_str().unwrap().parse().unwrap()
    }

    /// Whether the official library finds the signature of this secret, at the time of the attempt.
    pub fn is_signed_with(&self, secret: &str) -> bool {
        let timestamp = self.header("webhook-timestamp").parse().unwrap();
        let library = Webhook::new(secret).unwrap();
        let theirs = library.sign(self.header("webhook-id"), timestamp, self.body.as_bytes()).unwrap();
        self.header("webhook-signature").split(' ').any(|ours| ours == theirs)
    }
}

#[derive(Default)]
struct Script {
    next: VecDeque<Answer>,
    then: Option<Answer>,
    seen: Vec<Received>,
}

pub struct Receiver {
    pub port: u16,
    script: Arc<Mutex<Script>>,
    task: JoinHandle<()>,
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Receiver {
    pub async fn start() -> Self {
        Self::at(0).await
    }

    /// At this port of loopback.
    pub async fn at(port: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let script = Arc::<Mutex<Script>>::default();
        let shared = script.clone();
        let router = Router::new().fallback(move |request: Request| respond(shared.clone(), request));
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { port, script, task }
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/a-secret-path?token=in-the-query", self.port)
    }

    /// Answers the next requests so, and all later ones like the last.
    pub fn answers(&self, answers: &[Answer]) {
        let mut script = self.script.lock().unwrap();
        script.then = answers.last().copied();
        script.next = answers.iter().copied().collect();
    }

    pub fn seen(&self) -> Vec<Received> {
        self.script.lock().unwrap().seen.clone()
    }

    /// Forgets what came until now.
    pub fn clear(&self) {
        self.script.lock().unwrap().seen.clear();
    }

    pub fn positions(&self) -> Vec<u64> {
        self.seen().iter().map(Received::position).collect()
    }

    /// Waits until so many requests came.
    pub async fn gets(&self, count: usize) -> Vec<Received> {
        until(async || self.seen().len() >= count).await;
        self.seen()
    }

    /// Checks that for some time no more than these come.
    pub async fn gets_no_more_than(&self, count: usize) {
        tokio::time::sleep(Duration::from_millis(800)).await;
        assert_eq!(self.seen().len(), count);
    }
}

async fn respond(script: Arc<Mutex<Script>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    assert_eq!((parts.method.as_str(), parts.uri.path()), ("POST", "/a-secret-path"));
    let body = String::from_utf8(to_bytes(body, usize::MAX).await.unwrap().to_vec()).unwrap();
    let answer = {
        let mut script = script.lock().unwrap();
        script.seen.push(Received { headers: parts.headers, body });
        script.next.pop_front().or(script.then).unwrap_or(answer(200))
    };
    tokio::time::sleep(answer.after).await;
    let mut response = "thanks".into_response();
    *response.status_mut() = answer.status.try_into().unwrap();
    if let Some((name, value)) = answer.header {
        response.headers_mut().insert(name, value.parse().unwrap());
    }
    response
}
