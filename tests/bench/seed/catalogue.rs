//! The seeded data: agents, call plans, grants, groups and keys, each a valid event on its stream, determined by the
//! number of keys alone.

use std::ops::Range;

use agents_service::{agents, call_plans, groups, signup_keys};
use anyhow::Result;
use contract::events::agents::{
    AgentCreated, AgentTerms, AgentsEvent, CallPlanCreated, CallPlanGranted, GroupAssigned, GroupCreated, UiElement,
};
use contract::events::signup_keys::SignupKeyAdded;
use contract::ids::CROCKFORD;
use contract::key::RANDOM_LENGTH;
use contract::note::Note;
use event_store::log::{MAX_EVENTS_OF_ONE, NewEvent};
use serde_json::json;
use uuid::Uuid;

use super::command_handler::Page;

/// Call plans.
const PLANS: u64 = 40;
/// Call plans that each agent may sell.
const GRANTS: u64 = 4;
/// Groups of each agent.
const GROUPS: u64 = 3;
/// Keys of each agent.
const KEYS_OF_ONE: u64 = 1_000;
/// Agents in one request: each has their own event, their grants, and two events for each group.
const AGENTS_AT_ONCE: u64 = 50;
/// Keys in one request.
const KEYS_AT_ONCE: u64 = MAX_EVENTS_OF_ONE as u64;
/// Sixty bits.
const KEY_BITS: u64 = (1 << 60) - 1;

/// The key of a number: twelve Crockford digits that look as random as the product's own, so that indexes get them in
/// the same disorder. Numbers below 2^60 have different keys.
pub fn key(number: u64) -> String {
    // Each step is invertible: an odd factor, then the upper half folded onto the lower.
    let mut mixed = (number + 1).wrapping_mul(0x09E3_779B_97F4_A7C5) & KEY_BITS;
    mixed ^= mixed >> 30;
    mixed = mixed.wrapping_mul(0x0BF5_8476_D1CE_4E5B) & KEY_BITS;
    mixed ^= mixed >> 30;
    let digit = |place: usize| {
        let shift = 5 * (RANDOM_LENGTH - 1 - place);
        char::from(CROCKFORD[usize::try_from((mixed >> shift) & 31).unwrap_or_default()])
    };
    (0..RANDOM_LENGTH).map(digit).collect()
}

/// The data for a number of keys.
#[derive(Clone, Copy, Debug)]
pub struct Catalogue {
    pub keys: u64,
    pub agents: u64,
}

/// Kinds of things that have ids.
#[derive(Clone, Copy)]
enum Kind {
    Agent = 1,
    CallPlan = 2,
    Group = 3,
    Customer = 4,
}

/// The same id every time, in the form of a UUID version 7.
fn id(kind: Kind, number: u64) -> Uuid {
    Uuid::from_u128(0x019a_0000_0000_7000_8000_0000_0000_0000 | (kind as u128) << 48 | u128::from(number))
}

impl Catalogue {
    /// So many keys, and an agent for each thousand.
    pub fn of_keys(keys: u64) -> Self {
        Self { keys, agents: (keys / KEYS_OF_ONE).max(1) }
    }

    /// The number of events.
    pub fn events(self) -> u64 {
        PLANS + self.agents * (1 + GRANTS + 2 * GROUPS) + self.keys
    }

    /// All requests; everything is created before it is named.
    pub fn pages(self) -> impl Iterator<Item = Result<Page>> {
        let agents = chunks(self.agents, AGENTS_AT_ONCE).map(move |numbers| self.agents_page(numbers));
        let keys = chunks(self.keys, KEYS_AT_ONCE).map(move |numbers| self.keys_page(numbers));
        std::iter::once_with(move || self.plans_page()).chain(agents).chain(keys)
    }

    fn page(self, what: &str, first: u64, events: Vec<NewEvent>, agents: Vec<(Uuid, String)>) -> Page {
        Page { id: format!("seed:{}:{}:{what}:{first}", self.keys, self.agents), events, agents }
    }

    fn plans_page(self) -> Result<Page> {
        let events = (0..PLANS).map(|number| {
            let call_plan_id = id(Kind::CallPlan, number);
            let (name, description) = (format!("City flat {number}"), "Unlimited calls within the city".to_owned());
            let price_text = "9.90 EUR a month".to_owned();
            let created = CallPlanCreated { call_plan_id, name, description, price_text, commission: None };
            event(call_plans::model::stream(call_plan_id), created)
        });
        Ok(self.page("plans", 0, events.collect::<Result<_>>()?, Vec::new()))
    }

