//! Labels of the contract's enum values.

use contract::events::agents::Permission;
use contract::events::signups::Channel;

use crate::columns::word;
use crate::ui::form::FormData;

/// Replaces an erased text on pages.
pub const ERASED: &str = "(erased)";

pub const PERMISSIONS: [(&str, &str); 8] = [
    ("customers", "Customers"),
    ("signup_urls", "Signup URLs"),
    ("groups", "Groups"),
    ("sales", "Sales"),
    ("commission", "Commission"),
    ("remittance", "Remittance"),
    ("call_plans", "Call plans usable"),
    ("support", "Support"),
];

/// Permissions without a page yet: an agent who has one keeps it, and it is not offered to others.
const WITHOUT_PAGE: [&str; 2] = ["commission", "remittance"];

/// The permissions that a form offers, including those that are chosen already.
pub fn offered_permissions(data: &FormData) -> impl Iterator<Item = (&'static str, &'static str)> {
    let is_offered = |(name, _): &(&str, &str)| !WITHOUT_PAGE.contains(name) || data.is_chosen("permissions[]", name);
    PERMISSIONS.into_iter().filter(is_offered)
}

pub const UI_ELEMENTS: [(&str, &str); 17] = [
    ("password", "Password"),
    ("sip_iax", "SIP and IAX"),
    ("call_history", "Call history"),
    ("payment_history", "Payment history"),
    ("voucher", "Vouchers"),
    ("invoices", "Invoices"),
    ("did", "DID numbers"),
    ("speed_dial", "Speed dial"),
    ("ratecard", "Rate card"),
    ("simulator", "Simulator"),
    ("callback", "Callback"),
    ("caller_id", "Caller id"),
    ("support", "Support"),
    ("notification", "Notifications"),
    ("autodialer", "Auto dialler"),
    ("personal_info", "Personal information"),
    ("recording", "Recordings"),
];

pub const SIGNUP_FIELDS: [(&str, &str); 12] = [
    ("last_name", "Last name"),
    ("phone", "Phone"),
    ("company", "Company"),
    ("address", "Address"),
    ("city", "City"),
    ("state", "State"),
    ("country", "Country"),
    ("postal_code", "Postal code"),
    ("language", "Language"),
    ("time_zone", "Time zone"),
    ("currency", "Currency"),
    ("vat_number", "VAT number"),
];

/// A text for pages; an empty one was erased.
pub fn or_erased(text: String) -> String {
    if text.is_empty() { ERASED.to_owned() } else { text }
}

pub fn permission(permission: Permission) -> &'static str {
    let name = word(&permission);
    PERMISSIONS.iter().find(|(known, _)| *known == name).map_or("", |(_, label)| label)
}

pub fn channel(channel: Channel) -> &'static str {
    match channel {
        Channel::Page => "Signup page",
        Channel::Frame => "Signup page in a frame",
        Channel::Api => "API",
    }
}

#[cfg(test)]
mod tests {
    use contract::events::agents::{SignupField, UiElement};

    use super::*;

    fn all_read<T: serde::de::DeserializeOwned>(words: &[(&str, &str)]) -> bool {
        words.iter().all(|(name, _)| serde_json::from_value::<T>((*name).into()).is_ok())
    }

    #[test]
    fn every_word_is_one_of_the_contract() {
        assert!(all_read::<Permission>(&PERMISSIONS));
        assert!(all_read::<UiElement>(&UI_ELEMENTS));
        assert!(all_read::<SignupField>(&SIGNUP_FIELDS));
        assert_eq!(permission(Permission::SignupUrls), "Signup URLs");
    }
}
