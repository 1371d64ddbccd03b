//! The pages of an import: the table, what would be added, and what was added.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures::{StreamExt, TryStreamExt};
use web::http::{FieldErrors, Problem};

use crate::agents::fallback::Fallback;
use crate::back_office::agents::PLACE;
use crate::back_office::agents::import::prepare::{Good, Looked, look, taken};
use crate::back_office::agents::import::rows::{self, CALL_PLANS, COLUMNS, MAX_ROWS, PERMISSIONS};
use crate::back_office::grants;
use crate::state::AppState;
use crate::ui::action::Action;
use crate::ui::enum_labels;
use crate::ui::form::{CsrfForm, Form, FormData};
use crate::ui::inputs::{FormPage, Section};
use crate::ui::layout::Layout;
use crate::ui::numbers::counted;
use crate::ui::page::{PageResult, page};
use crate::ui::signed_in::{Context, SignedIn};
use crate::ui::submit::{form_page, redisplay};
use crate::ui::table::{Block, Cell, ShowPage, Table};

const PATH: &str = "/agents/import";
/// The text of the table, or its file.
const TABLE: &str = "table";
const FILE: &str = "file";
/// Fields of rows that leave them empty.
const DEFAULTS: [&str; 5] =
    [PERMISSIONS, "remittance_threshold.amount", "remittance_threshold.currency", "commission_percent", CALL_PLANS];
/// The step that adds the agents.
const ADD: &str = "_add";
/// Rows whose passwords are hashed at once: each takes a core.
const HASHED_AT_ONCE: usize = 2;

async fn ask_page(app: &AppState, signed_in: &SignedIn, data: &FormData) -> PageResult {
    let columns: Vec<&str> = COLUMNS.iter().map(|(column, _)| *column).collect();
    let file = data.file(FILE, "File", ".csv,.tsv,.txt").hint("As spreadsheets save it: CSV, in UTF-8.");
    let table = data.lines(TABLE, "Or the table itself");
    let table = table.hint(format!(
        "At most {MAX_ROWS} rows below the names of the columns: {}. Only login is required. Separate several permissions or call plans by |.",
        columns.join(", ")
    ));
    let permissions = data.many(PERMISSIONS, "Screens of the portal", enum_labels::PERMISSIONS);
    let amount = data.typed("remittance_threshold.amount", "Threshold remittance");
    let currency = data.typed("remittance_threshold.currency", "Currency of the threshold");
    let percent = data.typed("commission_percent", "Commission in percent");
    let plans = grants::choices(app, None).await?.into_iter().map(|(_, name)| (name.clone(), name));
    let plans = data.many(CALL_PLANS, "Call plans usable", plans);
    let sections = vec![
        Section { legend: "Table", inputs: vec![file, table] },
        Section {
            legend: "Where a row leaves it empty",
            inputs: vec![permissions, amount, currency.hint("Three letters, such as EUR."), percent, plans],
        },
    ];
    let layout = Layout::new(signed_in, "Import agents", PLACE);
    form_page(&FormPage::new(layout, data, PATH, sections).back(PLACE).submit("Check the rows"))
}

/// The form with the defaults of the settings.
pub async fn ask(Context(app, signed_in): Context) -> PageResult {
    let defaults = Fallback::of_settings(app.database()).await?.defaults;
    let mut data = FormData::showing(&defaults);
    for (id, name) in grants::choices(&app, None).await? {
        if defaults.call_plan_ids.iter().any(|default| default.to_string() == id) {
            data.set(CALL_PLANS, name);
        }
    }
    ask_page(&app, &signed_in, &data).await
}

/// Shows what would be added, or adds it.
pub async fn import(Context(app, signed_in): Context, CsrfForm(form): CsrfForm) -> PageResult {
    let form = with_file(form);
    let rows = match form.as_ref().map_err(Problem::clone).and_then(read) {
        Ok(rows) => rows,
        Err(problem) => {
            let form = form.unwrap_or_default();
            return ask_page(&app, &signed_in, &redisplay(&form, problem)?).await;
        }
    };
    let form = form?;
    if form.text(ADD).is_empty() {
        let taken = taken(&app, &rows).await?;
        let looked = look(&app, &signed_in, &form, rows, &taken).await?;
        return preview(&signed_in, &form, &looked);
    }
    // A login that is taken is refused by the command, which knows whether it was itself that took it.
    let looked = look(&app, &signed_in, &form, rows, &BTreeSet::new()).await?;
    add(&app, &signed_in, looked).await
}

/// The form with the text of its file in the place of the table.
fn with_file(form: Form) -> Result<Form, Problem> {
    if form.text(FILE).is_empty() {
        return Ok(form);
    }
    let bytes = STANDARD.decode(form.text(FILE)).ok();
    let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok()).ok_or_else(|| {
        let mut errors = FieldErrors::new();
        errors.add(FILE, "invalid", "is not text in UTF-8: please save it as CSV UTF-8");
        Problem::validation(errors)
    })?;
    Ok(form.with(FILE, "").with(TABLE, &text))
}

