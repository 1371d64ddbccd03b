//! The client of the signup-service's customers. It calls the API with the services' own secret, on behalf of
//! operators and agents. Nothing is stored or logged here; an address in an error may be personal, and is left out.

use std::time::Duration;

use contract::clock::Moment;
use contract::shown_number::ShownNumber;
use event_store::log::RecordedEvent;
use form_urlencoded::Serializer;
use reqwest::{Client, RequestBuilder, Response, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value as Json, json};
use uuid::Uuid;
use web::http::caller::ACTOR_HEADER;
use web::http::{FieldErrors, Problem};

/// Longest wait for a response.
const TIMEOUT: Duration = Duration::from_secs(5);

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Placed {
    pub key: String,
    pub agent_id: Uuid,
    pub call_plan_id: Uuid,
    pub group_id: Uuid,
}

/// A customer in a list; without personal fields once erased.
#[derive(Clone, PartialEq, Eq, Deserialize)]
pub struct Customer {
    pub customer_id: Uuid,
    pub customer_number: String,
    pub placed_at: Moment,
    pub placement: Placed,
    pub erased_at: Option<Moment>,
    pub email: Option<String>,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
}

/// A page of customers.
#[derive(Deserialize)]
pub struct Found {
    pub items: Vec<Customer>,
    pub next: Option<String>,
    #[serde(default)]
    pub shown: Vec<ShownNumber>,
}

#[derive(Clone, Default)]
pub struct Search {
    /// The beginning of a customer number or an e-mail address, or any part of a name.
    pub text: Option<String>,
    /// Only customers who were placed with this agent.
    pub agent_id: Option<Uuid>,
    pub oldest_first: bool,
    /// The cursor of the previous page.
    pub after: Option<String>,
    pub limit: usize,
}

impl Search {
    fn query(&self) -> String {
        let mut query = Serializer::new(String::new());
        query.append_pair("limit", &self.limit.to_string());
        if self.oldest_first {
            query.append_pair("sort", "created");
        }
        let agent_id = self.agent_id.map(|id| id.to_string());
        for (name, value) in [("search", &self.text), ("agent_id", &agent_id), ("after", &self.after)] {
            if let Some(value) = value {
                query.append_pair(name, value);
            }
        }
        query.finish()
    }
}

/// Why the signup-service gave no result. No text here holds a part of the request.
#[derive(Debug, thiserror::Error)]
pub enum CustomersError {
    #[error("the signup service cannot be reached")]
    Unreachable(#[source] reqwest::Error),
    #[error("the signup service answered with status {0}")]
    Refused(StatusCode),
    #[error("the signup service sent a malformed answer")]
    Unreadable,
}

impl From<reqwest::Error> for CustomersError {
    fn from(error: reqwest::Error) -> Self {
        Self::Unreachable(error.without_url())
    }
}

impl From<CustomersError> for Problem {
    fn from(error: CustomersError) -> Self {
        let source = std::error::Error::source(&error).map(ToString::to_string);
        tracing::warn!(error = %error, source, "customers cannot be read");
        Self::unavailable()
    }
}

#[derive(Clone)]
pub struct Customers {
    client: Client,
    base: String,
    token: String,
}

impl Customers {
    /// A client of the signup-service at `base`, such as `http://signup-service:8080`.
    pub fn new(base: &str, token: &str) -> Result<Self, CustomersError> {
        let client = Client::builder().timeout(TIMEOUT).build()?;
        Ok(Self { client, base: format!("{}/api/v1", base.trim_end_matches('/')), token: token.to_owned() })
    }

    /// A page of customers, newest first. A search by name may return a short or empty page that is not the last.
    pub async fn search(&self, search: &Search) -> Result<Found, CustomersError> {
        self.found(&search.query()).await
    }

    /// The customers with these ids that exist, newest first, to show names beside placements.
    pub async fn among(&self, ids: &[Uuid]) -> Result<Vec<Customer>, CustomersError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let ids: Vec<String> = ids.iter().map(Uuid::to_string).collect();
        Ok(self.found(&format!("ids={}", ids.join(","))).await?.items)
    }

    async fn found(&self, query: &str) -> Result<Found, CustomersError> {
        let answer = self.send(self.client.get(format!("{}/customers?{query}", self.base))).await?;
        read(accepted(answer)?).await
    }

    /// All data of one customer, as the signup-service shows it.
    pub async fn get(&self, customer_id: Uuid) -> Result<Option<Json>, CustomersError> {
        let answer = self.send(self.client.get(format!("{}/customers/{customer_id}", self.base))).await?;
        if answer.status() == StatusCode::NOT_FOUND {
            return Ok(None);
        }
        read(accepted(answer)?).await.map(Some)
    }

