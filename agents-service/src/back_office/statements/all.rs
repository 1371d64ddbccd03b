//! Statements of a period for every agent with lines in it: asked for, shown before, and issued in steps.

use std::time::Duration;

use contract::events::statements::StatementOf;
use tokio::time::Instant;
use web::http::Problem;

use crate::back_office::statements::{PLACE, issue};
use crate::settings;
use crate::state::AppState;
use crate::statements::issue_all::{self, LeftOut, StepDone};
use crate::statements::queries;
use crate::statements::requests::{AllStatementsRequest, Step};
use crate::ui::form::{CsrfForm, Empty, Form, FormData};
use crate::ui::inputs::{FormPage, Section};
use crate::ui::labels::Labels;
use crate::ui::layout::Layout;
use crate::ui::numbers::counted;
use crate::ui::page::PageResult;
use crate::ui::signed_in::{Context, SignedIn};
use crate::ui::submit::{form_page, redisplay};

const PATH: &str = "/statements/batch";
/// The form field that says that the number was shown.
const SEEN: &str = "_seen";
/// How long one form issues; what remains is asked for again.
const PATIENCE: Duration = Duration::from_secs(10);
/// Most agents who are named with the reason why they got none.
const MOST_NAMED: usize = 50;

fn ask_page(signed_in: &SignedIn, data: &FormData) -> PageResult {
    let layout = Layout::new(signed_in, "Issue statements for a period", PLACE);
    let sections = vec![Section { legend: "", inputs: issue::period(data) }];
    form_page(&FormPage::new(layout, data, PATH, sections).back(PLACE).submit("Show how many"))
}

pub async fn ask(Context(_, signed_in): Context) -> PageResult {
    ask_page(&signed_in, &FormData::default())
}

async fn step_of(app: &AppState, form: &Form) -> Result<Step, Problem> {
    let (request, errors) = form.read::<AllStatementsRequest>(Empty::Absent);
    let zone = settings::queries::get(app.database()).await?.zone()?;
    let step = request.check(errors, &zone)?;
    issue_all::ended(&step.of, app.clock.now())?;
    Ok(step)
}

pub async fn issue(Context(app, signed_in): Context, CsrfForm(form): CsrfForm) -> PageResult {
    let step = match step_of(&app, &form).await {
        Ok(step) => step,
        Err(problem) => return ask_page(&signed_in, &redisplay(&form, problem)?),
    };
    if form.text(SEEN).is_empty() {
        return preview(&app, &signed_in, &form, &step).await;
    }
    let done = run(&app, &signed_in, &form, step).await?;
    done_page(&app, &signed_in, &form, done).await
}

/// Steps, as many as there is time for.
async fn run(app: &AppState, signed_in: &SignedIn, form: &Form, mut step: Step) -> Result<StepDone, Problem> {
    let (began, mut sum) = (Instant::now(), StepDone::default());
    let command = form.command(signed_in, "issue statements")?;
    loop {
        let done = issue_all::issue(app, &command, &step).await?;
        sum = StepDone {
            issued: sum.issued + done.issued,
            existing: sum.existing + done.existing,
            left_out: sum.left_out.into_iter().chain(done.left_out).collect(),
            remaining: done.remaining,
            next: done.next,
        };
        match done.next {
            Some(next) if began.elapsed() < PATIENCE => step.after = Some(next),
            _ => return Ok(sum),
        }
    }
}

/// A form for the same period, without inputs.
fn again(layout: Layout, form: &Form) -> FormPage {
    let page = FormPage::new(layout, &FormData::default(), PATH, Vec::new()).back(PLACE).hiding(SEEN, "yes");
    let dates = ["period.since", "period.until"];
    dates.into_iter().fold(page, |page, name| page.hiding(name, form.text(name)))
}

fn title(form: &Form) -> String {
    format!("Statements from {} to {}", form.text("period.since"), form.text("period.until"))
}

async fn preview(app: &AppState, signed_in: &SignedIn, form: &Form, step: &Step) -> PageResult {
    let StatementOf::Period { starts_at, ends_at, .. } = step.of else { return Err(Problem::internal().into()) };
    let count = queries::count_with_lines(app.database(), (starts_at, ends_at), None).await?;
    let layout = Layout::new(signed_in, title(form), PLACE);
    let consequences = vec![
        format!("{} in this period.", counted(count, "agent has lines", "agents have lines")),
        "Each of them who has no statement of exactly this period yet gets one.".to_owned(),
        "A statement never changes. Refunds and corrections that come later are on the next one.".to_owned(),
    ];
    form_page(&FormPage { consequences, ..again(layout, form) }.submit("Issue the statements"))
}

async fn done_page(app: &AppState, signed_in: &SignedIn, form: &Form, done: StepDone) -> PageResult {
    let names = Labels::get(app, None, done.left_out.iter().take(MOST_NAMED).map(|left_out| left_out.agent_id)).await?;
    let first = done.left_out.iter().take(MOST_NAMED);
    let told = first.map(|LeftOut { agent_id, detail, .. }| format!("Left out: {}. {detail}", names.of(*agent_id)));
    let unnamed = done.left_out.len().saturating_sub(MOST_NAMED);
    let mut consequences = vec![
        format!("{} issued.", counted(done.issued, "statement is", "statements are")),
        format!("{} theirs before.", counted(done.existing, "agent had", "agents had")),
    ];
    consequences.extend(told);
    if unnamed > 0 {
        consequences.push(format!("{unnamed} more agents are left out."));
    }
    let layout = Layout::new(signed_in, title(form), PLACE);
    let Some(next) = done.next else {
        consequences.push("Nobody remains.".to_owned());
        return form_page(&FormPage { consequences, ..again(layout, form) }.submit("Issue again for those left out"));
    };
    consequences.push(format!("{} still.", counted(done.remaining, "agent remains", "agents remain")));
    let page = again(layout, form).hiding("after", next.to_string());
    form_page(&FormPage { consequences, ..page }.submit("Go on"))
}