fn read(form: &Form) -> Result<Vec<rows::Row>, Problem> {
    let of = |name: &str| form.all(name).filter(|value| !value.trim().is_empty()).map(str::to_owned).collect();
    let defaults = DEFAULTS.iter().fold(Form::default(), |defaults, name| defaults.with_all(name, of(name)));
    rows::read(form.text(TABLE), &defaults).map_err(|fault| {
        let mut errors = FieldErrors::new();
        errors.add(TABLE, "invalid", fault.to_string());
        Problem::validation(errors)
    })
}

fn preview(signed_in: &SignedIn, form: &Form, looked: &[Looked]) -> PageResult {
    let good = looked.iter().filter(|row| row.found.is_ok()).count();
    let left = looked.len() - good;
    let row = |row: &Looked| {
        let (state, what) = match &row.found {
            Ok(good) => ("new", plans_of(good)),
            Err(fault) => ("left out", fault.clone()),
        };
        vec![
            Cell::number(row.line),
            Cell::text(row.login.clone()),
            Cell::text(row.name.clone()),
            Cell::State(state.to_owned()),
            Cell::text(what),
        ]
    };
    let columns = ["Line", "Login", "Name", "State", "Call plans, or what is wrong"];
    let table = Table::new("Rows", columns, looked.iter().map(row), "");
    let layout = Layout::new(signed_in, "Import these agents?", PLACE);
    let mut consequences = vec![format!("{} added, in one go.", will_be(good, "agent is", "agents are"))];
    if left > 0 {
        consequences.push(format!(
            "{} left out. Mend them in the table and import it again: agents that are there are not added twice.",
            will_be(left, "row is", "rows are")
        ));
    }
    if good > 0 {
        consequences.push("Each agent gets a first password, which is shown once on the next page.".to_owned());
    }
    let page = FormPage::new(layout, &FormData::default(), PATH, Vec::new()).back(PATH);
    let kept = DEFAULTS.iter().copied().chain([TABLE]).flat_map(|name| form.all(name).map(move |value| (name, value)));
    let page = kept.fold(page, |page, (name, value)| page.hiding(name, value)).hiding(ADD, "yes");
    form_page(&FormPage { consequences, table: Some(table), can_submit: good > 0, ..page.submit("Add the agents") })
}

fn will_be(count: usize, one: &str, many: &str) -> String {
    counted(u64::try_from(count).unwrap_or(u64::MAX), one, many)
}

fn plans_of(good: &Good) -> String {
    good.call_plans.iter().map(|(_, name)| name.as_str()).collect::<Vec<_>>().join(", ")
}

async fn add(app: &AppState, signed_in: &SignedIn, looked: Vec<Looked>) -> PageResult {
    let (mut passwords, mut good, mut left) = (Vec::new(), Vec::new(), Vec::new());
    for Looked { line, login, found, .. } in looked {
        match found {
            Ok(row) => {
                passwords.push((line, login, row.password.clone()));
                good.push(row.submissions(app));
            }
            Err(fault) => left.push((line, login, fault)),
        }
    }
    let submissions: Vec<Vec<_>> = futures::stream::iter(good).buffered(HASHED_AT_ONCE).try_collect().await?;
    let counts: Vec<usize> = submissions.iter().map(Vec::len).collect();
    let mut outcomes = app.submit_together(submissions.into_iter().flatten().collect()).await.into_iter();
    let mut rows = Vec::new();
    for ((line, login, password), count) in passwords.into_iter().zip(counts) {
        let mut of_row = outcomes.by_ref().take(count);
        let created = of_row.next().ok_or_else(Problem::internal)?;
        let ungranted = of_row.find_map(Result::err);
        match created {
            Ok(created) => {
                let path = format!("{PLACE}/{}", created.answer.id());
                let note = ungranted.map_or_else(String::new, |problem| format!("No call plans: {}", problem.detail()));
                rows.push((login, path, password, note));
            }
            Err(problem) => left.push((line, login, problem.detail().to_owned())),
        }
    }
    added_page(signed_in, rows, left)
}

fn added_page(
    signed_in: &SignedIn,
    added: Vec<(String, String, String, String)>,
    left: Vec<(u64, String, String)>,
) -> PageResult {
    let all: Vec<String> = added.iter().map(|(login, _, password, _)| format!("{login}\t{password}")).collect();
    let facts = vec![("Added", Cell::number(added.len())), ("Left out", Cell::number(left.len()))];
    let rows = added
        .into_iter()
        .map(|(login, path, password, note)| vec![Cell::link(login, path), Cell::Code(password), Cell::text(note)]);
    let table = Table::new("First passwords", ["Login", "Password", "Note"], rows, "No agent was added.");
    let note = "They are not shown again. Agents change theirs under My account.".to_owned();
    let facts_of = if all.is_empty() { Vec::new() } else { vec![("All", Cell::ToCopy(all.join("\n"), "Copy all"))] };
    let mut blocks = vec![Block { note: Some(note), facts: facts_of, ..Block::of_table(table) }];
    if !left.is_empty() {
        let rows =
            left.into_iter().map(|(line, login, fault)| vec![Cell::number(line), Cell::text(login), Cell::text(fault)]);
        blocks.push(Block::of_table(Table::new("Left out", ["Line", "Login", "What is wrong"], rows, "")));
    }
    let layout = Layout::new(signed_in, "Imported agents", PLACE);
    let actions = vec![Action::new("Import more", PATH), Action::new("All agents", PLACE)];
    page(&ShowPage { layout, state: None, actions, facts, on: None, blocks })
}
