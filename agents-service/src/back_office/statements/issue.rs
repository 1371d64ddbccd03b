use web::http::Problem;

use crate::back_office::statements::PLACE;
use crate::settings;
use crate::state::AppState;
use crate::statements::commands::IssueStatement;
use crate::statements::requests::StatementRequest;
use crate::ui::agent_choice;
use crate::ui::form::{CsrfForm, Empty, Form, FormData};
use crate::ui::inputs::{FormPage, Input, Section};
use crate::ui::layout::Layout;
use crate::ui::page::{PageResult, to};
use crate::ui::page_query::PageQuery;
use crate::ui::signed_in::{Context, SignedIn};
use crate::ui::submit::{form_page, redisplay, submit};

const PATH: &str = "/statements/new";

/// The days of a period.
pub fn period(data: &FormData) -> Vec<Input> {
    vec![
        data.typed("period.since", "First day").hint("Such as 2026-01-01, where the company is."),
        data.typed("period.until", "Last day").hint("It belongs to the period, which must have ended."),
    ]
}

async fn ask_page(app: &AppState, signed_in: &SignedIn, data: &FormData) -> PageResult {
    let agent = agent_choice::input(app, data, "Agent", "Choose").await?.required();
    let payout = data.typed("remittance_id", "Payout");
    let payout = payout.hint("The id of a payout that was paid, in place of a period.");
    let sections = vec![
        Section { legend: "Agent", inputs: vec![agent] },
        Section { legend: "Period", inputs: period(data) },
        Section { legend: "Or a payout", inputs: vec![payout] },
    ];
    let layout = Layout::new(signed_in, "Issue a statement", PLACE);
    form_page(&FormPage::new(layout, data, PATH, sections).back(PLACE).submit("Issue the statement"))
}

pub async fn ask(Context(app, signed_in): Context, query: PageQuery) -> PageResult {
    ask_page(&app, &signed_in, &query.data()).await
}

async fn command_of(app: &AppState, form: &Form) -> Result<IssueStatement, Problem> {
    let form = agent_choice::resolved(app, form.clone()).await??;
    let (request, errors) = form.read::<StatementRequest>(Empty::Absent);
    let zone = settings::queries::get(app.database()).await?.zone()?;
    request.issuing(app, errors, &zone).await
}

pub async fn issue(Context(app, signed_in): Context, CsrfForm(form): CsrfForm) -> PageResult {
    let command = command_of(&app, &form).await;
    match submit(&app, &signed_in, &form, "issue statement", command).await {
        Ok(appended) => {
            let issued: serde_json::Value = appended.answer.read().map_err(|error| Problem::unforeseen(&error))?;
            to(&format!("{PLACE}/{}", issued["number"]))
        }
        Err(problem) => ask_page(&app, &signed_in, &redisplay(&form, problem)?).await,
    }
}
