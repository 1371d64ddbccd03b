//! The wait instead of a challenge, for visitors whose browser cannot solve one: a ticket that their form carries, and
//! that counts after some seconds. It is bound to the form as a challenge is, so it lets the form through once.

use contract::clock::Moment;
use contract::ids::hex;
use event_store::log::Secret;
use web::http::caller::same_secret;

use crate::challenges::puzzle::{VALID_SECONDS, whole_seconds};

/// A ticket that counts from `not_before` on.
pub fn ticket(secret: &Secret, not_before: Moment, bound: &str) -> String {
    made(secret, whole_seconds(not_before), bound)
}

fn made(secret: &Secret, not_before: i64, bound: &str) -> String {
    format!("{not_before}.{}", hex(&secret.digest("signup-wait", &format!("{not_before}\n{bound}"))))
}

/// When a ticket of what `bound` names counts; `None` for any other text, and for a ticket that is too old.
pub fn not_before(secret: &Secret, text: &str, bound: &str, now: Moment) -> Option<Moment> {
    let seconds: i64 = text.split('.').next()?.parse().ok()?;
    let moment = Moment::from_micros(0).plus_seconds(seconds);
    (same_secret(&made(secret, seconds, bound), text) && now < moment.plus_seconds(VALID_SECONDS)).then_some(moment)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::challenges::puzzle::tests::secret;

    #[test]
    fn a_ticket_counts_for_one_form_and_not_for_ever() {
        let start = Moment::from_micros(1_800_000_000_000_000);
        let end = start.plus_seconds(VALID_SECONDS);
        let text = ticket(&secret(), start, "summer\nonce");
        let at = |text: &str, bound, now| not_before(&secret(), text, bound, now);
        assert_eq!(at(&text, "summer\nonce", start.plus_seconds(-15)), Some(start));
        assert_eq!(at(&text, "summer\nonce", end.plus_seconds(-1)), Some(start));
        assert_eq!(at(&text, "summer\nonce", end), None);
        assert_eq!(at(&text, "winter\nonce", start), None);
        let earlier = text.replacen("1800000000", "1799999000", 1);
        for forged in [earlier.as_str(), "1800000000", "1800000000.", "", "x.y"] {
            assert_eq!(at(forged, "summer\nonce", start), None, "{forged}");
        }
    }
}
