use std::future::ready;

use axum::Json;
use axum::extract::{FromRequest, Path, Request, State};
use axum::http::Method;
use axum::response::IntoResponse;
use contract::events::payments::ReversalKind;
use web::http::query::Query;
use web::http::{Api, Holds, Operation, Problem, Write, replied};

use crate::bulk::is_many;
use crate::endpoint::{
    AFTER, ApiFuture, ApiResult, EmptyBody, LIMIT, NEWEST_FIRST, located, newest_first, path_segment, position_cursor,
    with_etag, write,
};
use crate::listing::{COUNT, Listing, MAX_COUNTED};
use crate::paging::Page;
use crate::payments::bulk;
use crate::payments::commands::WinChargeback;
use crate::payments::queries::{self, Filter, OpenReversal, PaymentItem};
use crate::payments::requests::{AttributionRequest, PaymentRequest, ReversalRequest};
use crate::payments::snapshot::{PaymentSnapshot, ReversalSnapshot};
use crate::state::AppState;

const PATH: &str = "/api/v1/payments";
const WRITE: &str = "payments:write";

pub fn routes(api: Api<AppState>) -> Api<AppState> {
    let receiving = write(Method::POST, PATH, "Record a payment, or many as application/x-ndjson", WRITE);
    let listing = Operation::new(Method::GET, PATH, "List payments, newest first").scope("money:read").query(&[
        ("agent_id", "Only payments that this agent earns by", Holds::Id),
        ("customer_id", "Only payments of this customer", Holds::Id),
        ("unattributed", "true: only payments whose customer is unknown", Holds::Boolean),
        NEWEST_FIRST,
        LIMIT,
        COUNT,
        AFTER,
    ]);
    let showing = Operation::new(Method::GET, "/api/v1/payments/{reference}", "Show a payment").scope("money:read");
    let reversal = |path, summary| {
        let operation = write(Method::POST, path, summary, WRITE).takes::<ReversalRequest>();
        operation.gives::<ReversalSnapshot>(201).gives::<ReversalSnapshot>(202)
    };
    let winning = write(
        Method::POST,
        "/api/v1/payments/{reference}/chargebacks/{chargeback}/won",
        "Record that a chargeback was decided for the company",
        WRITE,
    );
    let attributing = write(
        Method::POST,
        "/api/v1/payments/{reference}/attribution",
        "Say whose a payment of an unknown customer is",
        WRITE,
    );
    let open = Operation::new(
        Method::GET,
        "/api/v1/open-reversals",
        "List refunds and chargebacks that wait for their payments or do not fit them",
    );
    api.on(receiving.takes::<PaymentRequest>().or_by_line("payment").gives::<PaymentSnapshot>(201), receive)
        .on(listing.gives::<Page<PaymentItem>>(200), list)
        .on(showing.gives::<PaymentSnapshot>(200), show)
        .on(reversal("/api/v1/payments/{reference}/refunds", "Record a refund"), reverse(ReversalKind::Refund))
        .on(
            reversal("/api/v1/payments/{reference}/chargebacks", "Record a chargeback"),
            reverse(ReversalKind::Chargeback),
        )
        .on(winning.named("winPaymentChargeback").takes::<EmptyBody>().gives::<ReversalSnapshot>(200), win)
        .on(
            attributing.named("attributePayment").takes::<AttributionRequest>().gives::<PaymentSnapshot>(200),
            attribute,
        )
        .on(open.scope("money:read").query(&[LIMIT, AFTER]).gives::<Page<OpenReversal>>(200), open_reversals)
}

async fn receive(State(app): State<AppState>, request: Request) -> ApiResult {
    if is_many(request.headers()) {
        return bulk::receive(app, request).await;
    }
    let write: Write<PaymentRequest> = Write::from_request(request, &()).await?;
    let command = write.request.receiving(write.errors, app.clock.now())?;
    let reference = path_segment(&command.0.reference);
    let appended = app.append(write.command, command).await?;
    Ok(located(replied(&appended), "payments", &reference))
}

fn reverse(kind: ReversalKind) -> impl Fn(State<AppState>, Path<String>, Write<ReversalRequest>) -> ApiFuture + Clone {
    move |State(app), Path(reference), write| {
        Box::pin(async move {
            let command = write.request.reversing(write.errors, &reference, kind)?;
            Ok(replied(&app.append(write.command, command).await?))
        })
    }
}

async fn win(
    State(app): State<AppState>,
    Path((reference, reversal_reference)): Path<(String, String)>,
    write: Write<EmptyBody>,
) -> ApiResult {
    write.errors.into_result()?;
    let [reference, reversal_reference] = [reference, reversal_reference].map(|text| text.trim().to_owned());
    Ok(replied(&app.append(write.command, WinChargeback { reference, reversal_reference }).await?))
}

async fn attribute(
    State(app): State<AppState>,
    Path(reference): Path<String>,
    write: Write<AttributionRequest>,
) -> ApiResult {
    let command = write.request.attributing(write.errors, &reference)?;
    Ok(replied(&app.append(write.command, command).await?))
}

async fn show(State(app): State<AppState>, Path(reference): Path<String>, query: Query) -> ApiResult {
    query.finish()?;
    let payment = queries::get(app.database(), reference.trim()).await?.ok_or_else(Problem::not_found)?;
    let version = payment.version;
    Ok(with_etag(payment, version))
}

async fn list(State(app): State<AppState>, mut query: Query) -> ApiResult {
    let page = query.page();
    let filter = Filter {
        agent_id: query.parsed("agent_id"),
        customer_id: query.parsed("customer_id"),
        unattributed: query.parsed("unattributed").unwrap_or(false),
        order: newest_first(&mut query),
        after: position_cursor(&mut query, page.after),
        limit: page.limit,
    };
    let listing = Listing::of(&mut query);
    query.finish()?;
    let page = queries::list(app.database(), &filter).await?;
    let whole = Filter { after: None, limit: MAX_COUNTED, ..filter };
    listing.answer(&app, page, ready(Ok(whole.query()))).await
}

async fn open_reversals(State(app): State<AppState>, mut query: Query) -> ApiResult {
    let page = query.page();
    let after = position_cursor(&mut query, page.after);
    query.finish()?;
    Ok(Json(queries::open_reversals(app.database(), after, page.limit).await?).into_response())
}
