use contract::events::webhooks::WebhookLog;
use schemars::JsonSchema;
use serde::Deserialize;
use url::Url;
use web::http::{FieldErrors, Problem};
use web::outbound::target;

use crate::fields::{Fields, SHORT, without_repetitions};
use crate::webhooks::commands::Details;
use crate::webhooks::model::Change;

/// An endpoint as a client describes it.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "WebhookGiven")]
pub struct WebhookRequest {
    /// https, with a host of the public Internet.
    #[schemars(required)]
    url: Option<String>,
    description: Option<String>,
    /// The logs whose events are sent. A log that is chosen later begins with its next event; one that is left loses its place.
    #[schemars(required)]
    logs: Option<Vec<WebhookLog>>,
    /// The types of events that are sent, such as `signpost.signups.customer_placed.v1`; all when absent or empty.
    types: Option<Vec<String>>,
}

/// A checked description; what is absent stays.
pub struct Described {
    pub url: Option<Url>,
    pub change: Change,
    pub details: Details,
}

impl WebhookRequest {
    /// Checks what shows in the request itself. A new endpoint needs a URL and a log.
    pub fn check(self, errors: FieldErrors, is_new: bool, may_be_private: bool) -> Result<Described, Problem> {
        let mut fields = Fields::new(errors);
        if is_new {
            fields.required("url", self.url.as_ref());
            fields.required("logs", self.logs.as_ref());
        }
        let url = self.url.and_then(|text| match target::read(text.trim(), may_be_private) {
            Ok(url) => Some(url),
            Err(fault) => {
                fields.error("url", fault.code(), fault.to_string());
                None
            }
        });
        let description = fields.text("description", self.description, SHORT);
        let logs = fields.choice("logs", self.logs).map(|mut logs| {
            logs.sort_unstable();
            logs
        });
        fields.finish()?;
        let host = url.as_ref().and_then(Url::host_str).map(str::to_owned);
        Ok(Described {
            change: Change { host, logs, types: self.types.map(without_repetitions) },
            details: Details { url: url.as_ref().map(Url::to_string), description },
            url,
        })
    }
}

/// How a secret is replaced.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "WebhookRotation")]
pub struct RotateRequest {
    /// For a secret that others know: attempts are not signed with it any more. Otherwise it signs for 24 hours more.
    pub end_old_now: bool,
}

/// Where to begin again.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "WebhookReplay")]
pub struct ReplayRequest {
    #[schemars(required)]
    log: Option<WebhookLog>,
    /// The events behind this position are sent, again where they were sent before; 0 is before the first event.
    #[schemars(required)]
    after: Option<u64>,
    reason: Option<String>,
}

/// What to leave out.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "WebhookSkip")]
pub struct SkipRequest {
    #[schemars(required)]
    log: Option<WebhookLog>,
    /// The last position that is left out.
    #[schemars(required)]
    position: Option<u64>,
    #[schemars(required)]
    reason: Option<String>,
}

/// Another place in a log.
pub struct Moving {
    pub log: WebhookLog,
    pub position: u64,
    pub reason: Option<String>,
}

impl ReplayRequest {
    pub fn check(self, errors: FieldErrors) -> Result<Moving, Problem> {
        moving(errors, self.log, ("after", self.after), self.reason, false)
    }
}

impl SkipRequest {
    pub fn check(self, errors: FieldErrors) -> Result<Moving, Problem> {
        moving(errors, self.log, ("position", self.position), self.reason, true)
    }
}

fn moving(
    errors: FieldErrors,
    log: Option<WebhookLog>,
    (name, position): (&str, Option<u64>),
    reason: Option<String>,
    needs_reason: bool,
) -> Result<Moving, Problem> {
    let mut fields = Fields::new(errors);
    let log = fields.required("log", log);
    let position = fields.required(name, position);
    let reason = fields.text("reason", reason, SHORT).filter(|text| !text.is_empty());
    if needs_reason {
        fields.required("reason", reason.as_ref());
    }
    fields.finish()?;
    let (log, position) = log.zip(position).ok_or_else(Problem::internal)?;
    Ok(Moving { log, position, reason })
}
