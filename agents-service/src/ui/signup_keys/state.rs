//! The state of a key: whether visitors can sign up through it now, why not, and what to do about it. The domain's
//! function decides this, not the key's own life stage alone.

use std::collections::HashMap;

use contract::events::signups::RefusalReason;
use web::http::Problem;

use crate::signup_keys::queries::Usable;
use crate::signup_keys::snapshot::SignupKeySnapshot;
use crate::signup_keys::usability;
use crate::state::AppState;
use crate::ui::form::FormData;
use crate::ui::inputs::Input;
use crate::ui::page_query::PageQuery;
use crate::ui::sales_summary;
use crate::ui::signed_in::SignedIn;
use crate::ui::table::Cell;

/// The reasons of unusable keys, by key.
pub struct Reasons(HashMap<String, RefusalReason>);

impl Reasons {
    /// The reasons of these keys, now.
    pub async fn of(app: &AppState, keys: &[SignupKeySnapshot]) -> Result<Self, Problem> {
        Ok(Self(usability::reasons(app.database(), keys, app.clock.now()).await?))
    }

    /// Why this key is unusable; `None` when it is usable.
    pub fn get(&self, key: &str) -> Option<RefusalReason> {
        self.0.get(key).copied()
    }

    /// The state of this key in a table.
    pub fn cell(&self, key: &str) -> Cell {
        Cell::State(label(self.get(key)))
    }
}

/// The shown state: "usable", or the reason.
pub fn label(reason: Option<RefusalReason>) -> String {
    reason.map_or_else(|| "usable".to_owned(), sales_summary::reason)
}

/// The filter of a list of keys.
pub fn filter_input(data: &FormData) -> Input {
    data.choice("usable", "Signing up", Some("Any"), [("true", "Works now"), ("false", "Does not work now")])
}

/// The filter that a link names.
pub fn filter(app: &AppState, query: &PageQuery) -> Option<Usable> {
    query.parsed("usable").map(|is| Usable { is, at: app.clock.now() })
}

/// Why visitors cannot sign up, and what to do about it.
pub fn advice(signed_in: &SignedIn, reason: RefusalReason) -> String {
    let is_operator = signed_in.agent_id().is_none();
    let ask = "Ask the operator.";
    let (why, mend) = match reason {
        RefusalReason::Revoked => ("it is revoked", "Add another URL key."),
        RefusalReason::Paused => ("it is paused", "Resume it."),
        RefusalReason::NotStarted => ("it has not started", "Wait for its start, or edit it."),
        RefusalReason::Ended => ("it has ended", "Give it a later end."),
        RefusalReason::Exhausted => ("its cap is reached", "Raise its cap."),
        RefusalReason::AgentSuspended if is_operator => ("its agent is suspended", "Reinstate the agent."),
        RefusalReason::AgentSuspended => ("your account is suspended", ask),
        RefusalReason::AgentClosed if is_operator => ("its agent is closed", "Add a URL key for another agent."),
        RefusalReason::AgentClosed => ("your account is closed", ask),
        RefusalReason::PlanRetired => ("its call plan is retired", "Add another URL key with another call plan."),
        RefusalReason::GrantWithdrawn if is_operator => {
            ("its agent may not sell the call plan any more", "Add the call plan to the agent again.")
        }
        RefusalReason::GrantWithdrawn => ("you may not sell its call plan any more", ask),
        RefusalReason::GroupNotAgents if is_operator => {
            ("its customer group does not belong to its agent", "Give the group to the agent again.")
        }
        RefusalReason::GroupNotAgents => ("its customer group does not belong to you any more", ask),
        // Not states of a key.
        RefusalReason::Unknown
        | RefusalReason::EmailKnown
        | RefusalReason::Honeypot
        | RefusalReason::ChallengeUnsolved => ("it is unknown", ask),
    };
    format!("Visitors cannot sign up through this URL: {why}. {mend}")
}
