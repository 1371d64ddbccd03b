//! The operator's settings: the customer interface URL, the fields and terms of the signup form, the look of the
//! pages and who may show them in a frame, and the masking of customers. A wrong URL is stored with a warning, since
//! it can be corrected at any time and URLs are composed when they are shown.

use std::collections::BTreeMap;
use std::convert::Infallible;

use contract::agent_defaults::AgentDefaults;
use contract::bank::{BankAccount, PayoutBlockDays, UnknownBic};
use contract::canned_answers::CannedAnswer;
use contract::challenge::SignupChallenge;
use contract::decider::Decider;
use contract::events::agents::{AgentsEvent, Branding, CustomerMask, FieldRule, SettingsChanged, SignupField, Terms};
use contract::statements::StatementSettings;

use crate::settings::new_agents::AgentDefaultsChange;
use crate::settings::statements::StatementSettingsChange;

pub const STREAM: &str = "settings";

/// The settings; empty before the first change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    pub customer_interface_url: String,
    pub signup_fields: BTreeMap<SignupField, FieldRule>,
    pub terms: Terms,
    pub branding: Branding,
    pub frame_origins: Vec<String>,
    pub customer_mask: CustomerMask,
    /// Empty means UTC.
    pub time_zone: String,
    /// Days until commission is earned, where an agent's terms do not say.
    pub hold_days: u16,
    /// Whoever approves a remittance does not pay it.
    pub four_eyes: bool,
    /// The company's account that payouts are made from.
    pub payout_account: Option<BankAccount>,
    pub unknown_bic: UnknownBic,
    pub payout_block_days: PayoutBlockDays,
    /// The company on statements, and how they are issued.
    pub statements: StatementSettings,
    /// When a signup needs a solved challenge.
    pub signup_challenge: SignupChallenge,
    /// What new agents get where nothing else is stated.
    pub new_agents: AgentDefaults,
    /// Texts that operators answer agents with.
    pub canned_answers: Vec<CannedAnswer>,
}

/// The changes; absent fields stay. Fields of the form and parts of the branding change one by one.
#[derive(Clone, Debug, Default)]
pub struct SettingsChange {
    pub customer_interface_url: Option<String>,
    pub signup_fields: BTreeMap<SignupField, FieldRule>,
    pub terms: Option<Terms>,
    pub branding: BrandingChange,
    pub frame_origins: Option<Vec<String>>,
    pub customer_mask: Option<CustomerMask>,
    pub time_zone: Option<String>,
    pub hold_days: Option<u16>,
    pub four_eyes: Option<bool>,
    pub payout_account: Option<Option<BankAccount>>,
    pub unknown_bic: Option<UnknownBic>,
    pub payout_block_days: Option<PayoutBlockDays>,
    pub statements: StatementSettingsChange,
    pub signup_challenge: Option<SignupChallenge>,
    pub new_agents: AgentDefaultsChange,
    pub canned_answers: Option<Vec<CannedAnswer>>,
}

/// Changes of the branding; an empty text removes a part.
#[derive(Clone, Debug, Default)]
pub struct BrandingChange {
    pub name: Option<String>,
    pub colour: Option<String>,
    pub logo: Option<String>,
}

impl BrandingChange {
    fn apply(self, branding: Branding) -> Branding {
        Branding {
            name: self.name.unwrap_or(branding.name),
            colour: self.colour.unwrap_or(branding.colour),
            logo: self.logo.unwrap_or(branding.logo),
        }
    }
}

impl Decider for Settings {
    type State = Self;
    type Command = SettingsChange;
    type Event = AgentsEvent;
    /// Valid settings are never refused.
    type Error = Infallible;

    fn decide(state: &Self, change: SettingsChange) -> Result<Vec<AgentsEvent>, Infallible> {
        let mut new = state.clone();
        if let Some(url) = change.customer_interface_url {
            new.customer_interface_url = url;
        }
        new.signup_fields.extend(change.signup_fields);
        if let Some(terms) = change.terms {
            new.terms = terms;
        }
        new.branding = change.branding.apply(new.branding);
        if let Some(origins) = change.frame_origins {
            new.frame_origins = origins;
        }
        new.customer_mask = change.customer_mask.unwrap_or(new.customer_mask);
        new.time_zone = change.time_zone.unwrap_or(new.time_zone);
        new.hold_days = change.hold_days.unwrap_or(new.hold_days);
        new.four_eyes = change.four_eyes.unwrap_or(new.four_eyes);
        new.payout_account = change.payout_account.unwrap_or(new.payout_account);
        new.unknown_bic = change.unknown_bic.unwrap_or(new.unknown_bic);
        new.payout_block_days = change.payout_block_days.unwrap_or(new.payout_block_days);
        new.statements = change.statements.over(new.statements);
        new.signup_challenge = change.signup_challenge.unwrap_or(new.signup_challenge);
        new.new_agents = change.new_agents.over(new.new_agents);
        new.canned_answers = change.canned_answers.unwrap_or(new.canned_answers);
        if new == *state {
            return Ok(Vec::new());
        }
        let changed = SettingsChanged {
            customer_interface_url: new.customer_interface_url,
            signup_fields: new.signup_fields,
            terms: new.terms,
            branding: new.branding,
            frame_origins: new.frame_origins,
            customer_mask: new.customer_mask,
            time_zone: new.time_zone,
            hold_days: new.hold_days,
            four_eyes: new.four_eyes,
            payout_account: new.payout_account,
            unknown_bic: new.unknown_bic,
            payout_block_days: new.payout_block_days,
            statements: new.statements,
            signup_challenge: new.signup_challenge,
            new_agents: new.new_agents,
            canned_answers: new.canned_answers,
        };
        Ok(vec![changed.into()])
    }

