//! The days of the example, and how many customers have signed up by the end of each: more in the middle of a week, in November and
//! December, and as the company grows.

use contract::clock::{Day, Moment};

use super::random::{Part, Random};

/// Days of the example.
pub const DAYS: i64 = 365;
/// Monday to Sunday.
const WEEKDAYS: [i64; 7] = [105, 112, 110, 108, 115, 85, 60];
/// January to December.
const MONTHS: [i64; 12] = [85, 88, 96, 98, 100, 92, 78, 76, 104, 106, 122, 158];
/// Of a hundred, on the first day and on the last.
const GROWTH: [i64; 2] = [55, 145];
/// Most by which a day differs from what is expected, of a hundred.
const CHANCE: i64 = 15;

/// A simulated day.
#[derive(Clone, Copy, Debug)]
pub struct Today {
    /// From 0.
    pub number: i64,
    pub day: Day,
}

impl Today {
    /// So many minutes after the day began, by UTC.
    pub fn at(self, minutes: i64) -> Moment {
        self.day.begins().plus_seconds(minutes * 60)
    }

    /// The day so many days later, as requests state it.
    pub fn later(self, days: i64) -> String {
        self.day.plus(days).to_string()
    }

    /// From 1.
    pub fn month(self) -> usize {
        month(self.day)
    }

    pub fn is_last(self) -> bool {
        self.number == DAYS - 1
    }

    /// For random numbers.
    pub fn seed(self) -> u64 {
        self.number.unsigned_abs()
    }
}

/// The year, and the signups of each day.
pub struct Season {
    first: Day,
    /// Customers by the end of each day.
    customers: Vec<usize>,
}

impl Season {
    /// A year that ends with a day.
    pub fn until(last: Day, signups: usize) -> Self {
        let first = last.plus(1 - DAYS);
        let weights: Vec<u64> = (0..DAYS).map(|number| weight(number, first.plus(number))).collect();
        let (all, mut passed) = (weights.iter().sum::<u64>().max(1), 0);
        let by = |passed: u64| u64::try_from(signups).unwrap_or_default().saturating_mul(passed) / all;
        let customers = weights.iter().map(|weight| {
            passed += weight;
            usize::try_from(by(passed)).unwrap_or(signups)
        });
        Self { first, customers: customers.collect() }
    }

    /// Each day, with the number of customers by its end.
    pub fn days(&self) -> impl Iterator<Item = (Today, usize)> {
        let first = self.first;
        (0..).zip(&self.customers).map(move |(number, by)| (Today { number, day: first.plus(number) }, *by))
    }

    pub fn first(&self) -> Day {
        self.first
    }
}

fn weight(number: i64, day: Day) -> u64 {
    // 1970-01-01 was a Thursday.
    let weekday = usize::try_from((day.number() + 3).rem_euclid(7)).unwrap_or_default();
    let growth = GROWTH[0] + (GROWTH[1] - GROWTH[0]) * number / (DAYS - 1);
    let chance = 100 - CHANCE + Random::of(Part::Season, number.unsigned_abs()).below(2 * CHANCE + 1);
    (WEEKDAYS[weekday] * MONTHS[month(day) - 1] * growth * chance).unsigned_abs()
}

fn month(day: Day) -> usize {
    let text = day.to_string();
    text.get(5..7).and_then(|month| month.parse().ok()).filter(|month| (1..=MONTHS.len()).contains(month)).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_sign_up_in_the_year_and_december_is_strong() {
        let season = Season::until("2026-06-30".parse().unwrap(), 20_000);
        let (last, by) = season.days().last().unwrap();
        assert_eq!((last.day.to_string().as_str(), last.is_last(), by), ("2026-06-30", true, 20_000));
        let mut months = [0; 12];
        let mut before = 0;
        for (today, by) in season.days() {
            assert!(by > before, "nobody signs up on {}", today.day);
            months[today.month() - 1] += by - before;
            before = by;
        }
        assert!(months[11] > months[10] && months[11] > months[0] * 3 / 2, "{months:?}");
    }

    #[test]
    fn a_weekend_is_quiet() {
        let season = Season::until("2026-06-30".parse().unwrap(), 20_000);
        let by: Vec<usize> = season.days().map(|(_, by)| by).collect();
        // The first day is a Tuesday.
        let of_weekday = |place: usize| (place..364).step_by(7).map(|day| by[day + 1] - by[day]).sum::<usize>();
        assert_eq!(season.first().to_string(), "2025-07-01");
        assert!(of_weekday(4) < of_weekday(1) * 3 / 4, "Sundays {}, Thursdays {}", of_weekday(4), of_weekday(1));
    }
}
