//! Operators: add and list.

use axum::extract::State;
use axum::http::Method;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use shared::http::query::Query;
use shared::http::{Api, Caller, FieldErrors, Operation, Problem, Write, replied};
use shared::ids::new_id;
use uuid::Uuid;

use super::{AFTER, AT_LEAST, LIMIT, Listed, position_cursor, write};
use crate::desk::{self, operators::Request};
use crate::http::Office;
use crate::http::fields::Fields;
use crate::logins;
use crate::passwords::Secret;
use crate::views::operators::{self, Operator};

const PATH: &str = "/api/v1/operators";

#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "OperatorGiven")]
pub struct Given {
    /// One word of 4 to 100 characters of one script.
    #[schemars(required)]
    login: Option<String>,
    #[schemars(required)]
    password: Option<Secret>,
}

#[derive(Serialize, JsonSchema)]
struct Added {
    id: Uuid,
}

pub(super) fn routes(api: Api<Office>) -> Api<Office> {
    let listing = Operation::new(Method::GET, PATH, "List operators").scope("operators:read");
    api.on(
        write(Method::POST, PATH, "Add an operator: only for a token with all scopes", "operators:write")
            .takes::<Given>()
            .gives::<Added>(201),
        add,
    )
    .on(listing.query(&[LIMIT, AFTER, AT_LEAST]).gives::<Listed<Operator>>(200), list)
}

async fn add(
    State(office): State<Office>,
    Extension(caller): Extension<Caller>,
    write: Write<Given>,
) -> Result<Response, Problem> {
    caller.require_all()?;
    let request = write.request.creation(&office, write.errors).await?;
    Ok(replied(&office.submit(write.command, request).await?))
}

impl Given {
    /// The request to add an operator.
    pub async fn creation(self, office: &Office, errors: FieldErrors) -> Result<desk::Request, Problem> {
        let mut fields = Fields::new(errors);
        let login = fields.login(self.login);
        let password = fields.required("password", self.password);
        let password = fields.password(password);
        fields.finish()?;
        let password = password.ok_or_else(Problem::internal)?;
        let password = office.hasher.hash(password).await?;
        let login_digest = logins::of_operator(office.log.secret(), &login);
        Ok(desk::Request::Operator(Request::Create { operator_id: new_id(), login, login_digest, password }))
    }
}

async fn list(State(office): State<Office>, mut query: Query) -> Result<Response, Problem> {
    query.at_least(&office.directory).await?;
    let page = query.page();
    let after = position_cursor(&mut query, page.after);
    query.finish()?;
    Ok(Json(Listed::from(operators::list(office.database(), after, page.limit).await?)).into_response())
}
