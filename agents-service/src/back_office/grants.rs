//! Call plans usable: add several to an agent or withdraw them, with the keys that this stops.

use axum::extract::Path;
use contract::text::isolated;
use uuid::Uuid;
use web::http::{FieldErrors, Problem};

use crate::agents::snapshot::AgentSnapshot;
use crate::back_office::agent_tabs::Part;
use crate::call_plans::queries::Filter;
use crate::call_plans::snapshot::State as PlanState;
use crate::endpoint::id;
use crate::fields::without_repetitions;
use crate::grants::commands::{GrantCallPlans, WithdrawCallPlans};
use crate::state::AppState;
use crate::ui::action::Action;
use crate::ui::form::{CsrfForm, Form, FormData};
use crate::ui::inputs::{FormPage, Section};
use crate::ui::labels::{MAX_CHOICES, SelectOptions};
use crate::ui::layout::Layout;
use crate::ui::notice::Notice;
use crate::ui::numbers::counted;
use crate::ui::page::{PageResult, page, redirect_with_notice};
use crate::ui::page_query::PageQuery;
use crate::ui::routes::Routes;
use crate::ui::signed_in::{Context, SignedIn};
use crate::ui::submit::{form_page, reason, redisplay, submit};
use crate::ui::table::nothing_to_choose;
use crate::{agents, call_plans, grants};

pub const GRANTED: Notice = Notice { code: "granted", text: "The call plans are usable now." };
pub const WITHDRAWN: Notice = Notice { code: "withdrawn", text: "Withdrawn. What used it has stopped." };
const PLACE: &str = "/agents";

pub fn routes(routes: Routes) -> Routes {
    routes
        .get("/agents/{id}/call-plans/add", ask_to_add)
        .post("/agents/{id}/call-plans/add", add)
        .get("/agents/{id}/call-plans/withdraw", ask_to_withdraw)
        .post("/agents/{id}/call-plans/withdraw", withdraw)
}

async fn find(app: &AppState, text: &str) -> Result<AgentSnapshot, Problem> {
    agents::queries::get(app.database(), id(text)?).await?.ok_or_else(Problem::not_found)
}

/// The call plans that can be granted to an agent, or to a new one, as choices.
pub async fn choices(app: &AppState, agent_id: Option<Uuid>) -> Result<SelectOptions, Problem> {
    let has = match agent_id {
        Some(agent_id) => grants::queries::list(app.database(), agent_id).await?,
        None => Vec::new(),
    };
    let filter = Filter { state: Some(PlanState::Offered), limit: MAX_CHOICES, ..Filter::default() };
    let offered = call_plans::queries::list(app.database(), &filter).await?.items.into_iter();
    let new = offered.filter(|plan| has.iter().all(|grant| grant.id != plan.id));
    Ok(new.map(|plan| (plan.id.to_string(), plan.name)).collect())
}

async fn add_page(app: &AppState, signed_in: &SignedIn, agent: &AgentSnapshot, data: &FormData) -> PageResult {
    let choices = choices(app, Some(agent.id)).await?;
    let path = format!("{PLACE}/{}", agent.id);
    let layout = Layout::new(signed_in, format!("Add call plans usable by {}", isolated(&agent.name)), PLACE);
    if choices.is_empty() {
        let is_any = !self::choices(app, None).await?.is_empty();
        let note = if is_any { "This agent already has every call plan." } else { "Add a call plan first." };
        let actions = vec![Action::new("Add call plan", "/call-plans/new")];
        return page(&nothing_to_choose(layout, note, actions));
    }
    let inputs = vec![data.many("call_plans[]", "Call plans that the agent is entitled to sell", choices).required()];
    let sections = vec![Section { legend: "", inputs }];
    form_page(&FormPage::new(layout, data, format!("{path}/call-plans/add"), sections).back(path))
}

async fn ask_to_add(Context(app, signed_in): Context, Path(text): Path<String>) -> PageResult {
    let agent = find(&app, &text).await?;
    add_page(&app, &signed_in, &agent, &FormData::default()).await
}

