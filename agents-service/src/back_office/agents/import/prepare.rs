//! The rows of a table as commands, or what is wrong with them.

use std::collections::BTreeSet;

use contract::agent_defaults::AgentDefaults;
use contract::ids::hex;
use contract::text::folded;
use event_store::log::CommandMeta;
use uuid::Uuid;
use web::http::Problem;

use crate::agents::fallback::Fallback;
use crate::agents::requests::{AgentRequest, NewAgent};
use crate::auth::logins::{self, LoginDigest};
use crate::auth::passwords::Secret;
use crate::back_office::agents::import::rows::{CALL_PLANS, Row};
use crate::back_office::grants;
use crate::command::Submission;
use crate::grants::commands::GrantCallPlans;
use crate::state::AppState;
use crate::ui::form::{Empty, Form};
use crate::ui::signed_in::SignedIn;

/// Digits of a first password, in groups: 64 bits that nobody can guess.
const PASSWORD_DIGITS: usize = 16;
const DIGITS_OF_GROUP: usize = 4;
const WHAT: &str = "import agents";

/// A row that was looked at.
pub struct Looked {
    pub line: u64,
    pub login: String,
    pub name: String,
    pub found: Result<Good, String>,
}

/// A row without faults.
pub struct Good {
    agent: NewAgent,
    command: CommandMeta,
    /// The first password, which is shown once.
    pub password: String,
    pub call_plans: Vec<(Uuid, String)>,
}

/// Which logins of rows are taken.
pub async fn taken(app: &AppState, rows: &[Row]) -> Result<BTreeSet<LoginDigest>, Problem> {
    let digests = rows.iter().map(|row| logins::of_agent(app.log.secret(), row.fields.text("login")));
    Ok(logins::taken(app.database(), digests.collect()).await?)
}

/// Looks at rows: each alone, beside the others, and beside logins that are taken. The same form has the same commands and first
/// passwords, however often it is sent.
pub async fn look(
    app: &AppState,
    signed_in: &SignedIn,
    form: &Form,
    rows: Vec<Row>,
    taken: &BTreeSet<LoginDigest>,
) -> Result<Vec<Looked>, Problem> {
    let command = form.command(signed_in, WHAT)?;
    let offered = grants::choices(app, None).await?.into_iter();
    let offered: Vec<(Uuid, String)> = offered.filter_map(|(plan, name)| Some((plan.parse().ok()?, name))).collect();
    let defaults = Fallback::of_settings(app.database()).await?.defaults;
    let mut seen = BTreeSet::new();
    let mut looked = Vec::with_capacity(rows.len());
    for row in rows {
        let login = row.fields.text("login").to_owned();
        let found = if taken.contains(&logins::of_agent(app.log.secret(), &login)) {
            Err("there is an agent with this login".to_owned())
        } else if !seen.insert(folded(&login)) {
            Err("the login is in an earlier row".to_owned())
        } else {
            let command = command.clone().within(&login);
            check(app, signed_in, &row.fields, (&offered, &defaults), command)
        };
        looked.push(Looked { line: row.line, name: row.fields.text("name").to_owned(), login, found });
    }
    Ok(looked)
}

fn check(
    app: &AppState,
    signed_in: &SignedIn,
    fields: &Form,
    (offered, defaults): (&[(Uuid, String)], &AgentDefaults),
    command: CommandMeta,
) -> Result<Good, String> {
    let call_plans = fields.all(CALL_PLANS).map(|name| {
        let mut named = offered.iter().filter(|(_, offered)| folded(offered) == folded(name));
        match (named.next(), named.next()) {
            (Some(plan), None) => Ok(plan.clone()),
            (None, _) => Err(format!("no call plan on offer is named {name}")),
            (Some(_), Some(_)) => Err(format!("several call plans are named {name}")),
        }
    });
    let call_plans = call_plans.collect::<Result<Vec<_>, _>>()?;
    let password = first_password(app, &command);
    let (request, errors) = fields.clone().with_literal("hold_days").read::<AgentRequest>(Empty::Absent);
    let gifts = request.check_gifts(&signed_in.caller(), false, &defaults.permissions);
    gifts.map_err(|problem| problem.detail().to_owned())?;
    // The page has inputs for the other defaults, and what they say counts.
    let (hold_days, language) = (defaults.hold_days, defaults.language.clone());
    let defaults = AgentDefaults { hold_days, language, ..AgentDefaults::default() };
    let fallback = Fallback { defaults, ..Fallback::default() };
    let request = request.with_password(Secret::new(password.clone()));
    let agent = request.new_agent(errors, fallback).map_err(|problem| {
        let errors = problem.errors().into_iter().map(|(field, message)| format!("{field} {message}"));
        errors.collect::<Vec<_>>().join("; ")
    })?;
    Ok(Good { agent, command, password, call_plans })
}

/// The first password of an agent that a command adds: only who has the log's secret can make it.
fn first_password(app: &AppState, command: &CommandMeta) -> String {
    let digits = hex(&app.log.secret().digest("first-password", &command.id));
    let digits: Vec<char> = digits.chars().take(PASSWORD_DIGITS).collect();
    digits.chunks(DIGITS_OF_GROUP).map(String::from_iter).collect::<Vec<_>>().join("-")
}

impl Good {
    /// The commands that add the agent, and grant the call plans.
    pub async fn submissions(self, app: &AppState) -> Result<Vec<(CommandMeta, Submission)>, Problem> {
        let Self { agent, command, call_plans, .. } = self;
        let create = agent.hashed(app, &command).await?;
        let call_plan_ids: Vec<Uuid> = call_plans.into_iter().map(|(plan_id, _)| plan_id).collect();
        let grant = GrantCallPlans { agent_id: create.agent_id, call_plan_ids, commission: None };
        let grant = Some(grant).filter(|grant| !grant.call_plan_ids.is_empty());
        let grant = grant.map(|grant| (command.clone().within("call-plans"), grant.into()));
        Ok([(command, create.into())].into_iter().chain(grant).collect())
    }
}
