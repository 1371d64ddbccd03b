//! The message boards: agents with messages, those without an answer first; one board, answers, and the erasure of
//! texts.

use axum::extract::Path;
use contract::events::agents::{MessageFrom, Permission};
use contract::text::isolated;
use uuid::Uuid;
use web::http::Problem;

use crate::agents::snapshot::{AgentSnapshot, State as AgentState};
use crate::back_office::agent_tabs::{self, Part};
use crate::back_office::canned_answers;
use crate::endpoint::id;
use crate::state::AppState;
use crate::support::commands::EraseMessage;
use crate::support::messages::Message;
use crate::ui::action::Action;
use crate::ui::actors::Actors;
use crate::ui::confirmation::Confirmation;
use crate::ui::enum_labels::or_erased;
use crate::ui::form::{CsrfForm, FormData};
use crate::ui::layout::{Layout, Warning};
use crate::ui::list::{ListPage, ListResult};
use crate::ui::messages::{BEFORE, post, thread};
use crate::ui::notice::{ERASED, SENT};
use crate::ui::page::{PageResult, redirect_with_notice};
use crate::ui::page_query::{LIST_LIMIT, PageQuery};
use crate::ui::routes::Routes;
use crate::ui::signed_in::{Context, SignedIn};
use crate::ui::submit::{confirmation, redisplay};
use crate::ui::table::{Cell, Table};
use crate::ui::thread::{Beside, USE, thread_page};
use crate::{agents, support};

const PLACE: &str = "/support";
/// Characters of a message in a list.
const BEGINNING: usize = 80;

pub fn routes(routes: Routes) -> Routes {
    routes
        .list(PLACE, "/support.csv", list)
        .get("/support/{id}", show)
        .post("/support/{id}", answer)
        .confirm("/support/{id}/{message_id}/erase", erase)
}

pub fn path(agent_id: Uuid) -> String {
    format!("{PLACE}/{agent_id}")
}

/// The beginning of a message as one line.
fn beginning(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= BEGINNING {
        return line;
    }
    line.chars().take(BEGINNING).chain(['…']).collect()
}

async fn list(app: AppState, signed_in: SignedIn, query: PageQuery) -> ListResult {
    let found = support::messages::boards(app.database(), query.parsed("after"), query.limit()).await?;
    let rows = found.items.into_iter().map(|board| {
        let state = if board.newest.from == MessageFrom::Agent { "unanswered" } else { "answered" };
        vec![
            Cell::link(board.name, path(board.agent_id)),
            Cell::State(state.to_owned()),
            Cell::text(or_erased(beginning(&board.newest.text))),
            Cell::moment(board.newest.written_at),
        ]
    });
    let columns = ["Agent", "State", "Newest message", "When"];
    let empty = "Nobody has written yet. To write to an agent, start at the agent's page.";
    let table = Table::new("Support", columns, rows, empty);
    let layout = Layout::new(&signed_in, "Support", PLACE);
    let actions = vec![Action::new("Canned answers", canned_answers::PLACE)];
    Ok(ListPage { actions, ..ListPage::new(PLACE, layout, table, found.next) })
}

async fn find(app: &AppState, text: &str) -> Result<AgentSnapshot, Problem> {
    agents::queries::get(app.database(), id(text)?).await?.ok_or_else(Problem::not_found)
}

async fn board(
    app: &AppState,
    layout: Layout,
    agent: &AgentSnapshot,
    before: Option<Uuid>,
    data: &FormData,
) -> PageResult {
    let found = support::messages::newest(app.database(), agent.id, before, LIST_LIMIT).await?;
    let authors: Vec<_> = found.items.iter().map(|message| message.author.as_str()).collect();
    let actors = Actors::named(app, &authors).await?;
    let path = path(agent.id);
    let who = |message: &Message| actors.name(&message.author).to_owned();
    let erase = |message: &Message| Some(format!("{path}/{}/erase", message.id));
    let thread = thread(found, &path, before, MessageFrom::Operator, who, erase);
    let tabs = agent_tabs::tabs(agent.id, Part::Messages);
    let answers = canned_answers::names(app).await?;
    let beside = Beside { tabs, answers, actions: vec![Action::new("Canned answers", canned_answers::PLACE)] };
    let form = (agent.state != AgentState::Closed).then_some((data, path));
    let layout = layout.warning(unread(app, agent).await?);
    thread_page(layout, beside, thread, "There is no message yet.", form)
}

