//! Key lookup: what a key stands for and what its form asks for, or why it cannot be used.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use contract::events::agents::{FieldRule, SignupField, UiElement};
use contract::events::signups::{Campaign, RefusalStage};
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;
use web::http::caller::bearer;
use web::http::client::Client;
use web::http::query::{AT_LEAST_WAIT, Query, wait_for};
use web::http::{Authenticator, Problem};

use crate::keys::form_config::SignupFormConfig;
use crate::keys::model::Offer;
use crate::keys::shared::Shared;
use crate::lookups::admission::admit;
use crate::state::AppState;

/// A thing with a name.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Named<'a> {
    pub id: Uuid,
    pub name: &'a str,
}

/// The call plan, as a future customer needs to know it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PlanAnswer<'a> {
    pub id: Uuid,
    pub name: &'a str,
    pub description: &'a str,
    /// What it costs, as the operator words it.
    pub price_text: &'a str,
}

/// The group, as a future customer needs to know it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct GroupAnswer<'a> {
    pub id: Uuid,
    /// What the group's customers may use.
    pub ui_elements: &'a [UiElement],
}

/// The offer's part of the response.
#[derive(Debug, Serialize, JsonSchema)]
pub struct OfferAnswer<'a> {
    pub call_plan: PlanAnswer<'a>,
    pub group: GroupAnswer<'a>,
    pub agent: Named<'a>,
}

/// The form's part of the response.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RulesAnswer<'a> {
    /// Which optional fields are asked for.
    pub signup_fields: &'a BTreeMap<SignupField, FieldRule>,
    /// The terms that a signup must consent to.
    pub terms_version: &'a str,
}

/// What a usable key stands for.
#[derive(Debug, Serialize, JsonSchema)]
pub struct KeyAnswer<'a> {
    pub key: &'a str,
    /// Always `usable`; other keys are answered with a problem that says why not.
    pub state: &'static str,
    #[serde(flatten)]
    pub offer: OfferAnswer<'a>,
    #[serde(flatten)]
    pub rules: RulesAnswer<'a>,
}

impl<'a> OfferAnswer<'a> {
    fn new(offer: &'a Offer) -> Self {
        Self {
            call_plan: PlanAnswer {
                id: offer.plan.id,
                name: &offer.plan.name,
                description: &offer.plan.description,
                price_text: &offer.plan.price_text,
            },
            group: GroupAnswer { id: offer.group.id, ui_elements: &offer.group.ui_elements },
            agent: Named { id: offer.agent.id, name: &offer.agent.name },
        }
    }
}

impl<'a> RulesAnswer<'a> {
    fn new(rules: &'a SignupFormConfig) -> Self {
        Self { signup_fields: &rules.fields, terms_version: &rules.terms.version }
    }
}

/// The JSON of a [`KeyAnswer`], joined from fragments that are rendered once each: many keys share an offer, and all
/// share the form's settings. Keys never need escaping.
fn answer(key: &str, offer: &Shared<Offer>, rules: &Shared<SignupFormConfig>) -> Response {
    let content_type = [(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))];
    let offer = offer.derived(|offer| fields(&OfferAnswer::new(offer)));
    let settings = rules.derived(|rules| fields(&RulesAnswer::new(rules)));
    let body = ["{\"key\":\"", key, "\",\"state\":\"usable\",", offer, ",", settings, "}"].concat();
    (content_type, Body::from(body)).into_response()
}

/// The fields of a JSON object, without its braces. Serialising a struct with text keys cannot fail.
fn fields(part: &impl Serialize) -> String {
    let text = serde_json::to_string(part).unwrap_or_default();
    text.strip_prefix('{').and_then(|text| text.strip_suffix('}')).unwrap_or_default().to_owned()
}

/// Whether the request carries a token of any scope.
pub async fn has_token(app: &AppState, headers: &HeaderMap) -> Result<bool, Problem> {
    match bearer(headers) {
        Some(token) => Ok(app.identify(token).await?.is_some()),
        None => Ok(false),
    }
}

/// `GET /api/v1/signup-keys/{key}`
pub async fn get(
    State(app): State<AppState>,
    key: Result<Path<String>, PathRejection>,
    mut query: Query,
    client: Client,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    app.limits.page(client)?;
    let at_least = query.position("at_least", "agents");
    query.finish()?;
    let is_stranger = !has_token(&app, &headers).await?;
    // Waiting holds resources, so strangers may not wait.
    if at_least.is_some() && is_stranger {
        return Err(Problem::unauthenticated());
    }
    let key = key.map(|Path(key)| key).unwrap_or_default();
    let facts = match at_least {
        Some(position) => {
            wait_for(app.keys.checkpoint(), position, AT_LEAST_WAIT).await?;
            app.keys.reload(&key).await?
        }
        None => app.keys.find(&key).await?,
    };
    let facts = admit(&app, &key, facts, is_stranger.then_some(RefusalStage::Lookup), &Campaign::default())?;
    Ok(answer(&facts.row.key, &facts.row.offer, &app.keys.rules()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::model::tests::usable_row;

    #[tokio::test]
    async fn an_answer_put_together_from_parts_is_the_answer() {
        let (row, rules) = (usable_row(), Shared::<SignupFormConfig>::default());
        let (offer, rules_answer) = (OfferAnswer::new(&row.offer), RulesAnswer::new(&rules));
        let whole = KeyAnswer { key: &row.key, state: "usable", offer, rules: rules_answer };
        let expected = serde_json::to_string(&whole).unwrap();
        for _ in 0..2 {
            let response = answer(&row.key, &row.offer, &rules);
            assert_eq!(response.headers()[header::CONTENT_TYPE], "application/json");
            let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
            assert_eq!(body, expected);
        }
    }
}
