//! The challenge of a form: what the page asks for, what the sent form answers, and the wait of a visitor whose browser
//! cannot solve it.

use askama::Template;
use contract::challenge::SignupChallenge;
use contract::clock::Moment;
use web::http::client::Client;

use crate::challenges::difficulty::Step;
use crate::challenges::puzzle::{self, Challenge};
use crate::challenges::wait;
use crate::keys::model::{KeyFacts, usable};
use crate::pages::form::{ChallengeAnswer, SubmittedForm};
use crate::pages::site::Site;
use crate::ui::i18n::General;
use crate::ui::language::Language;

/// The challenge in a page, before the button that sends the form.
#[derive(Template)]
#[template(path = "challenge.html")]
struct ChallengeInputs<'a> {
    general: &'static General,
    text: &'a str,
    /// `None` where it is solved already.
    puzzle: Option<&'a Challenge>,
    solution: &'a str,
    ticket: Option<String>,
}

/// What a form's challenge is bound to: the key, and the idempotency key, under which the form is carried out once.
fn bound(key: &str, idempotency_key: &str) -> String {
    format!("form\n{key}\n{idempotency_key}")
}

/// The inputs of a form that was not sent before; empty where it needs no challenge.
pub(super) fn of_new_form(site: &Site, key: &str, idempotency_key: &str, language: Language) -> String {
    inputs(site, key, idempotency_key, language, ChallengeAnswer::default(), None)
}

/// The inputs of a form that is shown again. A solution that holds for it is kept, and so is a ticket.
pub(super) fn of_form_again(
    site: &Site,
    key: &str,
    idempotency_key: &str,
    language: Language,
    sent: &SubmittedForm,
    not_before: Option<Moment>,
) -> String {
    inputs(site, key, idempotency_key, language, sent.answer(), not_before)
}

fn inputs(
    site: &Site,
    key: &str,
    idempotency_key: &str,
    language: Language,
    sent: ChallengeAnswer<'_>,
    not_before: Option<Moment>,
) -> String {
    let setting = site.keys.rules().challenge;
    if setting == SignupChallenge::Never {
        return String::new();
    }
    let (now, secret) = (site.clock.now(), site.log.secret());
    let needed = Step::needed(setting, site.pace.recent(key, now));
    // A form that was refused for its challenge has one, also where the burst ends at this moment.
    let Some(step) = needed.or(not_before.map(|_| Step::Calm)) else { return String::new() };
    let bound = bound(key, idempotency_key);
    let challenge = Challenge::new(secret, step, &bound, now);
    let is_solved = puzzle::check(secret, sent.challenge, sent.solution, &bound, now).is_ok();
    let (text, puzzle, solution) =
        if is_solved { (sent.challenge, None, sent.solution) } else { (&*challenge.text, Some(&challenge), "") };
    let not_before = not_before.or_else(|| wait::not_before(secret, sent.ticket, &bound, now));
    let ticket = not_before.map(|moment| wait::ticket(secret, moment, &bound));
    // Rendering writes to memory and cannot fail.
    ChallengeInputs { general: &language.texts().general, text, puzzle, solution, ticket }.render().unwrap_or_default()
}

/// From when on a form is let through that has not solved the challenge that it needs; `None` where it is let through now.
/// An unusable key needs no challenge: its visitor is refused all the same.
pub(super) fn wait_of(site: &Site, facts: &KeyFacts, sent: &SubmittedForm, client: Client) -> Option<Moment> {
    let (setting, now, key) = (site.keys.rules().challenge, site.clock.now(), &*facts.row.key);
    if setting == SignupChallenge::Never || usable(Some(&facts.row), facts.placed, now).is_err() {
        return None;
    }
    let step = Step::needed(setting, site.pace.count(key, now))?;
    let (secret, answer, bound) = (site.log.secret(), sent.answer(), bound(key, &sent.idempotency_key()));
    if puzzle::check(secret, answer.challenge, answer.solution, &bound, now).is_ok() {
        counted("solved");
        return None;
    }
    let not_before = match wait::not_before(secret, answer.ticket, &bound, now) {
        None => now.plus_seconds(step.wait_seconds()),
        Some(moment) if now < moment => moment,
        // So many forms after a wait only: one visitor may have any number of tickets.
        Some(_) => match site.limits.wait(client) {
            Ok(()) => {
                counted("waited");
                return None;
            }
            Err(seconds) => now.plus_seconds(seconds.into()),
        },
    };
    counted("unsolved");
    Some(not_before)
}

fn counted(outcome: &'static str) {
    metrics::counter!("signpost_challenges_total", "outcome" => outcome).increment(1);
}

/// The seconds until then for people: in fives, so that nobody comes back too early.
pub(super) fn seconds_until(not_before: Moment, now: Moment) -> i64 {
    let micros = not_before.micros().saturating_sub(now.micros()).max(1);
    (micros - 1) / 5_000_000 * 5 + 5
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// The inputs with this text in each place for one.
    pub(in crate::pages) fn sample(language: Language, text: &str) -> String {
        let owned = || text.to_owned();
        let puzzle = Challenge { text: owned(), hash: owned(), numbers: 9, expires_at: Moment::from_micros(0) };
        let (general, ticket) = (&language.texts().general, Some(owned()));
        ChallengeInputs { general, text, puzzle: Some(&puzzle), solution: text, ticket }.render().unwrap()
    }

    #[test]
    fn the_wait_is_rounded_up() {
        let now = Moment::from_micros(7);
        let until = |micros: i64| seconds_until(Moment::from_micros(7 + micros), now);
        assert_eq!([-1, 0, 1, 5_000_000, 5_000_001, 15_000_000].map(until), [5, 5, 5, 5, 10, 15]);
    }
}