async fn add(Context(app, signed_in): Context, Path(text): Path<String>, CsrfForm(form): CsrfForm) -> PageResult {
    let agent = find(&app, &text).await?;
    let request =
        chosen(&form).map(|call_plan_ids| GrantCallPlans { agent_id: agent.id, call_plan_ids, commission: None });
    match submit(&app, &signed_in, &form, &format!("grant {}", agent.id), request).await {
        Ok(_) => redirect_with_notice(&Part::Plans.path(agent.id), GRANTED),
        Err(problem) => add_page(&app, &signed_in, &agent, &redisplay(&form, problem)?).await,
    }
}

fn chosen(form: &Form) -> Result<Vec<Uuid>, Problem> {
    let plans = form.all("call_plans[]").map(id).collect::<Result<Vec<_>, _>>()?;
    if plans.is_empty() {
        let mut errors = FieldErrors::new();
        errors.add("call_plans", "required", "needs at least one choice");
        return Err(Problem::validation(errors));
    }
    Ok(without_repetitions(plans))
}

/// The confirmation of a withdrawal, with the keys that it stops.
async fn withdraw_page(app: &AppState, signed_in: &SignedIn, agent: &AgentSnapshot, data: &FormData) -> PageResult {
    let granted = grants::queries::list(app.database(), agent.id).await?.into_iter();
    let stops = |keys| counted(keys, "signup URL stops", "signup URLs stop");
    let choices: Vec<_> =
        granted.map(|grant| (grant.id.to_string(), format!("{}: {}", grant.name, stops(grant.keys)))).collect();
    let path = format!("{PLACE}/{}", agent.id);
    let layout = Layout::new(signed_in, format!("Withdraw call plans from {}?", isolated(&agent.name)), PLACE);
    if choices.is_empty() {
        let back = vec![Action::new("Agent", path)];
        return page(&nothing_to_choose(layout, "This agent has no call plan to withdraw.", back));
    }
    let reason = data.typed("reason", "Reason").hint("Your own words, kept in the history. Name no customer.");
    let inputs = vec![data.many("call_plans[]", "Call plans to withdraw", choices).required(), reason.required()];
    let sections = vec![Section { legend: "", inputs }];
    let form =
        FormPage::new(layout, data, format!("{path}/call-plans/withdraw"), sections).submit("Withdraw").back(path);
    let form = form.at_version(agent.version);
    let consequences = vec![
        "The signup URLs that use them stop at once; granting a plan again lets them work again.".to_owned(),
        "Customers placed before stay where they are.".to_owned(),
    ];
    form_page(&FormPage { consequences, grave: true, ..form })
}

async fn ask_to_withdraw(Context(app, signed_in): Context, Path(text): Path<String>, query: PageQuery) -> PageResult {
    let agent = find(&app, &text).await?;
    withdraw_page(&app, &signed_in, &agent, &query.data()).await
}

async fn withdraw(Context(app, signed_in): Context, Path(text): Path<String>, CsrfForm(form): CsrfForm) -> PageResult {
    let agent = find(&app, &text).await?;
    match submit(&app, &signed_in, &form, &format!("withdraw {}", agent.id), withdrawal(agent.id, &form)).await {
        Ok(_) => redirect_with_notice(&Part::Plans.path(agent.id), WITHDRAWN),
        Err(problem) => withdraw_page(&app, &signed_in, &agent, &redisplay(&form, problem)?).await,
    }
}

/// The withdrawal of the form; plans and reason are required.
fn withdrawal(agent_id: Uuid, form: &Form) -> Result<WithdrawCallPlans, Problem> {
    let mut errors = FieldErrors::new();
    let (call_plan_ids, reason) = (chosen(form), reason(form));
    for problem in [call_plan_ids.as_ref().err(), reason.as_ref().err()].into_iter().flatten() {
        for (field, message) in problem.errors() {
            errors.add(field, "invalid", message);
        }
    }
    if matches!(reason, Ok(None)) {
        errors.add("reason", "required", "is required");
    }
    errors.into_result()?;
    Ok(WithdrawCallPlans { agent_id, call_plan_ids: call_plan_ids?, reason: reason? })
}
