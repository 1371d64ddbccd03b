//! Errors as RFC 9457 problems with stable types. A client's fault is explained; a server's fault is a fixed text
//! with the request's id.

use std::borrow::Cow;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::{Map, Value};

use super::field_errors::FieldErrors;
use event_store::log::SubmitError;
use event_store::sql::SqlError;

/// The default `Retry-After`, in seconds.
pub const RETRY_AFTER_SECONDS: u32 = 1;

/// An error response.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    /// HTTP status.
    pub status: StatusCode,
    /// The last part of its type, such as `not-found`.
    pub kind: &'static str,
    title: &'static str,
    detail: Cow<'static, str>,
    members: Map<String, Value>,
    retry_after: Option<u32>,
}

/// The serialised form of a problem.
#[derive(Serialize)]
struct Rendered<'a> {
    #[serde(rename = "type")]
    kind: String,
    title: &'static str,
    status: u16,
    detail: &'a str,
    request_id: &'a str,
    #[serde(flatten)]
    members: &'a Map<String, Value>,
}

impl Problem {
    /// A problem of a kind, with a sentence for its reader.
    pub fn new(
        status: StatusCode,
        kind: &'static str,
        title: &'static str,
        detail: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self { status, kind, title, detail: detail.into(), members: Map::new(), retry_after: None }
    }

    /// Adds a member.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.members.insert(name.to_owned(), value.into());
        self
    }

    /// Sets `Retry-After`.
    #[must_use]
    pub fn retry_after(mut self, seconds: u32) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// Nothing there.
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", "Not found", "There is nothing at this address.")
    }

    /// The path is not valid UTF-8.
    pub fn unreadable_path() -> Self {
        let detail = "The path is not valid UTF-8 text.";
        Self::new(StatusCode::BAD_REQUEST, "invalid-utf8", "Not UTF-8", detail)
    }

    /// The path exists, the method does not.
    pub fn method_not_allowed() -> Self {
        let detail = "This address does not take this method.";
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", "Method not allowed", detail)
    }

    /// No valid credentials.
    pub fn unauthenticated() -> Self {
        let detail = "Send a valid API token as `Authorization: Bearer <token>`.";
        Self::new(StatusCode::UNAUTHORIZED, "unauthenticated", "Sign in first", detail)
    }

    /// Valid credentials without the scope.
    pub fn forbidden(scope: &str) -> Self {
        let detail = format!("The token lacks the scope {scope}.");
        Self::new(StatusCode::FORBIDDEN, "forbidden", "Not permitted", detail).with("scope", scope)
    }

    /// Fields with violations, all of them.
    pub fn validation(errors: FieldErrors) -> Self {
        let detail = "Some fields are invalid. Each is listed with its reason.";
        let title = "Validation failed";
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "validation", title, detail).with("errors", errors.into_json())
    }

    /// A rule of the domain forbids it; `code` names the rule.
    pub fn conflict(code: &str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::CONFLICT, "conflict", "Conflict with the current state", detail).with("code", code)
    }

    /// `If-Match` names another version.
    pub fn version_mismatch() -> Self {
        let detail = "It was changed meanwhile: read it again, then repeat the change with the new ETag.";
        Self::new(StatusCode::PRECONDITION_FAILED, "version-mismatch", "Changed meanwhile", detail)
    }

    /// `If-Match` is missing.
    pub fn precondition_required() -> Self {
        let detail = "Send If-Match with the ETag of the version that you changed.";
        Self::new(StatusCode::PRECONDITION_REQUIRED, "precondition-required", "If-Match is missing", detail)
    }

    /// The client has reached a rate limit.
    pub fn too_many_requests(retry_after: u32) -> Self {
        let detail = "Too many requests; wait a little.";
        Self::new(StatusCode::TOO_MANY_REQUESTS, "too-many-requests", "Too many requests", detail)
            .retry_after(retry_after)
    }

    /// Temporarily unavailable.
    pub fn unavailable() -> Self {
        let detail = "The service cannot answer now. Try again, with the same Idempotency-Key if it was a write.";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", "Not available now", detail)
            .retry_after(RETRY_AFTER_SECONDS)
    }

    /// A defect of the program.
    pub fn internal() -> Self {
        let detail = "Something went wrong here. The request id helps to find it.";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "Internal error", detail)
    }

    /// The problem of an unexpected error: logged here, once, with its chain.
    pub fn unforeseen(error: &(dyn std::error::Error + 'static)) -> Self {
        let source = error.source().map(ToString::to_string);
        let request_id = super::trace::current_request_id();
        tracing::error!(request_id, error = %error, source, "a request failed");
        Self::internal()
    }

    fn rendered<'a>(&'a self, request_id: &'a str) -> Rendered<'a> {
        let kind = format!("urn:signpost:problem:{}", self.kind);
        let (title, status, members) = (self.title, self.status.as_u16(), &self.members);
        Rendered { kind, title, status, detail: &self.detail, request_id, members }
    }

    /// The status and the problem as a member of another body.
    pub fn described(&self) -> (u16, Value) {
        let rendered = serde_json::to_value(self.rendered(&super::trace::current_request_id()));
        // Every member is JSON already.
        (self.status.as_u16(), rendered.unwrap_or_default())
    }

    /// The name and the message of each wrong field.
    pub fn errors(&self) -> Vec<(String, String)> {
        let list = self.members.get("errors").and_then(Value::as_array);
        let text = |error: &Value, name: &str| error.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        list.into_iter().flatten().map(|error| (text(error, "field"), text(error, "message"))).collect()
    }

    /// The domain's rule, in a conflict.
    pub fn code(&self) -> Option<&str> {
        self.members.get("code").and_then(Value::as_str)
    }

    /// The sentence for its reader.
    pub fn detail(&self) -> &str {
        &self.detail
    }
}

impl FieldErrors {
    /// Fails if there are errors.
    pub fn into_result(self) -> Result<(), Problem> {
        if self.is_empty() { Ok(()) } else { Err(Problem::validation(self)) }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        // Writing to memory cannot fail, and every member is JSON already.
        let body = serde_json::to_string(&self.rendered(&super::trace::current_request_id())).unwrap_or_default();
        let mut response = (self.status, [(header::CONTENT_TYPE, "application/problem+json")], body).into_response();
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

impl From<SqlError> for Problem {
    fn from(error: SqlError) -> Self {
        if let SqlError::Unavailable(_) = error {
            let request_id = super::trace::current_request_id();
            // The state of the database is logged when it changes, not by each request.
            tracing::debug!(
                request_id,
                error = event_store::health::with_causes(&error),
                "the database does not answer"
            );
            return Self::unavailable();
        }
        Self::unforeseen(&error)
    }
}

impl<R: Into<Self>> From<SubmitError<R>> for Problem {
    fn from(error: SubmitError<R>) -> Self {
        match error {
            SubmitError::Refused(refusal) => refusal.into(),
            SubmitError::Conflict(_) => {
                Self::conflict("changed_meanwhile", "It was changed at the same moment; repeat the request.")
            }
            SubmitError::CommandReused => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "idempotency-key-reused",
                "Idempotency-Key was used before",
                "This Idempotency-Key was sent with another request; use a new one.",
            ),
            SubmitError::TooLarge => {
                Self::new(StatusCode::PAYLOAD_TOO_LARGE, "body-too-large", "Too large", "The request is too large.")
            }
            SubmitError::Full | SubmitError::Unavailable | SubmitError::Halted => Self::unavailable(),
            SubmitError::Broken => Self::internal(),
        }
    }
}
