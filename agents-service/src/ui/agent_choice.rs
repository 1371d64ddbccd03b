//! The choice of an agent: from a list while there are few, by typing a login or a name when there are many. The
//! current agent is always among the choices, even if closed, so that sending a form for another reason does not
//! change the owner.

use contract::collation::sort_key;
use contract::text::folded;
use uuid::Uuid;
use web::http::{FieldErrors, Problem};

use crate::agents;
use crate::agents::queries::{Filter, Item};
use crate::agents::snapshot::State;
use crate::sorting::Sort;
use crate::state::AppState;
use crate::ui::form::{Form, FormData};
use crate::ui::inputs::Input;
use crate::ui::labels::SelectOptions;
use crate::ui::page_query::PageQuery;

/// Number of agents above which the choice is a search instead of a list.
const MANY: usize = 50;
/// Most agents that are shown when a text matches several.
const MAX_FITS: usize = 20;
/// Most logins in an error.
const MAX_NAMED: usize = 5;

/// The agents that a text may mean.
pub enum Found {
    /// Nothing was typed.
    Nobody,
    One(Uuid),
    /// None, or more than one.
    Fits(Vec<Item>),
}

impl Found {
    /// The error of a text that does not mean a single agent.
    pub fn fault(&self) -> Option<String> {
        let Self::Fits(items) = self else { return None };
        if items.is_empty() {
            return Some("matches no agent: enter a login or part of a name".to_owned());
        }
        let logins: Vec<&str> = items.iter().take(MAX_NAMED).map(|item| item.login.as_str()).collect();
        let more = if items.len() > MAX_NAMED { " and more" } else { "" };
        Some(format!("matches several agents: enter one of the logins {}{more}", logins.join(", ")))
    }
}

/// The agent that a text means: by id, login, name, or by a search.
pub async fn find(app: &AppState, text: &str) -> Result<Found, Problem> {
    if text.is_empty() {
        return Ok(Found::Nobody);
    }
    if let Ok(id) = text.parse() {
        return Ok(Found::One(id));
    }
    let filter = Filter { search: Some(text.to_owned()), sort: Sort::BY_NAME, limit: MAX_FITS, ..Filter::default() };
    let items = agents::queries::list(app.database(), &filter).await?.items;
    let wanted = folded(text);
    let by_login = items.iter().find(|item| folded(&item.login) == wanted);
    let mut by_name = items.iter().filter(|item| folded(&item.agent.name) == wanted);
    Ok(match (by_login, by_name.next(), by_name.next(), items.as_slice()) {
        (Some(item), ..) | (None, Some(item), None, _) | (None, None, None, [item]) => Found::One(item.agent.id),
        _ => Found::Fits(items),
    })
}

/// The form with the agent's id in place of the typed text.
pub async fn resolved(app: &AppState, form: Form) -> Result<Result<Form, Problem>, Problem> {
    Ok(match find(app, form.text("agent_id")).await? {
        Found::One(id) => Ok(form.with("agent_id", &id.to_string())),
        Found::Nobody => Ok(form),
        found @ Found::Fits(_) => {
            let mut errors = FieldErrors::new();
            errors.add("agent_id", "unclear", found.fault().unwrap_or_default());
            Err(Problem::validation(errors))
        }
    })
}

/// The input to choose an agent; `none` is the label of the empty choice.
pub async fn input(app: &AppState, data: &FormData, label: &'static str, none: &str) -> Result<Input, Problem> {
    let chosen = data.value("agent_id").to_owned();
    let known: Option<Uuid> = chosen.parse().ok();
    if let Some(mut choices) = few(app).await? {
        if let Some(id) = known
            && !choices.iter().any(|(value, _)| *value == chosen)
            && let Some(agent) = agents::queries::get(app.database(), id).await?
        {
            choices.push((chosen, format!("{} ({})", agent.name, agent.state.as_str())));
        }
        return Ok(data.choice("agent_id", label, Some(none), choices));
    }
    let details = if let Some(id) = known { agents::accounts::details(app.database(), id).await? } else { None };
    let value = details.map_or(chosen, |details| details.login);
    let input = Input { value, ..data.typed("agent_id", label) };
    Ok(input.hint("Enter a login or part of a name."))
}

/// The label of an agent in choices.
pub fn label(item: &Item) -> String {
    format!("{} ({})", item.agent.name, item.login)
}

/// All agents except closed ones, by name; `None` where there are too many for a list.
async fn few(app: &AppState) -> Result<Option<SelectOptions>, Problem> {
    let mut open = Vec::new();
    for state in [State::Active, State::Suspended] {
        let filter = Filter { state: Some(state), sort: Sort::BY_NAME, limit: MANY, ..Filter::default() };
        open.extend(agents::queries::list(app.database(), &filter).await?.items);
    }
    if open.len() >= MANY {
        return Ok(None);
    }
    open.sort_by_cached_key(|item| sort_key(&item.agent.name));
    Ok(Some(open.iter().map(|item| (item.agent.id.to_string(), label(item))).collect()))
}

/// The agent that a list is filtered by, or an error where the text does not mean a single agent: the list is empty
/// then.
pub async fn agent_of_query(app: &AppState, query: &PageQuery) -> Result<(Option<Uuid>, Option<String>), Problem> {
    Ok(match find(app, &query.text("agent_id").unwrap_or_default()).await? {
        Found::Nobody => (None, None),
        Found::One(id) => (Some(id), None),
        found @ Found::Fits(_) => (Some(Uuid::nil()), found.fault().map(|fault| format!("The agent {fault}."))),
    })
}
