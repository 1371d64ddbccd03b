//! Looking a key up: what it stands for and what its form asks for, or why it cannot be used.

use std::collections::BTreeMap;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::Serialize;
use shared::events::agents::{FieldRule, SignupField, UiElement};
use shared::events::signups::RefusalReason;
use shared::http::Problem;
use shared::http::query::{AT_LEAST_WAIT, Query, wait_for};
use uuid::Uuid;

use crate::domain::signup::FormRules;
use crate::domain::usable::Offer;
use crate::http::App;
use crate::http::limits::Address;
use crate::http::placing::{key_unusable, verdict};

/// A thing with a name.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Named<'a> {
    pub id: Uuid,
    pub name: &'a str,
}

/// The group, as a future customer needs to know it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct GroupAnswer<'a> {
    pub id: Uuid,
    /// What the group's customers may use.
    pub ui_elements: &'a [UiElement],
}

/// What a usable key stands for.
#[derive(Debug, Serialize, JsonSchema)]
pub struct KeyAnswer<'a> {
    pub key: &'a str,
    /// Always `usable`; other keys are answered with a problem that says why not.
    pub state: &'static str,
    pub call_plan: Named<'a>,
    pub group: GroupAnswer<'a>,
    pub agent: Named<'a>,
    /// Which optional fields are asked for.
    pub signup_fields: &'a BTreeMap<SignupField, FieldRule>,
    /// The terms that a signup must consent to.
    pub terms_version: &'a str,
}

impl<'a> KeyAnswer<'a> {
    fn new(key: &'a str, offer: &'a Offer, rules: &'a FormRules) -> Self {
        Self {
            key,
            state: "usable",
            call_plan: Named { id: offer.plan.id, name: &offer.plan.name },
            group: GroupAnswer { id: offer.group.id, ui_elements: &offer.group.ui_elements },
            agent: Named { id: offer.agent.id, name: &offer.agent.name },
            signup_fields: &rules.fields,
            terms_version: &rules.terms.version,
        }
    }
}

/// The answer for all keys with one offer, written once but for the key.
pub struct BlankAnswer(Box<str>);

/// What stands before the key. No key needs to be escaped.
const BEFORE_KEY: &str = "{\"key\":\"";

impl BlankAnswer {
    /// The answer with its blank.
    pub fn new(offer: &Offer, rules: &FormRules) -> Self {
        let text = serde_json::to_string(&KeyAnswer::new("", offer, rules)).unwrap_or_default();
        Self(text.strip_prefix(BEFORE_KEY).unwrap_or_default().into())
    }

    fn filled(&self, key: &str) -> Response {
        let content_type = [(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))];
        (content_type, [BEFORE_KEY, key, &self.0].concat()).into_response()
    }
}

/// `GET /api/v1/signup-keys/{key}`
pub async fn get(
    State(app): State<App>,
    key: Result<Path<String>, PathRejection>,
    mut query: Query,
    address: Address,
) -> Result<Response, Problem> {
    app.limits.page(address)?;
    let at_least = query.parsed::<u64>("at_least");
    query.finish()?;
    let Ok(Path(key)) = key else { return Err(key_unusable(RefusalReason::Unknown)) };
    let facts = match at_least {
        Some(position) => {
            wait_for(app.keys.checkpoint(), position, AT_LEAST_WAIT).await?;
            app.keys.find_anew(&key).await?
        }
        None => app.keys.find(&key).await?,
    };
    verdict(&app, facts.as_deref())?;
    let facts = facts.ok_or_else(Problem::not_found)?;
    let row = &facts.row;
    Ok(app.sheets.answer(&row.offer, app.keys.rules()).answer.filled(&row.key))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::usable::tests::usable_row;

    #[tokio::test]
    async fn a_filled_blank_answer_is_the_answer() {
        let (row, rules) = (usable_row(), FormRules::default());
        let response = BlankAnswer::new(&row.offer, &rules).filled(&row.key);
        assert_eq!(response.headers()[header::CONTENT_TYPE], "application/json");
        let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
        assert_eq!(body, serde_json::to_string(&KeyAnswer::new(&row.key, &row.offer, &rules)).unwrap());
    }
}
