//! Quarter hours since 1970-01-01 UTC: every time zone's days begin at one, so sums by quarter hour add up to the days of
//! every zone.

use contract::clock::{Day, Moment};

/// Quarter hours of a day.
pub const OF_DAY: i64 = 96;
const MICROS: i64 = 15 * 60 * 1_000_000;
/// No clock is further from UTC, in quarter hours.
const MAX_OFFSET: i64 = 16 * 4;

/// Quarter hours of four days: what a rebuild sums up at once.
pub const OF_FOUR_DAYS: i64 = 4 * OF_DAY;

/// Rows that are sums of other rows, for a rebuild: into which table and columns, from which table, so much at once along a column, of
/// which rows, told apart by what, and the amounts with their sums.
macro_rules! roll_up {
    ($table:literal, $columns:literal, $from:literal, $step:expr, $along:literal, $only:literal, [$($group:literal)+], $amounts:literal, $sums:literal) => {
        event_store::projections::Sum {
            ends: event_store::sql::Sql::new(concat!(
                "SELECT MIN(", $along, ") AS first, MAX(", $along, ") AS last FROM ", $from, "{shadow} WHERE TRUE", $only
            )),
            step: $step,
            add: event_store::sql::Sql::new(concat!(
                "INSERT INTO ", $table, "{shadow} (", $columns, $amounts, ") SELECT ", $($group,)+ $sums, " FROM ", $from,
                "{shadow} WHERE ", $along, " >= $1 AND ", $along, " < $2", $only, " GROUP BY ", $($group),+
            )),
        }
    };
}
pub(crate) use roll_up;

/// Days of the spans that sums are rolled up by.
const SPANS: [i64; 4] = [1, 4, 16, 64];
/// Tells the spans of one length from those of another.
const LENGTH: i64 = 100_000_000;

/// The spans that a day is in.
pub fn spans(day: i64) -> [i64; SPANS.len()] {
    std::array::from_fn(|index| LENGTH * index_as_number(index) + day.div_euclid(SPANS[index]))
}

fn index_as_number(index: usize) -> i64 {
    i64::try_from(index).unwrap_or(0)
}

/// The fewest spans that together are these days, the end not included; each range with its end.
pub fn spans_between(first: i64, end: i64) -> Vec<(i64, i64)> {
    let (mut first, mut end, mut ranges) = (first, end, Vec::new());
    for (index, days) in SPANS.iter().enumerate() {
        let longer = SPANS.get(index + 1).copied().unwrap_or(i64::MAX);
        let is_last = index + 1 == SPANS.len();
        let up = if is_last { end } else { (-(-first).div_euclid(longer) * longer).min(end) };
        let down = if is_last { up } else { (end.div_euclid(longer) * longer).max(up) };
        for (from, to) in [(first, up), (down, end)] {
            if from < to {
                let base = LENGTH * index_as_number(index);
                ranges.push((base + from.div_euclid(*days), base + to.div_euclid(*days)));
            }
        }
        (first, end) = (up, down);
    }
    ranges
}

/// The quarter hour of a moment.
pub const fn of(moment: Moment) -> i64 {
    moment.micros().div_euclid(MICROS)
}

/// The first quarter hour that does not begin before a moment.
pub const fn from(moment: Moment) -> i64 {
    of(Moment::from_micros(moment.micros().saturating_add(MICROS - 1)))
}

/// The first moment of a quarter hour.
pub const fn begins(quarter: i64) -> Moment {
    Moment::from_micros(quarter.saturating_mul(MICROS))
}

/// A quarter hour in the same month, in every time zone. Far from the months' ends one stands for all, so that sums by month stay
/// few; near them each stands for itself.
pub fn in_month(quarter: i64) -> i64 {
    let month = |quarter| begins(quarter).day().to_string().get(..7).map(str::to_owned);
    let here = month(quarter);
    if here != month(quarter - MAX_OFFSET) || here != month(quarter + MAX_OFFSET) {
        return quarter;
    }
    let middle = here.and_then(|month| format!("{month}-15").parse::<Day>().ok());
    middle.map_or(quarter, |day| of(day.begins()))
}

#[cfg(test)]
mod tests {
    use contract::zone::Zone;

    use super::*;

    fn quarter(text: &str) -> i64 {
        of(Moment::parse(text).unwrap())
    }

    #[test]
    fn a_quarter_stands_for_others_of_its_month_in_every_zone() {
        let zones = ["UTC", "Pacific/Kiritimati", "Pacific/Niue", "Asia/Kathmandu", "America/Los_Angeles"];
        let zones = zones.map(|name| Zone::named(name).unwrap());
        let first = quarter("2026-02-25T00:00:00Z");
        let mut different = std::collections::BTreeSet::new();
        for number in first..first + 40 * OF_DAY {
            let stands_for = in_month(number);
            different.insert(stands_for);
            for zone in &zones {
                let month = |quarter| zone.day(begins(quarter)).unwrap().to_string()[..7].to_owned();
                assert_eq!(month(stands_for), month(number), "{number}");
            }
        }
        assert!(different.len() < 300, "{}", different.len());
    }

    #[test]
    fn spans_between_two_days_are_each_day_once_and_few() {
        for (first, end) in [(0, 1), (3, 5), (20_757, 20_787), (20_422, 20_787), (63, 64), (1, 129), (64, 128), (7, 7)]
        {
            let ranges = spans_between(first, end);
            let covers = |day: i64| {
                ranges.iter().filter(|(from, to)| spans(day).iter().any(|span| (from..to).contains(&span))).count()
            };
            assert!((first - 70..first).chain(end..end + 70).all(|day| covers(day) == 0), "{first} {end} {ranges:?}");
            assert!((first..end).all(|day| covers(day) == 1), "{first} {end} {ranges:?}");
            assert!(ranges.iter().map(|(from, to)| to - from).sum::<i64>() < 26, "{ranges:?}");
        }
    }

    #[test]
    fn quarters_before_1970_are_counted_too() {
        assert_eq!((quarter("1969-12-31T23:59:59Z"), quarter("1970-01-01T00:14:59Z")), (-1, 0));
        assert_eq!(from(Moment::parse("1970-01-01T00:00:01Z").unwrap()), 1);
    }
}
