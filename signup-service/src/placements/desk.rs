//! The signup service's part in a batch: reads what all its requests need in a few set-based statements, has each decided,
//! and stores customers. Runs inside the batch's transaction with the log's head locked, so what is read here holds.

use std::collections::HashSet;

use shared::clock::{Clock, Moment};
use shared::log::{Desk, Draft};
use shared::sql::{SqlError, Tx};
use uuid::Uuid;

use super::decide::{Batch, customer_stream};
use super::{PlacedAnswer, Placement, Refusal, Request};
use crate::customers::{self, NewCustomer};
use crate::keys::{Keys, rows};

/// Decides placements, told refusals and erasures.
pub struct PlacementDesk {
    clock: Clock,
    keys: Keys,
    keys_max_age_seconds: i64,
}

impl PlacementDesk {
    /// A desk that takes signups while the keys are no older than that.
    pub fn new(clock: Clock, keys: Keys, keys_max_age_seconds: i64) -> Self {
        Self { clock, keys, keys_max_age_seconds }
    }

    /// Asked for new requests only: a repetition gets its first answer, however old the keys are.
    fn is_stale(&self, now: Moment) -> bool {
        let age_seconds = self.keys.age_seconds(now);
        let stale = age_seconds.is_none_or(|age_seconds| age_seconds > self.keys_max_age_seconds);
        if stale {
            metrics::counter!("signpost_batches_refused_as_stale_total").increment(1);
        }
        stale
    }

    async fn read(&self, tx: &mut Tx, requests: &[&Request]) -> Result<Batch, SqlError> {
        let mut batch = Batch { now: self.clock.now(), ..Batch::default() };
        let asked: HashSet<&str> = requests.iter().flat_map(|request| keys_of(request)).collect();
        if !asked.is_empty() {
            // The rows and the position of the agents' log that they hold at, of one snapshot.
            let (found, position) = rows::get_many(tx, asked).await?;
            batch.agents_position = position;
            batch.keys = found.into_iter().map(|facts| (facts.row.key.clone(), facts)).collect();
        }
        let placements: Vec<&Placement> = requests.iter().filter_map(|request| placement_of(request)).collect();
        if !placements.is_empty() {
            batch.stale = self.is_stale(batch.now);
            let asked = placements
                .iter()
                .map(|placement| (placement.signup.email.key.as_str(), placement.customer_number.as_str()));
            let (emails, numbers) = customers::taken(tx, asked).await?;
            batch.known_emails = emails.into_iter().collect();
            batch.taken_numbers = numbers.into_iter().collect();
        }
        let erasures: Vec<Uuid> = requests.iter().filter_map(|request| erasure_of(request)).collect();
        if !erasures.is_empty() {
            batch.customers = customers::erasable(tx, erasures.into_iter()).await?;
        }
        Ok(batch)
    }
}

impl Desk for PlacementDesk {
    type Request = Request;
    type Refusal = Refusal;

    async fn draft(&self, tx: &mut Tx, requests: &[&Request]) -> Result<Vec<Result<Draft, Refusal>>, SqlError> {
        let mut batch = self.read(tx, requests).await?;
        let decisions = requests.iter().map(|request| match request {
            Request::Place(placement) => batch.place(placement),
            Request::TellRefusal { key, refusal_id } => batch.tell_refusal(key, *refusal_id),
            Request::Erase { customer_id, reason } => batch.erase(*customer_id, reason.as_ref()),
        });
        decisions.collect()
    }

    async fn store(&self, tx: &mut Tx, accepted: &[(&Request, &Draft)]) -> Result<(), SqlError> {
        let now = self.clock.now();
        let mut placed = Vec::new();
        for (request, draft) in accepted {
            if let Some(placement) = placement_of(request)
                && has_placed(placement, draft)
            {
                let unreadable = |_| SqlError::Column { column: "answer".to_owned() };
                let answer: PlacedAnswer = draft.answer.read().map_err(unreadable)?;
                placed.push((placement, answer));
            }
        }
        let customers: Vec<NewCustomer<'_>> = placed
            .iter()
            .map(|(placement, answer)| NewCustomer {
                id: placement.customer_id,
                customer_number: &placement.customer_number,
                key: &answer.placement.key,
                agent_id: answer.placement.agent_id,
                call_plan_id: answer.placement.call_plan_id,
                group_id: answer.placement.group_id,
                placed_at: now,
                signup: &placement.signup,
            })
            .collect();
        customers::add(tx, &customers);
        let erased = accepted.iter().filter(|(_, draft)| !draft.events.is_empty());
        customers::erase(tx, erased.filter_map(|(request, _)| erasure_of(request)), now);
        Ok(())
    }
}

fn keys_of(request: &Request) -> Vec<&str> {
    match request {
        Request::Place(placement) => placement.keys.iter().map(String::as_str).collect(),
        Request::TellRefusal { key, .. } => vec![key],
        Request::Erase { .. } => Vec::new(),
    }
}

fn placement_of(request: &Request) -> Option<&Placement> {
    if let Request::Place(placement) = request { Some(placement) } else { None }
}

fn erasure_of(request: &Request) -> Option<Uuid> {
    if let Request::Erase { customer_id, .. } = request { Some(*customer_id) } else { None }
}

/// A decoy and a refusal have their event in another stream than the customer's.
fn has_placed(placement: &Placement, draft: &Draft) -> bool {
    let stream = customer_stream(placement.customer_id);
    draft.events.first().is_some_and(|event| event.stream == stream)
}
