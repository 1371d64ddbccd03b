//! What each request of a batch amounts to, given what the database says of all of them at once. Requests of one batch see
//! each other here: caps, addresses and numbers are counted across them.

use std::collections::{HashMap, HashSet};

use serde::Serialize;
use shared::clock::Moment;
use shared::events::signups::{
    CustomerErased, CustomerPlaced, RefusalReason, RefusalStage, SignupRefused, SignupsEvent,
};
use shared::log::{Answer, Draft, NewEvent};
use shared::sql::SqlError;
use uuid::Uuid;

use super::{Placed, PlacedAnswer, Placement, Refusal, RefusedAnswer};
use crate::customers::Erasable;
use crate::domain::usable::{KeyRow, Unusable, usable};
use crate::keys::KeyFacts;

/// The stream of refusals at texts that are no key: one for all, so that guessing does not make streams.
const UNKNOWN_KEYS: &str = "unknown-keys";

/// What is decided of a request; the draft keeps the row that a customer is placed by.
type Decision = Result<Result<Draft<Option<KeyRow>>, Refusal>, SqlError>;

/// Everything that a batch is decided by.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub(super) now: Moment,
    /// Where the agents' log was when the keys were asked for; a row that had to be read whole says itself where it holds.
    pub(super) agents_position: u64,
    /// The keys were not known to be up to date for too long.
    pub(super) stale: bool,
    pub(super) keys: HashMap<String, KeyFacts>,
    pub(super) known_emails: HashSet<String>,
    pub(super) taken_numbers: HashSet<String>,
    pub(super) customers: HashMap<Uuid, Erasable>,
}

impl Batch {
    /// Places a customer, or says why not.
    pub(super) fn place(&mut self, placement: &Placement) -> Decision {
        if self.stale {
            return Ok(Err(Refusal::StaleKeys));
        }
        let key = placement.keys.iter().find(|key| self.keys.contains_key(*key));
        let facts = key.and_then(|key| self.keys.get(key));
        let verdict = usable(facts.map(|facts| &facts.row), facts.map_or(0, |facts| facts.placed), self.now);
        match (verdict, facts) {
            (Err(Unusable::Refused(reason)), facts) => {
                let row = facts.map(|facts| &facts.row);
                let typed = placement.keys.first().map(String::as_str).unwrap_or_default();
                let key = row.map_or(typed, |row| row.key.as_str()).to_owned();
                let refused = self.refused(row, &key, placement.customer_id, reason, RefusalStage::Signup)?;
                let status = if reason == RefusalReason::Unknown { 404 } else { 410 };
                let answer = answer(status, &RefusedAnswer { key, refused: reason })?;
                Ok(Ok(draft(vec![refused], answer)))
            }
            (Err(Unusable::Parked), _) | (Ok(()), None) => Ok(Err(Refusal::Parked)),
            (Ok(()), Some(facts)) => {
                let (row, agents_position) = (facts.row.clone(), facts.agents_position);
                self.place_at(placement, &row, agents_position)
            }
        }
    }

    fn place_at(&mut self, placement: &Placement, row: &KeyRow, agents_position: u64) -> Decision {
        let answer = answer(201, &placed_answer(placement, row))?;
        // Somebody else must not learn whether an address is known, so the answer is the same, for nobody.
        if self.known_emails.contains(&placement.signup.email.key) {
            let (stage, reason) = (RefusalStage::Signup, RefusalReason::EmailKnown);
            let refused = self.refused(Some(row), &row.key, placement.customer_id, reason, stage)?;
            return Ok(Ok(draft(vec![refused], answer)));
        }
        if !self.taken_numbers.insert(placement.customer_number.clone()) {
            return Ok(Err(Refusal::NumberTaken));
        }
        let stream = customer_stream(placement.customer_id);
        let event = event(stream, customer_placed(placement, row, agents_position))?.starting_its_stream();
        self.known_emails.insert(placement.signup.email.key.clone());
        if let Some(facts) = self.keys.get_mut(row.key.as_str()) {
            facts.placed += 1;
        }
        Ok(Ok(Draft { kept: Some(row.clone()), ..draft(vec![event], answer) }))
    }

