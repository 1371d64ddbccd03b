//! The signup service's part in a batch: has its requests decided, by what is in memory or by what is asked in a few
//! set-based questions, and stores customers. Whatever was not so when they are stored has the batch refused, and decided
//! again.

use std::collections::{BTreeMap, HashMap, HashSet};

use contract::clock::{Clock, Moment};
use event_store::log::{CommandHandler, CommandResponse, Decision, Decisions, Repeated};
use event_store::sql::{QueuedQuery, SqlError, Tx};
use uuid::Uuid;

use crate::customers::table as customers;
use crate::customers::table::{Corrected, NewCustomer};
use crate::keys::queries::Keys;
use crate::keys::rows::KeyFacts;
use crate::signups::commands::{CustomerCorrection, DomainError, Placement, Request};
use crate::signups::decide::{Batch, HandlerState, repeated_answer};
use crate::signups::projection as usage;

/// Decides placements, told refusals and views, and erasures.
pub struct PlacementCommandHandler {
    clock: Clock,
    keys: Keys,
    keys_max_age_seconds: i64,
}

impl PlacementCommandHandler {
    /// A command handler that takes signups while the keys are no older than that.
    pub fn new(clock: Clock, keys: Keys, keys_max_age_seconds: i64) -> Self {
        Self { clock, keys, keys_max_age_seconds }
    }

    /// Asked for new requests only: a repetition gets its first answer, however old the keys are.
    fn is_stale(&self, now: Moment) -> bool {
        self.keys.age_seconds(now).is_none_or(|age_seconds| age_seconds > self.keys_max_age_seconds)
    }

    /// A batch at this moment, decided by these keys.
    fn batch(&self, requests: &[&Request], (keys, agents_position): (Vec<KeyFacts>, u64)) -> Batch {
        let now = self.clock.now();
        Batch {
            now,
            agents_position,
            stale: requests.iter().any(|request| placement_of(request).is_some()) && self.is_stale(now),
            keys: keys.into_iter().map(|facts| (facts.row.key.clone(), facts)).collect(),
            ..Batch::default()
        }
    }
}

/// What is asked for a batch, all at once.
pub struct Queries {
    keys: QueuedQuery,
    emails: QueuedQuery,
    numbers: [QueuedQuery; 2],
    customers: QueuedQuery,
}

impl CommandHandler for PlacementCommandHandler {
    type Request = Request;
    type Error = DomainError;
    type HandlerState = HandlerState;
    type Queries = Queries;

    fn ask(&self, tx: &mut Tx, requests: &[&Request]) -> Queries {
        let placements: Vec<&Placement> = requests.iter().filter_map(|request| placement_of(request)).collect();
        let numbers: Vec<&str> = placements.iter().map(|placement| &*placement.customer_number).collect();
        Queries {
            keys: Keys::ask(tx, keys_of(requests)),
            emails: customers::ask_taken_emails(
                tx,
                placements
                    .iter()
                    .map(|placement| placement.email_digest)
                    .chain(requests.iter().filter_map(|request| correction_of(request)?.email_digest)),
            ),
            numbers: customers::ask_taken_numbers(tx, &numbers),
            customers: customers::ask_known(tx, requests.iter().filter_map(|request| customer_of(request))),
        }
    }

    async fn decide(&self, tx: &mut Tx, asked: Queries, requests: &[&Request]) -> Result<Decisions<Self>, SqlError> {
        let mut batch = self.batch(requests, self.keys.asked(tx, asked.keys).await?);
        if batch.stale {
            metrics::counter!("signpost_batches_refused_as_stale_total").increment(1);
        }
        batch.known_emails = customers::taken_emails(tx, asked.emails).await?;
        batch.taken_numbers = customers::taken_numbers(tx, asked.numbers).await?;
        batch.customers = customers::known(tx, asked.customers).await?;
        requests.iter().map(|request| batch.decide(request)).collect()
    }

    /// By the keys that are in memory. Which addresses are known is asked for: a known one would show by the time that a wrong
    /// guess takes. What else may be is found when it is stored: a key that has changed, a number that is taken, a cap that is
    /// reached, an address that became known a moment ago.
    async fn guess(&self, tx: &mut Tx, requests: &[&Request]) -> Result<Option<Vec<Decision<HandlerState>>>, SqlError> {
        let mut batch = self.batch(requests, self.keys.cached(keys_of(requests).into_iter()));
        let can_be_guessed = |request: &&Request| match request {
            Request::Place(placement) => batch.first_of(&placement.keys).is_some(),
            Request::TellViews(_) | Request::TellRefusals(_) => true,
            _ => false,
        };
        if !requests.iter().all(can_be_guessed) {
            return Ok(None);
        }
        let emails = requests.iter().filter_map(|request| Some(placement_of(request)?.email_digest));
        let emails = customers::ask_taken_emails(tx, emails);
        batch.known_emails = customers::taken_emails(tx, emails).await?;
        Ok(requests.iter().map(|request| batch.decide(request).ok()?.ok()).collect())
    }

