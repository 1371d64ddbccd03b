use std::collections::BTreeMap;

use contract::challenge::SignupChallenge;
use contract::events::agents::{Branding, FieldRule, SignupField, Terms};

use crate::fields::OPTIONAL_FIELDS;

/// The company that customers have their contract with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Company {
    /// The name in law; empty where the operator has not stated it.
    pub name: String,
    /// Line by line.
    pub address: String,
}

/// The operator's settings of the form: its fields, its look, who may show it in a frame, and when it has a challenge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignupFormConfig {
    /// All optional fields.
    pub fields: BTreeMap<SignupField, FieldRule>,
    pub terms: Terms,
    pub branding: Branding,
    pub frame_origins: Vec<String>,
    pub company: Company,
    pub challenge: SignupChallenge,
}

impl Default for SignupFormConfig {
    fn default() -> Self {
        Self::new(&BTreeMap::new(), Terms::default())
    }
}

impl SignupFormConfig {
    /// The settings with these field rules. Fields without a rule are shown, the theme is the built-in one, framing is
    /// off, and there is no challenge.
    pub fn new(rules: &BTreeMap<SignupField, FieldRule>, terms: Terms) -> Self {
        let rule = |field| rules.get(&field).copied().unwrap_or(FieldRule::Shown);
        let fields = OPTIONAL_FIELDS.into_iter().map(|field| (field, rule(field))).collect();
        let (branding, company) = (Branding::default(), Company::default());
        let challenge = SignupChallenge::default();
        Self { fields, terms, branding, frame_origins: Vec::new(), company, challenge }
    }

    pub fn of(&self, field: SignupField) -> FieldRule {
        self.fields.get(&field).copied().unwrap_or(FieldRule::Shown)
    }
}
