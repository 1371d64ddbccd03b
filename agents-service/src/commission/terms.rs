//! Commission terms through time: what was stated of an agent, a call plan, a grant, a signup key and the company, each from a
//! position of the log on. The log's writer keeps them, so that a payment is decided by the terms that counted.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use contract::clock::Moment;
use contract::commission::{AgentCommission, CommissionTerms};
use contract::events::agents::{AgentTerms, AgentsEvent};
use contract::money::Percent;
use contract::zone::Zone;
use event_store::projections::EventEnvelope;
use event_store::sql::{Kind, Sql, SqlError, Tx};
use event_store::{projection_table, sql_rows};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::columns::to_json;
use crate::projection::{Apply, Part};

pub const PART: Part = Part {
    tables: || vec![projection_table!("commission_terms", "thing": Text)],
    apply: Apply::Page(|tx, events| Box::pin(std::future::ready(apply(tx, events)))),
};

sql_rows! {
    static ADD = "INSERT INTO commission_terms{shadow} ({columns}) SELECT {columns} FROM {rows}";
    fn stated_row(stated: (Thing, u64, Moment, String)) {
        thing: Text = stated.0.text(),
        position: Int = stated.1,
        recorded_at: Moment = stated.2,
        terms: Text = stated.3,
    }
}
static OF: Sql =
    Sql::rows("SELECT * FROM commission_terms WHERE thing {among} ORDER BY position", &[("thing", Kind::Text)]);

/// What has terms.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Thing {
    Company,
    Agent(Uuid),
    CallPlan(Uuid),
    /// A call plan for an agent.
    Grant(Uuid, Uuid),
    SignupKey(String),
}

impl Thing {
    fn text(&self) -> String {
        match self {
            Self::Company => "company".to_owned(),
            Self::Agent(agent_id) => format!("agent:{agent_id}"),
            Self::CallPlan(call_plan_id) => format!("call_plan:{call_plan_id}"),
            Self::Grant(agent_id, call_plan_id) => format!("grant:{agent_id}:{call_plan_id}"),
            Self::SignupKey(key) => format!("signup_key:{key}"),
        }
    }
}

/// What is stated of the company.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CompanyTerms {
    pub time_zone: String,
    pub hold_days: u16,
}

/// What is stated of an agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatedOfAgent {
    pub percent: Percent,
    pub terms: AgentCommission,
    pub hold_days: Option<u16>,
}

impl StatedOfAgent {
    fn of(terms: &AgentTerms) -> Self {
        Self { percent: terms.commission, terms: terms.commission_terms, hold_days: terms.hold_days }
    }
}

/// Which of the terms count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum At {
    /// Those at a position of the log.
    Position(u64),
    /// Those in force at a moment.
    Moment(Moment),
    /// The last ones.
    End,
}

#[derive(Clone, Debug)]
struct Stated {
    position: u64,
    recorded_at: Moment,
    words: Words,
}

/// What was stated, read once: a bulk of payments looks the same terms up many times.
#[derive(Clone, Debug)]
enum Words {
    Company(CompanyTerms),
    Agent(StatedOfAgent),
    Own(Option<CommissionTerms>),
}

/// What was stated of some things, each in the order of the log.
#[derive(Clone, Debug, Default)]
pub struct Terms {
    stated: BTreeMap<Thing, Vec<Stated>>,
    company: CompanyTerms,
    zone: Zone,
}

impl Terms {
    /// Reads everything that was stated of these things.
    pub async fn read(tx: &mut Tx, things: BTreeSet<Thing>) -> Result<Self, SqlError> {
        let by_text: HashMap<String, Thing> = things.into_iter().map(|thing| (thing.text(), thing)).collect();
        let rows = by_text.keys().map(|text| vec![text.into()]).collect();
        let mut stated: BTreeMap<Thing, Vec<Stated>> = BTreeMap::new();
        for row in tx.rows_for_many(&OF, rows).await? {
            let (position, recorded_at) = (row.count("position")?, row.moment("recorded_at")?);
            let Some(thing) = by_text.get(&row.text("thing")?) else { continue };
            let Some(words) = Words::read(thing, &row.text("terms")?) else { continue };
            stated.entry(thing.clone()).or_default().push(Stated { position, recorded_at, words });
        }
        Ok(Self::of_stated(stated))
    }

    fn of_stated(stated: BTreeMap<Thing, Vec<Stated>>) -> Self {
        let last = stated.get(&Thing::Company).and_then(|company| company.last());
        let company = match last.map(|last| &last.words) {
            Some(Words::Company(company)) => company.clone(),
            _ => CompanyTerms::default(),
        };
        let zone = Zone::named(&company.time_zone).unwrap_or_default();
        Self { stated, company, zone }
    }

    /// The company's, which are empty before they are stated.
    pub fn of_company(&self) -> &CompanyTerms {
        &self.company
    }

    /// The company's time zone.
    pub fn zone(&self) -> &Zone {
        &self.zone
    }

    /// An agent's. A payment may say that it was received before there was an agent: then the first ones count.
    pub fn of_agent(&self, agent_id: Uuid, at: At) -> Option<StatedOfAgent> {
        let agent = Thing::Agent(agent_id);
        match self.find(&agent, at).or_else(|| Some(&self.stated.get(&agent)?.first()?.words))? {
            Words::Agent(stated) => Some(*stated),
            _ => None,
        }
    }

