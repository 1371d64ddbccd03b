//! What every route shares: trace, time limit, metrics, and a response even when the handler panics.

use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, ready};

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::handler::Handler;
use axum::http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, ETAG, IF_NONE_MATCH, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use futures::FutureExt;
use futures::future::CatchUnwind;
use metrics::Histogram;
use pin_project_lite::pin_project;
use tokio::task::futures::TaskLocalFuture;
use tokio::time::{Instant, Timeout, timeout_at};

use super::current_request::{CURRENT, Current};
use super::limits::REQUEST_TIMEOUT;
use super::problem::Problem;
use super::trace::Trace;
use super::write::names;

const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
const NOSNIFF: HeaderValue = HeaderValue::from_static("nosniff");

static REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The methods with metrics of their own; all others share one.
const METHODS: [Method; 5] = [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];
/// The classes of a status.
const CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];

/// One route in the metrics. The path is the route's pattern: its variable parts may hold personal data.
#[derive(Clone)]
pub(super) struct Endpoint(Arc<Series>);

struct Series {
    path: &'static str,
    /// Created once for each class of responses.
    seconds: [[OnceLock<Histogram>; CLASSES.len()]; METHODS.len() + 1],
}

impl Endpoint {
    pub(super) fn new(path: &'static str) -> Self {
        Self(Arc::new(Series { path, seconds: Default::default() }))
    }

    fn answered(&self, method: usize, status: StatusCode, seconds: f64) {
        let class = usize::from(status.as_u16() / 100).saturating_sub(1).min(CLASSES.len() - 1);
        let series = self.0.seconds[method][class].get_or_init(|| {
            let method = METHODS.get(method).map_or("other", Method::as_str).to_owned();
            metrics::histogram!(
                "signpost_http_seconds", "path" => self.0.path, "method" => method, "status" => CLASSES[class]
            )
        });
        series.record(seconds);
    }
}

/// A handler with metrics, trace and time limit. It wraps the handler instead of being a layer around the route,
/// which would be cloned and boxed for each request.
/// boxed for each request.
#[derive(Clone)]
pub(super) struct Instrumented<H> {
    pub(super) handler: H,
    pub(super) endpoint: Endpoint,
}

impl<H: Handler<T, S>, T, S> Handler<T, S> for Instrumented<H> {
    type Future = Attending<H::Future>;

    fn call(self, request: Request, state: S) -> Self::Future {
        let trace = Trace::of(request.headers());
        let method = METHODS.iter().position(|method| method == request.method()).unwrap_or(METHODS.len());
        let started = Instant::now();
        let if_none_match = request.headers().get(IF_NONE_MATCH).filter(|_| request.method() == Method::GET).cloned();
        let answering = AssertUnwindSafe(self.handler.call(request, state)).catch_unwind();
        Attending {
            answering: CURRENT.scope(Current::new(trace), timeout_at(started + REQUEST_TIMEOUT, answering)),
            endpoint: self.endpoint,
            trace,
            method,
            started,
            if_none_match,
        }
    }
}

pin_project! {
    /// One request in progress.
    pub(super) struct Attending<F> {
        #[pin]
        answering: TaskLocalFuture<Current, Timeout<CatchUnwind<AssertUnwindSafe<F>>>>,
        endpoint: Endpoint,
        trace: Trace,
        method: usize,
        started: Instant,
        if_none_match: Option<HeaderValue>,
    }
}

impl<F: Future<Output = Response>> Future for Attending<F> {
    type Output = Response;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let mut response = match ready!(this.answering.as_mut().poll(context)) {
            Ok(Ok(response)) => response,
            Ok(Err(_)) => CURRENT.sync_scope(Current::new(*this.trace), || {
                tracing::error!(request_id = this.trace.id(), "a request's handler panicked");
                Problem::internal().into_response()
            }),
            Err(_) => CURRENT.sync_scope(Current::new(*this.trace), || Problem::unavailable().into_response()),
        };
        if is_rejection(&response) {
            response = CURRENT.sync_scope(Current::new(*this.trace), || Problem::unreadable_path().into_response());
        }
        if let Some(known) = this.if_none_match {
            leave_out_what_is_known(&mut response, known);
        }
        let (status, seconds) = (response.status(), this.started.elapsed().as_secs_f64());
        this.endpoint.answered(*this.method, status, seconds);
        let id = this.trace.id();
        tracing::debug!(id, path = this.endpoint.0.path, status = status.as_u16(), seconds, "answered");
        if let Ok(id) = HeaderValue::from_maybe_shared(Bytes::from(id)) {
            response.headers_mut().insert(&REQUEST_ID, id);
        }
        if let Some(limit) = this.answering.take_value().and_then(|current| current.limit.get()) {
            limit.write(response.headers_mut());
        }
        protect(&mut response);
        Poll::Ready(response)
    }
}

/// Whether the response is axum's own for a path that it could not decode: all other responses are made here, and
/// none is plain text.
fn is_rejection(response: &Response) -> bool {
    let kind = response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    response.status() == StatusCode::BAD_REQUEST && kind.is_some_and(|kind| kind.starts_with("text/plain"))
}

/// The client has this version already.
fn leave_out_what_is_known(response: &mut Response, if_none_match: &HeaderValue) {
    let is_known = response.headers().get(ETAG).is_some_and(|tag| names(if_none_match, tag));
    if response.status() == StatusCode::OK && is_known {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        *response.body_mut() = Body::empty();
        response.headers_mut().remove(CONTENT_TYPE);
        response.headers_mut().remove(CONTENT_LENGTH);
    }
}

/// Adds defaults: no cache stores the response, and browsers do not guess its content type.
pub(super) fn protect(response: &mut Response) {
    response.headers_mut().entry(CACHE_CONTROL).or_insert(NO_STORE);
    response.headers_mut().insert(X_CONTENT_TYPE_OPTIONS, NOSNIFF);
}
