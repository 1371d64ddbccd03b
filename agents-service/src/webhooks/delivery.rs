//! One attempt to send an event.

use std::time::Instant;

use contract::clock::{Clock, Moment};
use url::Url;
use uuid::Uuid;
use web::outbound::{NotSent, Outbound};

use crate::webhooks::secret::{Secret, signatures};

/// The media type of an event as CloudEvents writes it in one document, which the replay endpoint does too.
const CONTENT_TYPE: &str = "application/cloudevents+json; charset=utf-8";
const USER_AGENT: &str = concat!("Signpost-Webhooks/", env!("CARGO_PKG_VERSION"));
/// The receiver wants nothing more.
const GONE: u16 = 410;

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Answered { status: u16, retry_after: Option<String> },
    NotSent(NotSent),
}

impl Outcome {
    /// Only 200 to 299 count; a redirect is a failure, since none is followed.
    pub fn is_delivered(&self) -> bool {
        self.status().is_some_and(|status| (200..300).contains(&status))
    }

    pub fn is_gone(&self) -> bool {
        self.status() == Some(GONE)
    }

    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Answered { status, .. } => Some(*status),
            Self::NotSent(_) => None,
        }
    }

    pub fn retry_after(&self) -> Option<&str> {
        match self {
            Self::Answered { retry_after, .. } => retry_after.as_deref(),
            Self::NotSent(_) => None,
        }
    }

    /// The name of the outcome.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Answered { .. } if self.is_delivered() => "delivered",
            Self::Answered { .. } => "refused",
            Self::NotSent(NotSent::Address) => "address_refused",
            Self::NotSent(NotSent::Unresolved) => "unresolved",
            Self::NotSent(NotSent::Unreachable) => "unreachable",
            Self::NotSent(NotSent::Tls) => "tls_failed",
            Self::NotSent(NotSent::TimedOut) => "timed_out",
            Self::NotSent(NotSent::NotHttp) => "not_http",
        }
    }
}

/// An attempt that has ended.
#[derive(Clone, Debug)]
pub struct Attempted {
    pub started_at: Moment,
    pub took_ms: u64,
    pub outcome: Outcome,
}

/// Posts these bytes, signed with all secrets. `id` is that of the event, the same at each attempt.
pub async fn attempt(
    outbound: &Outbound,
    clock: &Clock,
    url: &str,
    secrets: &[Secret],
    id: Uuid,
    body: String,
) -> Attempted {
    let (started_at, begun) = (clock.now(), Instant::now());
    let timestamp = started_at.micros().div_euclid(1_000_000);
    let id = id.to_string();
    let headers = [
        ("content-type", CONTENT_TYPE.to_owned()),
        ("user-agent", USER_AGENT.to_owned()),
        ("webhook-signature", signatures(secrets, &id, timestamp, &body)),
        ("webhook-timestamp", timestamp.to_string()),
        ("webhook-id", id),
    ];
    let answer = match url.parse::<Url>() {
        Ok(url) => outbound.post(&url, &headers, body).await,
        Err(_) => Err(NotSent::Address),
    };
    let outcome = match answer {
        Ok(answer) => Outcome::Answered { status: answer.status.as_u16(), retry_after: answer.retry_after },
        Err(reason) => Outcome::NotSent(reason),
    };
    let took_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    Attempted { started_at, took_ms, outcome }
}
