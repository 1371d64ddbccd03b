use axum::http::StatusCode;
use web::http::Problem;

use crate::customers::client::{Customer, Customers};
use crate::state::AppState;
use crate::ui::enum_labels::ERASED;

/// The client of customers' data; fails where it is not configured.
pub fn way(app: &AppState) -> Result<&Customers, Problem> {
    let detail =
        "This service was not told where the signup service is: SIGNPOST_SIGNUP_URL and SIGNPOST_SERVICE_TOKEN say it.";
    let missing = || Problem::new(StatusCode::CONFLICT, "no-customers", "Customers cannot be shown", detail);
    app.customers.as_ref().ok_or_else(missing)
}

/// A customer's name, or a note that it was erased.
pub fn name(customer: &Customer) -> String {
    if customer.erased_at.is_some() {
        return ERASED.to_owned();
    }
    let parts = [customer.first_name.as_deref(), customer.last_name.as_deref()];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}
