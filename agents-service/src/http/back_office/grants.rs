//! Call plans usable: add several at once to an agent, and withdraw one, with what that stops.

use axum::extract::{Path, State};
use shared::http::{FieldErrors, Problem};
use uuid::Uuid;

use super::super::pages::Sent;
use super::{
    Answer, Entry, Form, FormPage, Frame, MAX_CHOICES, Office, Routes, Section, SignedIn, again, confirmation, counted,
    form_page, id, shown,
};
use crate::desk::{self, agents::Request};
use crate::http::fields::without_repetitions;
use crate::views::agents::{self, Agent};
use crate::views::call_plans::{self, Filter, State as Stage};
use crate::views::grants::{self, Grant};

const PLACE: &str = "/agents";

pub(super) fn routes(routes: Routes) -> Routes {
    routes
        .get("/agents/{id}/call-plans/add", ask_to_add)
        .post("/agents/{id}/call-plans/add", add)
        .get("/agents/{id}/call-plans/{plan}/withdraw", ask_to_withdraw)
        .post("/agents/{id}/call-plans/{plan}/withdraw", withdraw)
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
    let frame = Frame::back_office(signed_in, format!("Add call plans usable by {}", agent.name), PLACE);
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
    match added(&office, &signed_in, &form, agent.id).await {
        Ok(()) => shown(&format!("{PLACE}/{}", agent.id), "granted"),
        Err(problem) => add_page(&office, &signed_in, &agent, &again(&form, problem)?).await,
    }
}

/// Grants one after the other; what is granted already is no fault, so that the form can be sent again after any of them.
async fn added(office: &Office, signed_in: &SignedIn, form: &Form, agent_id: Uuid) -> Result<(), Problem> {
    let plans = form.all("call_plans[]").map(id).collect::<Result<Vec<_>, _>>()?;
    if plans.is_empty() {
        let mut errors = FieldErrors::new();
        errors.add("call_plans", "required", "needs at least one choice");
        return Err(Problem::validation(errors));
    }
    for call_plan_id in without_repetitions(plans) {
        let mut command = form.command(signed_in, &format!("grant {agent_id} {call_plan_id}"))?;
        command.id = format!("{}:{call_plan_id}", command.id);
        let request = Request::Grant { agent_id, call_plan_id };
        office.submit(command, desk::Request::Agent(Box::new(request))).await?;
    }
    Ok(())
}

async fn granted(office: &Office, agent_id: Uuid, plan: &str) -> Result<Grant, Problem> {
    let call_plan_id = id(plan)?;
    let all = grants::list(office.database(), agent_id).await?;
    all.into_iter().find(|grant| grant.id == call_plan_id).ok_or_else(Problem::not_found)
}

fn withdraw_page(signed_in: &SignedIn, agent: &Agent, grant: &Grant, entry: &Entry) -> Answer {
    let urls = counted(grant.keys, "signup URL that uses it stops", "signup URLs that use it stop");
    let consequences = vec![
        format!("{urls} at once."),
        "Granting it again lets them work again. Customers placed before stay where they are.".to_owned(),
    ];
    let path = format!("{PLACE}/{}", agent.id);
    let frame = Frame::back_office(signed_in, format!("Withdraw {} from {}?", grant.name, agent.name), PLACE);
    let action = format!("{path}/call-plans/{}/withdraw", grant.id);
    let page = confirmation(frame, entry, action, path, consequences).submit("Withdraw");
    form_page(&FormPage { sections: Vec::new(), ..page })
}

async fn ask_to_withdraw(
    State(office): State<Office>,
    signed_in: SignedIn,
    Path((text, plan)): Path<(String, String)>,
) -> Answer {
    let agent = find(&office, &text).await?;
    let grant = granted(&office, agent.id, &plan).await?;
    withdraw_page(&signed_in, &agent, &grant, &Entry::default())
}

async fn withdraw(
    State(office): State<Office>,
    signed_in: SignedIn,
    Path((text, plan)): Path<(String, String)>,
    Sent(form): Sent,
) -> Answer {
    let agent = find(&office, &text).await?;
    let call_plan_id = id(&plan)?;
    let request = desk::Request::Agent(Box::new(Request::Withdraw { agent_id: agent.id, call_plan_id }));
    let what = format!("withdraw {} {call_plan_id}", agent.id);
    match super::submit(&office, &signed_in, &form, &what, Ok(request)).await {
        Ok(_) => shown(&format!("{PLACE}/{}", agent.id), "withdrawn"),
        Err(problem) => {
            let grant = granted(&office, agent.id, &plan).await?;
            withdraw_page(&signed_in, &agent, &grant, &again(&form, problem)?)
        }
    }
}
