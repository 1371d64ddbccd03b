//! The days on which transfers are made in euro: from Monday to Friday, except for the holidays of the system TARGET.

use contract::clock::Day;

/// 1970-01-01 was a Thursday, the fourth day of its week.
const FIRST_WEEKDAY: i64 = 3;
/// Holidays on the same day of each year.
const FIXED: [&str; 4] = ["-01-01", "-05-01", "-12-25", "-12-26"];

/// The first day from this one on which transfers are made.
pub fn next_business_day(day: Day) -> Day {
    let mut day = day;
    while !is_business_day(day) {
        day = day.plus(1);
    }
    day
}

pub fn is_business_day(day: Day) -> bool {
    let is_weekend = (day.number() + FIRST_WEEKDAY).rem_euclid(7) > 4;
    let date = day.to_string();
    let year = date.get(..4).and_then(|year| year.parse().ok());
    let easter = year.and_then(easter_sunday);
    let is_easter = easter.is_some_and(|easter| [easter.plus(-2), easter.plus(1)].contains(&day));
    !is_weekend && !is_easter && !FIXED.iter().any(|fixed| date.ends_with(fixed))
}

/// Easter Sunday in the Gregorian calendar, by the algorithm of Meeus, Jones and Butcher.
fn easter_sunday(year: i64) -> Option<Day> {
    let (century, of_century) = (year / 100, year % 100);
    let correction = (century - (century + 8) / 25 + 1) / 3;
    let epact = (19 * (year % 19) + century - century / 4 - correction + 15) % 30;
    let weekday = (32 + 2 * (century % 4) + 2 * (of_century / 4) - epact - of_century % 4) % 7;
    let late = (year % 19 + 11 * epact + 22 * weekday) / 451;
    let days = epact + weekday - 7 * late + 114;
    format!("{year:04}-{:02}-{:02}", days / 31, days % 31 + 1).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weekends_and_holidays_wait_for_the_next_business_day() {
        for (day, next) in [
            ("2026-11-27", "2026-11-27"),
            ("2026-11-28", "2026-11-30"),
            ("2026-11-29", "2026-11-30"),
            ("2026-12-25", "2026-12-28"),
            ("2027-01-01", "2027-01-04"),
            ("2026-04-03", "2026-04-07"),
            ("2027-03-26", "2027-03-30"),
            ("2026-05-01", "2026-05-04"),
            ("2025-12-24", "2025-12-24"),
        ] {
            assert_eq!(next_business_day(day.parse().unwrap()).to_string(), next, "{day}");
        }
    }

    #[test]
    fn easter_is_on_its_sundays() {
        for day in ["1961-04-02", "2000-04-23", "2024-03-31", "2025-04-20", "2026-04-05", "2038-04-25"] {
            assert_eq!(easter_sunday(day[..4].parse().unwrap()).unwrap().to_string(), day);
        }
    }
}
