//! Which events of a log a reader asks for, by what they are about.

use serde::Deserialize;
use uuid::Uuid;

use super::event::RecordedEvent;

/// The things that an event's data name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Concerned {
    agent_id: Option<Uuid>,
    /// The agent that a group was taken from.
    previous_agent_id: Option<Uuid>,
    group_id: Option<Uuid>,
    call_plan_id: Option<Uuid>,
}

impl Concerned {
    /// The things that the data of an event name.
    pub fn of(data: &str) -> Self {
        serde_json::from_str(data).unwrap_or_default()
    }

    /// The agent that the event concerns; where there is none, the one that a group was taken from.
    pub fn agent(&self) -> Option<Uuid> {
        self.agent_id.or(self.previous_agent_id)
    }
}

/// The events that are asked for: those of one of the types, where there are any, that name each of these things.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    pub types: Vec<String>,
    pub agent_id: Option<Uuid>,
    pub group_id: Option<Uuid>,
    pub call_plan_id: Option<Uuid>,
}

impl Selection {
    /// Whether it leaves nothing out.
    pub fn is_everything(&self) -> bool {
        *self == Self::default()
    }

    /// Whether an event of this type that names these things is asked for. An event about two agents is for both.
    pub fn has(&self, type_name: &str, concerned: &Concerned) -> bool {
        let is_named = |wanted: Option<Uuid>, named: &[Option<Uuid>]| wanted.is_none() || named.contains(&wanted);
        (self.types.is_empty() || self.types.iter().any(|known| known == type_name))
            && is_named(self.agent_id, &[concerned.agent_id, concerned.previous_agent_id])
            && is_named(self.group_id, &[concerned.group_id])
            && is_named(self.call_plan_id, &[concerned.call_plan_id])
    }

    /// Whether an event is asked for.
    pub fn takes(&self, event: &RecordedEvent) -> bool {
        self.is_everything() || self.has(&event.type_name, &Concerned::of(&event.data))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_selected_by_its_type_and_by_what_it_names() {
        let [anna, berta, group] = [1, 2, 3].map(Uuid::from_u128);
        let moved = Concerned::of(&format!(
            r#"{{"group_id":"{group}","agent_id":"{anna}","previous_agent_id":"{berta}","name":"x"}}"#
        ));
        let of_agent = |id| Selection { agent_id: Some(id), ..Selection::default() };
        assert!(of_agent(anna).has("moved", &moved) && of_agent(berta).has("moved", &moved));
        assert!(!of_agent(group).has("moved", &moved));
        assert_eq!(moved.agent(), Some(anna));
        let both = Selection { types: vec!["moved".to_owned()], group_id: Some(group), ..of_agent(berta) };
        assert!(both.has("moved", &moved) && !both.has("made", &moved));
        let of_plan = Selection { call_plan_id: Some(group), ..Selection::default() };
        assert!(!of_plan.has("moved", &moved) && Selection::default().has("moved", &Concerned::of("[]")));
    }
}
