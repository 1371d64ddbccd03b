//! The agent's messages to the operators, and their answers.

use contract::events::agents::MessageFrom;
use uuid::Uuid;

use crate::state::AppState;
use crate::support;
use crate::support::messages::Message;
use crate::ui::form::{CsrfForm, FormData};
use crate::ui::layout::Layout;
use crate::ui::messages::{BEFORE, post, thread};
use crate::ui::notice::SENT;
use crate::ui::page::{PageResult, redirect_with_notice};
use crate::ui::page_query::{LIST_LIMIT, PageQuery};
use crate::ui::routes::Routes;
use crate::ui::signed_in::{Context, SignedIn};
use crate::ui::submit::redisplay;
use crate::ui::thread::{Beside, thread_page};

const PLACE: &str = "/portal/support";
const TITLE: &str = "Support";

pub fn routes(routes: Routes) -> Routes {
    routes.get(PLACE, show).post(PLACE, write)
}

/// Agents must not see the logins of operators.
fn who(message: &Message) -> String {
    match message.from {
        MessageFrom::Agent => "You".to_owned(),
        MessageFrom::Operator => "Operator".to_owned(),
    }
}

async fn page(
    app: &AppState,
    signed_in: &SignedIn,
    layout: Layout,
    before: Option<Uuid>,
    data: &FormData,
) -> PageResult {
    let found = support::messages::newest(app.database(), signed_in.id, before, LIST_LIMIT).await?;
    let thread = thread(found, PLACE, before, MessageFrom::Agent, who, |_| None);
    let empty = "No message yet. Write to the operator whenever you need something.";
    thread_page(layout, Beside::default(), thread, empty, Some((data, PLACE.to_owned())))
}

async fn show(Context(app, signed_in): Context, query: PageQuery) -> PageResult {
    let layout = Layout::new(&signed_in, TITLE, PLACE).noticing(&query, &[SENT]);
    page(&app, &signed_in, layout, query.parsed(BEFORE), &FormData::default()).await
}

async fn write(Context(app, signed_in): Context, CsrfForm(form): CsrfForm) -> PageResult {
    match post(&app, &signed_in, &form, signed_in.id).await {
        Ok(()) => redirect_with_notice(PLACE, SENT),
        Err(problem) => {
            let layout = Layout::new(&signed_in, TITLE, PLACE);
            page(&app, &signed_in, layout, None, &redisplay(&form, problem)?).await
        }
    }
}
