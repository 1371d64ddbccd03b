//! The confirmation of a signup has an address of its own: a reload sends no form again, and the visitor can come back
//! for some days.

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use event_store::log::AppendResult;
use uuid::Uuid;
use web::http::Problem;
use web::http::client::Client;
use web::http::write::with_position;

use crate::confirmations::address::Address;
use crate::confirmations::model::Confirmation;
use crate::confirmations::table as confirmations;
use crate::pages::outcome_pages::{ConfirmationPage, ErrorPage, problem_page};
use crate::pages::site::Site;
use crate::ui::page_context::PageContext;
use crate::ui::page_request::{PageRequest, query};

/// The way to the confirmation after a signup. The signup has written the confirmation together with the digest of
/// the address. A repeated signup gets a further address, since the first one is stored nowhere; the visitor may never
/// have seen it.
pub(super) async fn redirect(
    site: &Site,
    context: &PageContext,
    address: &Address,
    customer_id: Uuid,
    appended: &AppendResult,
) -> Result<Response, Problem> {
    if appended.replayed {
        confirmations::copy(site.database(), address.digest(), customer_id).await?;
    }
    let location = format!("{}{}", address.path(), query(context.language, context.embedded));
    let location = HeaderValue::from_str(&location).map_err(|error| Problem::unforeseen(&error))?;
    let no_store = HeaderValue::from_static("no-store");
    let headers = [(header::LOCATION, location), (header::CACHE_CONTROL, no_store)];
    let mut response = with_position(headers.into_response(), appended);
    *response.status_mut() = StatusCode::SEE_OTHER;
    Ok(response)
}

/// `GET /signup/confirmation/{secret}`
pub async fn show(
    State(site): State<Site>,
    secret: Result<Path<String>, PathRejection>,
    visit: PageRequest,
    client: Client,
) -> Response {
    let context = site.context(&visit);
    let address = secret.ok().and_then(|Path(secret)| Address::of(&secret));
    match find(&site, address, client).await {
        Ok(Some(confirmation)) => ConfirmationPage::new(&context, &confirmation, &site.keys.rules().company).response(),
        Ok(None) => gone(&context),
        Err(problem) => problem_page(&context, &problem),
    }
}

async fn find(site: &Site, address: Option<Address>, client: Client) -> Result<Option<Confirmation>, Problem> {
    site.limits.page(client)?;
    let Some(address) = address else { return Ok(None) };
    Ok(confirmations::find(site.database(), address.digest(), site.clock.now()).await?)
}

/// The page for an address that was never given out, and for one whose confirmation is no longer kept: nobody can tell
/// them apart.
fn gone(context: &PageContext) -> Response {
    let general = context.general();
    let (heading, explanation) = (general.confirmation_gone, general.confirmation_gone_explained);
    ErrorPage { context, heading, explanation, request_id: String::new() }.response(StatusCode::NOT_FOUND)
}
