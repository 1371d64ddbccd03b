//! Time as a value: moments and days, their text forms, and the only place that reads the system's clock. The domain
//! gets its moments in commands.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::SignedDuration;
use jiff::civil::DateTime;
use jiff::fmt::temporal::{Pieces, PiecesOffset};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A point in time, in whole microseconds since 1970 (UTC): what a database column holds without loss.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(i64);

/// Largest expected difference between the clocks of two processes, in seconds.
const MAX_SKEW_SECONDS: i64 = 5;

/// 1970-01-01T00:00:00.
const EPOCH: DateTime = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);
/// 0001-01-01T00:00:00Z.
const FIRST: i64 = -62_135_596_800_000_000;
/// 9999-12-31T23:59:59.999999Z.
const LAST: i64 = 253_402_300_799_999_999;
/// The greatest offset from UTC of a civil clock.
const MAX_OFFSET_SECONDS: i64 = 18 * 60 * 60;

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

    /// Reads RFC 3339 text of the years 1 to 9999, with an offset of at most 18 hours.
    pub fn parse(text: &str) -> Result<Self, NotAMoment> {
        Self::read(text).filter(|moment| (FIRST..=LAST).contains(&moment.0)).ok_or(NotAMoment)
    }

    /// Leap seconds, and forms of ISO 8601 that RFC 3339 excludes, are refused.
    fn read(text: &str) -> Option<Self> {
        let is_extended =
            matches!(text.as_bytes(), [_, _, _, _, b'-', _, _, b'-', _, _, b'T' | b't' | b' ', _, _, b':', ..]);
        if !is_extended || text.get(11..)?.contains(":60") {
            return None;
        }
        let pieces = Pieces::parse(text).ok().filter(|pieces| pieces.time_zone_annotation().is_none())?;
        let offset = match pieces.offset()? {
            PiecesOffset::Numeric(offset) => i64::from(offset.offset().seconds()),
            _ => 0,
        };
        let local = pieces.date().to_datetime(pieces.time()?);
        let micros = i64::try_from(local.duration_since(EPOCH).as_micros()).ok()?;
        (offset.abs() <= MAX_OFFSET_SECONDS).then_some(Self(micros - offset * 1_000_000))
    }

    /// Reads a text that a database wrote.
    pub fn from_database(text: &str) -> Result<Self, NotAMoment> {
        let timestamp: jiff::Timestamp = text.parse().map_err(|_| NotAMoment)?;
        Ok(Self(timestamp.as_microsecond()))
    }

    /// This moment plus `seconds`, at most the end of time.
    #[must_use]
    pub const fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(1_000_000)))
    }

    /// The latest plausible moment from another process: its clock may be a few seconds ahead.
    #[must_use]
    pub const fn with_skew(self) -> Self {
        self.plus_seconds(MAX_SKEW_SECONDS)
    }

    /// This moment, unless it is further ahead of `now` than clocks differ: then one of the two clocks is wrong.
    pub fn unless_ahead_of(self, now: Self) -> Option<Self> {
        (self <= now.with_skew()).then_some(self)
    }
}

/// A day, from midnight to midnight UTC, as a number of days since 1970-01-01.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(i64);

/// Microseconds of a day.
const DAY_MICROS: i64 = 24 * 60 * 60 * 1_000_000;
/// Characters of a day as it is written.
const DAY_LENGTH: usize = "2026-01-31".len();

/// A text that is not a day.
#[derive(Debug, thiserror::Error)]
#[error("not a day such as 2026-01-31")]
pub struct NotADay;

impl Day {
    /// The day `number` days after 1970-01-01.
    pub const fn from_number(number: i64) -> Self {
        Self(number)
    }

    /// Days since 1970-01-01.
    pub const fn number(self) -> i64 {
        self.0
    }

    /// Its first moment.
    pub const fn begins(self) -> Moment {
        Moment(self.0.saturating_mul(DAY_MICROS))
    }

    /// The day `days` later.
    #[must_use]
    pub const fn plus(self, days: i64) -> Self {
        Self(self.0.saturating_add(days))
    }
}

impl Moment {
    /// The day of this moment.
    pub const fn day(self) -> Day {
        Day(self.0.div_euclid(DAY_MICROS))
    }
}

impl std::fmt::Display for Day {
    /// As in RFC 3339: `2026-01-31`.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = self.begins().to_string();
        formatter.write_str(text.get(..DAY_LENGTH).unwrap_or(&text))
    }
}

impl std::str::FromStr for Day {
    type Err = NotADay;

    fn from_str(text: &str) -> Result<Self, NotADay> {
        if text.len() != DAY_LENGTH {
            return Err(NotADay);
        }
        Moment::parse(&format!("{text}T00:00:00Z")).map(Moment::day).map_err(|_| NotADay)
    }
}

