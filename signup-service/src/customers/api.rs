//! Search, read, correct and erase customers; every call needs a token.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use contract::events::signups::{SignupRefused, SignupsEvent};
use contract::events::{Contract, DecodeError};
use contract::shown_number::ShownNumber;
use event_store::projections::TooFarBehind;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};
use uuid::Uuid;
use web::http::query::{MAX_LIMIT, Query};
use web::http::write::etag;
use web::http::{AFTER, Holds, IfMatch, LIMIT, Parameter, Problem, Write, replied};

use crate::customers::model::Correction;
use crate::customers::model::{CorrectCustomer, EraseCustomer, shown_stream};
use crate::customers::queries as found;
use crate::customers::queries::{CustomerItem, Filter, Found, Search};
use crate::customers::requests::Typed;
use crate::customers::table::email_digest;
use crate::fields::text::typed;
use crate::fields::violation::add_errors;
use crate::state::AppState;
use contract::email::Email;

const MAX_REASON: usize = 500;

/// Longest wait until the newest customers can be searched.
const SETTLE_TIMEOUT: Duration = Duration::from_secs(1);

const MAX_SEARCH: usize = 200;

/// Most showings of one number in a response. Two of the same number are possible by chance only.
const MAX_SHOWN: usize = 10;

/// The orders of a list of customers.
const ORDERS: &[&str] = &["created", "-created"];

pub const SEARCH_PARAMETERS: &[Parameter] = &[
    (
        "search",
        "The first digits of a customer number or the last of a phone number (4 or more), the beginning of an e-mail address, or those \
         of words of name, company and city, in any order",
        Holds::Text,
    ),
    ("agent_id", "Only customers who were placed with this agent", Holds::Id),
    ("sort", "The order: the newest first when absent", Holds::Word(ORDERS)),
    (
        "ids",
        "Only these customers: at most 200 ids with commas between them, and no other parameter",
        Holds::Pattern("^[0-9a-fA-F-]{32,36}(,[0-9a-fA-F-]{32,36}){0,199}$"),
    ),
    LIMIT,
    AFTER,
];

/// A page of customers.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SearchAnswer {
    pub items: Vec<CustomerItem>,
    /// The cursor of the next page; null when this is the last. A search that finds very many looks at so many customers for each
    /// page, so that a page may be short, or empty, and yet not the last.
    pub next: Option<Uuid>,
    /// Where a whole number is searched for: when it was shown though no customer has it, the newest first.
    pub shown: Vec<ShownNumber>,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct EraseBody {
    pub reason: Option<String>,
}

/// Declares the body of a correction by its fields.
macro_rules! correction {
    ($($field:ident),+ $(,)?) => {
        /// The fields to change; what is absent stays, and an empty text or null takes an optional field away.
        #[derive(Debug, Default, Deserialize, JsonSchema)]
        #[serde(default, deny_unknown_fields)]
        pub struct CorrectBody {
            $(#[serde(deserialize_with = "present")] pub $field: Option<String>,)+
        }

        impl CorrectBody {
            fn typed(self) -> Typed {
                let fields = [$((stringify!($field), self.$field)),+];
                fields.into_iter().filter_map(|(name, text)| Some((name.to_owned(), text?))).collect()
            }
        }
    };
}
correction! {
    email, first_name, last_name, phone, company, address, city, state, country, postal_code, language, time_zone, currency,
    vat_number,
}

/// Distinguishes null (an empty value) from an absent field.
fn present<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    Ok(Some(Option::deserialize(from)?.unwrap_or_default()))
}

/// An erased customer.
#[derive(Debug, Serialize, JsonSchema)]
pub struct EraseAnswer {
    pub customer_id: Uuid,
    pub erased: bool,
}

