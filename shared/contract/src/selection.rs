//! Which events of a log a reader asks for, by their types and by the things that they name.

use serde::Deserialize;
use uuid::Uuid;

/// The things that events are selected by: their names in requests and in the data of events.
pub const THINGS: [(&str, &str); 3] = [
    ("agent_id", "Only events that name this agent"),
    ("group_id", "Only events that name this customer group"),
    ("call_plan_id", "Only events that name this call plan"),
];

/// The things that an event's data name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_field_names, reason = "they are named so in the data")]
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
    /// In the order of [`THINGS`].
    pub things: [Option<Uuid>; 3],
}

impl Selection {
    /// Whether it leaves nothing out.
    pub fn is_everything(&self) -> bool {
        *self == Self::default()
    }

    /// Whether an event of this type that names these things is asked for. An event about two agents is for both.
    pub fn has(&self, type_name: &str, concerned: &Concerned) -> bool {
        let Concerned { agent_id, previous_agent_id, group_id, call_plan_id } = *concerned;
        let named = [[agent_id, previous_agent_id], [group_id, None], [call_plan_id, None]];
        let mut things = self.things.iter().zip(&named);
        (self.types.is_empty() || self.types.iter().any(|known| known == type_name))
            && things.all(|(wanted, named)| wanted.is_none() || named.contains(wanted))
    }

    /// The same of the data of an event, which are read only where that matters.
    pub fn takes(&self, type_name: &str, data: &str) -> bool {
        self.is_everything() || self.has(type_name, &Concerned::of(data))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_selected_by_its_type_and_by_what_it_names() {
        let [anna, berta, group] = [1, 2, 3].map(Uuid::from_u128);
        let data = format!(r#"{{"group_id":"{group}","agent_id":"{anna}","previous_agent_id":"{berta}","name":"x"}}"#);
        let of_agent = |id| Selection { things: [Some(id), None, None], ..Selection::default() };
        assert!(of_agent(anna).takes("moved", &data) && of_agent(berta).takes("moved", &data));
        assert!(!of_agent(group).takes("moved", &data));
        assert_eq!(Concerned::of(&data).agent(), Some(anna));
        let both = Selection { types: vec!["moved".to_owned()], things: [Some(berta), Some(group), None] };
        assert!(both.takes("moved", &data) && !both.takes("made", &data));
        let of_plan = Selection { things: [None, None, Some(group)], ..Selection::default() };
        assert!(!of_plan.takes("moved", &data) && Selection::default().takes("moved", "[]"));
    }
}
