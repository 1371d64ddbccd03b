//! The operator's settings: where the customer interface is, what the signup form asks for, and the terms.
//! A wrong URL is kept and warned about, because it can be corrected at any time and URLs are composed when shown.

use std::collections::BTreeMap;

use shared::decider::Decider;
use shared::events::agents::{AgentsEvent, FieldRule, SettingsChanged, SignupField, Terms};

/// The settings; before the first change they are empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    pub customer_interface_url: String,
    pub signup_fields: BTreeMap<SignupField, FieldRule>,
    pub terms: Terms,
}

/// What to change; what is absent stays. Fields of the form are changed one by one.
#[derive(Clone, Debug, Default)]
pub struct Change {
    pub customer_interface_url: Option<String>,
    pub signup_fields: BTreeMap<SignupField, FieldRule>,
    pub terms: Option<Terms>,
}

/// Settings are never refused once their texts are valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {}

impl Decider for Settings {
    type State = Self;
    type Command = Change;
    type Event = AgentsEvent;
    type Refusal = Refusal;

    fn decide(state: &Self, change: Change) -> Result<Vec<AgentsEvent>, Refusal> {
        let mut new = state.clone();
        if let Some(url) = change.customer_interface_url {
            new.customer_interface_url = url;
        }
        new.signup_fields.extend(change.signup_fields);
        if let Some(terms) = change.terms {
            new.terms = terms;
        }
        if new == *state {
            return Ok(Vec::new());
        }
        let Self { customer_interface_url, signup_fields, terms } = new;
        Ok(vec![SettingsChanged { customer_interface_url, signup_fields, terms }.into()])
    }

    fn evolve(state: Self, event: &AgentsEvent) -> Self {
        match event {
            AgentsEvent::SettingsChanged(SettingsChanged { customer_interface_url, signup_fields, terms }) => Self {
                customer_interface_url: customer_interface_url.clone(),
                signup_fields: signup_fields.clone(),
                terms: terms.clone(),
            },
            _ => state,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn after(changes: impl IntoIterator<Item = Change>) -> Settings {
        changes.into_iter().fold(Settings::default(), |settings, change| {
            let events = Settings::decide(&settings, change).unwrap_or_default();
            events.iter().fold(settings, Settings::evolve)
        })
    }

    fn url(text: &str) -> Change {
        Change { customer_interface_url: Some(text.to_owned()), ..Change::default() }
    }

    #[test]
    fn changing_one_setting_keeps_the_others() {
        let fields = BTreeMap::from([(SignupField::Phone, FieldRule::Required)]);
        let settings = after([
            Change { signup_fields: fields.clone(), ..Change::default() },
            url("https://my.example.com"),
            Change { signup_fields: BTreeMap::from([(SignupField::City, FieldRule::Hidden)]), ..Change::default() },
        ]);
        assert_eq!(settings.customer_interface_url, "https://my.example.com");
        assert_eq!(settings.signup_fields.get(&SignupField::Phone), Some(&FieldRule::Required));
        assert_eq!(settings.signup_fields.get(&SignupField::City), Some(&FieldRule::Hidden));
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
