//! An HTTP client of one service, with complete responses. It checks nothing by itself; a journey states the expected
//! status.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use reqwest::header::HeaderMap;
use reqwest::{Client, Method};
use serde_json::Value;

const REQUEST_LIMIT: Duration = Duration::from_secs(30);

/// A service's address and token.
#[derive(Clone)]
pub struct Api {
    client: Client,
    base: String,
    token: Option<String>,
}

/// A client that keeps connections open and uses no proxy.
pub fn client() -> Result<Client> {
    client_with(REQUEST_LIMIT)
}

/// A client with another time limit.
pub fn client_with(limit: Duration) -> Result<Client> {
    Ok(Client::builder().no_proxy().timeout(limit).redirect(reqwest::redirect::Policy::none()).build()?)
}

impl Api {
    pub fn new(client: Client, base: &str, token: Option<&str>) -> Self {
        Self { client, base: base.to_owned(), token: token.map(str::to_owned) }
    }

    /// The same service with another token, or with none.
    #[must_use]
    pub fn with_token(&self, token: Option<&str>) -> Self {
        Self { token: token.map(str::to_owned), ..self.clone() }
    }

    pub fn base(&self) -> &str {
        &self.base
    }

    pub fn call(&self, method: &Method, path: &str) -> Call {
        let request = self.client.request(method.clone(), format!("{}{path}", self.base));
        let request = match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        };
        Call { request, what: format!("{method} {path}") }
    }

    pub fn get(&self, path: &str) -> Call {
        self.call(&Method::GET, path)
    }

    pub fn post(&self, path: &str) -> Call {
        self.call(&Method::POST, path)
    }

    pub fn put(&self, path: &str) -> Call {
        self.call(&Method::PUT, path)
    }

    pub fn patch(&self, path: &str) -> Call {
        self.call(&Method::PATCH, path)
    }

    pub fn delete(&self, path: &str) -> Call {
        self.call(&Method::DELETE, path)
    }
}

/// A request under construction.
pub struct Call {
    request: reqwest::RequestBuilder,
    what: String,
}

impl Call {
    #[must_use]
    pub fn json(self, body: &Value) -> Self {
        self.raw("application/json", body.to_string())
    }

    #[must_use]
    pub fn form(self, fields: &[(String, String)]) -> Self {
        let pairs = fields.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value)));
        self.raw("application/x-www-form-urlencoded", pairs.collect::<Vec<_>>().join("&"))
    }

    #[must_use]
    pub fn raw(mut self, content_type: &str, body: impl Into<reqwest::Body>) -> Self {
        self.request = self.request.header("content-type", content_type).body(body);
        self
    }

    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.request = self.request.header(name, value);
        self
    }

    #[must_use]
    pub fn idempotency_key(self, key: &str) -> Self {
        self.header("Idempotency-Key", key)
    }

    #[must_use]
    pub fn basic(mut self, login: &str, password: &str) -> Self {
        self.request = self.request.basic_auth(login, Some(password));
        self
    }

    /// Sends it and leaves the body to be read in pieces.
    pub async fn open(self) -> Result<reqwest::Response> {
        self.request.send().await.with_context(|| format!("{}: no answer", self.what))
    }

    pub async fn send(self) -> Result<ApiResponse> {
        let what = self.what.clone();
        let response = self.open().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = response.bytes().await.with_context(|| format!("{what}: the answer broke off"))?;
        Ok(ApiResponse { what, status, headers, body: body.to_vec() })
    }

    /// Sends it and returns the JSON body if the status is the expected one.
    pub async fn expect(self, status: u16) -> Result<Value> {
        self.send().await?.expect(status)?.json()
    }

    /// Sends it and checks that it is refused with this status and this kind of problem.
    pub async fn refused(self, status: u16, problem: &str) -> Result<Value> {
        let answer = self.send().await?.expect(status)?;
        ensure!(answer.header("content-type") == "application/problem+json", "{answer}: not a problem+json");
        let body = answer.json()?;
        ensure!(body["type"] == format!("urn:signpost:problem:{problem}"), "{answer}: another problem than {problem}");
        ensure!(body["status"] == status, "{answer}: the status differs inside");
        for member in ["title", "detail", "request_id"] {
            ensure!(body[member].as_str().is_some_and(|text| !text.is_empty()), "{answer}: no {member}");
        }
        Ok(body)
    }
}

#[derive(Clone, Debug)]
pub struct ApiResponse {
    pub what: String,
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl ApiResponse {
    pub fn expect(self, status: u16) -> Result<Self> {
        ensure!(self.status == status, "{self}: expected {status}");
        Ok(self)
    }

    pub fn json(&self) -> Result<Value> {
        serde_json::from_slice(&self.body).with_context(|| format!("{self}: not JSON"))
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The value of a header, empty when there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The position of a write.
    pub fn position(&self) -> Result<u64> {
        self.header("Signpost-Position").parse().with_context(|| format!("{self}: no Signpost-Position"))
    }

    pub fn replayed(&self) -> bool {
        self.header("Idempotent-Replayed") == "true"
    }
}

impl std::fmt::Display for ApiResponse {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let body: String = self.text().chars().take(600).collect();
        write!(to, "{} -> {} {body}", self.what, self.status)
    }
}

/// Percent-encodes everything except for the unreserved characters.
pub fn encoded(text: &str) -> String {
    use std::fmt::Write as _;
    text.bytes().fold(String::new(), |mut done, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            done.push(char::from(byte));
        } else {
            let _ = write!(done, "%{byte:02X}");
        }
        done
    })
}

/// The problems of single fields: `field` to `code`, in their order.
pub fn field_errors(problem: &Value) -> Vec<(String, String)> {
    let word = |error: &Value, member: &str| error[member].as_str().unwrap_or_default().to_owned();
    let errors = problem["errors"].as_array().cloned().unwrap_or_default();
    errors.iter().map(|error| (word(error, "field"), word(error, "code"))).collect()
}
