//! What each request of a batch amounts to, given what the database says of all of them at once. Requests of one batch see
//! each other here: caps, addresses and numbers are counted across them.

use std::collections::{HashMap, HashSet};

use contract::clock::Moment;
use contract::events::Contract;
use contract::events::agents::SignupField;
use contract::events::signups::{
    CustomerCorrected, CustomerDataLost, CustomerErased, CustomerPlaced, RefusalReason, RefusalStage, ShownPlacement,
    SignupPageViewed, SignupRefused, SignupsEvent,
};
use event_store::log::{CommandResponse, Decision, ExpectedVersion, NewEvent, RecordedEvent};
use event_store::sql::SqlError;
use serde::Serialize;
use smol_str::SmolStr;
use uuid::Uuid;

use crate::customers::requests::Personal;
use crate::customers::table::{EmailDigest, Known, shown_stream};
use crate::keys::model::{KeyRow, Unusable, usable};
use crate::keys::placed::Placed;
use crate::keys::rows::KeyFacts;
use crate::signups::commands::{
    CorrectedAnswer, CustomerCorrection, DomainError, KnownAnswer, PlacedAnswer, Placement, Request,
};

/// The stream of refusals at texts that are no key: one for all, so that guessing does not make streams.
const UNKNOWN_KEYS: &str = "unknown-keys";

/// What a decision leaves for when it is stored.
#[derive(Clone, Debug, Default)]
pub struct HandlerState {
    /// The key that it was decided by, where there was one.
    pub(super) by: Option<KeyFacts>,
    /// A customer is placed through it.
    pub(super) places: bool,
    /// Somebody is told that they are placed: that takes a place of the key's cap, or a known address would show by its leaving
    /// one free.
    pub(super) takes_place: bool,
    /// What is kept of a customer from now on.
    pub(super) corrected: Option<(Option<EmailDigest>, Personal)>,
}

/// What is decided of a request.
type Decided = Result<Result<Decision<HandlerState>, DomainError>, SqlError>;

/// Everything that a batch is decided by.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub(super) now: Moment,
    /// A position of the agents' log that the keys hold at; those that say a later one hold there.
    pub(super) agents_position: u64,
    /// The keys were not known to be up to date for too long.
    pub(super) stale: bool,
    pub(super) keys: HashMap<SmolStr, KeyFacts>,
    /// Customers placed through keys by this batch.
    pub(super) placed: HashMap<SmolStr, u64>,
    pub(super) known_emails: HashMap<EmailDigest, Uuid>,
    pub(super) taken_numbers: HashSet<String>,
    pub(super) customers: HashMap<Uuid, Known>,
}

impl Batch {
    /// Says what a request amounts to.
    pub(super) fn decide(&mut self, request: &Request) -> Decided {
        match request {
            Request::Place(placement) => self.place(placement),
            Request::TellRefusals(refusals) => tell_refusals(refusals),
            Request::TellViews(views) => tell_views(views),
            Request::Correct(correction) => self.correct(correction),
            Request::Erase { customer_id, reason } => self.erase(*customer_id, reason.as_ref()),
            Request::SettleLostData { customer_id } => self.settle_lost_data(*customer_id),
        }
    }

    /// Places a customer, or says why not.
    fn place(&mut self, placement: &Placement) -> Decided {
        if self.stale {
            return Ok(Err(DomainError::StaleKeys));
        }
        let facts = self.first_of(&placement.keys).cloned();
        match (self.verdict(facts.as_ref()), facts) {
            (Err(Unusable::Refused(reason)), facts) => {
                let at = facts.map(|facts| Placed::by(&facts.row));
                Ok(Err(DomainError::Unusable { at, reason }))
            }
            (Err(Unusable::Parked), _) | (Ok(()), None) => Ok(Err(DomainError::Parked)),
            (Ok(()), Some(facts)) => self.place_at(placement, facts),
        }
    }

    /// Of the keys that a visitor's text may mean, the one that exists.
    pub(super) fn first_of(&self, keys: &[String]) -> Option<&KeyFacts> {
        keys.iter().find_map(|key| self.keys.get(key.as_str()))
    }

    fn verdict(&self, facts: Option<&KeyFacts>) -> Result<(), Unusable> {
        let placed = facts.map_or(0, |facts| facts.placed + self.placed.get(&facts.row.key).copied().unwrap_or(0));
        usable(facts.map(|facts| &facts.row), placed, self.now)
    }

    fn place_at(&mut self, placement: &Placement, facts: KeyFacts) -> Decided {
        let row = &facts.row;
        let answer = answer(201, &placed_answer(placement, row))?;
        if !self.taken_numbers.insert(placement.customer_number.clone()) {
            return Ok(Err(DomainError::NumberTaken));
        }
        if let Some(customer_id) = self.known_emails.get(&placement.email_digest).copied() {
            return self.refuse_known(placement, facts, customer_id, answer);
        }
        let stream = customer_stream(placement.customer_id);
        let event = event(stream, customer_placed(placement, row, self.position_of(&facts)))?.starting_its_stream();
        self.known_emails.insert(placement.email_digest, placement.customer_id);
        self.take_place(row);
        let state = HandlerState { by: Some(facts), places: true, takes_place: true, corrected: None };
        Ok(Ok(Decision { state, ..decision(vec![event], answer, None) }))
    }

