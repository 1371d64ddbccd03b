use axum::http::StatusCode;
use contract::events::signups::{Campaign, RefusalReason, RefusalStage};
use web::http::Problem;

use crate::keys::model::KeyFacts;
use crate::keys::model::{Unusable, usable};
use crate::keys::placed::Placed;
use crate::state::AppState;
use crate::ui::language::Language;

fn verdict(app: &AppState, facts: Option<&KeyFacts>) -> Result<(), Unusable> {
    usable(facts.map(|facts| &facts.row), facts.map_or(0, |facts| facts.placed), app.clock.now())
}

/// The key, if it may be used now. A refused visitor is counted at this stage.
pub fn admit(
    app: &AppState,
    typed: &str,
    found: Option<KeyFacts>,
    stage: Option<RefusalStage>,
    campaign: &Campaign,
) -> Result<KeyFacts, Unusable> {
    let (reason, found) = match (verdict(app, found.as_ref()), found) {
        (Ok(()), Some(facts)) => return Ok(facts),
        (Err(Unusable::Parked), _) => return Err(Unusable::Parked),
        (Err(Unusable::Refused(reason)), found) => (reason, found),
        (Ok(()), None) => (RefusalReason::Unknown, None),
    };
    if let Some(stage) = stage {
        let at = found.as_ref().map(|facts| Placed::by(&facts.row));
        app.counts.refusals.count(typed, at, (reason, stage), campaign.clone());
    }
    Err(Unusable::Refused(reason))
}

/// The problem for an unusable key.
pub fn key_unusable(reason: RefusalReason) -> Problem {
    let explanation = Language::English.texts().outcomes.of(reason).explanation;
    let status = if reason == RefusalReason::Unknown { StatusCode::NOT_FOUND } else { StatusCode::GONE };
    let reason = serde_json::to_value(reason).unwrap_or_default();
    Problem::new(status, "key-unusable", "This key cannot be used", explanation).with("reason", reason)
}

impl From<Unusable> for Problem {
    fn from(unusable: Unusable) -> Self {
        match unusable {
            Unusable::Refused(reason) => key_unusable(reason),
            Unusable::Parked => Self::unavailable(),
        }
    }
}
