//! Agents: create, list, show, change, suspend, reinstate, close.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Method};
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use shared::events::agents::{AgentTerms, Permission};
use shared::http::query::Query;
use shared::http::write::if_match;
use shared::http::{Api, FieldErrors, Operation, Problem, Write, replied};
use shared::ids::new_id;
use uuid::Uuid;

use super::{AFTER, AT_LEAST, LIMIT, Listed, Reason, created, id, member, read, wait_only, with_etag, write};
use crate::accounts::{self, Contact, Details, DetailsChange};
use crate::desk::{self, agents::Request};
use crate::domain::agent::TermsChange;
use crate::domain::text::Rule;
use crate::http::Office;
use crate::http::fields::{Amount, Fields, LONG, NAME, Number};
use crate::passwords::Secret;
use crate::views::agents::{self, Agent, Filter, Item, Sort, State as Stage};
use crate::views::grants;

const LOGIN: Rule = Rule::line(4, 100);
const DETAIL: Rule = Rule::line(0, 200);

/// An agent as a client describes him.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "AgentGiven")]
struct Given {
    /// 4 or more characters; unique; cannot be changed.
    login: Option<String>,
    password: Option<Secret>,
    /// At least one screen of the portal.
    permissions: Option<Vec<Permission>>,
    /// What must be earned before a payout may be requested.
    remittance_threshold: Option<Amount>,
    name: Option<String>,
    /// 0 to 100, with at most two decimals.
    commission_percent: Option<Number>,
    currency: Option<String>,
    language: Option<String>,
    vat_percent: Option<Number>,
    contact: Option<ContactGiven>,
    bank_details: Option<String>,
}

#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
struct ContactGiven {
    company: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
    address: Option<String>,
    city: Option<String>,
    state: Option<String>,
    country: Option<String>,
    postal_code: Option<String>,
    phone: Option<String>,
    email: Option<String>,
}

/// An agent with everything that is known of him.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "AgentInFull")]
struct Full {
    #[serde(flatten)]
    agent: Agent,
    login: String,
    contact: Contact,
    bank_details: String,
    /// The call plans that he may sell.
    call_plans: Vec<Uuid>,
}

pub(super) fn routes(api: Api<Office>) -> Api<Office> {
    let act = |path, summary| write(Method::POST, path, summary, "agents:write").takes::<Reason>().gives::<Agent>(200);
    let listing = Operation::new(Method::GET, "/api/v1/agents", "List agents").scope("agents:read").query(&[
        ("search", "A part of the login, name, company or e-mail"),
        ("state", "active, suspended or closed"),
        ("sort", "name, -name, login, -login, created or -created"),
        LIMIT,
        AFTER,
        AT_LEAST,
    ]);
    api.on(
        write(Method::POST, "/api/v1/agents", "Create an agent", "agents:write").takes::<Given>().gives::<Agent>(201),
        create,
    )
    .on(listing.gives::<Listed<Item>>(200), list)
    .on(read("/api/v1/agents/{id}", "Show an agent", "agents:read").gives::<Full>(200), show)
    .on(
        write(Method::PATCH, "/api/v1/agents/{id}", "Change an agent (If-Match)", "agents:write")
            .takes::<Given>()
            .gives::<Agent>(200),
        change,
    )
    .on(act("/api/v1/agents/{id}/suspend", "Suspend an agent: his keys stop"), suspend)
    .on(act("/api/v1/agents/{id}/reinstate", "Reinstate a suspended agent"), reinstate)
    .on(act("/api/v1/agents/{id}/close", "Close an agent for good"), close)
}

async fn create(State(office): State<Office>, write: Write<Given>) -> Result<Response, Problem> {
    let agent_id = new_id();
    let mut fields = Fields::new(write.errors);
    let given = write.request;
    let login = fields.required_text("login", given.login.clone(), LOGIN);
    check_login(&mut fields, &login);
    fields.required("password", given.password.as_ref());
    fields.required("permissions", given.permissions.as_ref());
    fields.required("remittance_threshold", given.remittance_threshold.as_ref());
    let (terms, change, password) = given.check(&mut fields);
    fields.finish()?;
    let (Some(threshold), Some(password)) = (terms.remittance_threshold, password) else {
        return Err(Problem::internal());
    };
    let terms = AgentTerms {
        name: terms.name.unwrap_or_else(|| unnamed(agent_id)),
        permissions: terms.permissions.unwrap_or_default(),
        remittance_threshold: threshold,
        commission: terms.commission.unwrap_or_default(),
        currency: terms.currency.unwrap_or(threshold.currency),
        language: terms.language.unwrap_or_else(|| "en".to_owned()),
        vat: terms.vat.unwrap_or_default(),
    };
    let mut details = Details { login, ..Details::default() };
    details.change(&change);
    let password = office.hasher.hash(password).await.map_err(|error| Problem::unforeseen(&error))?;
    let request = Request::Create { agent_id, terms, details, password };
    let receipt = office.submit(write.command, desk::Request::Agent(Box::new(request))).await?;
    Ok(created(&receipt, "agents", &member(&receipt, "id")?))
}

/// The name of an agent who was given none. Not his login, which visitors must not see.
fn unnamed(agent_id: Uuid) -> String {
    let id = agent_id.simple().to_string().to_uppercase();
    format!("Agent {}", &id[id.len() - 6..])
}

fn check_login(fields: &mut Fields, login: &str) {
    if login.chars().any(|letter| letter.is_whitespace() || letter == ':') {
        fields.error("login", "invalid", "must not contain spaces or colons");
    }
}

