use std::collections::BTreeMap;

use contract::events::agents::{Branding, FieldRule, SignupField, Terms};

use crate::fields::OPTIONAL_FIELDS;

/// What the operator says of the form: what it asks for, how it looks, and who may show it in a frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignupFormConfig {
    /// All optional fields.
    pub fields: BTreeMap<SignupField, FieldRule>,
    pub terms: Terms,
    pub branding: Branding,
    pub frame_origins: Vec<String>,
}

impl Default for SignupFormConfig {
    fn default() -> Self {
        Self::new(&BTreeMap::new(), Terms::default())
    }
}

impl SignupFormConfig {
    /// The rules where the operator said this of some fields; the others are shown, as the pages look by themselves, in no frame.
    pub fn new(said: &BTreeMap<SignupField, FieldRule>, terms: Terms) -> Self {
        let rule = |field| said.get(&field).copied().unwrap_or(FieldRule::Shown);
        let fields = OPTIONAL_FIELDS.into_iter().map(|field| (field, rule(field))).collect();
        Self { fields, terms, branding: Branding::default(), frame_origins: Vec::new() }
    }

    /// Whether and how this field is asked for.
    pub fn of(&self, field: SignupField) -> FieldRule {
        self.fields.get(&field).copied().unwrap_or(FieldRule::Shown)
    }
}
