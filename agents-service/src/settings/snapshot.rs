//! The settings in responses.

use std::collections::BTreeMap;

use contract::agent_defaults::AgentDefaults;
use contract::bank::{BankAccount, PayoutBlockDays, UnknownBic};
use contract::canned_answers::CannedAnswer;
use contract::challenge::SignupChallenge;
use contract::events::agents::{Branding, CustomerMask, FieldRule, SignupField, Terms};
use contract::statements::StatementSettings;
use contract::zone::Zone;
use event_store::sql::SqlError;
use schemars::JsonSchema;
use serde::Serialize;

use crate::life::Life;
use crate::settings::model::Settings;

/// The settings.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
#[schemars(rename = "Settings")]
pub struct SettingsSnapshot {
    pub customer_interface_url: String,
    /// The optional fields of the signup form; what is absent is shown.
    pub signup_fields: BTreeMap<SignupField, FieldRule>,
    pub terms: Terms,
    pub branding: Branding,
    /// Whose pages may show the signup form in a frame.
    pub frame_origins: Vec<String>,
    /// What agents see of who their customers are.
    pub customer_mask: CustomerMask,
    /// The company's time zone, such as `Europe/Berlin`; empty is UTC.
    pub time_zone: String,
    /// Days until commission is earned, where an agent's terms do not say.
    pub hold_days: u16,
    /// Whether whoever approved a remittance must not pay it.
    pub four_eyes: bool,
    /// The company's account that payouts are made from.
    pub payout_account: Option<BankAccount>,
    /// What stands in a bank file for a payee's BIC that is not known.
    pub unknown_bic: UnknownBic,
    /// Days for which a change of an agent's bank details stops their payouts.
    pub payout_block_days: PayoutBlockDays,
    /// The company on statements, and how they are issued.
    pub statements: StatementSettings,
    /// When a signup needs a solved challenge.
    pub signup_challenge: SignupChallenge,
    /// What new agents get where nothing else is stated.
    pub new_agents: AgentDefaults,
    /// Texts that operators answer agents with.
    pub canned_answers: Vec<CannedAnswer>,
    pub version: u64,
}

impl SettingsSnapshot {
    pub fn of(settings: &Settings, life: Life) -> Self {
        let settings = settings.clone();
        Self {
            customer_interface_url: settings.customer_interface_url,
            signup_fields: settings.signup_fields,
            terms: settings.terms,
            branding: settings.branding,
            frame_origins: settings.frame_origins,
            customer_mask: settings.customer_mask,
            time_zone: settings.time_zone,
            hold_days: settings.hold_days,
            four_eyes: settings.four_eyes,
            payout_account: settings.payout_account,
            unknown_bic: settings.unknown_bic,
            payout_block_days: settings.payout_block_days,
            statements: settings.statements,
            signup_challenge: settings.signup_challenge,
            new_agents: settings.new_agents,
            canned_answers: settings.canned_answers,
            version: life.version,
        }
    }

    pub fn zone(&self) -> Result<Zone, SqlError> {
        Zone::named(&self.time_zone).ok_or_else(|| SqlError::Column { column: "time_zone".to_owned() })
    }
}
