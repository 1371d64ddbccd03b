//! Labels of the contract's enum values.

use contract::commission::{NoCommission, Rate, RateSource};
use contract::events::agents::{Permission, UiElement};
use contract::events::payments::{NotApplied, ReversalKind};
use contract::events::remittances::PaymentMethod;
use contract::events::signups::Channel;
use contract::roles::OperatorRole;
use contract::tax::VatKind;

use crate::columns::word;
use crate::ledger::entry::Kind;

/// Replaces an erased text on pages.
pub const ERASED: &str = "(erased)";

pub const ROLES: [(&str, &str); 4] =
    [("everything", "Everything"), ("support", "Support"), ("finance", "Finance"), ("read_only", "Read only")];

pub fn role(role: OperatorRole) -> &'static str {
    let name = word(&role);
    ROLES.iter().find(|(known, _)| *known == name).map_or("", |(_, label)| label)
}

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

/// The labels of elements, as a text.
pub fn ui_elements(elements: &[UiElement]) -> String {
    let label = |element: &UiElement| {
        let name = word(element);
        UI_ELEMENTS.iter().find(|(known, _)| *known == name).map_or("", |(_, label)| *label)
    };
    elements.iter().map(label).collect::<Vec<_>>().join(", ")
}

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

pub const METHODS: [(&str, &str); 4] =
    [("bank_transfer", "Bank transfer"), ("cash", "Cash"), ("credit", "Credit"), ("other", "Another way")];

pub const VAT_KINDS: [(&str, &str); 3] =
    [("rate", "Paid at the own rate"), ("reverse_charge", "Reverse charge"), ("none", "None")];

pub fn vat_kind(kind: VatKind) -> &'static str {
    let name = word(&kind);
    VAT_KINDS.iter().find(|(known, _)| *known == name).map_or("", |(_, label)| label)
}

pub fn method(method: PaymentMethod) -> &'static str {
    let name = word(&method);
    METHODS.iter().find(|(known, _)| *known == name).map_or("", |(_, label)| label)
}

pub fn kind_of_line(kind: Kind) -> &'static str {
    match kind {
        Kind::Commission => "Commission",
        Kind::SignupCommission => "Commission for a signup",
        Kind::Refund => "Refund",
        Kind::Chargeback => "Chargeback",
        Kind::ChargebackWon => "Chargeback won",
        Kind::Requested => "Payout requested",
        Kind::Released => "Free again",
        Kind::Paid => "Paid out",
        Kind::Returned => "Payout returned",
        Kind::Vat => "Value-added tax",
        Kind::Correction => "Correction",
    }
}

pub fn reversal(kind: ReversalKind) -> &'static str {
    match kind {
        ReversalKind::Refund => "Refund",
        ReversalKind::Chargeback => "Chargeback",
    }
}

pub fn not_applied(reason: NotApplied) -> &'static str {
    match reason {
        NotApplied::TooMuch => "More than what is left of the payment",
        NotApplied::OtherCurrency => "In another currency than the payment",
    }
}

pub fn rate(rate: Rate) -> String {
    match rate {
        Rate::Percent(percent) => format!("{percent} %"),
        Rate::Flat(flat) => format!("{} {}", flat.amount(), flat.currency().as_str()),
    }
}

pub fn rate_source(source: RateSource) -> &'static str {
    match source {
        RateSource::SignupKey => "The signup URL",
        RateSource::Grant => "The call plan for this agent",
        RateSource::CallPlan => "The call plan",
        RateSource::Agent => "The agent",
    }
}

pub fn no_commission(reason: NoCommission) -> &'static str {
    match reason {
        NoCommission::OtherCurrency => "The flat amount is in another currency",
        NoCommission::PerSignup => "Commission is paid for the signup",
        NoCommission::PaymentsOver => "The first payments were before",
        NoCommission::MonthsOver => "The months are over",
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
