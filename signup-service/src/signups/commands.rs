use contract::events::signups::{SignupRefused, SignupsEvent};
use event_store::log::CommandResponse;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use web::http::Problem;

use crate::batch::Batch;
use crate::command::{Command, Decided, DomainError, Happened, Outcome, Refused};
use crate::confirmations::address::AddressDigest;
use crate::confirmations::batch::ConfirmationRows;
use crate::confirmations::model::Confirmation;
use crate::customers::batch::{CustomerRows, CustomersOfBatch};
use crate::customers::model::{customer_stream, shown_stream};
use crate::customers::table::NewCustomer;
use crate::keys::batch::{KeysDecidedBy, KeysOfBatch};
use crate::keys::model::{KeyFacts, KeyRow};
use crate::keys::placed::Placed;
use crate::keys::queries::Keys;
use crate::lookups::admission::key_unusable;
use crate::signups::model::{Placement, Placing, SignupError, Situation, decide};
use crate::signups::projection::PlacesOfBatch;

/// `Retry-After` when the keys are stale.
const STALE_RETRY_AFTER_SECONDS: u32 = 10;

/// Place a customer; the key is read from the lookup table in the same transaction.
#[derive(Clone)]
pub struct PlaceCustomer {
    pub placement: Placement,
    pub keys: Keys,
    /// See [`crate::signups::placing::Circumstances`].
    pub confirmation: Option<AddressDigest>,
}

/// What `store` needs of a decided placement.
pub struct Stored {
    /// The key behind the decision.
    key: KeyFacts,
    /// A customer was created.
    is_placed: bool,
    /// The visitor is told that they are placed, as a customer or by a decoy.
    takes_place: bool,
}

/// The response to a placement. A decoy, for an address that is known, looks the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlacedAnswer {
    pub customer_id: Uuid,
    pub customer_number: String,
    pub placement: Placed,
}

/// The response to a caller who may know that the address is a customer's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownAnswer {
    pub customer_id: Uuid,
}

impl PlaceCustomer {
    fn keys_of<'a>(&self, batch: &'a mut Batch) -> &'a mut KeysOfBatch {
        batch.part_or(|| KeysOfBatch::new(self.keys.clone()))
    }

    /// The same for a customer and for a decoy.
    fn confirmation_by(&self, row: &KeyRow) -> Confirmation {
        let (placement, offer) = (&self.placement, &row.offer);
        Confirmation {
            customer_id: placement.customer_id,
            customer_number: placement.customer_number.clone(),
            agent_name: offer.agent.name.clone(),
            plan_name: offer.plan.name.clone(),
            price_text: offer.plan.price_text.clone(),
            description: offer.plan.description.clone(),
            ui_elements: offer.group.ui_elements.clone(),
            terms_version: placement.signup.terms_version.clone(),
        }
    }
}

impl Command for PlaceCustomer {
    type State = Stored;

    const CAN_BE_GUESSED: bool = true;

    fn needs(&self, batch: &mut Batch) {
        self.keys_of(batch).want(&self.placement.keys);
        let customers = batch.part::<CustomersOfBatch>();
        customers.want_email(self.placement.email_digest);
        customers.want_number(&self.placement.customer_number);
    }

    fn decide(&self, batch: &mut Batch) -> Result<Decided<Stored>, Refused> {
        let (placement, now) = (&self.placement, batch.now);
        let keys = self.keys_of(batch);
        let keys_are_stale = keys.are_stale(now);
        let key = keys.first_of(&placement.keys).cloned();
        let placed = key.as_ref().map_or(0, |key| keys.placed_through(key));
        let agents_position = key.as_ref().map_or(0, |key| keys.position_of(key));
        let customers = batch.part::<CustomersOfBatch>();
        let number_is_taken = customers.is_taken(&placement.customer_number);
        let holder = customers.holder_of(&placement.email_digest);
        let situation =
            Situation { now, keys_are_stale, key: key.as_ref(), placed, agents_position, number_is_taken, holder };
        let placing = decide(placement, &situation)?;
        let Some(key) = key else { return Err(SignupError::Parked.into()) };
        customers.take_number(&placement.customer_number);
        if matches!(placing, Placing::Placed(_)) {
            customers.give_email(placement.email_digest, placement.customer_id);
        }
        let (is_placed, takes_place) = (matches!(placing, Placing::Placed(_)), placing.takes_place());
        if takes_place {
            self.keys_of(batch).take_place(&key);
        }
        let events = vec![happened(placing)];
        let state = Stored { key, is_placed, takes_place };
        Ok(Decided { expected_versions: Vec::new(), events, version: None, state })
    }

