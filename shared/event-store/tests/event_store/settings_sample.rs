//! A sample of the settings.

use contract::agent_defaults::AgentDefaults;
use contract::bank::{BankAccount, PayoutBlockDays, UnknownBic};
use contract::canned_answers::CannedAnswer;
use contract::challenge::SignupChallenge;
use contract::events::agents::*;
use contract::money::Percent;
use contract::statements::{KeepYears, SelfBilling, StatementSettings};
use uuid::Uuid;

pub fn settings(name: &str, call_plan_id: Uuid) -> SettingsChanged {
    SettingsChanged {
        customer_interface_url: "https://signup.example.com".to_owned(),
        signup_fields: [(SignupField::Phone, FieldRule::Required)].into(),
        terms: Terms { version: "2026-01".to_owned(), text: "Be kind.".to_owned(), ..Terms::default() },
        branding: Branding { name: name.to_owned(), colour: "#0b5cad".to_owned(), logo: String::new() },
        frame_origins: vec!["https://shop.example".to_owned()],
        customer_mask: CustomerMask::NumberOnly,
        time_zone: "Europe/Berlin".to_owned(),
        hold_days: 30,
        four_eyes: true,
        payout_account: Some(BankAccount {
            holder: name.to_owned(),
            iban: "DE89370400440532013000".to_owned(),
            bic: Some("COBADEFFXXX".to_owned()),
        }),
        unknown_bic: UnknownBic::NotProvided,
        payout_block_days: PayoutBlockDays(14),
        statements: StatementSettings {
            legal_name: name.to_owned(),
            address: "1 Quay\nHarbour".to_owned(),
            vat_number: "DE123456789".to_owned(),
            number_prefix: "GS-".to_owned(),
            self_billing: SelfBilling::Remittances,
            keep_years: KeepYears(8),
        },
        new_agents: AgentDefaults {
            commission_percent: Percent::parse("12.5").ok(),
            hold_days: Some(14),
            language: "de".to_owned(),
            call_plan_ids: vec![call_plan_id],
            permissions: vec![Permission::SignupUrls],
        },
        signup_challenge: SignupChallenge::Bursts,
        canned_answers: vec![CannedAnswer { name: name.to_owned(), text: "Yes, from May on.".to_owned() }],
    }
}
