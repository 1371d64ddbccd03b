//! Time as a value: a moment, how it is written, and the one place that reads the system's clock.
//! Nothing here waits, and the domain gets its moments in commands.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A point in time, in whole microseconds since 1970 (UTC): what a database column holds without loss.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(i64);

/// A text that is not an RFC 3339 date and time.
#[derive(Debug, thiserror::Error)]
#[error("not a date and time such as 2026-01-31T09:30:00Z")]
pub struct NotAMoment;

impl Moment {
    /// The moment `micros` microseconds after 1970 began (UTC).
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since 1970 began (UTC).
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Reads RFC 3339 text with any offset.
    pub fn parse(text: &str) -> Result<Self, NotAMoment> {
        let timestamp: jiff::Timestamp = text.parse().map_err(|_| NotAMoment)?;
        Ok(Self(timestamp.as_microsecond()))
    }

    /// This moment plus `seconds`, at most the end of time.
    #[must_use]
    pub const fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(1_000_000)))
    }
}

impl std::fmt::Display for Moment {
    /// RFC 3339 in UTC with six decimals, always 27 characters for the years 0 to 9999.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match jiff::Timestamp::from_microsecond(self.0) {
            Ok(timestamp) => write!(formatter, "{timestamp:.6}"),
            Err(_) => write!(formatter, "out of range"),
        }
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for Moment {
    fn schema_name() -> Cow<'static, str> {
        "Moment".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "date-time" })
    }
}

/// Where moments come from: the system, or a test that holds time still.
#[derive(Clone, Debug, Default)]
pub enum Clock {
    /// The machine's clock.
    #[default]
    System,
    /// Always the same moment.
    Fixed(Moment),
}

impl Clock {
    /// The moment now is.
    pub fn now(&self) -> Moment {
        match self {
            Self::System => Moment(jiff::Timestamp::now().as_microsecond()),
            Self::Fixed(moment) => *moment,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_comes_back_as_it_was_written() {
        let moment = Moment::from_micros(1_795_456_789_012_345);
        assert_eq!(Moment::parse(&moment.to_string()).unwrap(), moment);
        assert_eq!(moment.to_string().len(), 27);
    }

    #[test]
    fn whole_seconds_keep_their_six_decimals() {
        assert_eq!(Moment::from_micros(0).to_string(), "1970-01-01T00:00:00.000000Z");
    }
}
