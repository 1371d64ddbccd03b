//! Counts of refused visitors by key, reason and stage. The number of events is bounded, whatever the number of
//! refusals.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};

use contract::events::signups::{Campaign, RefusalReason, RefusalStage, SignupRefused};
use contract::ids::new_id;
use smol_str::SmolStr;

use crate::fields::campaign::MAX_CAMPAIGNS;
use crate::keys::placed::Placed;
use crate::keys::unknown_key;

/// Most different refusals that are counted between two records. Those of further keys are counted together, without
/// a key.
pub const MAX_COUNTS: usize = 10_000;
/// Most unknown keys among them: a guesser can make up any number.
pub const MAX_UNKNOWN_KEYS: usize = 20;

#[derive(Clone, PartialEq, Eq, Hash)]
struct Refused {
    at: At,
    reason: RefusalReason,
    stage: RefusalStage,
    campaign: Campaign,
}

#[derive(Clone, PartialEq, Eq, Hash)]
enum At {
    Known(Placed),
    Unknown(SmolStr),
    /// Refusals that are counted together, without a key.
    Any,
}

#[derive(Default)]
struct Counted {
    counts: HashMap<Refused, u64>,
    /// Number of counts with a campaign.
    campaigns: usize,
    unknown_keys: HashSet<SmolStr>,
}

/// The refusals since the last record.
#[derive(Default)]
pub struct Refusals(Mutex<Counted>);

impl Refusals {
    /// Counts a refusal at a known key, or at a text that is none.
    pub fn count(
        &self,
        typed: &str,
        at: Option<Placed>,
        (reason, stage): (RefusalReason, RefusalStage),
        campaign: Campaign,
    ) {
        let refused = if let Some(placed) = at {
            Refused { at: At::Known(placed), reason, stage, campaign }
        } else {
            let at = unknown_key::of(typed).map_or(At::Any, At::Unknown);
            Refused { at, reason, stage, campaign: Campaign::default() }
        };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).add(refused);
    }

    /// Takes the counts, by keys as known at this position of the agents' log.
    pub fn take(&self, agents_position: u64) -> Vec<SignupRefused> {
        let counted = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        counted.counts.into_iter().map(|(refused, count)| refused.into_event(count, agents_position)).collect()
    }
}

impl Counted {
    fn add(&mut self, mut refused: Refused) {
        let has_campaign = |refused: &Refused| refused.campaign != Campaign::default();
        if has_campaign(&refused) && self.campaigns == MAX_CAMPAIGNS && !self.counts.contains_key(&refused) {
            refused.campaign = Campaign::default();
        }
        if let Some(count) = self.counts.get_mut(&refused) {
            *count += 1;
            return;
        }
        let of_too_many = matches!(&refused.at, At::Unknown(key)
            if !self.unknown_keys.contains(key) && self.unknown_keys.len() == MAX_UNKNOWN_KEYS);
        if of_too_many || self.counts.len() >= MAX_COUNTS {
            refused = Refused { at: At::Any, campaign: Campaign::default(), ..refused };
        } else if let At::Unknown(key) = &refused.at {
            self.unknown_keys.insert(key.clone());
        }
        self.campaigns += usize::from(has_campaign(&refused));
        *self.counts.entry(refused).or_default() += 1;
    }
}

impl Refused {
    fn into_event(self, count: u64, agents_position: u64) -> SignupRefused {
        let Self { at, reason, stage, campaign } = self;
        let (key, ids) = match at {
            At::Known(Placed { key, agent_id, call_plan_id, group_id }) => {
                (key, Some((agent_id, call_plan_id, group_id)))
            }
            At::Unknown(key) => (key.into(), None),
            At::Any => (String::new(), None),
        };
        SignupRefused {
            refusal_id: new_id(),
            key,
            agent_id: ids.map(|ids| ids.0),
            call_plan_id: ids.map(|ids| ids.1),
            group_id: ids.map(|ids| ids.2),
            reason,
            stage,
            campaign,
            count,
            nearest_key: None,
            shown: None,
            customer_id: None,
            agents_position,
        }
    }
}

