//! Call plans usable: add to an agent and withdraw from him, several at once, with what that stops.

use axum::extract::{Path, State};
use shared::http::{FieldErrors, Problem};
use shared::text::isolated;
use uuid::Uuid;

use super::super::pages::Sent;
use super::{
    Answer, Asked, Entry, Form, FormPage, Frame, MAX_CHOICES, Office, Routes, Section, SignedIn, again, counted,
    form_page, id, shown,
};
use crate::desk::{self, agents::Request};
use crate::http::fields::without_repetitions;
use crate::views::agents::{self, Agent};
use crate::views::call_plans::{self, Filter, State as Stage};
use crate::views::grants;

const PLACE: &str = "/agents";

pub(super) fn routes(routes: Routes) -> Routes {
    routes
        .get("/agents/{id}/call-plans/add", ask_to_add)
        .post("/agents/{id}/call-plans/add", add)
        .get("/agents/{id}/call-plans/withdraw", ask_to_withdraw)
        .post("/agents/{id}/call-plans/withdraw", withdraw)
}

async fn find(office: &Office, text: &str) -> Result<Agent, Problem> {
    agents::get(office.database(), id(text)?).await?.ok_or_else(Problem::not_found)
}

async fn add_page(office: &Office, signed_in: &SignedIn, agent: &Agent, entry: &Entry) -> Answer {
    let has = grants::list(office.database(), agent.id).await?;
    let filter = Filter { state: Some(Stage::Offered), limit: MAX_CHOICES, ..Filter::default() };
    let offered = call_plans::list(office.database(), &filter).await?.items.into_iter();
    let new = offered.filter(|plan| has.iter().all(|grant| grant.id != plan.id));
    let choices: Vec<_> = new.map(|plan| (plan.id.to_string(), plan.name)).collect();
    let path = format!("{PLACE}/{}", agent.id);
    let frame = Frame::new(signed_in, format!("Add call plans usable by {}", isolated(&agent.name)), PLACE);
    let intro = choices.is_empty().then_some("There is no further call plan to add: he has all that are offered.");
    let inputs = vec![entry.many("call_plans[]", "Call plans that he is entitled to sell", choices).required()];
    let sections = vec![Section { legend: "", inputs }];
    let page = FormPage::new(frame, entry, format!("{path}/call-plans/add"), sections).back(path);
    form_page(&FormPage { intro: intro.map(str::to_owned), ..page })
}

async fn ask_to_add(State(office): State<Office>, signed_in: SignedIn, Path(text): Path<String>) -> Answer {
    let agent = find(&office, &text).await?;
    add_page(&office, &signed_in, &agent, &Entry::default()).await
}

async fn add(State(office): State<Office>, signed_in: SignedIn, Path(text): Path<String>, Sent(form): Sent) -> Answer {
    let agent = find(&office, &text).await?;
    let grant = |call_plan_id| Request::Grant { agent_id: agent.id, call_plan_id };
    match each(&office, &signed_in, &form, "grant", grant).await {
        Ok(()) => shown(&format!("{PLACE}/{}", agent.id), "granted"),
        Err(problem) => add_page(&office, &signed_in, &agent, &again(&form, problem)?).await,
    }
}

/// Does it for each chosen plan, one after the other. What is so already is no fault, so that the form can be sent again after
/// any of them.
async fn each(
    office: &Office,
    signed_in: &SignedIn,
    form: &Form,
    what: &str,
    request: impl Fn(Uuid) -> Request,
) -> Result<(), Problem> {
    let plans = form.all("call_plans[]").map(id).collect::<Result<Vec<_>, _>>()?;
    if plans.is_empty() {
        let mut errors = FieldErrors::new();
        errors.add("call_plans", "required", "needs at least one choice");
        return Err(Problem::validation(errors));
    }
    for call_plan_id in without_repetitions(plans) {
        let mut command = form.command(signed_in, &format!("{what} {call_plan_id}"))?;
        command.id = format!("{}:{call_plan_id}", command.id);
        office.submit(command, desk::Request::Agent(Box::new(request(call_plan_id)))).await?;
    }
    Ok(())
}

/// Which to withdraw, each with what that stops.
async fn withdraw_page(office: &Office, signed_in: &SignedIn, agent: &Agent, entry: &Entry) -> Answer {
    let granted = grants::list(office.database(), agent.id).await?.into_iter();
    let stops = |keys| counted(keys, "signup URL stops", "signup URLs stop");
    let choices = granted.map(|grant| (grant.id.to_string(), format!("{}: {}", grant.name, stops(grant.keys))));
    let inputs = vec![entry.many("call_plans[]", "Call plans to withdraw", choices).required()];
    let path = format!("{PLACE}/{}", agent.id);
    let frame = Frame::new(signed_in, format!("Withdraw call plans from {}?", isolated(&agent.name)), PLACE);
    let sections = vec![Section { legend: "", inputs }];
    let page =
        FormPage::new(frame, entry, format!("{path}/call-plans/withdraw"), sections).submit("Withdraw").back(path);
    let consequences = vec![
        "The signup URLs that use them stop at once; granting a plan again lets them work again.".to_owned(),
        "Customers placed before stay where they are.".to_owned(),
    ];
    form_page(&FormPage { consequences, grave: true, ..page })
}

async fn ask_to_withdraw(
    State(office): State<Office>,
    signed_in: SignedIn,
    Path(text): Path<String>,
    asked: Asked,
) -> Answer {
    let agent = find(&office, &text).await?;
    withdraw_page(&office, &signed_in, &agent, &asked.entry()).await
}

async fn withdraw(
    State(office): State<Office>,
    signed_in: SignedIn,
    Path(text): Path<String>,
    Sent(form): Sent,
) -> Answer {
    let agent = find(&office, &text).await?;
    let withdraw = |call_plan_id| Request::Withdraw { agent_id: agent.id, call_plan_id };
    match each(&office, &signed_in, &form, "withdraw", withdraw).await {
        Ok(()) => shown(&format!("{PLACE}/{}", agent.id), "withdrawn"),
        Err(problem) => withdraw_page(&office, &signed_in, &agent, &again(&form, problem)?).await,
    }
}
