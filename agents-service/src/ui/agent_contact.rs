use web::http::Problem;

use crate::agents::accounts::Details;
use crate::settings;
use crate::state::AppState;
use crate::ui::table::Cell;

/// An agent's details as both faces show them.
pub fn contact(details: &Details) -> Vec<(&'static str, Cell)> {
    let contact = &details.contact;
    let account = details.bank_account.clone().unwrap_or_default();
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
        ("Account holder", &account.holder),
        ("IBAN", &account.iban),
        ("BIC", &account.bic.unwrap_or_default()),
        ("Bank details", &details.bank_details),
    ];
    all.into_iter().filter(|(_, text)| !text.is_empty()).map(|(label, text)| (label, Cell::text(text))).collect()
}

/// Until when a change of the bank details stops an agent's payouts, where it does.
pub async fn payouts_blocked(app: &AppState, details: &Details) -> Result<Option<(&'static str, Cell)>, Problem> {
    let days = settings::queries::get(app.database()).await?.payout_block_days;
    let until = details.payouts_blocked_until(days, app.clock.now());
    Ok(until.map(|until| ("Bank details changed: no payout until (UTC)", Cell::moment(until))))
}