    fn evolve(state: Self, event: &AgentsEvent) -> Self {
        match event {
            AgentsEvent::SettingsChanged(event) => Self {
                customer_interface_url: event.customer_interface_url.clone(),
                signup_fields: event.signup_fields.clone(),
                terms: event.terms.clone(),
                branding: event.branding.clone(),
                frame_origins: event.frame_origins.clone(),
                customer_mask: event.customer_mask,
                time_zone: event.time_zone.clone(),
                hold_days: event.hold_days,
                four_eyes: event.four_eyes,
                payout_account: event.payout_account.clone(),
                unknown_bic: event.unknown_bic,
                payout_block_days: event.payout_block_days,
                statements: event.statements.clone(),
                signup_challenge: event.signup_challenge,
                new_agents: event.new_agents.clone(),
                canned_answers: event.canned_answers.clone(),
            },
            _ => state,
        }
    }
}

#[cfg(test)]
mod tests {
    use contract::events::Contract;
    use proptest::prelude::*;

    use super::*;

    fn after(changes: impl IntoIterator<Item = SettingsChange>) -> Settings {
        changes.into_iter().fold(Settings::default(), |settings, change| {
            let events = Settings::decide(&settings, change).unwrap_or_default();
            events.iter().fold(settings, Settings::evolve)
        })
    }

    fn url(text: &str) -> SettingsChange {
        SettingsChange { customer_interface_url: Some(text.to_owned()), ..SettingsChange::default() }
    }

    #[test]
    fn changing_one_setting_keeps_the_others() {
        let fields = BTreeMap::from([(SignupField::Phone, FieldRule::Required)]);
        let settings = after([
            SettingsChange { signup_fields: fields.clone(), ..SettingsChange::default() },
            url("https://my.example.com"),
            SettingsChange {
                signup_fields: BTreeMap::from([(SignupField::City, FieldRule::Hidden)]),
                ..SettingsChange::default()
            },
        ]);
        assert_eq!(settings.customer_interface_url, "https://my.example.com");
        assert_eq!(settings.signup_fields.get(&SignupField::Phone), Some(&FieldRule::Required));
        assert_eq!(settings.signup_fields.get(&SignupField::City), Some(&FieldRule::Hidden));
    }

    #[test]
    fn parts_of_the_branding_are_changed_and_taken_away_one_by_one() {
        let brand = |name: Option<&str>, colour: Option<&str>| SettingsChange {
            branding: BrandingChange {
                name: name.map(str::to_owned),
                colour: colour.map(str::to_owned),
                ..BrandingChange::default()
            },
            ..SettingsChange::default()
        };
        let settings =
            after([brand(Some("Harbour"), Some("#0b5cad")), brand(None, Some("")), url("https://a.example")]);
        assert_eq!(settings.branding, Branding { name: "Harbour".to_owned(), ..Branding::default() });
    }

    #[test]
    fn origins_are_given_whole() {
        let origins = |list: &[&str]| SettingsChange {
            frame_origins: Some(list.iter().map(|origin| (*origin).to_owned()).collect()),
            ..SettingsChange::default()
        };
        let settings = after([origins(&["https://a.example"]), url("x"), origins(&["https://b.example"])]);
        assert_eq!(settings.frame_origins, ["https://b.example"]);
        assert!(after([origins(&["https://a.example"]), origins(&[])]).frame_origins.is_empty());
    }

    #[test]
    fn the_mask_is_initials_until_it_is_changed_and_stays_then() {
        let mask = |mask| SettingsChange { customer_mask: Some(mask), ..SettingsChange::default() };
        assert_eq!(after([url("x")]).customer_mask, CustomerMask::Initials);
        assert_eq!(after([mask(CustomerMask::Full), url("x")]).customer_mask, CustomerMask::Full);
        assert_eq!(Settings::decide(&Settings::default(), mask(CustomerMask::Initials)), Ok(Vec::new()));
    }

    #[test]
    fn settings_from_before_there_was_a_mask_mean_initials() {
        let data = r#"{"customer_interface_url":"x","signup_fields":{},"terms":{"version":"1","text":"Be kind."}}"#;
        let event = AgentsEvent::read("signpost.agents.settings_changed.v1", data).unwrap().unwrap();
        assert_eq!(Settings::fold(&[event]).customer_mask, CustomerMask::Initials);
    }

    proptest! {
        #[test]
        fn any_accepted_history_folds(texts in prop::collection::vec("[ab]{0,2}", 0..10)) {
            let (mut settings, mut history) = (Settings::default(), Vec::new());
            for text in texts {
                let events = Settings::decide(&settings, url(&text)).unwrap();
                settings = events.iter().fold(settings, Settings::evolve);
                history.extend(events);
            }
            prop_assert_eq!(Settings::fold(&history), settings);
        }
    }
}