/// Merges the refusals without a key to one for each reason and stage.
pub fn together(refusals: Vec<SignupRefused>) -> Vec<SignupRefused> {
    let (mut merged, mut unnamed) = (Vec::with_capacity(refusals.len()), HashMap::new());
    for refused in refusals {
        if !refused.key.is_empty() {
            merged.push(refused);
        } else if let Some(index) = unnamed.get(&(refused.reason, refused.stage)) {
            let sum: &mut SignupRefused = &mut merged[*index];
            sum.count += refused.count;
        } else {
            unnamed.insert((refused.reason, refused.stage), merged.len());
            merged.push(refused);
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const UNKNOWN: (RefusalReason, RefusalStage) = (RefusalReason::Unknown, RefusalStage::Page);

    fn placed(key: &str) -> Placed {
        Placed { key: key.to_owned(), agent_id: Uuid::nil(), call_plan_id: Uuid::nil(), group_id: Uuid::nil() }
    }

    fn campaign(number: usize) -> Campaign {
        Campaign { utm_source: Some(number.to_string()), ..Campaign::default() }
    }

    fn by_key(refusals: &Refusals) -> HashMap<String, u64> {
        refusals.take(7).into_iter().map(|refused| (refused.key, refused.count)).collect()
    }

    #[test]
    fn refusals_are_counted_by_key_reason_and_stage_and_taken_once() {
        let (refusals, reason) = (Refusals::default(), RefusalReason::Revoked);
        for stage in std::iter::repeat_n(RefusalStage::Page, 100).chain([RefusalStage::Lookup]) {
            refusals.count("", Some(placed("summer-24")), (reason, stage), Campaign::default());
        }
        let mut taken = refusals.take(7);
        taken.sort_by_key(|refused| refused.count);
        let seen: Vec<_> = taken.iter().map(|refused| (refused.stage, refused.count, refused.agent_id)).collect();
        assert_eq!(seen, [(RefusalStage::Lookup, 1, Some(Uuid::nil())), (RefusalStage::Page, 100, Some(Uuid::nil()))]);
        assert!(refusals.take(7).is_empty());
    }

    #[test]
    fn of_more_unknown_keys_than_there_is_room_for_the_rest_are_counted_together() {
        let refusals = Refusals::default();
        for number in (0..MAX_UNKNOWN_KEYS + 10).chain(0..10) {
            refusals.count(&format!("2345ABCDEF{number:02}"), None, UNKNOWN, campaign(number));
        }
        let at_signup = (RefusalReason::Unknown, RefusalStage::Signup);
        refusals.count("2345ABCDEF00", None, at_signup, Campaign::default());
        let taken = refusals.take(7);
        let total: u64 = taken.iter().map(|refused| refused.count).sum();
        assert_eq!((taken.len(), total), (MAX_UNKNOWN_KEYS + 2, u64::try_from(MAX_UNKNOWN_KEYS).unwrap() + 21));
        assert_eq!(taken.iter().find(|refused| refused.key.is_empty()).unwrap().count, 10);
    }

    #[test]
    fn of_more_keys_than_there_is_room_for_the_rest_are_counted_together() {
        let refusals = Refusals::default();
        for number in 0..MAX_COUNTS + 10 {
            let at = placed(&format!("key-{number}"));
            refusals.count("", Some(at), (RefusalReason::Paused, RefusalStage::Page), Campaign::default());
        }
        let taken = by_key(&refusals);
        assert_eq!((taken.len(), taken[""]), (MAX_COUNTS + 1, 10));
    }

    #[test]
    fn of_more_campaigns_than_there_is_room_for_the_rest_are_counted_without() {
        let refusals = Refusals::default();
        for number in (0..MAX_CAMPAIGNS + 10).chain(0..10) {
            refusals.count("", Some(placed("key")), (RefusalReason::Paused, RefusalStage::Page), campaign(number));
        }
        let taken = refusals.take(7);
        let without = taken.iter().find(|refused| refused.campaign == Campaign::default()).unwrap();
        assert_eq!((taken.len(), without.count), (MAX_CAMPAIGNS + 1, 10));
        assert!(taken.iter().all(|refused| refused.key == "key"), "the known key is named all the same");
    }
}
