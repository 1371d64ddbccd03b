//! Adding a signup URL: first the agent who wants it, then one of his call plans and one of his groups.

use askama::Template;
use axum::extract::State;
use serde_json::Value;
use uuid::Uuid;

use super::super::names::Names;
use super::super::{
    Answer, Asked, Entry, Form, FormPage, Frame, Office, Section, SignedIn, again, form_page, member, names, shown,
    submit,
};
use super::{PLACE, base};
use crate::http::given::signup_keys::Given;
use crate::http::pages::form::Empty;
use crate::http::pages::inputs::{Choice, Input, Kind};
use crate::http::pages::{Sent, page};

/// The choice of the agent, which decides what else there is to choose.
#[derive(Template)]
#[template(path = "choose_agent.html")]
pub struct ChooseAgentPage {
    pub frame: Frame,
    pub agents: Input,
}

impl ChooseAgentPage {
    fn choices(&self) -> &[Choice] {
        if let Kind::Choice(choices) = &self.agents.kind { choices } else { &[] }
    }
}

pub async fn new(State(office): State<Office>, signed_in: SignedIn, asked: Asked) -> Answer {
    if let Some(agent_id) = asked.parsed("agent_id") {
        return new_page(&office, &signed_in, agent_id, &asked.entry()).await;
    }
    let frame = Frame::new(&signed_in, "Add URL key", PLACE).warning(base(&office).await?.1);
    let agents = names::agents(&office).await?;
    let agents = asked.entry().choice("agent_id", "Agent who wants a signup key", None, agents);
    page(&ChooseAgentPage { frame, agents })
}

async fn new_page(office: &Office, signed_in: &SignedIn, agent_id: Uuid, entry: &Entry) -> Answer {
    let agents = names::agents(office).await?;
    let plans = names::granted(office, agent_id).await?;
    let groups = names::groups(office, Some(agent_id)).await?;
    let missing = match (plans.is_empty(), groups.is_empty()) {
        (true, _) => Some("This agent has no call plan usable yet. Add one on his page first.".to_owned()),
        (false, true) => Some("No customer group belongs to this agent yet. Add one first.".to_owned()),
        (false, false) => None,
    };
    let sections = sections(entry, plans, groups);
    let title = format!("Add URL key for {}", names::of(agent_id, &agents));
    let frame = Frame::new(signed_in, title, PLACE).warning(base(office).await?.1);
    let page = FormPage::new(frame, entry, "/signup-keys/new", sections).hiding("agent_id", agent_id.to_string());
    let page = page.submit("Add URL key").back("/signup-keys/new");
    form_page(&FormPage { intro: missing, ..page })
}

/// The inputs of a new key, once its agent is known.
pub fn sections(entry: &Entry, plans: Names, groups: Names) -> Vec<Section> {
    let plan = entry.choice("call_plan_id", "Call plan to sign up for", Some("Choose"), plans).required();
    let group = entry.choice("group_id", "Customer group to use", Some("Choose"), groups).required();
    let slug = entry.typed("slug", "Key of your own choice");
    let slug = slug
        .hint("4 to 40 of a to z, 0 to 9 and hyphens; left empty, a random key is made. A key is never used again.");
    let start = entry.line("datetime-local", "starts_at", "Start (UTC)");
    let end = entry.line("datetime-local", "ends_at", "End (UTC)");
    let cap = entry.line("number", "cap", "Cap").hint("The number of customers that it is good for.");
    vec![
        Section { legend: "What it stands for", inputs: vec![plan, group] },
        Section { legend: "For yourself", inputs: vec![entry.typed("label", "Label"), entry.lines("note", "Note")] },
        Section { legend: "Limits", inputs: vec![slug, start, end, cap] },
    ]
}

/// The form as the API reads it: a browser writes numbers and times in its own way.
pub fn given(form: &Form) -> (Given, shared::http::FieldErrors) {
    let mut value = form.value(Empty::Absent);
    if let Some(number) = value["cap"].as_str().and_then(|text| text.parse::<u64>().ok()) {
        value["cap"] = number.into();
    }
    for name in ["starts_at", "ends_at"] {
        if let Some(time) = value[name].as_str().filter(|time| time.len() == "2026-01-31T09:30".len()) {
            value[name] = Value::String(format!("{time}:00Z"));
        }
    }
    shared::http::body::read(value)
}

pub async fn add(State(office): State<Office>, signed_in: SignedIn, Sent(form): Sent) -> Answer {
    let (given, errors) = given(&form);
    let agent_id = given.agent_id.unwrap_or_default();
    match submit(&office, &signed_in, &form, "add signup key", given.addition(errors)).await {
        Ok(receipt) => shown(&format!("{PLACE}/{}", member(&receipt, "key")?), "added"),
        Err(problem) => new_page(&office, &signed_in, agent_id, &again(&form, problem)?).await,
    }
}