    fn take_place(&mut self, row: &KeyRow) {
        if row.cap.is_some() {
            *self.placed.entry(row.key.clone()).or_default() += 1;
        }
    }

    /// Refuses a known address. A stranger must not learn that it is, so the answer is the same, for nobody, and so are the steps
    /// that lead to it.
    fn refuse_known(
        &mut self,
        placement: &Placement,
        facts: KeyFacts,
        customer_id: Uuid,
        same: CommandResponse,
    ) -> Decided {
        let row = &facts.row;
        let refused = SignupRefused {
            refusal_id: placement.customer_id,
            key: row.key.to_string(),
            agent_id: Some(row.offer.agent.id),
            call_plan_id: Some(row.offer.plan.id),
            group_id: Some(row.offer.group.id),
            reason: RefusalReason::EmailKnown,
            stage: RefusalStage::Signup,
            campaign: placement.campaign.clone(),
            count: 1,
            nearest_key: None,
            shown: (!placement.may_know).then(|| shown(placement, row)),
            customer_id: Some(customer_id),
            agents_position: self.position_of(&facts),
        };
        let Some(shown) = &refused.shown else {
            let answer = answer(409, &KnownAnswer { customer_id })?;
            return Ok(Ok(decision(vec![event(format!("key-{}", row.key), refused)?], answer, Some(facts))));
        };
        let event = event(shown_stream(&shown.customer_number), refused)?.starting_its_stream();
        self.take_place(row);
        let state = HandlerState { by: Some(facts), takes_place: true, ..HandlerState::default() };
        Ok(Ok(Decision { state, ..decision(vec![event], same, None) }))
    }

    fn position_of(&self, facts: &KeyFacts) -> u64 {
        facts.agents_position.max(self.agents_position)
    }

    /// Corrects what is kept of a customer; nothing happens where it is so already.
    fn correct(&mut self, asked: &CustomerCorrection) -> Decided {
        let customer_id = asked.customer_id;
        let Some(customer) = self.customers.get_mut(&customer_id) else { return Ok(Err(DomainError::NoSuchCustomer)) };
        if customer.erased {
            return Ok(Err(DomainError::Erased));
        }
        if asked.expected.as_ref().is_some_and(|versions| !versions.contains(&customer.version)) {
            return Ok(Err(DomainError::VersionMismatch));
        }
        let mut personal = customer.personal.clone();
        let changed = asked.correction.apply(&mut personal);
        // Another spelling of the same address has the same digest.
        let is_another = asked.email_digest.is_some_and(|digest| Some(digest) != customer.email_digest);
        if let Some(digest) = asked.email_digest.filter(|_| is_another)
            && *self.known_emails.entry(digest).or_insert(customer_id) != customer_id
        {
            return Ok(Err(DomainError::EmailTaken));
        }
        if changed.is_empty() {
            return Ok(Ok(decision(Vec::new(), corrected_answer(customer_id, customer.version, changed)?, None)));
        }
        let corrected = CustomerCorrected { customer_id, agent_id: customer.agent_id, fields: changed.clone() };
        let expected_versions =
            vec![ExpectedVersion { stream: customer_stream(customer_id), version: customer.version }];
        let events = vec![event(customer_stream(customer_id), corrected)?];
        customer.version += 1;
        customer.email_digest = asked.email_digest.or(customer.email_digest);
        customer.personal.clone_from(&personal);
        let answer = corrected_answer(customer_id, customer.version, changed)?;
        let corrected = Some((customer.email_digest, personal));
        Ok(Ok(Decision {
            expected_versions,
            events,
            answer,
            state: HandlerState { corrected, ..HandlerState::default() },
        }))
    }

    /// Erases a customer; nothing happens when that was done before.
    fn erase(&mut self, customer_id: Uuid, reason: Option<&String>) -> Decided {
        let Some(customer) = self.customers.get_mut(&customer_id) else { return Ok(Err(DomainError::NoSuchCustomer)) };
        let mut events = Vec::new();
        if !std::mem::replace(&mut customer.erased, true) {
            let erased = CustomerErased { customer_id, agent_id: customer.agent_id, reason: reason.cloned() };
            events.push(event(customer_stream(customer_id), erased)?);
        }
        Ok(Ok(decision(events, erased_answer(customer_id)?, None)))
    }

    /// Notes that a customer's personal data were lost; nothing happens where they were erased or settled before.
    fn settle_lost_data(&mut self, customer_id: Uuid) -> Decided {
        let Some(customer) = self.customers.get_mut(&customer_id) else { return Ok(Err(DomainError::NoSuchCustomer)) };
        let mut events = Vec::new();
        if !std::mem::replace(&mut customer.erased, true) {
            let lost = CustomerDataLost { customer_id, agent_id: customer.agent_id };
            events.push(event(customer_stream(customer_id), lost)?);
        }
        Ok(Ok(decision(events, answer(200, &())?, None)))
    }
}

