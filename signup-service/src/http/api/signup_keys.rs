//! Looking a key up: what it stands for and what its form asks for, or why it cannot be used.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::Serialize;
use shared::events::agents::{FieldRule, SignupField, UiElement};
use shared::events::signups::RefusalReason;
use shared::http::Problem;
use shared::http::query::{AT_LEAST_WAIT, Query, wait_for};
use uuid::Uuid;

use crate::domain::signup::FormRules;
use crate::domain::usable::KeyRow;
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
    fn new(row: &'a KeyRow, rules: &'a FormRules) -> Self {
        Self {
            key: &row.key,
            state: "usable",
            call_plan: Named { id: row.plan.id, name: &row.plan.name },
            group: GroupAnswer { id: row.group.id, ui_elements: &row.group.ui_elements },
            agent: Named { id: row.agent.id, name: &row.agent.name },
            signup_fields: &rules.fields,
            terms_version: &rules.terms.version,
        }
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
    Ok(Json(KeyAnswer::new(&facts.row, &app.keys.rules())).into_response())
}
