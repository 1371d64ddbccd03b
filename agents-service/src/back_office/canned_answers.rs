//! Canned answers: texts under names, which operators put into their answers to agents. They are a part of the settings.

use axum::extract::Path;
use contract::canned_answers::CannedAnswer;
use contract::text::{folded, isolated};
use serde_json::json;
use web::http::body::read;
use web::http::{FieldErrors, IfMatch, Problem};

use crate::command::Command;
use crate::endpoint::path_segment;
use crate::settings;
use crate::settings::commands::change_settings;
use crate::settings::model::SettingsChange;
use crate::settings::requests::SettingsRequest;
use crate::state::AppState;
use crate::ui::action::Action;
use crate::ui::confirmation::Confirmation;
use crate::ui::form::{CsrfForm, Form, FormData};
use crate::ui::inputs::{FormPage, Section};
use crate::ui::layout::Layout;
use crate::ui::notice::{ADDED, CHANGED, Notice};
use crate::ui::page::{PageResult, page, redirect_with_notice};
use crate::ui::page_query::PageQuery;
use crate::ui::routes::Routes;
use crate::ui::signed_in::{Context, SignedIn};
use crate::ui::submit::{confirmation, form_page, redisplay, submit};
use crate::ui::table::{Block, Cell, ShowPage, Table};
use crate::ui::thread::ANSWER;

pub const PLACE: &str = "/canned-answers";
const NEW: &str = "/canned-answers/new";
const REMOVED: Notice = Notice { code: "removed", text: "The canned answer is removed." };
/// Characters of a text in the list.
const BEGINNING: usize = 200;

pub fn routes(routes: Routes) -> Routes {
    routes
        .get(PLACE, list)
        .get(NEW, new)
        .post(NEW, add)
        .get("/canned-answers/{name}/edit", edit)
        .post("/canned-answers/{name}/edit", change)
        .confirm("/canned-answers/{name}/remove", remove)
}

/// The names of the answers, as they can be chosen.
pub async fn names(app: &AppState) -> Result<Vec<String>, Problem> {
    Ok(sorted(app).await?.into_iter().map(|answer| answer.name).collect())
}

/// The text of a message, with the chosen answer behind what was typed.
pub async fn put_into(app: &AppState, form: &Form) -> Result<String, Problem> {
    let answers = settings::queries::canned_answers(app.database()).await?;
    let chosen = answers.into_iter().find(|answer| answer.name == form.text(ANSWER));
    let typed = form.text("text").replace("\r\n", "\n");
    Ok([typed, chosen.map(|answer| answer.text).unwrap_or_default()]
        .into_iter()
        .filter(|text| !text.is_empty())
        .collect::<Vec<_>>()
        .join("\n\n"))
}

async fn sorted(app: &AppState) -> Result<Vec<CannedAnswer>, Problem> {
    let mut answers = settings::queries::canned_answers(app.database()).await?;
    answers.sort_by_cached_key(|answer| folded(&answer.name));
    Ok(answers)
}

fn path(name: &str, step: &str) -> String {
    format!("{PLACE}/{}/{step}", path_segment(name))
}

async fn list(Context(app, signed_in): Context, query: PageQuery) -> PageResult {
    let may_change = signed_in.holds("settings:write");
    let rows = sorted(&app).await?.into_iter().map(|answer| {
        let shown: String = answer.text.chars().take(BEGINNING).collect();
        let edit = Cell::link(answer.name.clone(), path(&answer.name, "edit"));
        vec![if may_change { edit } else { Cell::text(answer.name) }, Cell::text(shown)]
    });
    let empty = "No canned answers yet. Add a text that you often answer with.";
    let table = Table::new("Canned answers", ["Name", "Text"], rows, empty);
    let actions = vec![Action::new("Add canned answer", NEW), Action::new("Support", "/support")];
    let layout = Layout::new(&signed_in, "Canned answers", "/support").noticing(&query, &[ADDED, CHANGED, REMOVED]);
    let blocks = vec![Block { title: "Texts", ..Block::of_table(table) }];
    page(&ShowPage { layout, state: None, actions, facts: Vec::new(), on: None, blocks })
}

/// The form of an answer; that of a known one is at its path, and shows a version of the settings.
fn answer_page(signed_in: &SignedIn, known: Option<(&str, u64)>, data: &FormData) -> PageResult {
    let (known, version) = known.unzip();
    let inputs = vec![
        data.typed("name", "Name").required().hint("What it is chosen by; each name once."),
        data.lines("text", "Text").required().hint("As long as a message; it can be changed before it is sent."),
    ];
    let title = known.map_or_else(|| "Add canned answer".to_owned(), |name| format!("Edit {}", isolated(name)));
    let action = known.map_or_else(|| NEW.to_owned(), |name| path(name, "edit"));
    let layout = Layout::new(signed_in, title, "/support");
    let page = FormPage::new(layout, data, action, vec![Section { legend: "", inputs }]);
    let page = if let Some(version) = version { page.at_version(version) } else { page };
    let actions = known.map(|name| Action::grave("Remove", path(name, "remove"))).into_iter().collect();
    form_page(&FormPage { actions, ..page.back(PLACE) })
}