    /// Corrects the data of a customer at this version, in the name of an operator. The inner error is the
    /// signup-service's problem.
    pub async fn correct(
        &self,
        operator_id: Uuid,
        customer_id: Uuid,
        version: u64,
        fields: &Json,
        once: &str,
    ) -> Result<Result<(), Problem>, CustomersError> {
        let call = self.client.patch(format!("{}/customers/{customer_id}", self.base));
        let call = call.header(ACTOR_HEADER, format!("operator:{operator_id}")).header("idempotency-key", once);
        let answer = self.send(call.header("if-match", format!("\"{version}\"")).json(fields)).await?;
        let status = answer.status();
        match status {
            StatusCode::NOT_FOUND => Ok(Err(Problem::not_found())),
            StatusCode::PRECONDITION_FAILED => Ok(Err(Problem::version_mismatch())),
            StatusCode::CONFLICT | StatusCode::UNPROCESSABLE_ENTITY => Ok(Err(problem(&read(answer).await?))),
            _ => accepted(answer).map(|_| Ok(())),
        }
    }

    /// Erases a customer's personal data, in the name of an operator, whom the event records; `false` when there is
    /// no such customer. `once` is the idempotency key. A second erasure changes nothing.
    pub async fn erase(
        &self,
        operator_id: Uuid,
        customer_id: Uuid,
        reason: Option<&str>,
        once: &str,
    ) -> Result<bool, CustomersError> {
        let call = self.client.delete(format!("{}/customers/{customer_id}", self.base));
        let call = call.header(ACTOR_HEADER, format!("operator:{operator_id}")).header("idempotency-key", once);
        let answer = self.send(call.json(&json!({ "reason": reason }))).await?;
        if answer.status() == StatusCode::NOT_FOUND {
            return Ok(false);
        }
        accepted(answer).map(|_| true)
    }

    /// Suspends, reinstates or closes a customer, in the name of an operator. The inner error is the signup-service's
    /// problem.
    pub async fn take_step(
        &self,
        operator_id: Uuid,
        customer_id: Uuid,
        step: &str,
        reason: Option<&str>,
        once: &str,
    ) -> Result<Result<(), Problem>, CustomersError> {
        let call = self.client.post(format!("{}/customers/{customer_id}/{step}", self.base));
        let call = call.header(ACTOR_HEADER, format!("operator:{operator_id}")).header("idempotency-key", once);
        let answer = self.send(call.json(&json!({ "reason": reason }))).await?;
        match answer.status() {
            StatusCode::NOT_FOUND => Ok(Err(Problem::not_found())),
            StatusCode::CONFLICT | StatusCode::UNPROCESSABLE_ENTITY => Ok(Err(problem(&read(answer).await?))),
            _ => accepted(answer).map(|_| Ok(())),
        }
    }

    /// The event at a position of the signups' log, as it is published, with its hash: the proof of a placement.
    pub async fn event(&self, position: u64) -> Result<Option<RecordedEvent>, CustomersError> {
        let events = self.events(position.saturating_sub(1), 1).await?;
        Ok(events.into_iter().next().filter(|event| event.position == position))
    }

    /// Up to `limit` events of the signups' log after a position.
    pub async fn events(&self, after: u64, limit: u64) -> Result<Vec<RecordedEvent>, CustomersError> {
        let path = format!("{}/events?after={after}&limit={limit}", self.base);
        let answer = self.send(self.client.get(path)).await?;
        if answer.status() == StatusCode::CONFLICT {
            // The log ends before the position.
            return Ok(Vec::new());
        }
        let text = accepted(answer)?.text().await?;
        let events = text.lines().map(|line| RecordedEvent::from_json(line).map(|(event, _)| event));
        events.collect::<Result<_, _>>().map_err(|_| CustomersError::Unreadable)
    }

    async fn send(&self, call: RequestBuilder) -> Result<Response, CustomersError> {
        Ok(call.bearer_auth(&self.token).send().await?)
    }
}

/// The signup-service's problem as one of this service.
fn problem(problem: &Json) -> Problem {
    let text = |value: &Json, member: &str| value[member].as_str().unwrap_or_default().to_owned();
    let mut errors = FieldErrors::new();
    for error in problem["errors"].as_array().into_iter().flatten() {
        errors.add(text(error, "field"), text(error, "code"), text(error, "message"));
    }
    if errors.is_empty() {
        Problem::conflict(&text(problem, "code"), text(problem, "detail"))
    } else {
        Problem::validation(errors)
    }
}

fn accepted(answer: Response) -> Result<Response, CustomersError> {
    if answer.status().is_success() { Ok(answer) } else { Err(CustomersError::Refused(answer.status())) }
}

async fn read<T: DeserializeOwned>(answer: Response) -> Result<T, CustomersError> {
    let text = answer.text().await?;
    serde_json::from_str(&text).map_err(|_| CustomersError::Unreadable)
}
