//! Adding a signup URL: first the choice of the agent, then of one of their call plans and groups.

use askama::Template;
use contract::text::isolated;
use uuid::Uuid;

use crate::back_office::signup_keys::PLACE;
use crate::state::AppState;
use crate::ui::action::Action;
use crate::ui::agent_choice::{self, Found};
use crate::ui::form::{CsrfForm, FormData};
use crate::ui::inputs::{FormPage, Kind, Section};
use crate::ui::labels::{self, Labels};
use crate::ui::layout::{Layout, noticed};
use crate::ui::notice::ADDED;
use crate::ui::page::{PageResult, page, redirect_with_notice, to};
use crate::ui::page_query::PageQuery;
use crate::ui::signed_in::{Context, SignedIn};
use crate::ui::signup_keys::base;
use crate::ui::signup_keys::form::{another, request_of, sections};
use crate::ui::submit::{form_page, redisplay, submit};
use crate::ui::table::nothing_to_choose;

/// The page to choose the agent, which determines the other choices.
#[derive(Template)]
#[template(path = "choose_agent.html")]
pub struct ChooseAgentPage {
    pub layout: Layout,
    /// Empty where there is no agent.
    pub sections: Vec<Section>,
    /// The agents that match the typed text, where there are several, each with the URL of its form.
    pub found: Vec<(String, String)>,
}

pub async fn new(Context(app, signed_in): Context, query: PageQuery) -> PageResult {
    let found = agent_choice::find(&app, &query.text("agent_id").unwrap_or_default()).await?;
    if let Found::One(agent_id) = found {
        let done = noticed(&query, &[ADDED]);
        return new_page(&app, &signed_in, agent_id, &query.data(), done).await;
    }
    let layout = Layout::new(&signed_in, "Add URL key", PLACE).warning(base(&app, &signed_in).await?.1);
    let was_sent = query.has("agent_id");
    let data = query.data();
    let mut agents = agent_choice::input(&app, &data, "Agent who wants a signup key", "Choose").await?.required();
    let nobody = matches!(&agents.kind, Kind::Choice(choices) if choices.len() == 1);
    let fault = found.fault().or_else(|| was_sent.then(|| "has to be chosen".to_owned()));
    agents.error = agents.error.or(fault);
    let found = match found {
        Found::Fits(items) => items.iter().map(|item| (agent_choice::label(item), form_of(item.agent.id))).collect(),
        _ => Vec::new(),
    };
    let sections = if nobody { Vec::new() } else { vec![Section { legend: "", inputs: vec![agents] }] };
    page(&ChooseAgentPage { layout, sections, found })
}

/// The URL of an agent's form.
fn form_of(agent_id: Uuid) -> String {
    format!("{PLACE}/new?agent_id={agent_id}")
}

async fn new_page(
    app: &AppState,
    signed_in: &SignedIn,
    agent_id: Uuid,
    data: &FormData,
    done: Option<&'static str>,
) -> PageResult {
    let names = Labels::get(app, None, [agent_id]).await?;
    let plans = labels::granted(app, agent_id).await?;
    let groups = labels::groups(app, agent_id).await?;
    let title = format!("Add URL key for {}", isolated(&names.of(agent_id)));
    let (base, warnings) = base(app, signed_in).await?;
    let layout = Layout::new(signed_in, title, PLACE).warning(warnings);
    let layout = Layout { done, ..layout };
    if plans.is_empty() {
        let add = Action::new("Add call plans", format!("/agents/{agent_id}/call-plans/add"));
        return page(&nothing_to_choose(layout, "This agent has no call plan to sell. Add one first.", vec![add]));
    }
    if groups.is_empty() {
        let add = Action::new("Add group", format!("/groups/new?agent_id={agent_id}"));
        return page(&nothing_to_choose(layout, "This agent has no customer group. Add one first.", vec![add]));
    }
    let sections = sections(data, plans, groups, &signed_in.reader, &base);
    let form = FormPage::new(layout, data, "/signup-keys/new", sections).hiding("agent_id", agent_id.to_string());
    form_page(&form.submit("Add URL key").again().back("/signup-keys/new"))
}

pub async fn add(Context(app, signed_in): Context, CsrfForm(form): CsrfForm) -> PageResult {
    let (request, errors) = request_of(&form);
    let agent_id = request.agent_id.unwrap_or_default();
    match submit(&app, &signed_in, &form, "add signup key", request.addition(errors, &signed_in.reader.zone)).await {
        Ok(_) if form.wants_another() => to(&another(PLACE, &form)),
        Ok(appended) => redirect_with_notice(&format!("{PLACE}/{}", appended.answer.id()), ADDED),
        Err(problem) => new_page(&app, &signed_in, agent_id, &redisplay(&form, problem)?, None).await,
    }
}
