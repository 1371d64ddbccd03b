//! Every text for visitors, one file for each language. A missing text does not compile; the tests below find texts
//! that are empty, untranslated, or lack the place for a value. Texts name nothing internal: no ids, states or
//! tables.

pub mod ar;
pub mod de;
pub mod en;
pub mod es;
pub mod fr;
pub mod pt;

use contract::events::agents::{SignupField, UiElement};
use contract::events::signups::RefusalReason;

use crate::fields::violation::Violation;

/// Declares a group of texts, and an iterator over them.
macro_rules! texts {
    ($(#[$meta:meta])* $name:ident { $($(#[$text_meta:meta])* $text:ident,)+ }) => {
        $(#[$meta])*
        #[expect(missing_docs, reason = "a text is named by what it says")]
        pub struct $name { $($(#[$text_meta])* pub $text: &'static str,)+ }

        #[cfg(test)]
        impl $name {
            fn each(&self) -> Vec<(&'static str, &'static str)> {
                vec![$((stringify!($text), self.$text)),+]
            }
        }
    };
}

texts! {
    /// Texts of the pages. A place for a value is a name in braces.
    General {
        sign_up, sign_up_for, offered_by, takes_a_minute, call_plan, price, sold_by, provider,
        about_you, company_details, address, preferences, more_details, optional, please_choose,
        terms, terms_wording, agree, agree_to_version, trap,
        error, check_fields, form_changed, sent_before, trap_filled, checking, checked, wait_instead, send_again,
        signed_up, welcome, customer_number, keep_number, what_you_can_use,
        copy_number, copied, print, what_happens_next, being_set_up, ask_partner, page_kept,
        confirmation_gone, confirmation_gone_explained,
        language, nothing_here, nothing_here_explained, not_arrived, not_arrived_explained, too_large, too_large_explained,
        too_fast, too_fast_explained, unavailable, unavailable_explained, went_wrong, went_wrong_explained, help_number,
    }
}

texts! {
    /// Labels of the inputs.
    Labels {
        first_name, last_name, email, phone, company, address, city, state, country, postal_code, language, time_zone,
        currency, vat_number,
    }
}

texts! {
    Violations {
        required, too_long, control_character, unreadable, not_an_email, not_a_currency, not_a_language, not_a_country,
        not_a_time_zone, not_a_phone, not_agreed, outdated,
    }
}

texts! {
    /// What an element of the customer interface lets a customer do.
    Elements {
        password, sip_iax, call_history, payment_history, voucher, invoices, did, speed_dial, ratecard, simulator, callback,
        caller_id, support, notification, autodialer, personal_info, recording,
    }
}

/// Texts of the page for an unusable link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    pub heading: &'static str,
    pub explanation: &'static str,
    pub advice: &'static str,
}

#[expect(missing_docs, reason = "the names are those of the domain")]
pub struct Outcomes {
    pub unknown: Outcome,
    pub revoked: Outcome,
    pub paused: Outcome,
    pub not_started: Outcome,
    pub ended: Outcome,
    pub exhausted: Outcome,
    pub agent_suspended: Outcome,
    pub agent_closed: Outcome,
    pub plan_retired: Outcome,
    pub grant_withdrawn: Outcome,
    pub group_not_agents: Outcome,
}

pub struct Texts {
    pub general: General,
    pub labels: Labels,
    pub violations: Violations,
    pub elements: Elements,
    pub outcomes: Outcomes,
}

impl Outcomes {
    pub fn of(&self, reason: RefusalReason) -> Outcome {
        match reason {
            RefusalReason::Unknown => self.unknown,
            RefusalReason::Revoked => self.revoked,
            // These reasons have no page: a known address gets the confirmation of a new one, a filled honeypot and a
            // challenge without a solution the form again.
            RefusalReason::Paused
            | RefusalReason::EmailKnown
            | RefusalReason::Honeypot
            | RefusalReason::ChallengeUnsolved => self.paused,
            RefusalReason::NotStarted => self.not_started,
            RefusalReason::Ended => self.ended,
            RefusalReason::Exhausted => self.exhausted,
            RefusalReason::AgentSuspended => self.agent_suspended,
            RefusalReason::AgentClosed => self.agent_closed,
            RefusalReason::PlanRetired => self.plan_retired,
            RefusalReason::GrantWithdrawn => self.grant_withdrawn,
            RefusalReason::GroupNotAgents => self.group_not_agents,
        }
    }
}

impl Labels {
    pub fn of(&self, field: SignupField) -> &'static str {
        match field {
            SignupField::LastName => self.last_name,
            SignupField::Phone => self.phone,
            SignupField::Company => self.company,
            SignupField::Address => self.address,
            SignupField::City => self.city,
            SignupField::State => self.state,
            SignupField::Country => self.country,
            SignupField::PostalCode => self.postal_code,
            SignupField::Language => self.language,
            SignupField::TimeZone => self.time_zone,
            SignupField::Currency => self.currency,
            SignupField::VatNumber => self.vat_number,
        }
    }
}

impl Violations {
    /// The text of a violation; `None` for one without a field to stand beside.
    pub fn of(&self, violation: Violation) -> Option<String> {
        let text = match violation {
            Violation::Required => self.required,
            Violation::TooLong(limit) => return Some(filled(self.too_long, &limit.to_string())),
            Violation::ControlCharacter => self.control_character,
            Violation::Unreadable => self.unreadable,
            Violation::NotAnEmail => self.not_an_email,
            Violation::NotACurrency => self.not_a_currency,
            Violation::NotALanguage => self.not_a_language,
            Violation::NotACountry => self.not_a_country,
            Violation::NotATimeZone => self.not_a_time_zone,
            Violation::NotAPhone => self.not_a_phone,
            Violation::NotAgreed => self.not_agreed,
            Violation::Outdated => self.outdated,
            Violation::NotAskedFor | Violation::Personal => return None,
        };
        Some(text.to_owned())
    }
}

impl Elements {
    pub fn of(&self, element: UiElement) -> &'static str {
        match element {
            UiElement::Password => self.password,
            UiElement::SipIax => self.sip_iax,
            UiElement::CallHistory => self.call_history,
            UiElement::PaymentHistory => self.payment_history,
            UiElement::Voucher => self.voucher,
            UiElement::Invoices => self.invoices,
            UiElement::Did => self.did,
            UiElement::SpeedDial => self.speed_dial,
            UiElement::Ratecard => self.ratecard,
            UiElement::Simulator => self.simulator,
            UiElement::Callback => self.callback,
            UiElement::CallerId => self.caller_id,
            UiElement::Support => self.support,
            UiElement::Notification => self.notification,
            UiElement::Autodialer => self.autodialer,
            UiElement::PersonalInfo => self.personal_info,
            UiElement::Recording => self.recording,
        }
    }
}

/// The parts before and behind the place for a value.
pub fn around(text: &str) -> (&str, &str) {
    let (before, rest) = text.split_once('{').unwrap_or((text, ""));
    (before, rest.split_once('}').map_or("", |(_, behind)| behind))
}

pub fn filled(text: &str, value: &str) -> String {
    let (before, behind) = around(text);
    [before, value, behind].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::language::Language;

    /// Texts that are the same as in English.
    const SHARED: [(&str, &str); 1] = [("es", "general.error")];

    impl Outcomes {
        fn each(&self) -> Vec<(&'static str, Outcome)> {
            vec![
                ("unknown", self.unknown),
                ("revoked", self.revoked),
                ("paused", self.paused),
                ("not_started", self.not_started),
                ("ended", self.ended),
                ("exhausted", self.exhausted),
                ("agent_suspended", self.agent_suspended),
                ("agent_closed", self.agent_closed),
                ("plan_retired", self.plan_retired),
                ("grant_withdrawn", self.grant_withdrawn),
                ("group_not_agents", self.group_not_agents),
            ]
        }
    }

    fn all(texts: &Texts) -> Vec<(String, &'static str)> {
        let groups = [
            ("general", texts.general.each()),
            ("labels", texts.labels.each()),
            ("faults", texts.violations.each()),
            ("elements", texts.elements.each()),
        ];
        let grouped = groups
            .into_iter()
            .flat_map(|(group, texts)| texts.into_iter().map(move |(name, text)| (format!("{group}.{name}"), text)));
        let outcomes = texts.outcomes.each().into_iter().flat_map(|(name, outcome)| {
            let Outcome { heading, explanation, advice } = outcome;
            [("heading", heading), ("explanation", explanation), ("advice", advice)]
                .map(|(part, text)| (format!("outcomes.{name}.{part}"), text))
        });
        grouped.chain(outcomes).collect()
    }

    fn places(text: &str) -> Vec<&str> {
        text.split('{').skip(1).map(|rest| rest.split('}').next().unwrap()).collect()
    }

    #[test]
    fn no_text_is_empty_or_untidy() {
        for language in Language::ALL {
            for (name, text) in all(language.texts()) {
                assert!(!text.is_empty() && text == text.trim(), "{}: {name}", language.tag());
                assert!(!text.chars().any(char::is_control) && !text.contains("  "), "{}: {name}", language.tag());
            }
        }
    }

    #[test]
    fn every_language_keeps_the_places_for_values() {
        let english = all(&en::TEXTS);
        for language in Language::ALL {
            for ((name, original), (_, text)) in english.iter().zip(all(language.texts())) {
                assert_eq!(places(original), places(text), "{}: {name}", language.tag());
                assert!(places(text).len() <= 1, "{name} has more places than can be filled");
            }
        }
    }

    #[test]
    fn no_text_is_left_in_english() {
        let english = all(&en::TEXTS);
        for language in Language::ALL.into_iter().filter(|language| *language != Language::English) {
            for ((name, original), (_, text)) in english.iter().zip(all(language.texts())) {
                let shared = SHARED.contains(&(language.tag(), name.as_str()));
                assert_eq!(*original == text, shared, "{}: {name}: {text}", language.tag());
            }
        }
    }

    #[test]
    fn arabic_is_written_in_arabic() {
        for (name, text) in all(&ar::TEXTS) {
            assert!(text.chars().any(|letter| ('\u{600}'..'\u{700}').contains(&letter)), "{name}: {text}");
        }
    }

    #[test]
    fn a_value_takes_its_place() {
        assert_eq!(filled("At most {limit} signs.", "9"), "At most 9 signs.");
        assert_eq!(around("No place"), ("No place", ""));
    }
}
