//! Questions as clients and pages ask them: parameters of an address, checked alike.

use contract::clock::{Day, Moment};
use contract::zone::Zone;

use crate::analysis::period::{MAX_DAYS, Period, Unit};
use crate::analysis::question::{Attribution, Filter, GroupBy, Order, Question, Reader};

/// Days of a period that nobody chose.
pub const DAYS: i64 = 30;
/// The first day that can be asked for.
const EARLIEST: &str = "2000-01-01";
/// The parameters, in the order of the form.
pub const NAMES: [&str; 14] = [
    "period",
    "since",
    "until",
    "by",
    "time_zone",
    "compare",
    "sort",
    "attribution",
    "agent_id",
    "call_plan_id",
    "group_id",
    "key",
    "campaign",
    "country",
];

/// The names of periods, as values of the parameter and in words.
pub const PERIODS: [(&str, &str); 7] = [
    ("today", "Today"),
    ("7_days", "7 days"),
    ("30_days", "30 days"),
    ("this_month", "This month"),
    ("last_month", "Last month"),
    ("quarter", "This quarter"),
    ("year", "This year"),
];

/// A parameter that is wrong: its name, a code and a sentence.
pub type Wrong = (&'static str, &'static str, String);

/// What was asked, as texts.
#[derive(Clone, Debug, Default)]
pub struct Asked(Vec<(&'static str, String)>);

impl Asked {
    pub fn of(mut get: impl FnMut(&'static str) -> Option<String>) -> Self {
        Self(NAMES.iter().filter_map(|name| Some((*name, get(name)?))).collect())
    }

    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(given, _)| *given == name).map(|(_, value)| value.as_str())
    }

    /// The same with another value; an empty one takes the parameter away.
    #[must_use]
    pub fn with(&self, name: &'static str, value: &str) -> Self {
        let mut pairs: Vec<_> = self.0.iter().filter(|(given, _)| *given != name).cloned().collect();
        if !value.is_empty() {
            pairs.push((name, value.to_owned()));
        }
        Self(pairs)
    }

    /// The address of a page with these parameters.
    pub fn address(&self, path: &str, more: &[(&str, &str)]) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(&self.0).extend_pairs(more);
        let query = query.finish();
        if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
    }

    /// The question, and what is wrong with it; what is wrong has its default. Without a zone of its own, days are the company's.
    pub fn question(&self, now: Moment, zone: Zone, reader: Reader, by: GroupBy) -> (Question, Vec<Wrong>) {
        let mut checked = Checked { asked: self, wrong: Vec::new() };
        let zone = checked.zone().unwrap_or(zone);
        let today = zone.day(now).unwrap_or(now.day());
        let period = checked.period(today);
        let filter = Filter {
            agent_id: checked.parsed("agent_id", "is not an id"),
            call_plan_id: checked.parsed("call_plan_id", "is not an id"),
            group_id: checked.parsed("group_id", "is not an id"),
            key: self.text("key").map(str::to_owned),
            campaign: self.text("campaign").map(str::to_owned),
            country: self.text("country").map(str::to_uppercase),
        };
        let question = Question {
            by: checked
                .one_of("by", "agent, call_plan, group, key, campaign, country, day, week or month")
                .unwrap_or(by),
            period,
            compare: checked.one_of("compare", "true or false").unwrap_or(false),
            filter,
            attribution: checked.one_of("attribution", "placed or now").unwrap_or(Attribution::Placed),
            order: checked
                .one_of("sort", "signups, payments, received or commission")
                .filter(|order| reader.money || *order == Order::Signups)
                .unwrap_or(Order::Signups),
            zone,
            reader,
        };
        (question, checked.wrong)
    }
}

struct Checked<'a> {
    asked: &'a Asked,
    wrong: Vec<Wrong>,
}

