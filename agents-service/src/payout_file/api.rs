use axum::extract::State;
use axum::http::Method;
use axum::response::IntoResponse;
use axum::{Extension, Json};
use web::http::query::Query;
use web::http::{Api, Caller, Holds, Operation};

use crate::endpoint::ApiResult;
use crate::payout_file::export::{Format, Preview, payouts};
use crate::state::AppState;

pub fn routes(api: Api<AppState>) -> Api<AppState> {
    let summary = "Export the approved remittances for payment; who made the file and when is noted";
    let export = Operation::new(Method::GET, "/api/v1/remittances/export", summary).scope("remittances:pay").query(&[(
        "format",
        "pain.001: a bank file of SEPA. csv: a table. preview, when absent: as JSON, what the bank file pays and who is left out, with the reason",
        Holds::Word(&["preview", "pain.001", "csv"]),
    )]);
    api.on(export.named("exportRemittances").sends(&["application/xml", "text/csv"]).gives::<Preview>(200), export_file)
}

async fn export_file(State(app): State<AppState>, Extension(caller): Extension<Caller>, mut query: Query) -> ApiResult {
    let format = query.parsed::<Format>("format").unwrap_or(Format::Preview);
    query.finish()?;
    let payouts = payouts(&app).await?;
    match format {
        Format::Preview => Ok(Json(payouts.preview(&app).await?).into_response()),
        Format::Pain | Format::Csv => payouts.download(&app, format, &caller.actor).await,
    }
}
