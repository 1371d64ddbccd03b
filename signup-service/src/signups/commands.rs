//! Placing customers: what can be asked of the batch writer, and why it may not be done.
//! Knows nothing of HTTP; its answers hold nothing personal.

use std::sync::Arc;

use contract::events::signups::{Campaign, Channel, RefusalReason, SignupPageViewed, SignupRefused};
use event_store::log::Writer;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::customers::requests::Correction;
use crate::customers::table::EmailDigest;
use crate::keys::placed::Placed;
use crate::signups::command_handler::PlacementCommandHandler;
use crate::signups::requests::Signup;

/// The signup service's way into its log.
pub type PlacementWriter = Writer<PlacementCommandHandler>;

/// A customer who wants to be placed.
#[derive(Clone, Debug)]
pub struct Placement {
    /// The keys that the visitor's text may mean; at most one of them exists.
    pub keys: Vec<String>,
    pub signup: Signup,
    /// Of the address: whether it is taken shows by this.
    pub email_digest: EmailDigest,
    pub campaign: Campaign,
    pub channel: Channel,
    /// Whoever asks may read customers, and so is told where the address is known.
    pub may_know: bool,
    /// The ids that the customer will have.
    pub customer_id: Uuid,
    pub customer_number: String,
}

/// A correction of what is kept of a customer.
#[derive(Clone, Debug)]
pub struct CustomerCorrection {
    pub customer_id: Uuid,
    /// Of the new e-mail address, where there is one.
    pub email_digest: Option<EmailDigest>,
    pub correction: Correction,
    /// The customer must be at one of these versions, where the caller said so.
    pub expected: Option<Vec<u64>>,
}

/// What can be asked.
#[derive(Clone, Debug)]
pub enum Request {
    /// Place a customer.
    Place(Box<Placement>),
    /// Visitors were refused so many times.
    TellRefusals(Arc<[SignupRefused]>),
    /// The pages of keys were shown so many times.
    TellViews(Arc<[SignupPageViewed]>),
    /// Correct what is kept of a customer.
    Correct(Box<CustomerCorrection>),
    /// Forget a customer's personal data.
    Erase { customer_id: Uuid, reason: Option<String> },
    /// Note that a customer's personal data were lost.
    SettleLostData { customer_id: Uuid },
}

/// Why nothing is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DomainError {
    /// The key cannot be used: what it stands for, where there is such a key. Refusals are counted, not stored one by one, so a
    /// repetition is decided anew.
    Unusable { at: Option<Placed>, reason: RefusalReason },
    /// Something about the key is not known for certain now.
    Parked,
    /// The keys were not known to be up to date for too long.
    StaleKeys,
    /// The random customer number is taken: try again with another.
    NumberTaken,
    /// There is no such customer.
    NoSuchCustomer,
    /// Nothing personal is kept of the customer any more.
    Erased,
    /// Another customer has the e-mail address.
    EmailTaken,
    /// The customer is at another version.
    VersionMismatch,
}

/// The answer to a placement. A decoy, for an address that is known, looks the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlacedAnswer {
    pub customer_id: Uuid,
    pub customer_number: String,
    pub placement: Placed,
}

/// The answer to a correction: the names of the fields that differ now, and nothing of what stands in them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CorrectedAnswer {
    pub customer_id: Uuid,
    pub version: u64,
    pub changed: Vec<String>,
}

/// The answer to whoever may know that the address is a customer's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownAnswer {
    pub customer_id: Uuid,
}