impl Checked<'_> {
    fn zone(&mut self) -> Option<Zone> {
        let zone = Zone::named(self.asked.text("time_zone")?);
        if zone.is_none() {
            self.wrong.push(("time_zone", "unknown", "is not a time zone, such as Europe/Berlin".to_owned()));
        }
        zone
    }

    fn parsed<T: std::str::FromStr>(&mut self, name: &'static str, message: &str) -> Option<T> {
        let parsed = self.asked.text(name)?.parse().ok();
        if parsed.is_none() {
            self.wrong.push((name, "invalid", message.to_owned()));
        }
        parsed
    }

    fn one_of<T: std::str::FromStr>(&mut self, name: &'static str, words: &str) -> Option<T> {
        let parsed = self.asked.text(name)?.parse().ok();
        if parsed.is_none() {
            self.wrong.push((name, "unknown_value", format!("must be {words}")));
        }
        parsed
    }

    fn period(&mut self, today: Day) -> Period {
        let wanted = "must be a day such as 2026-01-31";
        let (since, until) = (self.parsed::<Day>("since", wanted), self.parsed::<Day>("until", wanted));
        let named = self.asked.text("period").map(|name| named(name, today));
        if named == Some(None) {
            self.wrong.push(("period", "unknown_value", "is not the name of a period".to_owned()));
        }
        let default = named.flatten().unwrap_or(Period::ending(today, DAYS));
        let period = match (since, until) {
            (None, None) => default,
            (Some(first), last) => Period { first, last: last.unwrap_or(today.max(first)) },
            (None, Some(last)) => Period::ending(last, DAYS),
        };
        let earliest = EARLIEST.parse().unwrap_or(today);
        if period.first > period.last {
            self.wrong.push(("until", "ends_before_start", "must not be before `since`".to_owned()));
        } else if period.days() > MAX_DAYS {
            self.wrong.push(("until", "too_long", format!("must be at most {MAX_DAYS} days after `since`")));
        } else if period.before().first < earliest || period.last > today.plus(MAX_DAYS) {
            self.wrong.push(("since", "out_of_range", "must be a day from 2000 on".to_owned()));
        } else {
            return period;
        }
        default
    }
}

/// A period by its name.
fn named(name: &str, today: Day) -> Option<Period> {
    let since = |first| Period { first, last: today };
    let month = Unit::Month.around(today);
    Some(match name {
        "today" => since(today),
        "7_days" => Period::ending(today, 7),
        "30_days" => Period::ending(today, 30),
        "this_month" => since(month.first),
        "last_month" => Unit::Month.around(month.first.plus(-1)),
        "quarter" => since(first_of(today, &["01", "04", "07", "10"])),
        "year" => since(first_of(today, &["01"])),
        _ => return None,
    })
}

/// The last first day of one of these months.
fn first_of(today: Day, months: &[&str]) -> Day {
    let mut first = Unit::Month.around(today).first;
    while !months.contains(&first.to_string().get(5..7).unwrap_or("01")) {
        first = Unit::Month.around(first.plus(-1)).first;
    }
    first
}

#[cfg(test)]
mod tests {
    use super::*;

    const READER: Reader = Reader { money: true, is_agent: false };

    fn asked(pairs: &[(&'static str, &str)]) -> (Question, Vec<Wrong>) {
        let asked =
            Asked::of(|name| pairs.iter().find(|(given, _)| *given == name).map(|(_, text)| (*text).to_owned()));
        let now = Moment::parse("2026-07-15T06:59:59Z").unwrap();
        asked.question(now, Zone::named("America/Los_Angeles").unwrap(), READER, GroupBy::Agent)
    }

    #[test]
    fn periods_end_with_the_day_that_it_is_where_the_company_is() {
        for (name, first, last) in [
            ("", "2026-06-15", "2026-07-14"),
            ("today", "2026-07-14", "2026-07-14"),
            ("7_days", "2026-07-08", "2026-07-14"),
            ("this_month", "2026-07-01", "2026-07-14"),
            ("last_month", "2026-06-01", "2026-06-30"),
            ("quarter", "2026-07-01", "2026-07-14"),
            ("year", "2026-01-01", "2026-07-14"),
        ] {
            let pairs = [("period", name)];
            let (question, wrong) = asked(if name.is_empty() { &[] } else { &pairs });
            let Period { first: from, last: to } = question.period;
            assert_eq!((from.to_string().as_str(), to.to_string().as_str(), wrong.len()), (first, last, 0), "{name}");
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (pairs, name, code) in [
            ([("since", "2026-07-15"), ("until", "2026-07-14")], "until", "ends_before_start"),
            ([("since", "2010-01-01"), ("until", "2026-07-14")], "until", "too_long"),
            ([("since", "1990-01-01"), ("until", "1990-01-02")], "since", "out_of_range"),
            ([("since", "yesterday"), ("until", "2026-07-14")], "since", "invalid"),
            ([("by", "colour"), ("compare", "true")], "by", "unknown_value"),
            ([("agent_id", "7"), ("compare", "true")], "agent_id", "invalid"),
            ([("period", "century"), ("compare", "true")], "period", "unknown_value"),
        ] {
            let wrong = asked(&pairs).1;
            assert_eq!(wrong.iter().map(|(name, code, _)| (*name, *code)).collect::<Vec<_>>(), [(name, code)]);
        }
    }
}
