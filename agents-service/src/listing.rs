//! The answer with a page of a list: the link to the next page as a header, and how many things there are where that is asked for.

use std::future::Future;

use axum::Json;
use axum::http::{HeaderValue, header};
use axum::response::IntoResponse;
use event_store::search::ListQuery;
use event_store::sql::SqlError;
use serde::Serialize;
use web::http::query::{Address, Query};
use web::http::{Holds, Parameter};

use crate::endpoint::ApiResult;
use crate::paging::Page;
use crate::state::AppState;

/// The parameter, for the API's description.
pub const COUNT: Parameter =
    ("count", "true: how many there are in all, as `total`, counted to 10000; more are 10001", Holds::Boolean);
/// Most things of a list that are counted, and then one more: counting on would cost more than the number is worth.
pub const MAX_COUNTED: usize = 10_000;

/// What a request asks of a list beside its filters.
pub struct Listing {
    counts: bool,
    address: Address,
}

impl Listing {
    pub fn of(query: &mut Query) -> Self {
        Self { address: query.address(), counts: query.parsed("count").unwrap_or(false) }
    }

    /// The answer; `whole` is the list from its beginning, with the limit [`MAX_COUNTED`].
    pub async fn answer<T: Serialize>(
        self,
        app: &AppState,
        mut page: Page<T>,
        whole: impl Future<Output = Result<ListQuery, SqlError>>,
    ) -> ApiResult {
        if self.counts {
            page.total = Some(whole.await?.count(app.database()).await?);
        }
        let link = page.next.as_deref().map(|next| format!("<{}>; rel=\"next\"", self.address.with("after", next)));
        let mut response = Json(page).into_response();
        if let Some(Ok(link)) = link.map(HeaderValue::try_from) {
            response.headers_mut().insert(header::LINK, link);
        }
        Ok(response)
    }
}