    fn respond(&self, outcome: &Outcome<'_>) -> Result<CommandResponse, serde_json::Error> {
        match outcome.event {
            Some(SignupsEvent::CustomerPlaced(placed)) => {
                let placement = Placed {
                    key: placed.key.clone(),
                    agent_id: placed.agent_id,
                    call_plan_id: placed.call_plan_id,
                    group_id: placed.group_id,
                };
                let customer_number = placed.customer_number.clone();
                CommandResponse::new(201, &PlacedAnswer { customer_id: placed.customer_id, customer_number, placement })
            }
            Some(SignupsEvent::SignupRefused(refused)) => answer_of_refusal(refused),
            _ => CommandResponse::new(204, &()),
        }
    }

    fn store(&self, stored: &Stored, batch: &mut Batch) {
        let (placement, row) = (&self.placement, &stored.key.row);
        batch.part::<KeysDecidedBy>().add(&stored.key);
        if stored.takes_place {
            batch.part::<CustomerRows>().show_number(&placement.customer_number);
            batch.part::<PlacesOfBatch>().take(row);
            if let Some(digest) = self.confirmation {
                let signed_up_at = batch.now;
                batch.part::<ConfirmationRows>().add(digest, &self.confirmation_by(row), signed_up_at);
            }
        }
        if stored.is_placed {
            let placed_at = batch.now;
            batch.part::<CustomerRows>().add(&NewCustomer {
                id: placement.customer_id,
                customer_number: &placement.customer_number,
                key: &row.key,
                agent_id: row.offer.agent.id,
                call_plan_id: row.offer.plan.id,
                group_id: row.offer.group.id,
                placed_at,
                terms_version: &placement.signup.terms_version,
                email_digest: placement.email_digest,
                email: &placement.signup.email.address,
                first_name: &placement.signup.first_name,
                optional: &placement.signup.optional,
            });
        }
    }
}

/// Strangers must not learn that an address is known, so both outcomes take the same steps: each event starts a
/// stream. A caller who may know gets the version check.
fn happened(placing: Placing) -> Happened {
    match placing {
        Placing::Placed(placed) => Happened::first_of(customer_stream(placed.customer_id), placed),
        Placing::Known(refused) => match &refused.shown {
            Some(shown) => Happened::first_of(shown_stream(&shown.customer_number), refused),
            None => Happened::within(format!("key-{}", refused.key), refused),
        },
    }
}

/// A known address gets the response that was stored first.
fn answer_of_refusal(refused: &SignupRefused) -> Result<CommandResponse, serde_json::Error> {
    if let (None, Some(customer_id)) = (&refused.shown, refused.customer_id) {
        return CommandResponse::new(409, &KnownAnswer { customer_id });
    }
    let (Some(shown), Some(agent_id)) = (&refused.shown, refused.agent_id) else {
        return CommandResponse::new(204, &());
    };
    let (call_plan_id, group_id) = (shown.call_plan_id, shown.group_id);
    let placement = Placed { key: refused.key.clone(), agent_id, call_plan_id, group_id };
    let customer_number = shown.customer_number.clone();
    CommandResponse::new(201, &PlacedAnswer { customer_id: refused.refusal_id, customer_number, placement })
}

impl DomainError for SignupError {
    fn problem(&self) -> Problem {
        match self {
            Self::Parked | Self::NumberTaken => Problem::unavailable(),
            Self::StaleKeys => Problem::unavailable().retry_after(STALE_RETRY_AFTER_SECONDS),
            Self::Unusable { reason, .. } => key_unusable(*reason),
        }
    }
}