/// Why the agent cannot read what is written to them, where that is so.
async fn unread(app: &AppState, agent: &AgentSnapshot) -> Result<Option<Warning>, Problem> {
    let details = agents::accounts::details(app.database(), agent.id).await?.unwrap_or_default();
    let (why, step, label) = match agent.state {
        AgentState::Closed => ("they are closed", "", ""),
        AgentState::Suspended => ("they are suspended", "/reinstate", "Reinstate the agent"),
        AgentState::Active if details.login.is_empty() => ("they have no login", "", ""),
        AgentState::Active if agent.permissions.contains(&Permission::Support) => return Ok(None),
        AgentState::Active => ("their portal does not have the screen Support", "/edit", "Edit the agent"),
    };
    let repair = (!step.is_empty()).then(|| Action::new(label, format!("/agents/{}{step}", agent.id)));
    Ok(Some(Warning { text: format!("The agent cannot read messages: {why}."), repair }))
}

fn title(agent: &AgentSnapshot) -> String {
    format!("Messages: {}", isolated(&agent.name))
}

async fn show(Context(app, signed_in): Context, Path(text): Path<String>, query: PageQuery) -> PageResult {
    let agent = find(&app, &text).await?;
    let layout = Layout::new(&signed_in, title(&agent), PLACE).noticing(&query, &[ERASED, SENT]);
    board(&app, layout, &agent, query.parsed(BEFORE), &FormData::default()).await
}

async fn answer(Context(app, signed_in): Context, Path(text): Path<String>, CsrfForm(form): CsrfForm) -> PageResult {
    let agent = find(&app, &text).await?;
    if !form.text(USE).is_empty() {
        let layout = Layout::new(&signed_in, title(&agent), PLACE);
        let mut data = FormData::default();
        data.set("text", canned_answers::put_into(&app, &form).await?);
        return board(&app, layout, &agent, None, &data).await;
    }
    match post(&app, &signed_in, &form, agent.id).await {
        Ok(()) => redirect_with_notice(&path(agent.id), SENT),
        Err(problem) => {
            let layout = Layout::new(&signed_in, title(&agent), PLACE);
            board(&app, layout, &agent, None, &redisplay(&form, problem)?).await
        }
    }
}

async fn erase(
    app: AppState,
    signed_in: SignedIn,
    (text, message_id): (String, String),
    data: FormData,
) -> Result<Confirmation, Problem> {
    let (agent, message_id) = (find(&app, &text).await?, id(&message_id)?);
    let consequences = vec!["The text is erased for good. That there was a message stays.".to_owned()];
    let layout = Layout::new(&signed_in, format!("Erase a message: {}?", isolated(&agent.name)), PLACE);
    let path = path(agent.id);
    let page = confirmation(layout, &data, format!("{path}/{message_id}/erase"), path, consequences);
    Ok(Confirmation {
        page: page.submit("Erase for good"),
        what: format!("erase message {message_id}"),
        command: Box::new(move |reason| EraseMessage { message_id, agent_id: agent.id, reason }.into()),
        done: ERASED,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_shows_the_beginning_of_a_message_as_one_line() {
        assert_eq!(beginning("Dear\n\n  operator"), "Dear operator");
        let long = "李".repeat(BEGINNING + 1);
        assert_eq!(beginning(&long), "李".repeat(BEGINNING) + "…");
    }
}
