//! How to reach an agent, and how to pay them: shown, and as inputs.

use web::http::Problem;

use crate::agents::accounts::Details;
use crate::settings;
use crate::state::AppState;
use crate::ui::form::FormData;
use crate::ui::inputs::Input;
use crate::ui::table::Cell;

/// How to reach an agent, as both faces show it.
pub fn contact(details: &Details) -> Vec<(&'static str, Cell)> {
    let contact = &details.contact;
    let all = [
        ("Company", &contact.company),
        ("First name", &contact.first_name),
        ("Last name", &contact.last_name),
        ("Address", &contact.address),
        ("Postal code", &contact.postal_code),
        ("City", &contact.city),
        ("State", &contact.state),
        ("Country", &contact.country),
        ("Phone", &contact.phone),
        ("E-mail", &contact.email),
    ];
    known(all)
}

/// How to pay an agent, as both faces show it.
pub fn bank(details: &Details) -> Vec<(&'static str, Cell)> {
    let account = details.bank_account.clone().unwrap_or_default();
    let all = [
        ("Account holder", &account.holder),
        ("IBAN", &account.iban),
        ("BIC", &account.bic.unwrap_or_default()),
        ("Bank details", &details.bank_details),
    ];
    known(all)
}

fn known<const N: usize>(all: [(&'static str, &String); N]) -> Vec<(&'static str, Cell)> {
    all.into_iter().filter(|(_, text)| !text.is_empty()).map(|(label, text)| (label, Cell::text(text))).collect()
}

/// The inputs of how to reach an agent.
pub fn contact_inputs(data: &FormData) -> Vec<Input> {
    vec![
        data.typed("contact.company", "Company"),
        data.typed("contact.first_name", "First name"),
        data.typed("contact.last_name", "Last name"),
        data.typed("contact.address", "Address"),
        data.typed("contact.postal_code", "Postal code"),
        data.typed("contact.city", "City"),
        data.typed("contact.state", "State"),
        data.typed("contact.country", "Country"),
        data.line("tel", "contact.phone", "Phone"),
        data.line("email", "contact.email", "E-mail"),
        data.typed("contact.vat_number", "VAT number").hint("Stands on statements."),
    ]
}

/// The inputs of how to pay an agent.
pub fn payment_inputs(data: &FormData) -> Vec<Input> {
    let account = data.typed("bank_account.holder", "Account holder");
    let bic = data.typed("bank_account.bic", "BIC");
    let details = data.lines("bank_details", "Bank details");
    vec![
        account.hint("As the bank knows them; 70 letters at most."),
        data.typed("bank_account.iban", "IBAN").hint("For the payout file. A change stops payouts for some days."),
        bic.hint("8 or 11 letters and digits; may be empty."),
        details.hint("How to pay without an IBAN, in your own words."),
    ]
}

/// Until when a change of the bank details stops an agent's payouts, where it does.
pub async fn payouts_blocked(app: &AppState, details: &Details) -> Result<Option<(&'static str, Cell)>, Problem> {
    let days = settings::queries::get(app.database()).await?.payout_block_days;
    let until = details.payouts_blocked_until(days, app.clock.now());
    Ok(until.map(|until| ("Bank details changed: no payout until", Cell::moment(until))))
}
