//! Customers, for those with a token: reading and erasing.

use axum::Json;
use axum::extract::{Path, State};
use axum::response::Response;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use shared::http::query::Query;
use shared::http::{Problem, Write, replied};
use uuid::Uuid;

use crate::domain::text::typed;
use crate::http::App;
use crate::http::placing::path_id;
use crate::placements::Request;

/// The longest reason, in characters.
const MAX_REASON: usize = 500;

/// Why a customer is erased.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct EraseBody {
    pub reason: Option<String>,
}

/// An erased customer.
#[derive(Debug, Serialize, JsonSchema)]
pub struct EraseAnswer {
    pub customer_id: Uuid,
    pub erased: bool,
}

/// `GET /api/v1/customers/{id}`
pub async fn get(State(app): State<App>, Path(id): Path<String>, query: Query) -> Result<Json<Value>, Problem> {
    query.finish()?;
    let customer = crate::customers::get(app.database(), path_id(&id)?).await?;
    customer.map(Json).ok_or_else(Problem::not_found)
}

/// `DELETE /api/v1/customers/{id}`
pub async fn erase(
    State(app): State<App>,
    Path(id): Path<String>,
    write: Write<EraseBody>,
) -> Result<Response, Problem> {
    let mut errors = write.errors;
    let reason = match typed(write.request.reason.as_deref().unwrap_or_default(), MAX_REASON) {
        Ok(reason) => reason,
        Err(fault) => {
            errors.add("reason", fault.code(), fault.message());
            None
        }
    };
    errors.into_result()?;
    let request = Request::Erase { customer_id: path_id(&id)?, reason };
    Ok(replied(&app.writer.submit(write.command, request).await?))
}
