use contract::events::signups::SignupsEvent;
use event_store::log::{CommandResponse, ExpectedVersion};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;
use web::http::Problem;

use crate::batch::Batch;
use crate::command::{Command, Decided, DomainError, Happened, Outcome, Refused};
use crate::customers::batch::{CustomerRows, CustomersOfBatch};
use crate::customers::model::{
    CorrectCustomer, CustomerError, EmailDigest, EraseCustomer, Personal, SettleLostData, customer_stream,
};
use crate::customers::table::Corrected;

/// The answer to a correction: the names of the fields that differ now, and nothing of what stands in them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CorrectedAnswer {
    pub customer_id: Uuid,
    pub version: u64,
    pub changed: Vec<String>,
}

impl Command for CorrectCustomer {
    /// The new digest and personal data; `None` where nothing changes.
    type State = Option<(Option<EmailDigest>, Personal)>;

    fn needs(&self, batch: &mut Batch) {
        let customers = batch.part::<CustomersOfBatch>();
        customers.want(self.customer_id);
        if let Some(digest) = self.email_digest {
            customers.want_email(digest);
        }
    }

    fn decide(&self, batch: &mut Batch) -> Result<Decided<Self::State>, Refused> {
        let customers = batch.part::<CustomersOfBatch>();
        let holder = self.email_digest.and_then(|digest| customers.holder_of(&digest));
        let customer = customers.customer(self.customer_id).ok_or(CustomerError::NotFound)?;
        let (version, new_address) = (customer.version, customer.has_other_address(self));
        let Some(corrected) = customer.correct(self, holder)? else {
            return Ok(Decided { expected_versions: vec![], events: vec![], version: Some(version), state: None });
        };
        let now_at = customer.version;
        let state = Some((customer.email_digest, customer.personal.clone()));
        if let Some(digest) = new_address {
            customers.give_email(digest, self.customer_id);
        }
        let stream = customer_stream(self.customer_id);
        Ok(Decided {
            expected_versions: vec![ExpectedVersion { stream: stream.clone(), version }],
            events: vec![Happened::within(stream, corrected)],
            version: Some(now_at),
            state,
        })
    }

    fn respond(&self, outcome: &Outcome<'_>) -> Result<CommandResponse, serde_json::Error> {
        let Some(version) = outcome.version else { return CommandResponse::new(204, &()) };
        let changed = match outcome.event {
            Some(SignupsEvent::CustomerCorrected(corrected)) => corrected.fields.clone(),
            _ => Vec::new(),
        };
        CommandResponse::new(200, &CorrectedAnswer { customer_id: self.customer_id, version, changed })
    }

    fn store(&self, state: &Self::State, batch: &mut Batch) {
        if let Some((email_digest, personal)) = state {
            let corrected = Corrected { email_digest: *email_digest, personal };
            batch.part::<CustomerRows>().correct(self.customer_id, &corrected);
        }
    }
}

/// Whether the erasure, or the loss, changes anything.
fn once<E: Into<SignupsEvent>>(customer_id: Uuid, event: Option<E>) -> Decided<bool> {
    let events: Vec<_> = event.map(|event| Happened::within(customer_stream(customer_id), event)).into_iter().collect();
    Decided { expected_versions: Vec::new(), version: None, state: !events.is_empty(), events }
}

impl Command for EraseCustomer {
    type State = bool;

    fn needs(&self, batch: &mut Batch) {
        batch.part::<CustomersOfBatch>().want(self.customer_id);
    }

    fn decide(&self, batch: &mut Batch) -> Result<Decided<bool>, Refused> {
        let customers = batch.part::<CustomersOfBatch>();
        let customer = customers.customer(self.customer_id).ok_or(CustomerError::NotFound)?;
        Ok(once(self.customer_id, customer.erase(self)?))
    }

    fn respond(&self, _: &Outcome<'_>) -> Result<CommandResponse, serde_json::Error> {
        CommandResponse::new(200, &json!({ "customer_id": self.customer_id, "erased": true }))
    }

    fn store(&self, was_kept: &bool, batch: &mut Batch) {
        if *was_kept {
            batch.part::<CustomerRows>().erase(self.customer_id);
        }
    }
}

impl Command for SettleLostData {
    type State = bool;

    fn needs(&self, batch: &mut Batch) {
        batch.part::<CustomersOfBatch>().want(self.customer_id);
    }

    fn decide(&self, batch: &mut Batch) -> Result<Decided<bool>, Refused> {
        let customers = batch.part::<CustomersOfBatch>();
        let customer = customers.customer(self.customer_id).ok_or(CustomerError::NotFound)?;
        Ok(once(self.customer_id, customer.settle_lost_data(*self)))
    }

    fn respond(&self, _: &Outcome<'_>) -> Result<CommandResponse, serde_json::Error> {
        CommandResponse::new(200, &())
    }

    fn store(&self, was_kept: &bool, batch: &mut Batch) {
        if *was_kept {
            batch.part::<CustomerRows>().settle_lost(self.customer_id);
        }
    }
}

impl DomainError for CustomerError {
    fn problem(&self) -> Problem {
        match self {
            Self::NotFound => Problem::not_found(),
            Self::VersionMismatch => Problem::version_mismatch(),
            Self::Erased => Problem::conflict("customer_erased", "Nothing personal is kept of this customer any more."),
            Self::ChangedMeanwhile => {
                Problem::conflict("changed_meanwhile", "It was changed at the same moment; repeat the request.")
            }
            Self::Closed => Problem::conflict("customer_closed", "The customer is closed for good."),
            Self::AlreadySuspended => Problem::conflict("already_suspended", "The customer is suspended already."),
            Self::NotSuspended => Problem::conflict("not_suspended", "The customer is not suspended."),
            Self::EmailTaken => Problem::conflict("email_taken", "Another customer has this e-mail address."),
        }
    }
}