    async fn repeat(&self, _: &mut Tx, request: &Request, repeated: &Repeated) -> Result<CommandResponse, SqlError> {
        repeated_answer(request, repeated.event.as_ref())
    }

    async fn store(
        &self,
        tx: &mut Tx,
        accepted: &[(&Request, &Decision<Self::HandlerState>)],
        is_guessed: bool,
    ) -> Result<(), SqlError> {
        let now = self.clock.now();
        let by: HashMap<&str, &KeyFacts> = accepted
            .iter()
            .filter_map(|(_, decision)| decision.state.by.as_ref())
            .map(|facts| (facts.row.key.as_str(), facts))
            .collect();
        Keys::assert_unchanged(tx, by.into_values());
        let customers: Vec<NewCustomer<'_>> =
            accepted.iter().filter_map(|(request, decision)| customer(request, &decision.state, now)).collect();
        let places = places_of_keys_with_caps(accepted);
        if is_guessed {
            let told = accepted.iter().filter(|(_, decision)| decision.state.takes_place);
            let numbers = told.filter_map(|(request, _)| Some(&*placement_of(request)?.customer_number));
            customers::unless_taken(tx, customers.iter().map(|customer| customer.email_digest), numbers);
            usage::unless_exceeded(tx, &places);
        }
        customers::add(tx, &customers);
        usage::count(tx, &places);
        let changed = || accepted.iter().filter(|(_, decision)| !decision.events.is_empty());
        let erased: HashSet<Uuid> = changed().filter_map(|(request, _)| erasure_of(request)).collect();
        let lost: HashSet<Uuid> = changed().filter_map(|(request, _)| loss_of(request)).collect();
        // Each customer is written once: as the last correction says, unless nothing is to be left.
        let mut corrected: BTreeMap<Uuid, Corrected<'_>> =
            accepted.iter().filter_map(|(request, decision)| corrected(request, &decision.state)).collect();
        corrected.retain(|id, _| !erased.contains(id) && !lost.contains(id));
        customers::correct(tx, &corrected);
        customers::erase(tx, erased.into_iter(), now);
        customers::settle_lost(tx, lost.into_iter(), now);
        Ok(())
    }
}

fn places_of_keys_with_caps<'a>(accepted: &'a [(&Request, &'a Decision<HandlerState>)]) -> usage::Places<'a> {
    let mut places = usage::Places::new();
    for (_, decision) in accepted.iter().filter(|(_, decision)| decision.state.takes_place) {
        if let Some(facts) = &decision.state.by
            && let Some(cap) = facts.row.cap
        {
            *places.entry((facts.row.key.as_str(), cap)).or_default() += 1;
        }
    }
    places
}

/// The customer who is placed, if one is.
fn customer<'a>(request: &'a Request, state: &'a HandlerState, now: Moment) -> Option<NewCustomer<'a>> {
    let placement = placement_of(request).filter(|_| state.places)?;
    let row = &state.by.as_ref()?.row;
    Some(NewCustomer {
        id: placement.customer_id,
        customer_number: &placement.customer_number,
        key: &row.key,
        agent_id: row.offer.agent.id,
        call_plan_id: row.offer.plan.id,
        group_id: row.offer.group.id,
        placed_at: now,
        email_digest: placement.email_digest,
        signup: &placement.signup,
    })
}

fn keys_of<'a>(requests: &[&'a Request]) -> HashSet<&'a str> {
    let of_one = |request: &'a Request| match request {
        Request::Place(placement) => &*placement.keys,
        Request::TellViews(_)
        | Request::TellRefusals(_)
        | Request::Correct(_)
        | Request::Erase { .. }
        | Request::SettleLostData { .. } => &[],
    };
    requests.iter().flat_map(|request| of_one(request)).map(String::as_str).collect()
}

fn placement_of(request: &Request) -> Option<&Placement> {
    if let Request::Place(placement) = request { Some(placement) } else { None }
}

fn correction_of(request: &Request) -> Option<&CustomerCorrection> {
    if let Request::Correct(correction) = request { Some(correction) } else { None }
}

/// What is kept from now on of the customer whom a request corrects.
fn corrected<'a>(request: &Request, state: &'a HandlerState) -> Option<(Uuid, Corrected<'a>)> {
    let (email_digest, personal) = state.corrected.as_ref()?;
    Some((correction_of(request)?.customer_id, Corrected { email_digest: *email_digest, personal }))
}

/// The customer whom a request corrects or erases.
fn customer_of(request: &Request) -> Option<Uuid> {
    correction_of(request).map(|correction| correction.customer_id).or(erasure_of(request)).or(loss_of(request))
}

fn erasure_of(request: &Request) -> Option<Uuid> {
    if let Request::Erase { customer_id, .. } = request { Some(*customer_id) } else { None }
}

fn loss_of(request: &Request) -> Option<Uuid> {
    if let Request::SettleLostData { customer_id } = request { Some(*customer_id) } else { None }
}
