use std::collections::BTreeMap;

use contract::clock::Moment;
use contract::events::signups::SignupsEvent;
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

/// The stage of a customer's service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "CustomerStatus")]
pub enum Status {
    /// Signed up; no system serves the customer yet.
    Placed,
    /// A system serves the customer.
    Provisioned,
    /// Not served for now.
    Suspended,
    /// A customer no more.
    Closed,
}

/// A customer's account at a system.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Account {
    pub name: String,
    pub details: BTreeMap<String, String>,
}

/// When what happened to a customer's service; `None` where it did not, or is over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Times {
    pub provisioned_at: Option<Moment>,
    /// The last failure since.
    pub failed_at: Option<Moment>,
    pub suspended_at: Option<Moment>,
    pub closed_at: Option<Moment>,
}

impl Times {
    pub fn status(self) -> Status {
        match self {
            Self { closed_at: Some(_), .. } => Status::Closed,
            Self { suspended_at: Some(_), .. } => Status::Suspended,
            Self { provisioned_at: Some(_), .. } => Status::Provisioned,
            _ => Status::Placed,
        }
    }

    /// The times after an event, which was recorded at `at`.
    #[must_use]
    pub fn after(self, event: &SignupsEvent, at: Moment) -> Self {
        let at = Some(at);
        match event {
            SignupsEvent::CustomerProvisioned(_) => Self { provisioned_at: at, failed_at: None, ..self },
            SignupsEvent::ProvisioningFailed(_) => Self { failed_at: at, ..self },
            SignupsEvent::CustomerSuspended(_) => Self { suspended_at: at, ..self },
            SignupsEvent::CustomerReinstated(_) => Self { suspended_at: None, ..self },
            SignupsEvent::CustomerClosed(_) => Self { closed_at: at, ..self },
            _ => self,
        }
    }
}

/// Whose service an event is about.
pub fn served_customer(event: &SignupsEvent) -> Option<Uuid> {
    match event {
        SignupsEvent::CustomerProvisioned(event) => Some(event.customer_id),
        SignupsEvent::ProvisioningFailed(event) => Some(event.customer_id),
        SignupsEvent::CustomerSuspended(event) => Some(event.customer_id),
        SignupsEvent::CustomerReinstated(event) => Some(event.customer_id),
        SignupsEvent::CustomerClosed(event) => Some(event.customer_id),
        _ => None,
    }
}

/// A customer's service, as far as the next decision must know.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Service {
    pub times: Times,
    /// By the system's name.
    pub accounts: BTreeMap<String, Account>,
}
