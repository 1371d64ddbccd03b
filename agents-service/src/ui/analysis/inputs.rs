//! The form that chooses what is shown. Filters that are no inputs stay in the address.

use crate::analysis::question::{Attribution, GroupBy, Order, Question};
use crate::analysis::requests::{Asked, PERIODS};
use crate::ui::analysis::View;
use crate::ui::form::FormData;
use crate::ui::inputs::Input;

/// What links of the tables filter by.
pub const FILTERS: [&str; 6] = ["agent_id", "call_plan_id", "group_id", "key", "campaign", "country"];
const CHOSEN: [(&str, &str); 1] = [("", "Chosen days")];

pub fn is_filtered(asked: &Asked) -> bool {
    FILTERS.iter().any(|name| asked.text(name).is_some())
}

pub fn hidden(asked: &Asked) -> Vec<(&'static str, String)> {
    FILTERS.iter().filter_map(|name| Some((*name, asked.text(name)?.to_owned()))).collect()
}

/// What figures are told apart by, in words.
pub fn group(by: GroupBy) -> &'static str {
    match by {
        GroupBy::Agent => "Agent",
        GroupBy::CallPlan => "Call plan",
        GroupBy::Group => "Group",
        GroupBy::Key => "Signup key",
        GroupBy::Campaign => "Campaign",
        GroupBy::Country => "Country",
        GroupBy::Day => "Day",
        GroupBy::Week => "Week from Monday",
        GroupBy::Month => "Month",
    }
}

/// The parameters of a period.
pub const OF_PERIOD: [&str; 3] = ["period", "since", "until"];

/// The inputs of a period.
pub fn of_period(asked: &Asked) -> Vec<Input> {
    let mut data = FormData::default();
    for name in OF_PERIOD {
        data.set(name, asked.text(name).unwrap_or_default().to_owned());
    }
    let has_days = asked.text("since").is_some() || asked.text("until").is_some();
    if asked.text("period").is_none() && !has_days {
        data.set("period", "30_days".to_owned());
    }
    let periods = CHOSEN.iter().chain(&PERIODS).copied();
    vec![
        data.choice("period", "Period", None, periods),
        data.line("date", "since", "First day"),
        data.line("date", "until", "Last day"),
    ]
}

pub fn inputs(view: &View, asked: &Asked, question: &Question) -> Vec<Input> {
    let mut data = FormData::default();
    let chosen = [
        ("time_zone", asked.text("time_zone").unwrap_or_default()),
        ("by", question.by.as_str()),
        ("compare", if question.compare { "true" } else { "" }),
        ("attribution", question.attribution.as_str()),
        ("sort", question.order.as_str()),
    ];
    for (name, value) in chosen {
        data.set(name, value.to_owned());
    }
    let groups = GroupBy::ALL.into_iter().filter(|by| view.may_ask(*by)).map(|by| (by.as_str(), group(by)));
    let mut inputs = of_period(asked);
    inputs.extend([
        data.line("text", "time_zone", "Days in time zone")
            .hint(format!("{} where none is named.", question.zone.name())),
        data.choice("by", "Told apart by", None, groups),
        data.choice("compare", "Compare", Some("Nothing"), [("true", "The period before")]),
    ]);
    if view.reader.money {
        let orders = [
            (Order::Signups.as_str(), "Most signups"),
            (Order::Payments.as_str(), "Most payments"),
            (Order::Received.as_str(), "Most received"),
            (Order::Commission.as_str(), "Most commission"),
        ];
        inputs.push(data.choice("sort", "First", None, orders));
    }
    if !view.is_agents() {
        let counts = [
            (Attribution::Placed.as_str(), "Agents and groups as placed"),
            (Attribution::Now.as_str(), "Agents who have the groups now"),
        ];
        inputs.push(data.choice("attribution", "Counted for", None, counts));
    }
    inputs
}
