//! The puzzle of a challenge: find the number, of so many, whose SHA-256 together with the challenge's text is known. The
//! server derives text and number from its secret, so a check is two keyed digests, whatever the difficulty.

use contract::clock::Moment;
use contract::ids::{digest, hex};
use event_store::log::Secret;
use schemars::JsonSchema;
use serde::Serialize;
use web::http::caller::same_secret;

use crate::challenges::difficulty::Step;

/// How long a challenge can be solved and sent: as long as somebody may take for the form.
pub const VALID_SECONDS: i64 = 3_600;

/// A challenge. Its solution is the number below `numbers` for which SHA-256 of `text`, a colon and the number, in decimal
/// digits, is `hash`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Challenge {
    /// Letters, digits and dots.
    pub text: String,
    /// In lower-case hexadecimal digits.
    pub hash: String,
    /// Each number is as likely as any other.
    pub numbers: u64,
    /// The solution must arrive before.
    pub expires_at: Moment,
}

/// Why a signup needs a challenge, or another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Unsolved {
    /// No solution was sent.
    Missing,
    /// The challenge was solved too late.
    Expired,
    /// The number is not the solution, or the challenge is one of another form, request or key.
    Wrong,
}

impl Challenge {
    /// The challenge of what `bound` names: a key, and a command that is carried out once.
    pub fn new(secret: &Secret, step: Step, bound: &str, now: Moment) -> Self {
        let expires_at = whole_seconds(now) + VALID_SECONDS;
        let (text, number) = made(secret, step, expires_at, bound);
        let hash = digest(&answer(&text, &number));
        Self { text, hash, numbers: step.numbers(), expires_at: Moment::from_micros(0).plus_seconds(expires_at) }
    }
}

/// Checks the solution of a challenge of what `bound` names.
pub fn check(secret: &Secret, text: &str, number: &str, bound: &str, now: Moment) -> Result<(), Unsolved> {
    let (step, expires_at) = parts(text).ok_or(Unsolved::Wrong)?;
    // What was sent is compared with what is made anew, so there is one way only to write a solution.
    let (expected, solution) = made(secret, step, expires_at, bound);
    if !same_secret(&answer(&expected, &solution), &answer(text, number)) {
        return Err(Unsolved::Wrong);
    }
    if now >= Moment::from_micros(0).plus_seconds(expires_at) { Err(Unsolved::Expired) } else { Ok(()) }
}

/// The text and the solution.
fn made(secret: &Secret, step: Step, expires_at: i64, bound: &str) -> (String, String) {
    let head = format!("{}.{expires_at}", step.code());
    let text = format!("{head}.{}", hex(&secret.digest("signup-challenge", &format!("{head}\n{bound}"))));
    let random = u128::from_be_bytes(secret.digest("signup-solution", &text));
    let number = random % u128::from(step.numbers());
    (text, number.to_string())
}

fn parts(text: &str) -> Option<(Step, i64)> {
    let mut parts = text.split('.');
    Some((Step::of_code(parts.next()?)?, parts.next()?.parse().ok()?))
}

/// What is hashed, and what programs send. Neither part holds a colon, so none can be moved from one to the other.
pub fn answer(text: &str, number: &str) -> String {
    format!("{text}:{number}")
}

/// Seconds since 1970 began.
pub(super) fn whole_seconds(moment: Moment) -> i64 {
    moment.micros().div_euclid(1_000_000)
}

#[cfg(test)]
pub(crate) mod tests {
    use std::time::Instant;

    use super::*;

    const BOUND: &str = "summer\nvisitor:once";
    /// The longest text whose SHA-256 takes one block, as the pages' script computes it.
    const ONE_BLOCK: usize = 55;

    pub(crate) fn secret() -> Secret {
        Secret::new(b"a secret")
    }

    fn now() -> Moment {
        Moment::from_micros(1_800_000_000_500_000)
    }

    /// Solves a challenge as a program does.
    fn solution(challenge: &Challenge) -> String {
        let mut numbers = (0..challenge.numbers).map(|number| number.to_string());
        numbers.find(|number| digest(&answer(&challenge.text, number)) == challenge.hash).unwrap()
    }

    fn made_now() -> (Challenge, String) {
        let challenge = Challenge::new(&secret(), Step::Calm, BOUND, now());
        let number = solution(&challenge);
        (challenge, number)
    }

    #[test]
    fn a_solution_holds_for_what_it_was_made_for_until_it_expires() {
        let (challenge, number) = made_now();
        let check = |bound, now| check(&secret(), &challenge.text, &number, bound, now);
        assert_eq!(check(BOUND, now()), Ok(()));
        assert_eq!(check(BOUND, challenge.expires_at.plus_seconds(-1)), Ok(()));
        assert_eq!(check(BOUND, challenge.expires_at), Err(Unsolved::Expired));
        for other in ["winter\nvisitor:once", "summer\nvisitor:twice", ""] {
            assert_eq!(check(other, now()), Err(Unsolved::Wrong), "{other}");
        }
    }

    #[test]
    fn nothing_of_a_challenge_can_be_changed() {
        let (challenge, number) = made_now();
        let [step, expires_at, tag] = challenge.text.split('.').collect::<Vec<_>>()[..] else {
            panic!("{challenge:?}")
        };
        let later = expires_at.parse::<i64>().unwrap() + 1;
        let changed = [
            (format!("2.{expires_at}.{tag}"), number.clone()),
            (format!("{step}.{later}.{tag}"), number.clone()),
            (format!("{step}.+{expires_at}.{tag}"), number.clone()),
            (format!("{step}.{expires_at}.{}", "0".repeat(tag.len())), number.clone()),
            (format!("{step}.{expires_at}.{tag}.{tag}"), number.clone()),
            (format!("{step}.{expires_at}.{}", tag.to_uppercase()), number.clone()),
            (challenge.text.clone(), format!("0{number}")),
            (challenge.text.clone(), String::new()),
            (format!("{}:{}", challenge.text, &number[..1]), number[1..].to_owned()),
            (String::new(), number.clone()),
        ];
        for (text, number) in changed {
            assert_eq!(check(&secret(), &text, &number, BOUND, now()), Err(Unsolved::Wrong), "{text} {number}");
        }
    }

    #[test]
    fn a_challenge_and_its_solution_fit_into_one_block() {
        for step in Step::ALL {
            let challenge = Challenge::new(&secret(), step, BOUND, now());
            let longest = answer(&challenge.text, &(step.numbers() - 1).to_string());
            assert!(longest.len() <= ONE_BLOCK, "{longest}");
        }
    }

    #[test]
    fn a_check_takes_microseconds() {
        const CHECKS: u32 = 1_000;
        let challenge = Challenge::new(&secret(), Step::Flood, BOUND, now());
        let started = Instant::now();
        for number in 0..CHECKS {
            let _ = check(&secret(), &challenge.text, &number.to_string(), BOUND, now());
        }
        let each = started.elapsed() / CHECKS;
        println!("a solution is checked in {:.1} us", each.as_secs_f64() * 1e6);
        // A test without optimisation, on a machine that is busy.
        assert!(each.as_micros() < 1_000, "{each:?}");
    }
}