    /// Notes that a visitor was told why the key cannot be used; nothing when it can be used by now.
    pub(super) fn tell_refusal(&self, key: &str, refusal_id: Uuid) -> Decision {
        let nothing = || Ok(Ok(draft(Vec::new(), answer(204, &())?)));
        let Some(facts) = self.keys.get(key) else { return nothing() };
        let Err(Unusable::Refused(reason)) = usable(Some(&facts.row), facts.placed, self.now) else {
            return nothing();
        };
        let refused = self.refused(Some(&facts.row), key, refusal_id, reason, RefusalStage::Page)?;
        Ok(Ok(draft(vec![refused], answer(204, &())?)))
    }

    /// Erases a customer; nothing happens when that was done before.
    pub(super) fn erase(&mut self, customer_id: Uuid, reason: Option<&String>) -> Decision {
        let Some(customer) = self.customers.get_mut(&customer_id) else { return Ok(Err(Refusal::NoSuchCustomer)) };
        let mut events = Vec::new();
        if !std::mem::replace(&mut customer.erased, true) {
            let erased = CustomerErased { customer_id, agent_id: customer.agent_id, reason: reason.cloned() };
            events.push(event(customer_stream(customer_id), erased)?);
        }
        let body = serde_json::json!({ "customer_id": customer_id, "erased": true });
        Ok(Ok(draft(events, answer(200, &body)?)))
    }

    fn refused(
        &self,
        row: Option<&KeyRow>,
        key: &str,
        refusal_id: Uuid,
        reason: RefusalReason,
        stage: RefusalStage,
    ) -> Result<NewEvent, SqlError> {
        let agent_id = row.map(|row| row.offer.agent.id);
        let stream = if row.is_some() { format!("key-{key}") } else { UNKNOWN_KEYS.to_owned() };
        let agents_position = self.keys.get(key).map_or(self.agents_position, |facts| facts.agents_position);
        event(stream, SignupRefused { refusal_id, key: key.to_owned(), agent_id, reason, stage, agents_position })
    }
}

/// The stream of one customer.
fn customer_stream(customer_id: Uuid) -> String {
    format!("customer-{customer_id}")
}

fn placed_answer(placement: &Placement, row: &KeyRow) -> PlacedAnswer {
    PlacedAnswer {
        customer_id: placement.customer_id,
        customer_number: placement.customer_number.clone(),
        placement: Placed {
            key: row.key.to_string(),
            agent_id: row.offer.agent.id,
            call_plan_id: row.offer.plan.id,
            group_id: row.offer.group.id,
        },
    }
}

/// The placement with everything as it is at this moment.
fn customer_placed(placement: &Placement, row: &KeyRow, agents_position: u64) -> CustomerPlaced {
    CustomerPlaced {
        customer_id: placement.customer_id,
        customer_number: placement.customer_number.clone(),
        key: row.key.to_string(),
        agent_id: row.offer.agent.id,
        agent_name: row.offer.agent.name.clone(),
        call_plan_id: row.offer.plan.id,
        call_plan_name: row.offer.plan.name.clone(),
        group_id: row.offer.group.id,
        group_name: row.offer.group.name.clone(),
        commission: row.offer.agent.commission,
        campaign: placement.campaign.clone(),
        terms_version: placement.signup.terms_version.clone(),
        agents_position,
    }
}

/// A draft that places nobody.
fn draft(events: Vec<NewEvent>, answer: Answer) -> Draft<Option<KeyRow>> {
    Draft { conditions: Vec::new(), events, answer, kept: None }
}

fn event(stream: String, event: impl Into<SignupsEvent>) -> Result<NewEvent, SqlError> {
    NewEvent::of(stream, &event.into()).map_err(|_| SqlError::Column { column: "data".to_owned() })
}

fn answer(status: u16, body: &impl Serialize) -> Result<Answer, SqlError> {
    Answer::new(status, body).map_err(|_| SqlError::Column { column: "answer".to_owned() })
}