/// Notes how often pages were shown, each key's in a stream of its own.
fn tell_views(views: &[SignupPageViewed]) -> Decided {
    let events = views.iter().map(|seen| event(format!("views-{}", seen.key), seen.clone()));
    Ok(Ok(decision(events.collect::<Result<_, _>>()?, answer(204, &())?, None)))
}

/// Notes how often visitors were refused.
fn tell_refusals(refusals: &[SignupRefused]) -> Decided {
    let events = refusals.iter().map(|refused| {
        let is_known = refused.agent_id.is_some();
        let stream = if is_known { format!("key-{}", refused.key) } else { UNKNOWN_KEYS.to_owned() };
        event(stream, refused.clone())
    });
    Ok(Ok(decision(events.collect::<Result<_, _>>()?, answer(204, &())?, None)))
}

/// The stream of one customer.
fn customer_stream(customer_id: Uuid) -> String {
    format!("customer-{customer_id}")
}

/// What somebody is shown who must not learn that the address is known.
fn shown(placement: &Placement, row: &KeyRow) -> ShownPlacement {
    ShownPlacement {
        customer_number: placement.customer_number.clone(),
        call_plan_id: row.offer.plan.id,
        group_id: row.offer.group.id,
        key_cap: row.cap,
    }
}

/// What is answered to a repetition, from the event that the request led to.
pub(super) fn repeated_answer(request: &Request, event: Option<&RecordedEvent>) -> Result<CommandResponse, SqlError> {
    let unreadable = |_| SqlError::Column { column: "data".to_owned() };
    let read = |event: &RecordedEvent| SignupsEvent::read(&event.type_name, &event.data).map_err(unreadable);
    match (event.map(read).transpose()?.flatten(), request) {
        (Some(SignupsEvent::CustomerPlaced(placed)), _) => answer(
            201,
            &PlacedAnswer {
                customer_id: placed.customer_id,
                customer_number: placed.customer_number,
                placement: Placed {
                    key: placed.key,
                    agent_id: placed.agent_id,
                    call_plan_id: placed.call_plan_id,
                    group_id: placed.group_id,
                },
            },
        ),
        (Some(SignupsEvent::SignupRefused(refused)), Request::Place(_)) => answer_of_refusal(refused),
        (Some(SignupsEvent::CustomerCorrected(corrected)), _) => corrected_answer(
            corrected.customer_id,
            event.map(|event| event.version).unwrap_or_default(),
            corrected.fields,
        ),
        (_, Request::Erase { customer_id, .. }) => erased_answer(*customer_id),
        _ => answer(204, &()),
    }
}

/// What is answered where the address is known: what was answered then.
fn answer_of_refusal(refused: SignupRefused) -> Result<CommandResponse, SqlError> {
    if let (None, Some(customer_id)) = (&refused.shown, refused.customer_id) {
        return answer(409, &KnownAnswer { customer_id });
    }
    let (Some(shown), Some(agent_id)) = (refused.shown, refused.agent_id) else { return answer(204, &()) };
    let placement = Placed { key: refused.key, agent_id, call_plan_id: shown.call_plan_id, group_id: shown.group_id };
    let (customer_id, customer_number) = (refused.refusal_id, shown.customer_number);
    answer(201, &PlacedAnswer { customer_id, customer_number, placement })
}

fn corrected_answer(customer_id: Uuid, version: u64, changed: Vec<String>) -> Result<CommandResponse, SqlError> {
    answer(200, &CorrectedAnswer { customer_id, version, changed })
}

fn erased_answer(customer_id: Uuid) -> Result<CommandResponse, SqlError> {
    answer(200, &serde_json::json!({ "customer_id": customer_id, "erased": true }))
}

fn placed_answer(placement: &Placement, row: &KeyRow) -> PlacedAnswer {
    PlacedAnswer {
        customer_id: placement.customer_id,
        customer_number: placement.customer_number.clone(),
        placement: Placed::by(row),
    }
}

/// The placement with everything as it is at this moment.
fn customer_placed(placement: &Placement, row: &KeyRow, agents_position: u64) -> CustomerPlaced {
    let said = |field| placement.signup.optional.get(&field).cloned();
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
        key_cap: row.cap,
        campaign: placement.campaign.clone(),
        channel: Some(placement.channel),
        country: said(SignupField::Country),
        currency: said(SignupField::Currency),
        language: said(SignupField::Language),
        terms_version: placement.signup.terms_version.clone(),
        agents_position,
    }
}

/// A decision that places nobody.
fn decision(events: Vec<NewEvent>, answer: CommandResponse, by: Option<KeyFacts>) -> Decision<HandlerState> {
    Decision { expected_versions: Vec::new(), events, answer, state: HandlerState { by, ..HandlerState::default() } }
}

fn event(stream: String, event: impl Into<SignupsEvent>) -> Result<NewEvent, SqlError> {
    NewEvent::of(stream, &event.into()).map_err(|_| SqlError::Column { column: "data".to_owned() })
}

fn answer(status: u16, body: &impl Serialize) -> Result<CommandResponse, SqlError> {
    CommandResponse::new(status, body).map_err(|_| SqlError::Column { column: "answer".to_owned() })
}
