//! Lists: a page of rows with filters, and all rows as CSV. A noun makes one page of its list; this file and `list.html` do the
//! rest, so that both have the same rows and columns.

use std::future::Future;

use askama::Template;
use axum::body::Body;
use axum::http::header;
use axum::response::IntoResponse;
use event_store::search::ListQuery;
use event_store::sql::SqlError;
use futures::stream::{self, Stream};
use web::http::Problem;

use crate::auth::saved_lists::{self, SavedList};
use crate::report::csv;
use crate::state::AppState;
use crate::ui::action::Action;
use crate::ui::error_page::ErrorPage;
use crate::ui::inputs::{Input, Kind};
use crate::ui::layout::Layout;
use crate::ui::page::{PageResult, page};
use crate::ui::page_query::{self, PageQuery, with_query};
use crate::ui::place_in_list::PlaceInList;
use crate::ui::routes::Routes;
use crate::ui::saved_lists::SAVED;
use crate::ui::shown_columns::ShownColumns;
use crate::ui::signed_in::{Context, SignedIn};
use crate::ui::sorting::{self, SortedBy};
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
    /// How the list can be sorted.
    pub sorted: SortedBy,
    pub table: Table,
    /// The cursor of the next page.
    pub next: Option<String>,
    /// Rows of all pages, counted up to `MAX_COUNTED` and one more; `None` where they are not counted.
    pub total: Option<u64>,
    /// Where the page is in its list.
    pub place_in_list: PlaceInList,
    /// The columns that it has, shown or not.
    pub columns: ShownColumns,
    /// What the account has saved of this list.
    pub saved: Vec<SavedList>,
    /// Where the account saves a list.
    pub saved_at: &'static str,
}

/// What a noun makes of its list.
pub type ListResult = Result<ListPage, ErrorPage>;

impl ListPage {
    /// A list without filters and actions.
    pub fn new(place: &'static str, layout: Layout, table: Table, next: Option<String>) -> Self {
        Self {
            place,
            layout,
            actions: Vec::new(),
            filters: Vec::new(),
            sorted: SortedBy::default(),
            table,
            next,
            total: None,
            place_in_list: PlaceInList::default(),
            columns: ShownColumns::default(),
            saved: Vec::new(),
            saved_at: "",
        }
    }

    /// The list with the columns that its link asks for.
    fn showing(mut self, query: &PageQuery) -> Self {
        self.columns = ShownColumns::choose(&mut self.table, query);
        self
    }

    /// The list at the place that its link asks for.
    fn at(self, query: &PageQuery) -> Self {
        let mut list = self.showing(query);
        list.place_in_list = PlaceInList::of(query);
        let asked = query.text("sort");
        let kept = || list.kept().into_iter().filter(|(name, _)| *name != "sort").collect();
        list.table.heads = sorting::heads(list.place, list.sorted, &list.table.columns, asked.as_deref(), kept);
        list
    }

    /// The list with what the account has saved of it.
    async fn of(mut self, app: &AppState, signed_in: &SignedIn, query: &PageQuery) -> Result<Self, Problem> {
        self.saved = saved_lists::of_place(app.database(), signed_in.id, self.place).await?;
        self.saved_at = signed_in.audience().lists_path();
        if self.layout.done.is_none() {
            self.layout = self.layout.noticing(query, &[SAVED]);
        }
        Ok(self)
    }

    /// The filters, the order and the columns: what every page of the list keeps.
    fn kept(&self) -> Vec<(&'static str, String)> {
        chosen_filters(&self.filters).into_iter().chain(self.columns.kept()).collect()
    }

    /// What a form with the filters keeps besides them.
    fn kept_by_filters(&self) -> Vec<(&'static str, String)> {
        self.columns.kept().into_iter().chain(self.place_in_list.kept()).collect()
    }

    /// What a form with the columns keeps besides them.
    fn kept_by_columns(&self) -> Vec<(&'static str, String)> {
        chosen_filters(&self.filters).into_iter().chain(self.place_in_list.kept()).collect()
    }

    /// The query that the list is saved by.
    fn query(&self) -> String {
        let saved = with_query("", self.kept(), self.place_in_list.kept());
        saved.trim_start_matches('?').to_owned()
    }

    fn shown(&self) -> usize {
        self.table.rows.len()
    }

    /// Whether the list leaves rows out.
    fn is_filtered(&self) -> bool {
        chosen_filters(&self.filters).iter().any(|(name, _)| *name != "sort")
    }

    /// Which rows the page has, and of how many.
    fn extent(&self) -> String {
        let total = if self.next.is_none() { None } else { self.total };
        self.place_in_list.extent(self.shown(), self.next.is_none(), total)
    }

    fn next_link(&self) -> Option<String> {
        let after = self.next.as_ref()?;
        Some(self.link_to(self.place_in_list.next(after, self.shown())))
    }

    fn previous_link(&self) -> Option<String> {
        self.place_in_list.previous().map(|parameters| self.link_to(parameters))
    }

    /// The page sizes: each with the link to the first page of that size, none to the current one.
    fn sizes(&self) -> Vec<(usize, Option<String>)> {
        let current = self.place_in_list.size;
        let link = |size| self.link_to(PlaceInList::first_of(size).kept());
        page_query::SIZES.map(|size| (size, (size != current).then(|| link(size)))).to_vec()
    }

    /// The link to the whole list as CSV, with the filters and the columns.
    fn csv_link(&self) -> String {
        with_query(&format!("{}.csv", self.place), self.kept(), Vec::new())
    }

    fn link_to(&self, parameters: Vec<(&'static str, String)>) -> String {
        with_query(self.place, self.kept(), parameters)
    }
}

/// How many rows a list has, where another page follows; not counted beyond `MAX_COUNTED`. `query` is the list from its
/// beginning, with this limit.
pub async fn total(
    app: &AppState,
    next: Option<&String>,
    query: impl Future<Output = Result<ListQuery, SqlError>>,
) -> Result<Option<u64>, Problem> {
    if next.is_none() {
        return Ok(None);
    }
    Ok(Some(query.await?.count(app.database()).await?))
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
            let list = show(app.clone(), signed_in.clone(), query.clone());
            async move { page(&list.await?.at(&query).of(&app, &signed_in, &query).await?) }
        };
        let file = move |Context(app, signed_in): Context, query: PageQuery| {
            let list = list.clone();
            let part = move |after: Option<String>| {
                let part = list(app.clone(), signed_in.clone(), query.clone().part(after, ITEMS_AT_ONCE));
                let query = query.clone();
                async move { Ok(part.await?.showing(&query)) }
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
        Cell::Url(text, _) | Cell::State(text) | Cell::Number(text) | Cell::Moment(text) | Cell::Ago(text) => {
            csv::Value::Bare(text)
        }
        Cell::Days(days) => csv::Value::Bare(days.iter().map(u64::to_string).collect::<Vec<_>>().join(" ")),
    }
}

/// The link to another page of a list, with its filters.
pub fn page_link(path: &str, filters: &[Input], after: &str) -> String {
    with_query(path, chosen_filters(filters), vec![("after", after.to_owned())])
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
