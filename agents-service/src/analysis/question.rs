//! What is asked: a period of a zone's days, how its figures are told apart, and of what they are.

use contract::zone::Zone;
use uuid::Uuid;

use crate::analysis::period::{Period, Unit};
use crate::columns::states;

states! {
    /// How figures are told apart.
    GroupBy {
        Agent = "agent",
        CallPlan = "call_plan",
        Group = "group",
        Key = "key",
        Campaign = "campaign",
        Country = "country",
        Day = "day",
        Week = "week",
        Month = "month",
    }
}

states! {
    /// Which agent the figures of a group that moved count for.
    Attribution {
        Placed = "placed",
        Now = "now",
    }
}

states! {
    /// What comes first. Days, weeks and months are always in their own order.
    Order {
        Signups = "signups",
        Payments = "payments",
        Received = "received",
        Commission = "commission",
    }
}

impl GroupBy {
    pub const ALL: [Self; 9] = [
        Self::Agent,
        Self::CallPlan,
        Self::Group,
        Self::Key,
        Self::Campaign,
        Self::Country,
        Self::Day,
        Self::Week,
        Self::Month,
    ];

    pub fn unit(self) -> Option<Unit> {
        match self {
            Self::Day => Some(Unit::Day),
            Self::Week => Some(Unit::Week),
            Self::Month => Some(Unit::Month),
            _ => None,
        }
    }

    /// Whether it is known of a placement only by its link or its form.
    pub fn is_of_visitor(self) -> bool {
        matches!(self, Self::Campaign | Self::Country)
    }
}

/// Only figures of these.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    pub agent_id: Option<Uuid>,
    pub call_plan_id: Option<Uuid>,
    pub group_id: Option<Uuid>,
    pub key: Option<String>,
    pub campaign: Option<String>,
    pub country: Option<String>,
}

/// Who reads the figures, and so what they see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reader {
    /// Whether they see money.
    pub money: bool,
    /// The agent themselves: without refusals of known addresses. Otherwise an agent could try an address, and the count would tell
    /// whether a customer has it.
    pub is_agent: bool,
}

#[derive(Clone, Debug)]
pub struct Question {
    pub by: GroupBy,
    pub period: Period,
    /// Whether the period of the same length before it is compared.
    pub compare: bool,
    pub filter: Filter,
    pub attribution: Attribution,
    pub order: Order,
    pub zone: Zone,
    pub reader: Reader,
}

impl Question {
    /// Whether the views are known: who looked at a page has not said where they live.
    pub fn knows_views(&self) -> bool {
        self.by != GroupBy::Country && self.filter.country.is_none()
    }

    /// Whether refusals are known: they are of keys.
    pub fn knows_refusals(&self) -> bool {
        !self.by.is_of_visitor() && self.filter.campaign.is_none() && self.filter.country.is_none()
    }
}
