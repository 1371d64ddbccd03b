//! How often visitors were refused, by key, reason and where they were. However many there are, what is told of them to the log is
//! bounded. Knows nothing of who was refused.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};

use shared::events::signups::{RefusalReason, RefusalStage, SignupRefused};
use shared::ids::new_id;
use smol_str::SmolStr;
use uuid::Uuid;

use crate::domain::unknown_key;

/// Most different refusals that are counted between two tellings. Those of further keys are counted together, without a key.
pub const MAX_COUNTS: usize = 10_000;
/// Most unknown keys among them: whoever guesses makes up as many as they like.
pub const MAX_UNKNOWN_KEYS: usize = 20;

#[derive(Clone, PartialEq, Eq, Hash)]
struct Refused {
    /// Empty for those that are counted together.
    key: SmolStr,
    agent_id: Option<Uuid>,
    reason: RefusalReason,
    stage: RefusalStage,
}

#[derive(Default)]
struct Counted {
    counts: HashMap<Refused, u64>,
    unknown_keys: HashSet<SmolStr>,
}

/// The refusals since they were last told.
#[derive(Default)]
pub struct Refusals(Mutex<Counted>);

impl Refusals {
    /// Counts a refusal at a key of an agent, or at a text that means no key.
    pub fn count(&self, typed: &str, at: Option<(&SmolStr, Uuid)>, reason: RefusalReason, stage: RefusalStage) {
        let mut refused = match at {
            Some((key, agent_id)) => Refused { key: key.clone(), agent_id: Some(agent_id), reason, stage },
            None => Refused { key: unknown_key::of(typed).unwrap_or_default(), agent_id: None, reason, stage },
        };
        let mut counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counted.counts.get_mut(&refused) {
            *count += 1;
            return;
        }
        let is_unknown = refused.agent_id.is_none() && !refused.key.is_empty();
        let of_too_many = is_unknown
            && !counted.unknown_keys.contains(&refused.key)
            && counted.unknown_keys.len() == MAX_UNKNOWN_KEYS;
        if of_too_many || counted.counts.len() >= MAX_COUNTS {
            refused = Refused { key: SmolStr::default(), agent_id: None, ..refused };
        } else if is_unknown {
            counted.unknown_keys.insert(refused.key.clone());
        }
        *counted.counts.entry(refused).or_default() += 1;
    }

    /// Takes what was counted by keys that are known up to this position of the agents' log.
    pub(super) fn take(&self, agents_position: u64) -> Vec<SignupRefused> {
        let counted = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        let told = |(Refused { key, agent_id, reason, stage }, count)| SignupRefused {
            refusal_id: new_id(),
            key: key.into(),
            agent_id,
            reason,
            stage,
            count,
            nearest_key: None,
            shown: None,
            agents_position,
        };
        counted.counts.into_iter().map(told).collect()
    }
}

/// Those without a key as one for each reason and stage.
pub(super) fn together(refusals: Vec<SignupRefused>) -> Vec<SignupRefused> {
    let (mut told, mut unnamed) = (Vec::with_capacity(refusals.len()), HashMap::new());
    for refused in refusals {
        if !refused.key.is_empty() {
            told.push(refused);
        } else if let Some(index) = unnamed.get(&(refused.reason, refused.stage)) {
            let sum: &mut SignupRefused = &mut told[*index];
            sum.count += refused.count;
        } else {
            unnamed.insert((refused.reason, refused.stage), told.len());
            told.push(refused);
        }
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    fn by_key(refusals: &Refusals) -> HashMap<String, u64> {
        refusals.take(7).into_iter().map(|refused| (refused.key, refused.count)).collect()
    }

    #[test]
    fn refusals_are_counted_by_key_reason_and_stage_and_taken_once() {
        let (refusals, key, agent_id) = (Refusals::default(), SmolStr::from("summer-24"), new_id());
        for _ in 0..100 {
            refusals.count("", Some((&key, agent_id)), RefusalReason::Revoked, RefusalStage::Page);
        }
        refusals.count("", Some((&key, agent_id)), RefusalReason::Revoked, RefusalStage::Lookup);
        let mut taken = refusals.take(7);
        taken.sort_by_key(|refused| refused.count);
        let seen: Vec<_> = taken.iter().map(|refused| (refused.stage, refused.count, refused.agent_id)).collect();
        assert_eq!(seen, [(RefusalStage::Lookup, 1, Some(agent_id)), (RefusalStage::Page, 100, Some(agent_id))]);
        assert!(refusals.take(7).is_empty());
    }

    #[test]
    fn of_more_unknown_keys_than_there_is_room_for_the_rest_are_counted_together() {
        let refusals = Refusals::default();
        for number in (0..MAX_UNKNOWN_KEYS + 10).chain(0..10) {
            refusals.count(&format!("2345ABCDEF{number:02}"), None, RefusalReason::Unknown, RefusalStage::Page);
        }
        refusals.count("2345ABCDEF00", None, RefusalReason::Unknown, RefusalStage::Signup);
        let taken = refusals.take(7);
        let total: u64 = taken.iter().map(|refused| refused.count).sum();
        assert_eq!((taken.len(), total), (MAX_UNKNOWN_KEYS + 2, u64::try_from(MAX_UNKNOWN_KEYS).unwrap() + 21));
        assert_eq!(taken.iter().find(|refused| refused.key.is_empty()).unwrap().count, 10);
    }

    #[test]
    fn of_more_keys_than_there_is_room_for_the_rest_are_counted_together() {
        let refusals = Refusals::default();
        for number in 0..MAX_COUNTS + 10 {
            let key = format!("key-{number}").into();
            refusals.count("", Some((&key, new_id())), RefusalReason::Paused, RefusalStage::Page);
        }
        let taken = by_key(&refusals);
        assert_eq!((taken.len(), taken[""]), (MAX_COUNTS + 1, 10));
    }
}
