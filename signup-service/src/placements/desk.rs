//! The signup service's part in a batch: reads what all its requests need in a few set-based statements, has each decided,
//! and stores customers. Runs inside the batch's transaction with the log's head locked, so what is read here holds.

use std::collections::HashSet;

use shared::clock::{Clock, Moment};
use shared::log::{Desk, Draft, Drafts};
use shared::sql::{Asked, SqlError, Tx};
use uuid::Uuid;

use super::decide::Batch;
use super::{Placement, Refusal, Request};
use crate::customers::{self, NewCustomer};
use crate::domain::usable::KeyRow;
use crate::keys::Keys;

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

    async fn read(&self, tx: &mut Tx, asked: Questions, requests: &[&Request]) -> Result<Batch, SqlError> {
        let now = self.clock.now();
        let (keys, agents_position) = self.keys.decide_by(tx, asked.keys).await?;
        let (emails, numbers) = customers::taken(tx, asked.taken).await?;
        Ok(Batch {
            now,
            agents_position,
            stale: requests.iter().any(|request| placement_of(request).is_some()) && self.is_stale(now),
            keys: keys.into_iter().map(|facts| (facts.row.key.to_string(), facts)).collect(),
            known_emails: emails.into_iter().collect(),
            taken_numbers: numbers.into_iter().collect(),
            customers: customers::erasable(tx, asked.erasable).await?,
        })
    }
}

/// What is asked for a batch, all at once.
pub struct Questions {
    keys: Asked,
    taken: Asked,
    erasable: Asked,
}

impl Desk for PlacementDesk {
    type Request = Request;
    type Refusal = Refusal;
    /// The row of the key that a customer is placed through.
    type Kept = Option<KeyRow>;

    type Asked = Questions;

    fn ask(&self, tx: &mut Tx, requests: &[&Request]) -> Questions {
        let keys: HashSet<&str> = requests.iter().flat_map(|request| keys_of(request)).collect();
        let placements = requests.iter().filter_map(|request| placement_of(request));
        let new = placements.map(|placement| (&*placement.signup.email.key, &*placement.customer_number));
        Questions {
            keys: Keys::ask(tx, keys),
            taken: customers::ask_taken(tx, new),
            erasable: customers::ask_erasable(tx, requests.iter().filter_map(|request| erasure_of(request))),
        }
    }

    async fn draft(&self, tx: &mut Tx, asked: Questions, requests: &[&Request]) -> Result<Drafts<Self>, SqlError> {
        let mut batch = self.read(tx, asked, requests).await?;
        let decisions = requests.iter().map(|request| match request {
            Request::Place(placement) => batch.place(placement),
            Request::TellRefusal { key, refusal_id } => batch.tell_refusal(key, *refusal_id),
            Request::Erase { customer_id, reason } => batch.erase(*customer_id, reason.as_ref()),
        });
        decisions.collect()
    }

    async fn store(&self, tx: &mut Tx, accepted: &[(&Request, &Draft<Self::Kept>)]) -> Result<(), SqlError> {
        let now = self.clock.now();
        let placed = accepted.iter().filter_map(|(request, draft)| placement_of(request).zip(draft.kept.as_ref()));
        let customers: Vec<NewCustomer<'_>> = placed
            .map(|(placement, row)| NewCustomer {
                id: placement.customer_id,
                customer_number: &placement.customer_number,
                key: &row.key,
                agent_id: row.offer.agent.id,
                call_plan_id: row.offer.plan.id,
                group_id: row.offer.group.id,
                placed_at: now,
                is_counted: row.cap.is_some(),
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
