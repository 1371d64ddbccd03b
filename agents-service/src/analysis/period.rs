//! Periods of days of a time zone, and their parts: days, ISO weeks and months, as ranges of quarter hours.

use contract::clock::Day;
use contract::zone::Zone;

use crate::quarters;

/// Most days of a period: ten years.
pub const MAX_DAYS: i64 = 3_660;
/// Quarter hours of a range are packed into a number with its first one, below this.
pub const PACKED: i64 = 1_000_000;

/// Days, the first and the last included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    pub first: Day,
    pub last: Day,
}

/// What a period is cut into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    Day,
    /// From Monday.
    Week,
    Month,
}

/// Quarter hours, the first included and the end not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quarters {
    pub first: i64,
    pub end: i64,
}

impl Quarters {
    /// As one number, for a statement over many ranges.
    pub fn packed(self) -> i64 {
        self.first * PACKED + (self.end - self.first).clamp(0, PACKED - 1)
    }

    /// The whole days in it, UTC, by number, the end not included; and the packed quarter hours around them.
    pub fn days(self) -> (Option<(i64, i64)>, Vec<i64>) {
        let (first, end) = (-(-self.first).div_euclid(quarters::OF_DAY), self.end.div_euclid(quarters::OF_DAY));
        if first >= end {
            return (None, vec![self.packed()]);
        }
        let before = Self { first: self.first, end: first * quarters::OF_DAY };
        let after = Self { first: end * quarters::OF_DAY, end: self.end };
        let edges = [before, after].into_iter().filter(|edge| edge.first < edge.end);
        (Some((first, end)), edges.map(Self::packed).collect())
    }
}

impl Period {
    /// So many days that end with this one.
    pub fn ending(last: Day, days: i64) -> Self {
        Self { first: last.plus(1 - days), last }
    }

    pub fn days(self) -> i64 {
        self.last.number() - self.first.number() + 1
    }

    /// The period of the same length right before it.
    #[must_use]
    pub fn before(self) -> Self {
        self.earlier(self.days())
    }

    #[must_use]
    pub fn earlier(self, days: i64) -> Self {
        Self { first: self.first.plus(-days), last: self.last.plus(-days) }
    }

    /// Its quarter hours in a zone.
    pub fn quarters(self, zone: &Zone) -> Quarters {
        Quarters { first: begins(zone, self.first), end: begins(zone, self.last.plus(1)) }
    }

    /// Its parts with their names, in order; the first and the last may be cut off.
    pub fn parts(self, unit: Unit) -> Vec<(String, Self)> {
        let mut parts = Vec::new();
        let mut first = self.first;
        while first <= self.last {
            let whole = unit.around(first);
            let last = whole.last.min(self.last);
            parts.push((unit.name(whole.first), Self { first, last }));
            first = last.plus(1);
        }
        parts
    }
}

impl Unit {
    /// The whole day, week or month of a day.
    pub fn around(self, day: Day) -> Period {
        match self {
            Self::Day => Period { first: day, last: day },
            Self::Week => {
                // 1970-01-01 was a Thursday.
                let monday = day.plus(-(day.number() + 3).rem_euclid(7));
                Period { first: monday, last: monday.plus(6) }
            }
            Self::Month => {
                let first = first_of_month(day);
                // The 1st is at most 31 days before the next one, and at least 28.
                Period { first, last: first_of_month(first.plus(31)).plus(-1) }
            }
        }
    }

    /// `2026-07-14` for a day and for the Monday of a week, `2026-07` for a month.
    fn name(self, first: Day) -> String {
        let name = first.to_string();
        if self == Self::Month { month(first) } else { name }
    }
}

/// The month of a day, such as `2026-07`.
pub fn month(day: Day) -> String {
    day.to_string().get(..7).unwrap_or_default().to_owned()
}

fn first_of_month(day: Day) -> Day {
    format!("{}-01", month(day)).parse().unwrap_or(day)
}

fn begins(zone: &Zone, day: Day) -> i64 {
    quarters::from(zone.start(&day.to_string()).unwrap_or(day.begins()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    fn period(first: &str, last: &str) -> Period {
        Period { first: day(first), last: day(last) }
    }

    fn names(period: Period, unit: Unit) -> Vec<String> {
        period.parts(unit).into_iter().map(|(name, part)| format!("{name} {}", part.days())).collect()
    }

    #[test]
    fn a_period_is_cut_into_weeks_from_monday_and_into_months() {
        assert_eq!(
            names(period("2026-07-01", "2026-07-14"), Unit::Week),
            ["2026-06-29 5", "2026-07-06 7", "2026-07-13 2"]
        );
        assert_eq!(names(period("2028-01-31", "2028-03-31"), Unit::Month), ["2028-01 1", "2028-02 29", "2028-03 31"]);
        assert_eq!(names(period("1969-12-31", "1970-01-01"), Unit::Day), ["1969-12-31 1", "1970-01-01 1"]);
        assert_eq!(period("2026-07-01", "2026-07-30").before(), period("2026-06-01", "2026-06-30"));
    }

    #[test]
    fn days_of_a_clock_change_have_their_own_length_and_add_up_to_their_month() {
        let zone = Zone::named("America/New_York").unwrap();
        let length = |period: Period| period.quarters(&zone).end - period.quarters(&zone).first;
        let lengths = |text| length(period(text, text));
        assert_eq!(["2026-03-08", "2026-03-09", "2026-11-01"].map(lengths), [92, 96, 100]);
        let month = period("2026-11-01", "2026-11-30");
        assert_eq!(month.parts(Unit::Day).into_iter().map(|(_, day)| length(day)).sum::<i64>(), length(month));
        for zone in
            ["Asia/Kathmandu", "Australia/Lord_Howe", "America/Los_Angeles"].map(|name| Zone::named(name).unwrap())
        {
            let days = period("2026-01-01", "2026-12-31").parts(Unit::Day);
            let ranges: Vec<_> = days.into_iter().map(|(_, day)| day.quarters(&zone)).collect();
            assert!(ranges.windows(2).all(|pair| pair[0].end == pair[1].first), "{}", zone.name());
        }
    }

    #[test]
    fn whole_days_and_their_edges_are_the_whole_range() {
        for (first, end) in [(0, 96), (1, 96), (5, 300), (10, 20), (90, 100), (96, 192)] {
            let range = Quarters { first, end };
            let (days, edges) = range.days();
            let whole = days.map_or(0, |(first, end)| (end - first) * quarters::OF_DAY);
            let edges: i64 = edges.iter().map(|edge| edge.rem_euclid(PACKED)).sum();
            assert_eq!(whole + edges, end - first, "{range:?}");
        }
    }
}