/// The answers, and the version of the settings that has them.
async fn answers(app: &AppState) -> Result<(Vec<CannedAnswer>, u64), Problem> {
    let version = settings::queries::get(app.database()).await?.version;
    Ok((settings::queries::canned_answers(app.database()).await?, version))
}

async fn find(app: &AppState, name: &str) -> Result<(CannedAnswer, u64), Problem> {
    let (answers, version) = answers(app).await?;
    let found = answers.into_iter().find(|answer| answer.name == name);
    Ok((found.ok_or_else(Problem::not_found)?, version))
}

/// All answers with the form's one, in the place of the known one.
fn with_form(mut answers: Vec<CannedAnswer>, known: Option<&str>, form: &Form) -> Result<SettingsChange, Problem> {
    let typed = CannedAnswer { name: form.text("name").to_owned(), text: form.text("text").to_owned() };
    let at = answers.iter().position(|answer| Some(answer.name.as_str()) == known).unwrap_or(answers.len());
    if at < answers.len() {
        answers[at] = typed;
    } else {
        answers.push(typed);
    }
    let (request, errors): (SettingsRequest, _) = read(json!({ "canned_answers": answers }));
    request.check(errors).map_err(|problem| at_inputs(&problem, at))
}

/// The violations of the answer at a place, as those of the form's inputs.
fn at_inputs(problem: &Problem, at: usize) -> Problem {
    let mut errors = FieldErrors::new();
    let of_form = format!("canned_answers.{at}.");
    for (field, message) in problem.errors() {
        errors.add(field.strip_prefix(&of_form).unwrap_or("text"), "invalid", message);
    }
    Problem::validation(errors)
}

async fn new(signed_in: SignedIn) -> PageResult {
    answer_page(&signed_in, None, &FormData::default())
}

async fn add(Context(app, signed_in): Context, CsrfForm(form): CsrfForm) -> PageResult {
    let (answers, version) = answers(&app).await?;
    let command = form.command(&signed_in, "add canned answer")?;
    // The whole list is written, so it must be the one that was read.
    let done = match with_form(answers, None, &form) {
        Ok(change) => app.submit(command, change_settings(change).expecting(IfMatch::OneOf(vec![version]))).await,
        Err(problem) => Err(problem),
    };
    match done {
        Ok(_) => redirect_with_notice(PLACE, ADDED),
        Err(problem) => answer_page(&signed_in, None, &redisplay(&form, problem)?),
    }
}

async fn edit(Context(app, signed_in): Context, Path(name): Path<String>) -> PageResult {
    let (answer, version) = find(&app, &name).await?;
    answer_page(&signed_in, Some((&name, version)), &FormData::showing(&answer))
}

async fn change(Context(app, signed_in): Context, Path(name): Path<String>, CsrfForm(form): CsrfForm) -> PageResult {
    let version = form.version()?;
    let (answers, _) = answers(&app).await?;
    let change = with_form(answers, Some(&name), &form).map(change_settings);
    match submit(&app, &signed_in, &form, &format!("change canned answer {name}"), change).await {
        Ok(_) => redirect_with_notice(PLACE, CHANGED),
        Err(problem) => answer_page(&signed_in, Some((&name, version)), &redisplay(&form, problem)?),
    }
}

async fn remove(app: AppState, signed_in: SignedIn, name: String, data: FormData) -> Result<Confirmation, Problem> {
    let (_, version) = find(&app, &name).await?;
    let (mut answers, _) = answers(&app).await?;
    answers.retain(|answer| answer.name != name);
    let consequences = vec!["Messages that were written with it stay as they are.".to_owned()];
    let layout = Layout::new(&signed_in, format!("Remove {}?", isolated(&name)), "/support");
    let page = confirmation(layout, &data, path(&name, "remove"), PLACE.to_owned(), consequences);
    let change = SettingsChange { canned_answers: Some(answers), ..SettingsChange::default() };
    Ok(Confirmation {
        page: FormPage { sections: Vec::new(), ..page }.submit("Remove").at_version(version),
        what: format!("remove canned answer {name}"),
        command: Box::new(move |_| change_settings(change).into()),
        done: REMOVED,
    })
}
