//! When a failed event is tried again, by the example of Standard Webhooks: ten attempts in about three days, and then daily.

use std::time::{Duration, UNIX_EPOCH};

use contract::clock::Moment;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
/// Seconds after each failed attempt.
const DELAYS: [i64; 9] = [5, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, DAY];
/// Seconds after all later ones: the event stays at the head until somebody acts.
const LAST_DELAY: i64 = DAY;
/// A delay is longer by at most a tenth of itself, so that endpoints do not come back together.
const JITTER: i64 = 10;
/// An endpoint is paused when nothing was delivered for so long, and every attempt of the schedule failed.
const PAUSED_AFTER: i64 = 5 * DAY;

/// When to try again after so many failed attempts. `retry_after` is what the receiver asked for: it makes the delay longer, up to the
/// longest of the schedule. `random` is any number.
pub fn next_attempt(attempts: u64, now: Moment, retry_after: Option<&str>, random: u64) -> Moment {
    let index = usize::try_from(attempts.saturating_sub(1)).unwrap_or(usize::MAX);
    let delay = DELAYS.get(index).copied().unwrap_or(LAST_DELAY);
    let asked = retry_after.and_then(|text| seconds(text, now)).unwrap_or(0);
    let delay = delay.max(asked.min(LAST_DELAY));
    let micros = u64::try_from(delay * 1_000_000 / JITTER).unwrap_or(1);
    Moment::from_micros(now.plus_seconds(delay).micros() + i64::try_from(random % micros).unwrap_or(0))
}

/// The seconds that a `Retry-After` asks for: a number, or a date.
fn seconds(text: &str, now: Moment) -> Option<i64> {
    if let Ok(seconds) = text.trim().parse::<u32>() {
        return Some(seconds.into());
    }
    let date = httpdate::parse_http_date(text.trim()).ok()?;
    let since = date.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    Some(i64::try_from(since.as_secs()).ok()? - now.micros() / 1_000_000)
}

/// Whether an endpoint failed for so long that it is paused.
pub fn has_failed_for_good(attempts: u64, failing_since: Moment, now: Moment) -> bool {
    let whole = u64::try_from(DELAYS.len()).unwrap_or(u64::MAX);
    attempts > whole && failing_since.plus_seconds(PAUSED_AFTER) <= now
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Moment = Moment::from_micros(1_674_087_231_000_000);

    fn delay(attempts: u64, retry_after: Option<&str>) -> i64 {
        (next_attempt(attempts, NOW, retry_after, 0).micros() - NOW.micros()) / 1_000_000
    }

    #[test]
    fn attempts_follow_the_schedule_and_go_on_daily() {
        let delays: Vec<_> = (1..=12).map(|attempts| delay(attempts, None)).collect();
        let hours = |hours: i64| hours * 3_600;
        let expected = [5, 300, 1_800, hours(2), hours(5), hours(10), hours(14), hours(20), hours(24), hours(24)];
        assert_eq!(delays[..10], expected);
        assert_eq!(delays[11], hours(24));
        // 75 h 35 min 5 s from the first attempt to the tenth.
        assert_eq!(delays[..9].iter().sum::<i64>(), 272_105);
    }

    #[test]
    fn jitter_adds_at_most_a_tenth() {
        for random in [0, 1, 499_999, 500_000, u64::MAX] {
            let next = next_attempt(1, NOW, None, random).micros() - NOW.micros();
            assert!((5_000_000..5_500_000).contains(&next), "{random}: {next}");
        }
    }

    #[test]
    fn a_receiver_can_ask_for_more_time_within_the_schedule() {
        assert_eq!(delay(1, Some("120")), 120);
        assert_eq!(delay(2, Some("120")), 300, "never sooner than the schedule");
        assert_eq!(delay(1, Some("9999999")), 86_400, "never later than its longest delay");
        assert_eq!(delay(1, Some("Thu, 19 Jan 2023 00:23:51 GMT")), 600);
        for nonsense in ["", "-5", "soon", "99999999999999999999", "Thu, 19 Jan 1923 00:23:51 GMT"] {
            assert_eq!(delay(1, Some(nonsense)), 5, "{nonsense}");
        }
    }

    #[test]
    fn an_endpoint_is_paused_after_five_days_of_failures_of_the_whole_schedule() {
        let later = |hours: i64| NOW.plus_seconds(hours * 3_600);
        assert!(!has_failed_for_good(11, NOW, later(119)));
        assert!(has_failed_for_good(10, NOW, later(120)));
        assert!(!has_failed_for_good(2, NOW, later(500)), "the service itself was away");
    }
}
