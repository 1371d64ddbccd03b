//! Lists: a page of rows with filters, and all rows as CSV. A noun makes one page of its list; this file and `list.html` do the
//! rest, so that both have the same rows and columns.

use std::future::Future;

use askama::Template;
use axum::body::Body;
use axum::http::header;
use axum::response::IntoResponse;
use futures::stream::{self, Stream};

use crate::report::csv;
use crate::state::AppState;
use crate::ui::action::Action;
use crate::ui::error_page::ErrorPage;
use crate::ui::inputs::{Input, Kind};
use crate::ui::layout::Layout;
use crate::ui::page::{PageResult, page};
use crate::ui::page_query::PageQuery;
use crate::ui::routes::Routes;
use crate::ui::signed_in::{Context, SignedIn};
use crate::ui::table::{Cell, Table};

/// Items that a file is made from at a time: what the services give at most.
const ITEMS_AT_ONCE: usize = 200;
/// Most rows of a file. Its last line says so where there are more.
const MAX_ROWS: usize = 1_000_000;

#[derive(Template)]
#[template(path = "list.html")]
pub struct ListPage {
    /// The path of the list.
    pub place: &'static str,
    pub layout: Layout,
    pub actions: Vec<Action>,
    pub filters: Vec<Input>,
    pub table: Table,
    /// The cursor of the next page.
    pub next: Option<String>,
}

/// What a noun makes of its list.
pub type ListResult = Result<ListPage, ErrorPage>;

impl ListPage {
    fn next_link(&self) -> Option<String> {
        self.next.as_ref().map(|after| page_link(self.place, &self.filters, after))
    }

    /// The link to the whole list as CSV, with the filters.
    fn csv_link(&self) -> String {
        link(&format!("{}.csv", self.place), &self.filters, None)
    }
}

impl Routes {
    /// A list at `path`, and as CSV at `csv_path`, which is the same with `.csv` behind it.
    #[must_use]
    pub fn list<F>(
        self,
        path: &'static str,
        csv_path: &'static str,
        list: impl Fn(AppState, SignedIn, PageQuery) -> F + Clone + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = ListResult> + Send + 'static,
    {
        let show = list.clone();
        let show = move |Context(app, signed_in): Context, query: PageQuery| {
            let list = show(app, signed_in, query);
            async move { page(&list.await?) }
        };
        let file = move |Context(app, signed_in): Context, query: PageQuery| {
            let list = list.clone();
            let part = move |after: Option<String>| {
                list(app.clone(), signed_in.clone(), query.clone().part(after, ITEMS_AT_ONCE))
            };
            async move { as_csv(csv_path, part).await }
        };
        self.get(path, show).get(csv_path, file)
    }
}

/// The file of a list. Its first part is made before the response begins, so that an error is seen; a later one cuts the file off,
/// which shows by its missing last line.
async fn as_csv<F>(csv_path: &str, part: impl Fn(Option<String>) -> F + Send + 'static) -> PageResult
where
    F: Future<Output = ListResult> + Send + 'static,
{
    let first = part(None).await?;
    let head = csv::line(first.table.columns.iter().map(|column| csv::Value::Bare((*column).to_owned())));
    let name = csv_path.rsplit('/').next().unwrap_or_default();
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8; header=present".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((headers, Body::from_stream(parts(head, first, part))).into_response())
}

/// What is left of a file.
enum Left {
    Part { text: String, list: Box<ListPage>, rows: usize },
    Following { after: String, rows: usize },
    End,
}

fn parts<F>(
    head: String,
    first: ListPage,
    part: impl Fn(Option<String>) -> F + Send + 'static,
) -> impl Stream<Item = Result<String, std::io::Error>>
where
    F: Future<Output = ListResult> + Send + 'static,
{
    let left = Left::Part { text: head, list: Box::new(first), rows: 0 };
    stream::unfold((left, part), |(left, part)| async move {
        let (text, list, rows) = match left {
            Left::Part { text, list, rows } => (text, list, rows),
            Left::Following { after, rows } => match part(Some(after)).await {
                Ok(list) => (String::new(), Box::new(list), rows),
                Err(_) => {
                    return Some((Err(std::io::Error::other("the list could not be read on")), (Left::End, part)));
                }
            },
            Left::End => return None,
        };
        let (text, left) = written(text, *list, rows);
        Some((Ok(text), (left, part)))
    })
}

/// The lines of a part, and what is left behind it.
fn written(mut text: String, list: ListPage, mut rows: usize) -> (String, Left) {
    rows += list.table.rows.len();
    for row in list.table.rows {
        text.push_str(&csv::line(row.into_iter().map(value)));
    }
    match list.next {
        Some(after) if rows < MAX_ROWS => (text, Left::Following { after, rows }),
        more => {
            text.push_str(&csv::last_line(rows, more.is_some()));
            (text, Left::End)
        }
    }
}

fn value(cell: Cell) -> csv::Value {
    match cell {
        Cell::Text(text) | Cell::Link(text, _) | Cell::Code(text) | Cell::ToCopy(text, _) => csv::Value::Typed(text),
        Cell::Url(text, _) | Cell::State(text) | Cell::Number(text) | Cell::Moment(text) => csv::Value::Bare(text),
    }
}

/// The link to another page of a list, with its filters.
pub fn page_link(path: &str, filters: &[Input], after: &str) -> String {
    link(path, filters, Some(after))
}

fn link(path: &str, filters: &[Input], after: Option<&str>) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(chosen_filters(filters));
    query.extend_pairs(after.map(|after| ("after", after)));
    let query = query.finish();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}

/// The filters that are set, with their values.
pub fn chosen_filters(filters: &[Input]) -> Vec<(&'static str, String)> {
    let value = |input: &Input| match &input.kind {
        Kind::Choice(choices) => choices.iter().find(|choice| choice.chosen).map(|choice| choice.value.clone()),
        _ => Some(input.value.clone()),
    };
    let set = filters.iter().filter_map(|input| Some((input.name, value(input)?)));
    set.filter(|(_, value)| !value.is_empty()).collect()
}