/// `GET /api/v1/customers`
pub async fn search(State(app): State<AppState>, mut query: Query) -> Result<Json<SearchAnswer>, Problem> {
    if let Some(ids) = query.text("ids") {
        let ids = ids.split(',').map(str::parse::<Uuid>).collect::<Result<Vec<_>, _>>();
        if ids.as_ref().map_or(true, |ids| ids.len() > MAX_LIMIT) {
            query.error("ids", "invalid", "must be at most 200 ids with commas between them");
        }
        query.finish()?;
        let items = found::among(app.database(), &ids.unwrap_or_default()).await?;
        return Ok(Json(SearchAnswer { items, next: None, shown: Vec::new() }));
    }
    let page = query.page();
    let after = page.after.map(|after| after.parse::<Uuid>());
    if let Some(Err(_)) = after {
        query.error("after", "invalid", "is not the `next` of a page");
    }
    let text = query.text("search").unwrap_or_default();
    if text.chars().count() > MAX_SEARCH {
        query.error("search", "too_long", "must not be longer than 200 characters");
    }
    let agent_id = query.parsed("agent_id");
    let oldest_first = query.one_of("sort", ORDERS) == Some("created");
    query.finish()?;
    let after = after.and_then(Result::ok);
    let search = Search::of(&text);
    let shown = if let Search::Digits(number) = &search { shown(&app, number, agent_id).await? } else { Vec::new() };
    let email = if let Search::Words(text) = &search { Email::parse(text) } else { None };
    let email_digest = email.map(|email| email_digest(app.log.secret(), &email.key));
    if search != Search::Everybody {
        settle(&app).await?;
    }
    let filter = Filter { search, email_digest, agent_id, oldest_first, after, limit: page.limit };
    let Found { items, next } = found::search(app.database(), &filter).await?;
    Ok(Json(SearchAnswer { items, next, shown }))
}

/// When, and through which keys, this number was shown as a decoy.
async fn shown(app: &AppState, number: &str, agent_id: Option<Uuid>) -> Result<Vec<ShownNumber>, Problem> {
    let events = app.log.newest_of(&shown_stream(number), MAX_SHOWN).await?;
    let read =
        events.into_iter().map(|event| Ok((event.recorded_at, SignupsEvent::read(&event.type_name, &event.data)?)));
    let read = read.collect::<Result<Vec<_>, DecodeError>>().map_err(|error| Problem::unforeseen(&error))?;
    let shown = read.into_iter().filter_map(|(shown_at, event)| {
        let Some(SignupsEvent::SignupRefused(refused)) = event else { return None };
        let SignupRefused { key, customer_id, .. } = refused;
        let customer_number = refused.shown?.customer_number;
        Some(ShownNumber { customer_number, shown_at, key, agent_id: refused.agent_id, customer_id })
    });
    Ok(shown.filter(|shown| agent_id.is_none() || shown.agent_id == agent_id).collect())
}

/// Waits until signups and corrections of a moment ago can be searched.
async fn settle(app: &AppState) -> Result<(), Problem> {
    let head = app.log.head().await?.position;
    match app.words_checkpoint.wait_for(head, SETTLE_TIMEOUT).await {
        Ok(()) | Err(TooFarBehind::Behind { .. }) => Ok(()),
        Err(TooFarBehind::Sql(error)) => Err(error.into()),
    }
}

/// `GET /api/v1/customers/{id}`
pub async fn get(State(app): State<AppState>, Path(id): Path<String>, query: Query) -> Result<Response, Problem> {
    query.finish()?;
    let customer = found::get(app.database(), path_id(&id)?).await?.ok_or_else(Problem::not_found)?;
    let version = customer["version"].as_u64().unwrap_or_default();
    Ok(([(header::ETAG, etag(version))], Json(customer)).into_response())
}

/// `PATCH /api/v1/customers/{id}`
pub async fn correct(
    State(app): State<AppState>,
    Path(id): Path<String>,
    write: Write<CorrectBody>,
) -> Result<Response, Problem> {
    let expected = match write.if_match {
        IfMatch::Absent => return Err(Problem::precondition_required()),
        IfMatch::Any => None,
        IfMatch::OneOf(versions) => Some(versions),
    };
    let mut errors = write.errors;
    let correction = Correction::check(&write.request.typed()).map_err(|found| add_errors(&mut errors, found));
    errors.into_result()?;
    let correction = correction.unwrap_or_default();
    let email_digest = correction.email.as_ref().map(|email| email_digest(app.log.secret(), &email.key));
    let correct = CorrectCustomer { customer_id: path_id(&id)?, email_digest, correction, expected };
    Ok(replied(&app.writer.submit(write.command, Arc::new(correct)).await?))
}

/// `DELETE /api/v1/customers/{id}`
pub async fn erase(
    State(app): State<AppState>,
    Path(id): Path<String>,
    write: Write<EraseBody>,
) -> Result<Response, Problem> {
    let mut errors = write.errors;
    let reason = match typed(write.request.reason.as_deref().unwrap_or_default(), MAX_REASON) {
        Ok(reason) => reason,
        Err(violation) => {
            errors.add("reason", violation.code(), violation.message());
            None
        }
    };
    errors.into_result()?;
    let erase = EraseCustomer { customer_id: path_id(&id)?, reason };
    Ok(replied(&app.writer.submit(write.command, Arc::new(erase)).await?))
}

/// The id in the path; text that is no id is "not found".
pub fn path_id(text: &str) -> Result<Uuid, Problem> {
    text.parse().map_err(|_| Problem::not_found())
}