    fn agents_page(self, numbers: Range<u64>) -> Result<Page> {
        let (mut events, mut accounts) = (Vec::new(), Vec::new());
        for number in numbers.clone() {
            let agent_id = id(Kind::Agent, number);
            let stream = agents::model::stream(agent_id);
            events.push(event(
                stream.clone(),
                AgentCreated { agent_id, terms: terms(number)?, login_digest: login_digest(agent_id) },
            )?);
            for place in 0..GRANTS {
                let call_plan_id = plan_of(number, place);
                events.push(event(stream.clone(), CallPlanGranted { agent_id, call_plan_id })?);
            }
            for place in 0..GROUPS {
                let group_id = group_of(number, place);
                let (name, description) = (format!("Customers {number}-{place}"), "VoIP customers".to_owned());
                let ui_elements = vec![UiElement::CallHistory, UiElement::Invoices, UiElement::Password];
                let created = GroupCreated { group_id, name, description, ui_elements };
                events.push(event(groups::model::stream(group_id), created)?);
                let assigned = GroupAssigned { group_id, agent_id, previous_agent_id: None };
                events.push(event(groups::model::stream(group_id), assigned)?);
            }
            accounts.push((agent_id, format!("seeded-{number}")));
        }
        Ok(self.page("agents", numbers.start, events, accounts))
    }

    fn keys_page(self, numbers: Range<u64>) -> Result<Page> {
        let agents = self.agents;
        let events = numbers.clone().map(|number| {
            let Sold { key, agent_id, call_plan_id, group_id } = sold(number, agents);
            let stream = signup_keys::model::stream(&key);
            let added = SignupKeyAdded {
                key,
                agent_id,
                call_plan_id,
                group_id,
                label: format!("Link {number}"),
                note: Note::Absent,
                starts_at: None,
                ends_at: None,
                cap: None,
                commission: None,
            };
            event(stream, added)
        });
        Ok(self.page("keys", numbers.start, events.collect::<Result<_>>()?, Vec::new()))
    }
}

fn chunks(count: u64, size: u64) -> impl Iterator<Item = Range<u64>> {
    (0..count.div_ceil(size)).map(move |chunk| chunk * size..((chunk + 1) * size).min(count))
}

/// Four different plans for each agent.
fn plan_of(agent: u64, place: u64) -> Uuid {
    id(Kind::CallPlan, (agent * 7 + place * 11) % PLANS)
}

fn group_of(agent: u64, place: u64) -> Uuid {
    id(Kind::Group, agent * GROUPS + place)
}

/// What a key stands for.
pub struct Sold {
    pub key: String,
    pub agent_id: Uuid,
    pub call_plan_id: Uuid,
    pub group_id: Uuid,
}

/// What the key of a number stands for, among so many agents.
pub fn sold(number: u64, agents: u64) -> Sold {
    let (agent, round) = (number % agents, number / agents);
    Sold {
        key: key(number),
        agent_id: agent_id(agent),
        call_plan_id: plan_of(agent, round % GRANTS),
        group_id: group_of(agent, round % GROUPS),
    }
}

/// The id of the agent of a number.
pub fn agent_id(number: u64) -> Uuid {
    id(Kind::Agent, number)
}

/// The id of the customer of a number.
pub fn customer_id(number: u64) -> Uuid {
    id(Kind::Customer, number)
}

/// The number of the key that a customer was placed through.
pub fn key_of_customer(number: u64, keys: u64) -> u64 {
    number.wrapping_mul(7_919) % keys.max(1)
}

fn terms(number: u64) -> Result<AgentTerms> {
    Ok(serde_json::from_value(json!({
        "name": format!("Harbour Telecom {number}"),
        "permissions": ["customers", "signup_urls"],
        "remittance_threshold": {"amount": "100.00", "currency": "EUR"},
        "commission": "12.5", "currency": "EUR", "language": "en", "vat": "19",
    }))?)
}

fn event(stream: String, event: impl Into<AgentsEvent>) -> Result<NewEvent> {
    Ok(NewEvent::of(stream, &event.into())?)
}

/// Stands for a digest of the agent's login, since seeded agents never sign in.
fn login_digest(agent_id: Uuid) -> String {
    agent_id.simple().to_string()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_number_has_a_key_of_its_own_that_a_visitor_can_type() {
        let keys: HashSet<String> = (0..100_000).map(key).collect();
        assert_eq!(keys.len(), 100_000);
        assert!(keys.iter().all(|key| contract::key::Key::folded(key).is_some_and(|folded| folded.as_str() == key)));
    }

    #[test]
    fn the_number_of_events_is_known_beforehand() {
        for keys in [1, 999, 1_000, 123_456] {
            let catalogue = Catalogue::of_keys(keys);
            let events: usize = catalogue.pages().map(|page| page.unwrap().events.len()).sum();
            assert_eq!(u64::try_from(events).unwrap(), catalogue.events());
            assert!(catalogue.pages().all(|page| page.unwrap().events.len() <= MAX_EVENTS_OF_ONE));
        }
    }
}