impl std::fmt::Display for Moment {
    /// RFC 3339 in UTC with six decimals, always 27 characters for the years 0 to 9999.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match jiff::Timestamp::from_microsecond(self.0) {
            Ok(timestamp) => write!(formatter, "{timestamp:.6}"),
            // The last two days of the year 9999, which `jiff`'s type excludes because of offsets.
            Err(_) if (FIRST..=LAST).contains(&self.0) => {
                match EPOCH.checked_add(SignedDuration::from_micros(self.0)) {
                    Ok(time) => write!(formatter, "{time:.6}Z"),
                    Err(_) => write!(formatter, "out of range"),
                }
            }
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

/// The source of moments: the system, a fixed one for tests, or one that is set for data of the past.
#[derive(Clone, Debug, Default)]
pub enum Clock {
    /// The machine's clock.
    #[default]
    System,
    /// Always the same moment.
    Fixed(Moment),
    /// The moment that was set last.
    Set(SetClock),
}

/// A clock that stands until it is set; clones share it. It never goes back.
#[derive(Clone, Debug)]
pub struct SetClock(Arc<AtomicI64>);

impl SetClock {
    /// A clock that stands at a moment.
    pub fn at(moment: Moment) -> Self {
        Self(Arc::new(AtomicI64::new(moment.0)))
    }

    /// The moment that was set last.
    pub fn now(&self) -> Moment {
        Moment(self.0.load(Ordering::Relaxed))
    }

    /// Sets the clock, unless it is later already.
    pub fn set(&self, moment: Moment) {
        self.0.fetch_max(moment.0, Ordering::Relaxed);
    }
}

impl Clock {
    /// Whether time passes by itself.
    pub fn runs(&self) -> bool {
        matches!(self, Self::System)
    }

    /// The current moment.
    pub fn now(&self) -> Moment {
        match self {
            Self::System => Moment(jiff::Timestamp::now().as_microsecond()),
            Self::Fixed(moment) => *moment,
            Self::Set(clock) => clock.now(),
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
    fn a_moment_is_of_the_years_1_to_9999_and_of_a_clock_on_earth() {
        for (text, read) in [
            ("2026-01-31T09:30:00Z", "2026-01-31T09:30:00.000000Z"),
            ("2026-01-31t09:30:00.25z", "2026-01-31T09:30:00.250000Z"),
            ("2026-01-31 09:30:00+18:00", "2026-01-30T15:30:00.000000Z"),
            ("2026-01-31T09:30:00-18:00", "2026-02-01T03:30:00.000000Z"),
            ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000000Z"),
            ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59.000000Z"),
            ("9999-12-31T23:59:59.999999+05:00", "9999-12-31T18:59:59.999999Z"),
        ] {
            let moment = Moment::parse(text).unwrap_or_else(|_| panic!("{text} is refused"));
            assert_eq!(moment.to_string(), read, "{text}");
            assert_eq!(Moment::parse(read).unwrap(), moment);
        }
        for text in [
            "",
            "2026-01-31",
            "2026-01-31T09:30:00",
            "2026-01-31T09:30:60Z",
            "2016-12-31T23:59:60Z",
            "2026-01-31T09:30:00+18:01",
            "2026-01-31T09:30:00-23:00",
            "2026-01-31T09:30:00+25:00",
            "0000-12-31T23:59:59Z",
            "0001-01-01T00:00:00+01:00",
            "-000001-01-01T00:00:00Z",
            "9999-12-31T23:59:59-01:00",
            "10000-01-01T00:00:00Z",
            "2026-02-30T00:00:00Z",
            "2026-01-31T24:00:00Z",
            "20260131T093060Z",
            "2026-01-31T09:30:00Z[Europe/Berlin]",
            "2026-01-31T09:30:00+02:00[Europe/Berlin]",
        ] {
            assert!(Moment::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_day_comes_back_as_it_was_written_and_holds_its_moments() {
        let moment = Moment::parse("2026-11-25T23:59:59.999999Z").unwrap();
        assert_eq!(moment.day().to_string(), "2026-11-25");
        assert_eq!("2026-11-25".parse::<Day>().unwrap(), moment.day());
        assert_eq!(Moment::from_micros(moment.micros() + 1).day(), moment.day().plus(1));
        assert_eq!(Moment::from_micros(-1).day(), Day::from_number(-1));
        for wrong in ["2026-11-31", "2026-11-25T", "20261125", "", "2026-11-255"] {
            assert!(wrong.parse::<Day>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_clock_that_is_set_never_goes_back() {
        let set = SetClock::at(Moment::from_micros(5));
        let clock = Clock::Set(set.clone());
        set.set(Moment::from_micros(9));
        set.set(Moment::from_micros(7));
        assert_eq!(clock.now(), Moment::from_micros(9));
    }

    #[test]
    fn whole_seconds_keep_their_six_decimals() {
        assert_eq!(Moment::from_micros(0).to_string(), "1970-01-01T00:00:00.000000Z");
    }
}
