use contract::clock::Moment;
use contract::events::agents::SignupField;
use contract::events::signups::{
    Campaign, Channel, CustomerPlaced, RefusalReason, RefusalStage, ShownPlacement, SignupRefused,
};
use uuid::Uuid;

use crate::customers::model::EmailDigest;
use crate::keys::model::{KeyFacts, KeyRow, Unusable, usable};
use crate::keys::placed::Placed;
use crate::signups::requests::Signup;

#[derive(Clone, Debug)]
pub struct Placement {
    /// The keys that the visitor's text may mean; at most one of them exists.
    pub keys: Vec<String>,
    pub signup: Signup,
    /// The digest of the address, which shows whether it is taken.
    pub email_digest: EmailDigest,
    pub campaign: Campaign,
    pub channel: Channel,
    /// The caller may read customers, so a known address is not hidden from them.
    pub may_know: bool,
    pub customer_id: Uuid,
    pub customer_number: String,
}

/// The facts that a placement depends on.
#[derive(Clone, Copy, Debug)]
pub struct Situation<'a> {
    pub now: Moment,
    /// The lookup table is older than allowed.
    pub keys_are_stale: bool,
    /// The key that the visitor's text means, if it exists.
    pub key: Option<&'a KeyFacts>,
    /// Customers placed through the key before.
    pub placed: u64,
    /// The position of the agents' log at which the key is valid.
    pub agents_position: u64,
    pub number_is_taken: bool,
    /// The customer who has the address.
    pub holder: Option<Uuid>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Placing {
    Placed(CustomerPlaced),
    /// The address is known. Strangers must not learn this, so they see a decoy placement.
    Known(SignupRefused),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignupError {
    /// The key cannot be used; `at` is what it stands for, if it exists. Refusals are counted, not stored one by one,
    /// so a repetition is decided again.
    Unusable { at: Option<Placed>, reason: RefusalReason },
    /// A parked event may concern the key.
    Parked,
    /// The lookup table is older than allowed.
    StaleKeys,
    /// The random customer number is taken; the caller retries with another.
    NumberTaken,
}

pub fn decide(placement: &Placement, situation: &Situation<'_>) -> Result<Placing, SignupError> {
    if situation.keys_are_stale {
        return Err(SignupError::StaleKeys);
    }
    let row = situation.key.map(|facts| &facts.row);
    let row = match (usable(row, situation.placed, situation.now), row) {
        (Ok(()), Some(row)) => row,
        (Err(Unusable::Refused(reason)), row) => {
            return Err(SignupError::Unusable { at: row.map(Placed::by), reason });
        }
        (Err(Unusable::Parked), _) | (Ok(()), None) => return Err(SignupError::Parked),
    };
    if situation.number_is_taken {
        return Err(SignupError::NumberTaken);
    }
    Ok(match situation.holder {
        Some(holder) => Placing::Known(refused(placement, row, holder, situation.agents_position)),
        None => Placing::Placed(placed(placement, row, situation.agents_position)),
    })
}

impl Placing {
    /// Whether the visitor is told that they are placed. A decoy takes a place of the key's cap too; otherwise the
    /// free place would show that the address is known.
    pub fn takes_place(&self) -> bool {
        match self {
            Self::Placed(_) => true,
            Self::Known(refused) => refused.shown.is_some(),
        }
    }
}

fn placed(placement: &Placement, row: &KeyRow, agents_position: u64) -> CustomerPlaced {
    let optional = |field| placement.signup.optional.get(&field).cloned();
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
        country: optional(SignupField::Country),
        currency: optional(SignupField::Currency),
        language: optional(SignupField::Language),
        terms_version: placement.signup.terms_version.clone(),
        agents_position,
    }
}

/// The refusal of a known address, with the decoy that strangers see.
fn refused(placement: &Placement, row: &KeyRow, holder: Uuid, agents_position: u64) -> SignupRefused {
    let shown = ShownPlacement {
        customer_number: placement.customer_number.clone(),
        call_plan_id: row.offer.plan.id,
        group_id: row.offer.group.id,
        key_cap: row.cap,
    };
    SignupRefused {
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
        shown: (!placement.may_know).then_some(shown),
        customer_id: Some(holder),
        agents_position,
    }
}

#[cfg(test)]
mod tests {
    use contract::email::Email;

    use super::*;
    use crate::keys::model::tests::usable_row;

    fn placement(may_know: bool) -> Placement {
        Placement {
            keys: vec!["0123456789".to_owned()],
            signup: Signup {
                email: Email::parse("zoe@example.org").unwrap(),
                first_name: "Zoë".to_owned(),
                optional: [(SignupField::Country, "DE".to_owned())].into(),
                terms_version: "1".to_owned(),
            },
            email_digest: [1; 16],
            campaign: Campaign::default(),
            channel: Channel::Page,
            may_know,
            customer_id: Uuid::from_u128(7),
            customer_number: "10000000001".to_owned(),
        }
    }

    fn key(cap: Option<u64>) -> KeyFacts {
        let row = KeyRow { cap, ..usable_row() };
        KeyFacts { row, placed: 0, changed_position: 1, agents_position: 5, generation: 0 }
    }

    fn situation(key: Option<&KeyFacts>) -> Situation<'_> {
        Situation {
            now: Moment::from_micros(0),
            keys_are_stale: false,
            key,
            placed: 0,
            agents_position: 5,
            number_is_taken: false,
            holder: None,
        }
    }

    #[test]
    fn a_usable_key_places_a_customer_as_things_are() {
        let key = key(Some(2));
        let placing = decide(&placement(false), &situation(Some(&key))).unwrap();
        assert!(placing.takes_place());
        let Placing::Placed(placed) = placing else { panic!("{placing:?}") };
        assert_eq!((placed.key_cap, placed.country.as_deref(), placed.agents_position), (Some(2), Some("DE"), 5));
    }

    #[test]
    fn a_known_address_is_shown_a_number_unless_the_caller_may_know() {
        let (key, holder) = (key(None), Some(Uuid::from_u128(9)));
        let known = Situation { holder, ..situation(Some(&key)) };
        for (may_know, takes_place) in [(false, true), (true, false)] {
            let placing = decide(&placement(may_know), &known).unwrap();
            assert_eq!(placing.takes_place(), takes_place);
            assert!(matches!(placing, Placing::Known(refused) if refused.customer_id == holder));
        }
    }

    #[test]
    fn a_placement_is_refused_for_stale_keys_first_then_for_the_key_then_for_the_number() {
        let key = key(Some(1));
        let all = Situation { keys_are_stale: true, placed: 1, number_is_taken: true, ..situation(Some(&key)) };
        assert_eq!(decide(&placement(false), &all), Err(SignupError::StaleKeys));
        let exhausted = Situation { keys_are_stale: false, ..all };
        let refused = decide(&placement(false), &exhausted).unwrap_err();
        assert!(matches!(refused, SignupError::Unusable { at: Some(_), reason: RefusalReason::Exhausted }));
        let taken = Situation { placed: 0, ..exhausted };
        assert_eq!(decide(&placement(false), &taken), Err(SignupError::NumberTaken));
        let unknown = SignupError::Unusable { at: None, reason: RefusalReason::Unknown };
        assert_eq!(decide(&placement(false), &situation(None)), Err(unknown));
    }

    #[test]
    fn a_parked_key_places_no_customer() {
        let mut key = key(None);
        key.row.parked = true;
        assert_eq!(decide(&placement(false), &situation(Some(&key))), Err(SignupError::Parked));
    }
}
