//! Periods as clients name them: days or times where the company is.

use contract::events::statements::StatementOf;
use contract::zone::{EXPECTED, Zone};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::fields::Fields;

/// A period of days in the company's time zone. It must have ended.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "StatementPeriodGiven")]
pub struct PeriodRequest {
    /// The first day, such as 2026-01-01; or a time such as 2026-01-01 09:30.
    #[schemars(required)]
    pub since: Option<String>,
    /// The last day, which belongs to the period; or a time, which does not.
    #[schemars(required)]
    pub until: Option<String>,
}

impl PeriodRequest {
    /// The subject of a statement; `None` where something is wrong, which `fields` then reports.
    pub fn check(self, fields: &mut Fields, zone: &Zone) -> Option<StatementOf> {
        let trimmed = |text: Option<String>| text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        let since = fields.required("period.since", trimmed(self.since));
        let until = fields.required("period.until", trimmed(self.until));
        let starts_at = since.as_deref().map(|text| zone.start(text));
        let ends_at = until.as_deref().map(|text| zone.end(text));
        for (name, read) in [("period.since", starts_at), ("period.until", ends_at)] {
            if read == Some(None) {
                fields.error(name, "invalid", EXPECTED);
            }
        }
        let (starts_at, ends_at) = (starts_at.flatten()?, ends_at.flatten()?);
        if ends_at <= starts_at {
            fields.error("period.until", "before_since", "must not be before the start");
            return None;
        }
        Some(StatementOf::Period { since: since?, until: until?, starts_at, ends_at })
    }
}
