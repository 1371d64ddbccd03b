//! Customer groups: create, list, show, change, and by that move from agent to agent.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Method};
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::Deserialize;
use shared::events::agents::UiElement;
use shared::http::query::Query;
use shared::http::write::if_match;
use shared::http::{Api, Operation, Problem, Write, replied};
use shared::ids::new_id;
use uuid::Uuid;

use super::{AFTER, AT_LEAST, LIMIT, Listed, created, id, member, position_cursor, read, wait_only, with_etag, write};
use crate::desk::{self, groups::Request};
use crate::domain::group::{Change, Description};
use crate::domain::text::Rule;
use crate::http::Office;
use crate::http::fields::{Fields, LONG, nullable, without_repetitions};
use crate::views::groups::{self, Filter, Group};

const NAME: Rule = Rule::line(3, 200);

/// A group as a client describes it.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "GroupGiven")]
struct Given {
    /// 3 or more characters.
    name: Option<String>,
    description: Option<String>,
    /// The agent that it belongs to. Another one moves it, null releases it.
    #[serde(deserialize_with = "nullable")]
    #[schemars(with = "Option<Uuid>")]
    #[expect(clippy::option_option, reason = "absent and null differ here")]
    agent_id: Option<Option<Uuid>>,
    /// What its customers see.
    ui_elements: Option<Vec<UiElement>>,
}

pub(super) fn routes(api: Api<Office>) -> Api<Office> {
    let listing = Operation::new(Method::GET, "/api/v1/groups", "List customer groups").scope("groups:read").query(&[
        ("agent_id", "Only the groups of this agent"),
        LIMIT,
        AFTER,
        AT_LEAST,
    ]);
    api.on(
        write(Method::POST, "/api/v1/groups", "Create a customer group", "groups:write")
            .takes::<Given>()
            .gives::<Group>(201),
        create,
    )
    .on(listing.gives::<Listed<Group>>(200), list)
    .on(read("/api/v1/groups/{id}", "Show a customer group", "groups:read").gives::<Group>(200), show)
    .on(
        write(Method::PATCH, "/api/v1/groups/{id}", "Change, move or release a customer group", "groups:write")
            .takes::<Given>()
            .gives::<Group>(200),
        change,
    )
}

async fn create(State(office): State<Office>, write: Write<Given>) -> Result<Response, Problem> {
    let mut fields = Fields::new(write.errors);
    let given = write.request;
    let description = Description {
        group_id: new_id(),
        name: fields.required_text("name", given.name, NAME),
        description: fields.text("description", given.description, LONG).unwrap_or_default(),
        ui_elements: without_repetitions(given.ui_elements.unwrap_or_default()),
    };
    fields.finish()?;
    let request = Request::Create { description, agent_id: given.agent_id.flatten() };
    let receipt = office.submit(write.command, desk::Request::Group(request)).await?;
    Ok(created(&receipt, "groups", &member(&receipt, "id")?))
}

async fn change(
    State(office): State<Office>,
    Path(group_id): Path<String>,
    headers: HeaderMap,
    write: Write<Given>,
) -> Result<Response, Problem> {
    let mut fields = Fields::new(write.errors);
    let given = write.request;
    let change = Change {
        name: fields.text("name", given.name, NAME),
        description: fields.text("description", given.description, LONG),
        ui_elements: given.ui_elements.map(without_repetitions),
        assignee: None,
    };
    fields.finish()?;
    let (group_id, version) = (id(&group_id)?, if_match(&headers)?);
    let request = Request::Change { group_id, version, change, agent_id: given.agent_id };
    Ok(replied(&office.submit(write.command, desk::Request::Group(request)).await?))
}

async fn show(State(office): State<Office>, Path(group_id): Path<String>, query: Query) -> Result<Response, Problem> {
    wait_only(&office, query).await?;
    let group = groups::get(office.database(), id(&group_id)?).await?.ok_or_else(Problem::not_found)?;
    let version = group.version;
    Ok(with_etag(group, version))
}

async fn list(State(office): State<Office>, mut query: Query) -> Result<Response, Problem> {
    query.at_least(&office.directory).await?;
    let page = query.page();
    let filter = Filter {
        agent_id: query.parsed("agent_id"),
        after: position_cursor(&mut query, page.after),
        limit: page.limit,
    };
    query.finish()?;
    Ok(Json(Listed::from(groups::list(office.database(), &filter).await?)).into_response())
}