    /// Those of a call plan, a grant or a signup key, where it has some.
    pub fn of(&self, thing: &Thing, at: At) -> Option<CommissionTerms> {
        match self.find(thing, at)? {
            Words::Own(own) => *own,
            _ => None,
        }
    }

    fn find(&self, thing: &Thing, at: At) -> Option<&Words> {
        let counts = |stated: &&Stated| match at {
            At::Position(position) => stated.position <= position,
            At::Moment(moment) => stated.recorded_at <= moment,
            At::End => true,
        };
        Some(&self.stated.get(thing)?.iter().rfind(counts)?.words)
    }
}

impl Words {
    fn read(thing: &Thing, text: &str) -> Option<Self> {
        match thing {
            Thing::Company => serde_json::from_str(text).ok().map(Self::Company),
            Thing::Agent(_) => serde_json::from_str(text).ok().map(Self::Agent),
            Thing::CallPlan(_) | Thing::Grant(..) | Thing::SignupKey(_) => {
                serde_json::from_str(text).ok().map(Self::Own)
            }
        }
    }
}

/// What an event states.
fn stated(event: &AgentsEvent) -> Result<Option<(Thing, String)>, SqlError> {
    let own = |thing, terms: &Option<CommissionTerms>| Ok(Some((thing, to_json(terms)?)));
    match event {
        AgentsEvent::AgentCreated(event) => {
            Ok(Some((Thing::Agent(event.agent_id), to_json(&StatedOfAgent::of(&event.terms))?)))
        }
        AgentsEvent::AgentChanged(event) => {
            Ok(Some((Thing::Agent(event.agent_id), to_json(&StatedOfAgent::of(&event.terms))?)))
        }
        AgentsEvent::CallPlanCreated(event) if event.commission.is_some() => {
            own(Thing::CallPlan(event.call_plan_id), &event.commission)
        }
        AgentsEvent::CallPlanChanged(event) => own(Thing::CallPlan(event.call_plan_id), &event.commission),
        AgentsEvent::GrantCommissionChanged(event) => {
            own(Thing::Grant(event.agent_id, event.call_plan_id), &event.commission)
        }
        // A plan that is granted again has no terms from before.
        AgentsEvent::CallPlanWithdrawn(event) => own(Thing::Grant(event.agent_id, event.call_plan_id), &None),
        AgentsEvent::SignupKeyAdded(event) if event.commission.is_some() => {
            own(Thing::SignupKey(event.key.clone()), &event.commission)
        }
        AgentsEvent::SignupKeyCommissionChanged(event) => own(Thing::SignupKey(event.key.clone()), &event.commission),
        AgentsEvent::SettingsChanged(event) => {
            let company = CompanyTerms { time_zone: event.time_zone.clone(), hold_days: event.hold_days };
            Ok(Some((Thing::Company, to_json(&company)?)))
        }
        _ => Ok(None),
    }
}

fn apply(tx: &mut Tx, events: &[EventEnvelope<AgentsEvent>]) -> Result<(), SqlError> {
    let mut rows = Vec::new();
    for followed in events {
        if let Some((thing, terms)) = stated(&followed.event)? {
            rows.push(stated_row((thing, followed.position, followed.recorded_at, terms)));
        }
    }
    tx.queue(&ADD, rows);
    Ok(())
}

#[cfg(test)]
mod tests {
    use contract::commission::Rate;

    use super::*;

    fn moment(text: &str) -> Moment {
        Moment::parse(text).unwrap()
    }

    fn agent_at(percent: &str, position: u64, recorded_at: &str) -> Stated {
        let percent = Percent::parse(percent).unwrap();
        let stated = StatedOfAgent { percent, terms: AgentCommission::default(), hold_days: None };
        Stated { position, recorded_at: moment(recorded_at), words: Words::Agent(stated) }
    }

    #[test]
    fn terms_count_from_the_moment_on_at_which_they_were_stated() {
        let agent_id = Uuid::from_u128(1);
        let history = vec![agent_at("10", 5, "2026-03-01T00:00:00Z"), agent_at("15", 9, "2026-03-15T10:00:00Z")];
        let terms = Terms::of_stated([(Thing::Agent(agent_id), history)].into());
        let percent = |at| terms.of_agent(agent_id, at).unwrap().percent.to_string();
        for (at, expected) in [
            (At::Moment(moment("2026-03-15T09:59:59Z")), "10"),
            (At::Moment(moment("2026-03-15T10:00:00Z")), "15"),
            (At::Moment(moment("2025-01-01T00:00:00Z")), "10"),
            (At::Position(8), "10"),
            (At::Position(9), "15"),
            (At::End, "15"),
        ] {
            assert_eq!(percent(at), expected, "{at:?}");
        }
    }

    #[test]
    fn what_has_no_terms_of_its_own_any_more_has_none() {
        let key = Thing::SignupKey("harbour".to_owned());
        let rate = Rate::Percent(Percent::parse("20").unwrap());
        let own = Some(CommissionTerms { rate, per: None, base: None, window: None });
        let stated = |position, terms: &Option<CommissionTerms>| Stated {
            position,
            recorded_at: Moment::default(),
            words: Words::read(&key, &serde_json::to_string(terms).unwrap()).unwrap(),
        };
        let terms = Terms::of_stated([(key.clone(), vec![stated(3, &own), stated(7, &None)])].into());
        assert_eq!(terms.of(&key, At::Position(2)), None);
        assert_eq!(terms.of(&key, At::Position(6)), own);
        assert_eq!(terms.of(&key, At::End), None);
    }
}
