//! Whether a key may be used now. Lookups and placements both decide this by the function that both services share.

use std::sync::Arc;

use contract::clock::Moment;
use contract::events::agents::UiElement;
use contract::events::signups::RefusalReason;
use contract::key_usability;
pub use contract::key_usability::{AgentState, KeyState};
use contract::money::Percent;
use smol_str::SmolStr;
use uuid::Uuid;

use crate::keys::shared::Shared;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyAgent {
    pub id: Uuid,
    pub name: String,
    pub state: AgentState,
    pub commission: Percent,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyPlan {
    pub id: Uuid,
    pub name: String,
    pub description: String,
    /// The price, in the operator's words.
    pub price_text: String,
    pub retired: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyGroup {
    pub id: Uuid,
    pub name: String,
    /// The agent whom the group belongs to now, who may differ from the key's agent.
    pub owner: Option<Uuid>,
    pub ui_elements: Vec<UiElement>,
}

/// What a key offers: an agent's plan, for customers in a group. Many keys share one offer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    pub agent: KeyAgent,
    pub plan: KeyPlan,
    /// The agent may sell the plan.
    pub granted: bool,
    pub group: KeyGroup,
}

/// A key's row in the lookup table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRow {
    pub key: SmolStr,
    pub state: KeyState,
    pub starts_at: Option<Moment>,
    pub ends_at: Option<Moment>,
    pub cap: Option<u64>,
    // Shared, since memory holds millions of keys.
    pub offer: Arc<Shared<Offer>>,
    /// An event about this key is parked, so the row may be out of date.
    pub parked: bool,
}

/// A key's row, valid at one position of the agents' log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyFacts {
    pub row: KeyRow,
    /// Customers placed through the key; counted for a key with a cap only.
    pub placed: u64,
    /// The position of the last event that changed the row.
    pub changed_position: u64,
    /// The position at which the row is valid.
    pub agents_position: u64,
    /// How often the projection had changed other than by new events.
    pub generation: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unusable {
    Refused(RefusalReason),
    /// A parked event may concern the key, so nothing is decided until it is applied.
    Parked,
}

/// The first reason, in the domain's order, why the key may not be used after `placed` placements.
pub fn usable(row: Option<&KeyRow>, placed: u64, now: Moment) -> Result<(), Unusable> {
    let Some(row) = row else { return Err(Unusable::Refused(RefusalReason::Unknown)) };
    match key_usability::unusable(&row.facts(), placed, now) {
        Some(reason) => Err(Unusable::Refused(reason)),
        None if row.parked => Err(Unusable::Parked),
        None => Ok(()),
    }
}

