use contract::clock::Moment;
use contract::events::signup_keys::SignupKeyAdded;
use contract::key::Key;
use contract::zone::{EXPECTED, Zone};
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;
use web::http::{Caller, FieldErrors, Problem};

use crate::commission::requests::{TERMS_SCOPE, TermsRequest, own};
use crate::fields::{Fields, LONG, Number, SHORT, nullable};
use crate::signup_keys::commands::AddSignupKey;
use crate::signup_keys::model::{Change, ends_before_start};

/// A signup key as a client asks for it.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "SignupKeyGiven")]
pub struct SignupKeyRequest {
    #[schemars(required)]
    pub agent_id: Option<Uuid>,
    /// One of the agent's granted call plans.
    #[schemars(required)]
    call_plan_id: Option<Uuid>,
    /// One of the agent's groups.
    #[schemars(required)]
    group_id: Option<Uuid>,
    /// 4 to 40 of a-z, 0-9 and hyphen; a random key when absent.
    slug: Option<String>,
    label: Option<String>,
    note: Option<String>,
    /// RFC 3339; or a day, from its beginning in the company's time zone.
    starts_at: Option<String>,
    /// RFC 3339; or a day, to its end in the company's time zone.
    ends_at: Option<String>,
    /// The number of placements that the key is good for.
    cap: Option<u64>,
    /// Commission on the customers of this key, in place of the agent's.
    #[serde(deserialize_with = "nullable")]
    #[schemars(with = "Option<Number>")]
    #[expect(clippy::option_option, reason = "absent and null differ here")]
    commission_percent: Option<Option<Number>>,
    /// The same with more terms.
    #[serde(deserialize_with = "nullable")]
    #[schemars(with = "Option<TermsRequest>")]
    #[expect(clippy::option_option, reason = "absent and null differ here")]
    commission: Option<Option<TermsRequest>>,
}

/// A change of a key; absent fields stay.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "SignupKeyChange")]
pub struct SignupKeyChangeRequest {
    label: Option<String>,
    note: Option<String>,
    /// As of a new key; null is at once.
    #[serde(deserialize_with = "nullable")]
    #[schemars(with = "Option<String>")]
    #[expect(clippy::option_option, reason = "absent and null differ here")]
    starts_at: Option<Option<String>>,
    /// As of a new key; null is no end.
    #[serde(deserialize_with = "nullable")]
    #[schemars(with = "Option<String>")]
    #[expect(clippy::option_option, reason = "absent and null differ here")]
    ends_at: Option<Option<String>>,
    /// The number of placements that the key is good for, with those that it has made; null is no limit.
    #[serde(deserialize_with = "nullable")]
    #[schemars(with = "Option<u64>")]
    #[expect(clippy::option_option, reason = "absent and null differ here")]
    cap: Option<Option<u64>>,
    /// Null is the grant's, the plan's or the agent's again.
    #[serde(deserialize_with = "nullable")]
    #[schemars(with = "Option<Number>")]
    #[expect(clippy::option_option, reason = "absent and null differ here")]
    commission_percent: Option<Option<Number>>,
    /// The same with more terms.
    #[serde(deserialize_with = "nullable")]
    #[schemars(with = "Option<TermsRequest>")]
    #[expect(clippy::option_option, reason = "absent and null differ here")]
    commission: Option<Option<TermsRequest>>,
}

impl SignupKeyChangeRequest {
    /// Whether it has commission terms, which agents do not state themselves.
    pub fn states_terms(&self) -> bool {
        self.commission_percent.is_some() || self.commission.is_some()
    }

    /// Refuses commission terms of a caller who may not state the terms of agents.
    pub fn check_terms(&self, caller: &Caller) -> Result<(), Problem> {
        if self.states_terms() { caller.require(TERMS_SCOPE) } else { Ok(()) }
    }

    /// The change of a key that has this note; the same note again is no change.
    pub fn check(self, errors: FieldErrors, zone: &Zone, note: &str) -> Result<Change, Problem> {
        let mut fields = Fields::new(errors);
        let change = Change {
            label: fields.text("label", self.label, SHORT),
            note: fields.text("note", self.note, LONG).filter(|text| text != note),
            starts_at: moment(&mut fields, "starts_at", self.starts_at, |text| zone.start(text)),
            ends_at: moment(&mut fields, "ends_at", self.ends_at, |text| zone.end(text)),
            cap: self.cap,
            commission: own(&mut fields, self.commission_percent, self.commission),
        };
        check_cap(&mut fields, self.cap.flatten());
        fields.finish()?;
        Ok(change)
    }
}

impl SignupKeyRequest {
    /// Whether it has commission terms, which agents do not state themselves.
    pub fn states_terms(&self) -> bool {
        self.commission_percent.is_some() || self.commission.is_some()
    }

    /// Refuses commission terms of a caller who may not state the terms of agents.
    pub fn check_terms(&self, caller: &Caller) -> Result<(), Problem> {
        if self.states_terms() { caller.require(TERMS_SCOPE) } else { Ok(()) }
    }

    pub fn addition(self, errors: FieldErrors, zone: &Zone) -> Result<AddSignupKey, Problem> {
        let mut fields = Fields::new(errors);
        let slug = self.slug.as_deref().map(Key::slug);
        if let Some(Err(error)) = &slug {
            fields.error("slug", "invalid", error.to_string());
        }
        let mut added = SignupKeyAdded {
            key: String::new(),
            agent_id: fields.required("agent_id", self.agent_id).unwrap_or_default(),
            call_plan_id: fields.required("call_plan_id", self.call_plan_id).unwrap_or_default(),
            group_id: fields.required("group_id", self.group_id).unwrap_or_default(),
            label: fields.text("label", self.label, SHORT).unwrap_or_default(),
            note: fields.text("note", self.note, LONG).filter(|text| !text.is_empty()).into(),
            starts_at: moment(&mut fields, "starts_at", Some(self.starts_at), |text| zone.start(text)).flatten(),
            ends_at: moment(&mut fields, "ends_at", Some(self.ends_at), |text| zone.end(text)).flatten(),
            cap: self.cap,
            commission: own(&mut fields, self.commission_percent, self.commission).flatten(),
        };
        if ends_before_start(added.starts_at, added.ends_at) {
            fields.error("ends_at", "ends_before_start", "must be after the start");
        }
        check_cap(&mut fields, added.cap);
        fields.finish()?;
        let key = match slug {
            Some(Ok(slug)) => slug,
            _ => Key::random().map_err(|error| Problem::unforeseen(&error))?,
        };
        added.key = key.into_string();
        Ok(AddSignupKey(added))
    }
}

fn check_cap(fields: &mut Fields, cap: Option<u64>) {
    if cap.is_some_and(|cap| cap == 0 || i64::try_from(cap).is_err()) {
        fields.error("cap", "out_of_range", "must be 1 or more");
    }
}

/// A day or time, absent or none. A malformed value is an error, and never counts as absent.
#[expect(clippy::option_option, reason = "absent and none differ here")]
fn moment(
    fields: &mut Fields,
    name: &str,
    value: Option<Option<String>>,
    meant: impl Fn(&str) -> Option<Moment>,
) -> Option<Option<Moment>> {
    let Some(text) = value? else { return Some(None) };
    let moment = meant(text.trim());
    if moment.is_none() {
        fields.error(name, "invalid", EXPECTED);
    }
    moment.map(Some)
}
