use axum::extract::{Path, State};
use axum::http::Method;
use event_store::log::CommandMeta;
use futures::future::BoxFuture;
use web::http::query::Query;
use web::http::{Api, Caller, FieldErrors, Holds, Operation, Problem, Write, replied};

use crate::bulk::{Line, write_together};
use crate::command::{Command, Submission};
use crate::endpoint::{
    AFTER, AT_LEAST, ApiResult, LIMIT, ORDERS_OR_NAME, SORT_OR_NAME, created, id, read, sort, wait_only, with_etag,
    write,
};
use crate::groups;
use crate::groups::queries::Filter;
use crate::groups::requests::GroupRequest;
use crate::groups::snapshot::GroupSnapshot;
use crate::listing::{COUNT, Listing, MAX_COUNTED};
use crate::paging::Page;
use crate::state::AppState;

pub fn routes(api: Api<AppState>) -> Api<AppState> {
    let listing = Operation::new(Method::GET, "/api/v1/groups", "List customer groups").scope("groups:read").query(&[
        ("agent_id", "Only the groups of this agent", Holds::Id),
        ("search", "The beginnings of words of name and description, in any order", Holds::Text),
        SORT_OR_NAME,
        LIMIT,
        COUNT,
        AFTER,
        AT_LEAST,
    ]);
    api.on(
        write(Method::POST, "/api/v1/groups", "Create a customer group", "groups:write")
            .takes::<GroupRequest>()
            .gives::<GroupSnapshot>(201),
        create,
    )
    .on(
        write(Method::POST, "/api/v1/groups:batch", "Create up to 1,000 customer groups in one commit", "groups:write")
            .takes::<GroupRequest>()
            .gives::<GroupSnapshot>(200)
            .by_line("group"),
        write_together::<GroupRequest>,
    )
    .on(listing.gives::<Page<GroupSnapshot>>(200), list)
    .on(read("/api/v1/groups/{id}", "Show a customer group", "groups:read").gives::<GroupSnapshot>(200), show)
    .on(
        write(Method::PATCH, "/api/v1/groups/{id}", "Change, move or release a customer group", "groups:write")
            .if_match()
            .takes::<GroupRequest>()
            .gives::<GroupSnapshot>(200),
        change,
    )
}

impl Line for GroupRequest {
    const NOUN: &'static str = "group";

    fn submission<'a>(
        self,
        _: &'a AppState,
        _: &'a Caller,
        _: &'a CommandMeta,
        errors: FieldErrors,
    ) -> BoxFuture<'a, Result<Submission, Problem>> {
        Box::pin(async { Ok(self.creation(errors)?.into()) })
    }
}

async fn create(State(app): State<AppState>, write: Write<GroupRequest>) -> ApiResult {
    let request = write.request.creation(write.errors)?;
    let appended = app.submit(write.command, request).await?;
    Ok(created(&appended, "groups"))
}

async fn change(State(app): State<AppState>, Path(text): Path<String>, write: Write<GroupRequest>) -> ApiResult {
    let request = write.request.change(write.errors, id(&text)?)?;
    Ok(replied(&app.submit(write.command, request.expecting(write.if_match)).await?))
}

async fn show(State(app): State<AppState>, Path(text): Path<String>, query: Query) -> ApiResult {
    wait_only(&app, query).await?;
    let group = groups::queries::get(app.database(), id(&text)?).await?.ok_or_else(Problem::not_found)?;
    let version = group.version;
    Ok(with_etag(group, version))
}

async fn list(State(app): State<AppState>, mut query: Query) -> ApiResult {
    query.at_least("agents", &app.directory, Some(&app.log)).await?;
    let page = query.page();
    let (sort, after) = sort(&mut query, ORDERS_OR_NAME, page.after);
    let filter =
        Filter { agent_id: query.parsed("agent_id"), search: query.text("search"), sort, after, limit: page.limit };
    let listing = Listing::of(&mut query);
    query.finish()?;
    let page = groups::queries::list(app.database(), &filter).await?;
    let whole = Filter { after: None, limit: MAX_COUNTED, ..filter };
    listing.answer(&app, page, groups::queries::query(app.database(), &whole)).await
}
