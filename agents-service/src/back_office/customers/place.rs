//! Where customers are shown, and the customer that a path means.

use serde_json::Value;
use uuid::Uuid;
use web::http::Problem;

use crate::endpoint::id;
use crate::state::AppState;
use crate::ui::customers::way;

pub const PLACE: &str = "/customers";

/// The customer as the signup-service shows it.
pub async fn find(app: &AppState, text: &str) -> Result<(Uuid, Value), Problem> {
    let customer_id = id(text)?;
    let customer = way(app)?.get(customer_id).await?.ok_or_else(Problem::not_found)?;
    Ok((customer_id, customer))
}

pub fn number(customer: &Value) -> &str {
    customer.get("customer_number").and_then(Value::as_str).unwrap_or_default()
}
