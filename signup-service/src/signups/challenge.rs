//! The challenge of a program that signs somebody up: the problem that states it, and the header that answers it.

use axum::http::{HeaderMap, StatusCode};
use contract::challenge::SignupChallenge;
use contract::events::signups::{Campaign, RefusalReason, RefusalStage};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use web::http::Problem;

use crate::challenges::difficulty::Step;
use crate::challenges::puzzle::{self, Challenge, Unsolved};
use crate::keys::model::usable;
use crate::keys::placed::Placed;
use crate::state::AppState;

/// The header with the solution: the challenge's text, a colon and the number.
pub const SOLUTION: &str = "signpost-solution";

const DETAIL: &str = "Find the number below challenge.numbers for which SHA-256 of challenge.text, a colon and the number is \
                      challenge.hash. Send the request again, with the header Signpost-Solution: text, colon, number.";

/// The members of the problem `challenge-required`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ChallengeRequired {
    pub challenge: Challenge,
    pub reason: Unsolved,
}

/// Refuses a signup that lacks the solution of the challenge that it needs. `command` names the request, which is carried out
/// once. An unusable key needs no challenge: its signups are refused all the same.
pub async fn require(
    app: &AppState,
    typed_key: &str,
    command: &str,
    headers: &HeaderMap,
    campaign: &Campaign,
) -> Result<(), Problem> {
    let (setting, now) = (app.keys.rules().challenge, app.clock.now());
    if setting == SignupChallenge::Never {
        return Ok(());
    }
    let Some(facts) = app.keys.find(typed_key).await? else { return Ok(()) };
    if usable(Some(&facts.row), facts.placed, now).is_err() {
        return Ok(());
    }
    let key = &*facts.row.key;
    let Some(step) = Step::needed(setting, app.pace.count(key, now)) else { return Ok(()) };
    let bound = format!("api\n{key}\n{command}");
    let Err(reason) = solved(app, headers, &bound) else {
        metrics::counter!("signpost_challenges_total", "outcome" => "solved").increment(1);
        return Ok(());
    };
    metrics::counter!("signpost_challenges_total", "outcome" => "unsolved").increment(1);
    let why = (RefusalReason::ChallengeUnsolved, RefusalStage::Signup);
    app.counts.refusals.count(key, Some(Placed::by(&facts.row)), why, campaign.clone());
    let challenge = Challenge::new(app.log.secret(), step, &bound, now);
    Err(problem(&ChallengeRequired { challenge, reason }))
}

fn solved(app: &AppState, headers: &HeaderMap, bound: &str) -> Result<(), Unsolved> {
    let Some(sent) = headers.get(SOLUTION) else { return Err(Unsolved::Missing) };
    let (text, number) = sent.to_str().ok().and_then(|sent| sent.split_once(':')).ok_or(Unsolved::Wrong)?;
    puzzle::check(app.log.secret(), text, number, bound, app.clock.now())
}

fn problem(required: &ChallengeRequired) -> Problem {
    // Texts and numbers can always be written as JSON.
    let member = |value: serde_json::Result<Value>| value.unwrap_or_default();
    Problem::new(StatusCode::PRECONDITION_REQUIRED, "challenge-required", "Solve the challenge first", DETAIL)
        .with("challenge", member(serde_json::to_value(&required.challenge)))
        .with("reason", member(serde_json::to_value(required.reason)))
}