impl Given {
    /// Checks what is there, but for the login.
    fn check(self, fields: &mut Fields) -> (TermsChange, DetailsChange, Option<Secret>) {
        let terms = TermsChange {
            name: fields.text("name", self.name, NAME),
            permissions: fields.choice("permissions", self.permissions),
            remittance_threshold: fields.amount("remittance_threshold", self.remittance_threshold),
            commission: fields.percent("commission_percent", self.commission_percent),
            currency: fields.currency("currency", self.currency),
            language: fields.language("language", self.language),
            vat: fields.percent("vat_percent", self.vat_percent),
        };
        let mut details = self.contact.unwrap_or_default().check(fields);
        details.bank_details = fields.text("bank_details", self.bank_details, LONG);
        (terms, details, fields.password(self.password))
    }
}

impl ContactGiven {
    fn check(self, fields: &mut Fields) -> DetailsChange {
        let mut line = |name: &str, value| fields.text(&format!("contact.{name}"), value, DETAIL);
        let change = DetailsChange {
            company: line("company", self.company),
            first_name: line("first_name", self.first_name),
            last_name: line("last_name", self.last_name),
            address: line("address", self.address),
            city: line("city", self.city),
            state: line("state", self.state),
            country: line("country", self.country),
            postal_code: line("postal_code", self.postal_code),
            phone: line("phone", self.phone),
            email: line("email", self.email),
            bank_details: None,
        };
        let misses_at =
            |email: &str| !email.is_empty() && (!email.contains('@') || email.contains(char::is_whitespace));
        if change.email.as_deref().is_some_and(misses_at) {
            fields.error("contact.email", "invalid", "must be an e-mail address");
        }
        change
    }
}

async fn list(State(office): State<Office>, mut query: Query) -> Result<Response, Problem> {
    query.at_least(&office.directory).await?;
    let page = query.page();
    let sort = match query.one_of("sort", &["name", "-name", "login", "-login", "created", "-created"]) {
        Some("name") => Sort::Name,
        Some("-name") => Sort::NameDown,
        Some("login") => Sort::Login,
        Some("-login") => Sort::LoginDown,
        Some("-created") => Sort::CreatedDown,
        _ => Sort::Created,
    };
    if page.after.as_deref().is_some_and(|cursor| !sort.knows(cursor)) {
        query.error("after", "invalid", "is not a cursor of this list and order");
    }
    let filter = Filter {
        search: query.text("search"),
        state: query.parsed::<Stage>("state"),
        sort,
        after: page.after,
        limit: page.limit,
    };
    query.finish()?;
    let page = agents::list(office.database(), &filter).await?;
    Ok(Json(Listed::from(page)).into_response())
}

async fn show(State(office): State<Office>, Path(agent_id): Path<String>, query: Query) -> Result<Response, Problem> {
    wait_only(&office, query).await?;
    let agent_id = id(&agent_id)?;
    let agent = agents::get(office.database(), agent_id).await?.ok_or_else(Problem::not_found)?;
    let details = accounts::details(office.database(), agent_id).await?.unwrap_or_default();
    let grants = grants::list(office.database(), agent_id).await?;
    let version = agent.version;
    let full = Full {
        agent,
        login: details.login,
        contact: details.contact,
        bank_details: details.bank_details,
        call_plans: grants.into_iter().map(|grant| grant.id).collect(),
    };
    Ok(with_etag(full, version))
}

async fn change(
    State(office): State<Office>,
    Path(agent_id): Path<String>,
    headers: HeaderMap,
    write: Write<Given>,
) -> Result<Response, Problem> {
    let agent_id = id(&agent_id)?;
    let mut fields = Fields::new(write.errors);
    if write.request.login.is_some() {
        fields.error("login", "fixed", "cannot be changed");
    }
    let (terms, details, password) = write.request.check(&mut fields);
    fields.finish()?;
    let version = Some(if_match(&headers)?.ok_or_else(Problem::precondition_required)?);
    let password = match password {
        Some(password) => Some(office.hasher.hash(password).await.map_err(|error| Problem::unforeseen(&error))?),
        None => None,
    };
    let request = Request::Change { agent_id, version, terms, details, password };
    Ok(replied(&office.submit(write.command, desk::Request::Agent(Box::new(request))).await?))
}

async fn suspend(State(office): State<Office>, path: Path<String>, write: Write<Reason>) -> Result<Response, Problem> {
    act(&office, &path, write, |agent_id, reason| Request::Suspend { agent_id, reason }).await
}

async fn reinstate(
    State(office): State<Office>,
    path: Path<String>,
    write: Write<Reason>,
) -> Result<Response, Problem> {
    act(&office, &path, write, |agent_id, reason| Request::Reinstate { agent_id, reason }).await
}

async fn close(State(office): State<Office>, path: Path<String>, write: Write<Reason>) -> Result<Response, Problem> {
    act(&office, &path, write, |agent_id, reason| Request::Close { agent_id, reason }).await
}

async fn act(
    office: &Office,
    agent_id: &str,
    write: Write<Reason>,
    request: impl FnOnce(Uuid, Option<String>) -> Request,
) -> Result<Response, Problem> {
    let errors: FieldErrors = write.errors;
    let request = request(id(agent_id)?, write.request.check(errors)?);
    Ok(replied(&office.submit(write.command, desk::Request::Agent(Box::new(request))).await?))
}