impl KeyRow {
    fn facts(&self) -> key_usability::KeyFacts {
        let offer = &*self.offer;
        key_usability::KeyFacts {
            state: self.state,
            starts_at: self.starts_at,
            ends_at: self.ends_at,
            cap: self.cap,
            agent: offer.agent.state,
            plan_retired: offer.plan.retired,
            granted: offer.granted,
            group_is_agents: offer.group.owner == Some(offer.agent.id),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;

    pub(crate) fn usable_row() -> KeyRow {
        let agent_id = Uuid::from_u128(1);
        KeyRow {
            key: "0123456789".into(),
            state: KeyState::Active,
            starts_at: None,
            ends_at: None,
            cap: None,
            offer: Arc::new(Shared::new(Offer {
                agent: KeyAgent {
                    id: agent_id,
                    name: "Zoë's shop".to_owned(),
                    state: AgentState::Active,
                    commission: Percent::default(),
                },
                plan: KeyPlan {
                    id: Uuid::from_u128(2),
                    name: "Union City".to_owned(),
                    description: "Calls to Union City.".to_owned(),
                    price_text: "9.90 EUR a month".to_owned(),
                    retired: false,
                },
                granted: true,
                group: KeyGroup {
                    id: Uuid::from_u128(3),
                    name: "VoIP".to_owned(),
                    owner: Some(agent_id),
                    ui_elements: vec![UiElement::CallHistory],
                },
            })),
            parked: false,
        }
    }

    prop_compose! {
        fn any_row()(
            state in prop::sample::select(vec![KeyState::Active, KeyState::Active, KeyState::Paused, KeyState::Revoked]),
            agent_state in prop::sample::select(vec![AgentState::Active, AgentState::Suspended, AgentState::Closed]),
            starts in prop::option::of(0_i64..20),
            ends in prop::option::of(0_i64..20),
            cap in prop::option::of(0_u64..5),
            owner in prop::option::of(1_u128..3),
            (retired, granted, parked) in any::<(bool, bool, bool)>(),
        ) -> KeyRow {
            let mut row = usable_row();
            row.state = state;
            let offer = Arc::make_mut(&mut row.offer);
            offer.agent.state = agent_state;
            row.starts_at = starts.map(Moment::from_micros);
            row.ends_at = ends.map(Moment::from_micros);
            row.cap = cap;
            offer.group.owner = owner.map(Uuid::from_u128);
            offer.plan.retired = retired;
            offer.granted = granted;
            row.parked = parked;
            row
        }
    }

    /// Every reason that holds, each checked on its own, in the domain's order.
    fn reasons_that_hold(row: &KeyRow, placed: u64, now: Moment) -> Vec<RefusalReason> {
        let offer = &row.offer;
        let facts = [
            (RefusalReason::Revoked, row.state == KeyState::Revoked),
            (RefusalReason::Paused, row.state == KeyState::Paused),
            (RefusalReason::NotStarted, row.starts_at > Some(now)),
            (RefusalReason::Ended, row.ends_at.is_some() && row.ends_at <= Some(now)),
            (RefusalReason::Exhausted, row.cap.unwrap_or(u64::MAX) <= placed),
            (RefusalReason::AgentSuspended, offer.agent.state == AgentState::Suspended),
            (RefusalReason::AgentClosed, offer.agent.state == AgentState::Closed),
            (RefusalReason::PlanRetired, offer.plan.retired),
            (RefusalReason::GrantWithdrawn, !offer.granted),
            (RefusalReason::GroupNotAgents, offer.group.owner != Some(offer.agent.id)),
        ];
        facts.into_iter().filter(|(_, holds)| *holds).map(|(reason, _)| reason).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn the_first_reason_in_the_domains_order_is_given(row in any_row(), placed in 0_u64..5, now in 0_i64..20) {
            let now = Moment::from_micros(now);
            let expected = match reasons_that_hold(&row, placed, now).first() {
                Some(reason) => Err(Unusable::Refused(*reason)),
                None if row.parked => Err(Unusable::Parked),
                None => Ok(()),
            };
            prop_assert_eq!(usable(Some(&row), placed, now), expected);
        }

        #[test]
        fn a_key_that_any_fact_stops_is_never_usable(row in any_row(), placed in 0_u64..5, now in 0_i64..20) {
            let now = Moment::from_micros(now);
            if row.parked || !reasons_that_hold(&row, placed, now).is_empty() {
                prop_assert!(usable(Some(&row), placed, now).is_err());
            }
        }
    }

    #[test]
    fn a_key_that_nothing_stops_is_usable() {
        assert_eq!(usable(Some(&usable_row()), 1_000_000, Moment::from_micros(0)), Ok(()));
    }

    #[test]
    fn a_key_that_nobody_added_is_unknown() {
        let answer = usable(None, 0, Moment::from_micros(0));
        assert_eq!(answer, Err(Unusable::Refused(RefusalReason::Unknown)));
    }

    #[test]
    fn a_key_works_from_its_start_until_just_before_its_end() {
        let row =
            KeyRow { starts_at: Some(Moment::from_micros(10)), ends_at: Some(Moment::from_micros(20)), ..usable_row() };
        let at = |micros| usable(Some(&row), 0, Moment::from_micros(micros));
        assert_eq!(at(9), Err(Unusable::Refused(RefusalReason::NotStarted)));
        assert_eq!(at(10), Ok(()));
        assert_eq!(at(19), Ok(()));
        assert_eq!(at(20), Err(Unusable::Refused(RefusalReason::Ended)));
    }
}
