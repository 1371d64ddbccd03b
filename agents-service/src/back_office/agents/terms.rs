use contract::tax::VatKind;

use crate::agents::snapshot::AgentSnapshot;
use crate::ui::enum_labels;
use crate::ui::money;
use crate::ui::table::Cell;

/// An agent's terms as operators see them.
pub fn terms(agent: &AgentSnapshot) -> Vec<(&'static str, Cell)> {
    let screens = agent.permissions.iter().map(|permission| enum_labels::permission(*permission));
    let thresholds = agent.remittance_thresholds.iter().map(|threshold| money::words(*threshold));
    let hold_days = agent.hold_days.map_or_else(|| "As in the settings".to_owned(), |days| days.to_string());
    vec![
        ("Screens of the portal", Cell::text(screens.collect::<Vec<_>>().join(", "))),
        ("Threshold remittance", Cell::text(thresholds.collect::<Vec<_>>().join(", "))),
        ("Commission", Cell::text(format!("{} %", agent.commission_percent))),
        ("Hold period in days", Cell::text(hold_days)),
        ("Currency", Cell::text(agent.currency.as_str())),
        ("Language", Cell::text(agent.language.clone())),
        ("VAT", Cell::text(vat(agent))),
    ]
}

fn vat(agent: &AgentSnapshot) -> String {
    match agent.vat_kind {
        VatKind::Rate => format!("{} %", agent.vat_percent),
        kind => enum_labels::vat_kind(kind).to_owned(),
    }
}
