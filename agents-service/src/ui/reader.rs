//! How the reader of a page has times and numbers. The guard sets it around each request of a signed-in account; what is written
//! outside of one, such as a file, is written as programs write it.

use std::future::Future;

use axum::http::{HeaderMap, header};
use contract::clock::Moment;
use contract::zone::Zone;

use crate::auth::preferences::Preferences;
use crate::ui::numbers::{Numbers, counted};

tokio::task_local! {
    static READER: Reader;
}

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
/// What is older, in seconds, is told by its time.
const LONGEST_AGO: i64 = 7 * DAY;
const MICROS: i64 = 1_000_000;

/// The reader of a page.
#[derive(Clone, Debug)]
pub struct Reader {
    pub zone: Zone,
    pub numbers: Numbers,
    /// When the page was asked for.
    pub now: Moment,
}

impl Reader {
    /// The reader with these preferences, in this browser.
    pub fn of(preferences: &Preferences, headers: &HeaderMap, now: Moment) -> Self {
        let names = [&preferences.time_zone, &preferences.company];
        let zone = names.into_iter().filter(|name| !name.is_empty()).find_map(|name| Zone::named(name));
        let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let numbers = Numbers::named(&preferences.numbers).unwrap_or_else(|| Numbers::of_language(accepted));
        Self { zone: zone.unwrap_or_default(), numbers, now }
    }

    /// Makes a page for this reader.
    pub async fn reads<F: Future>(self, page: F) -> F::Output {
        READER.scope(self, page).await
    }
}

fn reader<T>(of: impl FnOnce(&Reader) -> T) -> Option<T> {
    READER.try_with(of).ok()
}

/// The zone whose days the reader means.
pub fn zone() -> Zone {
    reader(|reader| reader.zone.clone()).unwrap_or_default()
}

/// A moment to the minute.
pub fn moment(text: &str) -> String {
    let shown = Moment::parse(text).ok().and_then(|moment| reader(|reader| reader.zone.in_full(moment))?);
    shown.unwrap_or_else(|| text.to_owned())
}

/// A moment to the second, in the reader's zone and in UTC.
pub fn exactly(text: &str) -> String {
    let Ok(moment) = Moment::parse(text) else { return text.to_owned() };
    let utc = format!("{} UTC", text.get(..19).unwrap_or(text).replace('T', " "));
    let here = reader(|reader| Some(format!("{} {}", reader.zone.to_the_second(moment)?, reader.zone.name())));
    match here.flatten().filter(|here| !here.ends_with(" UTC")) {
        Some(here) => format!("{here}; {utc}"),
        None => utc,
    }
}

/// How long ago a moment was, where that is not long; else the moment.
pub fn ago(text: &str) -> String {
    let seconds = Moment::parse(text).ok().and_then(|moment| reader(|reader| reader.now.micros() - moment.micros()));
    let seconds = seconds.map_or(i64::MAX, |micros| micros / MICROS);
    let of = |unit: i64, one: &str, many: &str| counted((seconds / unit).unsigned_abs(), one, many) + " ago";
    match seconds {
        ..0 | LONGEST_AGO.. => moment(text),
        0..MINUTE => "just now".to_owned(),
        MINUTE..HOUR => of(MINUTE, "minute", "minutes"),
        HOUR..DAY => of(HOUR, "hour", "hours"),
        DAY..LONGEST_AGO => of(DAY, "day", "days"),
    }
}

/// What stands between numbers that are shown together.
pub const NEXT_NUMBER: &str = "; ";

/// A number as programs write it, or several, as the reader does.
pub fn number(text: &str) -> String {
    let write = |numbers: Numbers| text.split(NEXT_NUMBER).map(|text| numbers.write(text)).collect::<Vec<_>>();
    reader(|reader| write(reader.numbers).join(NEXT_NUMBER)).unwrap_or_else(|| text.to_owned())
}

/// A typed number as programs write it; what is none stays, to be refused.
pub fn typed(text: &str) -> String {
    reader(|reader| reader.numbers.read(text)).flatten().unwrap_or_else(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_berlin(numbers: &str) -> Reader {
        let preferences = Preferences {
            time_zone: "Europe/Berlin".to_owned(),
            numbers: numbers.to_owned(),
            ..Preferences::default()
        };
        Reader::of(&preferences, &HeaderMap::new(), Moment::parse("2026-11-27T21:00:00Z").unwrap())
    }

    #[tokio::test]
    async fn times_and_numbers_are_the_readers() {
        in_berlin("comma")
            .reads(async {
                assert_eq!(moment("2026-11-27T20:54:07.5Z"), "27 Nov 2026, 21:54");
                assert_eq!(
                    exactly("2026-11-27T20:54:07Z"),
                    "27 Nov 2026, 21:54:07 Europe/Berlin; 2026-11-27 20:54:07 UTC"
                );
                assert_eq!(number("1234.50 EUR"), "1.234,50 EUR");
                assert_eq!(number("1234.50 EUR; -2.5 USD"), "1.234,50 EUR; -2,5 USD");
                assert_eq!([typed("1.234,5"), typed("abc")], ["1234.5", "abc"]);
            })
            .await;
    }

    #[tokio::test]
    async fn what_is_not_long_ago_is_told_so() {
        in_berlin("")
            .reads(async {
                let told =
                    ["2026-11-27T20:59:30Z", "2026-11-27T20:57:00Z", "2026-11-27T19:59:00Z", "2026-11-25T20:00:00Z"];
                let told = told.map(ago);
                assert_eq!(told, ["just now", "3 minutes ago", "1 hour ago", "2 days ago"]);
                assert_eq!(ago("2026-11-20T21:00:00Z"), "20 Nov 2026, 22:00");
                assert_eq!(ago("2026-11-27T21:00:01Z"), "27 Nov 2026, 22:00");
            })
            .await;
    }

    #[test]
    fn a_file_has_what_programs_read() {
        assert_eq!(moment("2026-11-27T20:54:07Z"), "2026-11-27T20:54:07Z");
        assert_eq!(number("1234.50"), "1234.50");
    }

    #[test]
    fn the_companys_zone_is_the_one_of_who_has_none() {
        let company = Preferences { company: "Asia/Tokyo".to_owned(), ..Preferences::default() };
        let reader = Reader::of(&company, &HeaderMap::new(), Moment::default());
        assert_eq!((reader.zone.name(), reader.numbers), ("Asia/Tokyo", Numbers::Point));
    }
}
