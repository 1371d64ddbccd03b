//! What visitors are told, in plain words: why a link cannot be used, what a field is called, what their group may use.
//! Nothing internal is said: no ids, no states, no names of tables.

use shared::events::agents::{SignupField, UiElement};
use shared::events::signups::RefusalReason as Reason;

/// What the page for an unusable link says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Words {
    pub heading: &'static str,
    pub explanation: &'static str,
    pub advice: &'static str,
}

/// The words for one reason.
pub fn words(reason: Reason) -> Words {
    const ASK: &str = "Please ask the person or the site that gave you the link for a new one.";
    const LATER: &str = "Please try again later.";
    let (heading, explanation, advice) = match reason {
        Reason::Unknown => (
            "We don't know this link",
            "There is no offer at this address. A character may be missing or mistyped.",
            "Please check the link, or ask the person or the site that gave it to you.",
        ),
        Reason::Revoked => ("This link is no longer valid", "The link was withdrawn.", ASK),
        Reason::Paused => ("This link is not in use at the moment", "Signing up here is paused.", LATER),
        Reason::NotStarted => ("This offer has not started yet", "You are early: signing up here opens later.", LATER),
        Reason::Ended => ("This offer has ended", "The time for signing up here is over.", ASK),
        Reason::Exhausted => ("All places are taken", "This offer was limited, and its last place is gone.", ASK),
        Reason::AgentSuspended => (
            "Signing up is not possible at the moment",
            "The partner behind this link takes no new customers for now.",
            LATER,
        ),
        Reason::AgentClosed => {
            ("This link is no longer valid", "The partner behind this link takes no new customers any more.", ASK)
        }
        Reason::PlanRetired => {
            ("This call plan is no longer offered", "The call plan of this link was withdrawn.", ASK)
        }
        Reason::GrantWithdrawn => (
            "This call plan is no longer offered here",
            "The partner behind this link does not sell this call plan.",
            ASK,
        ),
        Reason::GroupNotAgents => {
            ("This link is no longer valid", "The offer behind this link has changed since the link was made.", ASK)
        }
        // Nobody is ever told this: the page for a known address is that for a new one.
        Reason::EmailKnown => ("Signing up is not possible at the moment", "Something went wrong.", LATER),
    };
    Words { heading, explanation, advice }
}

/// What a field is called beside its input.
pub fn label(field: SignupField) -> &'static str {
    match field {
        SignupField::Phone => "Phone number",
        SignupField::Company => "Company",
        SignupField::Address => "Street and house number",
        SignupField::City => "City",
        SignupField::State => "State or region",
        SignupField::Country => "Country",
        SignupField::PostalCode => "Postal code",
        SignupField::Language => "Language, such as en or pt-BR",
        SignupField::TimeZone => "Time zone, such as Europe/Berlin",
        SignupField::Currency => "Currency, such as EUR",
        SignupField::VatNumber => "VAT number",
    }
}

/// What the browser may fill the field with (HTML's own names).
pub fn autocomplete(field: SignupField) -> &'static str {
    match field {
        SignupField::Phone => "tel",
        SignupField::Company => "organization",
        SignupField::Address => "street-address",
        SignupField::City => "address-level2",
        SignupField::State => "address-level1",
        SignupField::Country => "country-name",
        SignupField::PostalCode => "postal-code",
        SignupField::Language => "language",
        SignupField::TimeZone | SignupField::Currency | SignupField::VatNumber => "off",
    }
}

/// What an element of the customer interface lets its reader do.
pub fn ui_element(element: UiElement) -> &'static str {
    match element {
        UiElement::Password => "Change your password",
        UiElement::SipIax => "Settings for your SIP or IAX telephone",
        UiElement::CallHistory => "Your call history",
        UiElement::PaymentHistory => "Your payment history",
        UiElement::Voucher => "Vouchers",
        UiElement::Invoices => "Invoices",
        UiElement::Did => "Your own telephone numbers",
        UiElement::SpeedDial => "Speed dial",
        UiElement::Ratecard => "Prices of calls",
        UiElement::Simulator => "Working out what a call costs",
        UiElement::Callback => "Call-back",
        UiElement::CallerId => "Caller ID",
        UiElement::Support => "Support",
        UiElement::Notification => "Notifications",
        UiElement::Autodialer => "Automatic dialling",
        UiElement::PersonalInfo => "Your personal details",
        UiElement::Recording => "Recordings of your calls",
    }
}
