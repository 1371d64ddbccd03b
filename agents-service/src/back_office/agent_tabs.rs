//! The parts of an agent's page, each with an address of its own.

use contract::text::isolated;
use uuid::Uuid;

use crate::agents::snapshot::AgentSnapshot;
use crate::ui::tabs::Tab;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Overview,
    Urls,
    Customers,
    Plans,
    Money,
    Messages,
    History,
}

const ALL: [Part; 7] =
    [Part::Overview, Part::Urls, Part::Customers, Part::Plans, Part::Money, Part::Messages, Part::History];

impl Part {
    pub fn label(self) -> &'static str {
        match self {
            Self::Overview => "Overview",
            Self::Urls => "URLs",
            Self::Customers => "Placed customers",
            Self::Plans => "Plans and groups",
            Self::Money => "Money",
            Self::Messages => "Messages",
            Self::History => "History",
        }
    }

    /// The address of an agent's part.
    pub fn path(self, agent_id: Uuid) -> String {
        match self {
            Self::Overview => format!("/agents/{agent_id}"),
            Self::Urls => format!("/agents/{agent_id}/urls"),
            Self::Customers => format!("/agents/{agent_id}/customers"),
            Self::Plans => format!("/agents/{agent_id}/plans"),
            Self::Money => format!("/agents/{agent_id}/money"),
            Self::Messages => format!("/support/{agent_id}"),
            Self::History => format!("/agents/{agent_id}/history"),
        }
    }

    /// The title of an agent's part.
    pub fn title(self, agent: &AgentSnapshot) -> String {
        match self {
            Self::Overview => agent.name.clone(),
            part => format!("{}: {}", part.label(), isolated(&agent.name)),
        }
    }
}

/// The links to an agent's parts, from one of them.
pub fn tabs(agent_id: Uuid, current: Part) -> Vec<Tab> {
    let tab = |part: Part| Tab { label: part.label(), href: part.path(agent_id), is_current: part == current };
    ALL.map(tab).into()
}
