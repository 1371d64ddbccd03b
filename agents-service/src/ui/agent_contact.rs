use crate::agents::accounts::Details;
use crate::ui::table::Cell;

/// An agent's details as both faces show them.
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
        ("Bank details", &details.bank_details),
    ];
    all.into_iter().filter(|(_, text)| !text.is_empty()).map(|(label, text)| (label, Cell::text(text))).collect()
}
