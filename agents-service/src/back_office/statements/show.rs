use axum::extract::Path;
use axum::response::Response;
use web::http::Problem;

use crate::agents;
use crate::back_office::statements::{ISSUE, PLACE};
use crate::state::AppState;
use crate::statement_document::html::statement_page;
use crate::statement_document::render::{Format, Loaded};
use crate::statements::commands::IssueStatement;
use crate::statements::queries::{self, Issued};
use crate::statements::snapshot::shown_number;
use crate::ui::action::Action;
use crate::ui::confirmation::Confirmation;
use crate::ui::error_page::ErrorPage;
use crate::ui::form::FormData;
use crate::ui::inputs::FormPage;
use crate::ui::layout::Layout;
use crate::ui::notice::Notice;
use crate::ui::page::PageResult;
use crate::ui::page_query::PageQuery;
use crate::ui::signed_in::{Context, SignedIn};
use crate::ui::submit::confirmation;

const CORRECTED: Notice = Notice { code: "corrected", text: "A statement that corrects this one is issued." };

async fn find(app: &AppState, text: &str) -> Result<Issued, Problem> {
    let number: u64 = text.parse().map_err(|_| Problem::not_found())?;
    queries::get(app.database(), number).await?.ok_or_else(Problem::not_found)
}

pub async fn show(Context(app, signed_in): Context, Path(text): Path<String>, query: PageQuery) -> PageResult {
    let loaded = Loaded::of(&app, find(&app, &text).await?).await?;
    let event = &loaded.issued.event;
    let path = format!("{PLACE}/{}", event.number);
    let agent = agents::queries::get(app.database(), event.agent_id).await.map_err(Problem::from)?;
    let mut more = vec![
        Action::new("Agent", format!("/agents/{}", event.agent_id)),
        Action::new("Agent's statements", format!("{PLACE}?agent_id={}", event.agent_id)),
    ];
    if let Some(number) = loaded.issued.corrected_by {
        more.push(Action::new("Show the correction", format!("{PLACE}/{number}")));
    } else if signed_in.holds(ISSUE) {
        more.push(Action::grave("Correct", format!("{path}/correct")));
    }
    let layout = Layout::new(&signed_in, "Statement", PLACE).noticing(&query, &[CORRECTED]);
    statement_page(&app, layout, loaded, &path, agent.is_some_and(|agent| agent.erased), more).await
}

pub async fn file(
    Context(app, _): Context,
    Path((text, format)): Path<(String, String)>,
) -> Result<Response, ErrorPage> {
    let format: Format = format.parse().map_err(|()| Problem::not_found())?;
    Ok(Loaded::of(&app, find(&app, &text).await?).await?.response(&app, format).await?)
}

pub async fn correct(
    app: AppState,
    signed_in: SignedIn,
    text: String,
    data: FormData,
) -> Result<Confirmation, Problem> {
    let event = find(&app, &text).await?.event;
    let (number, path) = (event.number, format!("{PLACE}/{}", event.number));
    let consequences = vec![
        "A new statement about the same is issued, with its own number. It names this one.".to_owned(),
        "It says what is true now: the names and addresses, and the lines that belong to it.".to_owned(),
        "This statement stays as it is.".to_owned(),
    ];
    let layout = Layout::new(&signed_in, format!("Correct statement {}?", shown_number(&event)), PLACE);
    let page = confirmation(layout, &data, format!("{path}/correct"), path, consequences);
    Ok(Confirmation {
        page: FormPage { sections: Vec::new(), ..page }.submit("Issue the correction"),
        what: format!("correct statement {number}"),
        command: Box::new(move |_| {
            IssueStatement { agent_id: event.agent_id, of: event.of, corrects: Some(number) }.into()
        }),
        done: CORRECTED,
    })
}
