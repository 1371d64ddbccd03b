use crate::agents::snapshot::AgentSnapshot;
use crate::ui::enum_labels;
use crate::ui::table::Cell;

/// An agent's terms as operators see them.
pub fn terms(agent: &AgentSnapshot) -> Vec<(&'static str, Cell)> {
    let screens = agent.permissions.iter().map(|permission| enum_labels::permission(*permission));
    let threshold = agent.remittance_threshold;
    vec![
        ("Screens of the portal", Cell::text(screens.collect::<Vec<_>>().join(", "))),
        ("Threshold remittance", Cell::text(format!("{} {}", threshold.amount(), threshold.currency().as_str()))),
        ("Commission", Cell::text(format!("{} %", agent.commission_percent))),
        ("Currency", Cell::text(agent.currency.as_str())),
        ("Language", Cell::text(agent.language.clone())),
        ("VAT", Cell::text(format!("{} %", agent.vat_percent))),
    ]
}
