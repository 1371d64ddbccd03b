//! Lists that the signed-in account saves by a name: any list page sends its filters, order and columns here.

use web::http::{FieldErrors, Problem};

use crate::auth::saved_lists::{self, MOST, SavedList};
use crate::ui::form::{CsrfForm, Form, FormData};
use crate::ui::inputs::{FormPage, Section};
use crate::ui::layout::Layout;
use crate::ui::notice::{CHANGED, Notice};
use crate::ui::page::{PageResult, redirect_with_notice, to};
use crate::ui::page_query::PageQuery;
use crate::ui::signed_in::{Context, SignedIn};
use crate::ui::submit::{form_page, redisplay};
use crate::ui::table::{Cell, Table};

/// The notice of the list that was saved.
pub const SAVED: Notice = Notice { code: "saved", text: "The list is saved by this name." };
/// The fields that a list page sends.
pub const PLACE: &str = "place";
pub const NAME: &str = "name";
pub const QUERY: &str = "query";
/// The lists that are to be forgotten.
const FORGOTTEN: &str = "forgotten[]";
/// Most characters of a name.
const LONGEST_NAME: usize = 60;
/// Most bytes of a query.
const LONGEST_QUERY: usize = 2_000;
/// Between the path and the name of a list that is to be forgotten; no path has it.
const BETWEEN: char = ' ';

pub async fn show(Context(app, signed_in): Context, query: PageQuery) -> PageResult {
    let layout = layout(&signed_in).noticing(&query, &[CHANGED]);
    let lists = saved_lists::all(app.database(), signed_in.id).await.map_err(Problem::from)?;
    let name = |list: &SavedList| label(&signed_in, &list.place);
    let rows = lists.iter().map(|list| vec![Cell::link(list.name.clone(), list.href()), Cell::text(name(list))]);
    let empty = "No saved lists. Filter a list, then save it by a name.";
    let table = Table::new("Saved lists", ["Name", "List"], rows, empty);
    let choices = lists
        .iter()
        .map(|list| (format!("{}{BETWEEN}{}", list.place, list.name), format!("{} ({})", list.name, name(list))));
    let data = FormData::default();
    let sections = if lists.is_empty() {
        Vec::new()
    } else {
        vec![Section { legend: "", inputs: vec![data.many(FORGOTTEN, "Forget these", choices)] }]
    };
    let audience = signed_in.audience();
    let form = FormPage::new(layout, &data, audience.lists_path(), sections).submit("Forget the chosen lists");
    form_page(&FormPage { table: Some(table), can_submit: !lists.is_empty(), ..form.back(audience.account_path()) })
}

pub async fn change(Context(app, signed_in): Context, CsrfForm(form): CsrfForm) -> PageResult {
    if !form.text(PLACE).is_empty() {
        return match save(&app, &signed_in, &form).await {
            Ok(list) => {
                let between = if list.query.is_empty() { '?' } else { '&' };
                to(&format!("{}{between}done={}", list.href(), SAVED.code))
            }
            Err(problem) => refused(&signed_in, &redisplay(&form, problem)?, &form),
        };
    }
    for forgotten in form.all(FORGOTTEN) {
        let (place, name) = forgotten.split_once(BETWEEN).unwrap_or_default();
        saved_lists::forget(app.database(), signed_in.id, place, name).await.map_err(Problem::from)?;
    }
    redirect_with_notice(signed_in.audience().lists_path(), CHANGED)
}

fn layout(signed_in: &SignedIn) -> Layout {
    Layout::new(signed_in, "Saved lists", "")
}

/// The menu's word for a list; its path where the menu has none.
fn label(signed_in: &SignedIn, place: &str) -> String {
    let entry = signed_in.menu.iter().find(|entry| entry.path == place);
    entry.map_or(place, |entry| entry.label).to_owned()
}

async fn save(app: &crate::state::AppState, signed_in: &SignedIn, form: &Form) -> Result<SavedList, Problem> {
    let list = SavedList {
        place: form.text(PLACE).to_owned(),
        name: form.text(NAME).to_owned(),
        query: form.text(QUERY).to_owned(),
    };
    let mut errors = FieldErrors::new();
    if list.name.is_empty() || list.name.chars().count() > LONGEST_NAME || list.name.chars().any(char::is_control) {
        errors.add(NAME, "length", format!("must have 1 to {LONGEST_NAME} characters"));
    }
    // A path of this face: a link to it leads nowhere else.
    let is_path =
        list.place.starts_with('/') && list.place.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'-' | b'/'));
    if !is_path || list.place.starts_with("//") || list.query.len() > LONGEST_QUERY || list.query.contains('#') {
        errors.add(NAME, "list", "belongs to a list that cannot be saved: it has too many filters");
    }
    if !errors.is_empty() {
        return Err(Problem::validation(errors));
    }
    if !saved_lists::save(app.database(), signed_in.id, &list).await? {
        errors.add(NAME, "too_many", format!("is one too many: {MOST} lists are saved. Forget one of them first"));
        return Err(Problem::validation(errors));
    }
    Ok(list)
}

/// The form of a name that was refused.
fn refused(signed_in: &SignedIn, data: &FormData, form: &Form) -> PageResult {
    let inputs = vec![data.typed(NAME, "Name of the list").required()];
    let page =
        FormPage::new(layout(signed_in), data, signed_in.audience().lists_path(), vec![Section { legend: "", inputs }]);
    let page = page.hiding(PLACE, form.text(PLACE)).hiding(QUERY, form.text(QUERY)).submit("Save the list");
    form_page(&page.back(form.text(PLACE)))
}
