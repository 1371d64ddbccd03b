//! The search over everything that an account may see: the first few of each kind, with a link to all that match. The only one that
//! is found opens at once.

use askama::Template;

use crate::ui::action::Action;
use crate::ui::layout::Layout;
use crate::ui::page::{PageResult, page, to};
use crate::ui::table::{Block, Cell, Table};

/// Most things of a kind.
pub const MOST_OF_A_KIND: usize = 5;
/// Longest text, in characters; the rest is ignored.
const MAX_TEXT: usize = 200;

/// What is found of a kind.
pub struct Found {
    /// The first cell of each row is a link to the thing.
    table: Table,
    /// The list of all that match, where there are more.
    all: Option<String>,
}

impl Found {
    /// The things of a kind. `list` is the path of their list, `is_more` whether that has more of them.
    pub fn new(
        caption: &'static str,
        columns: impl Into<Vec<&'static str>>,
        rows: impl IntoIterator<Item = Vec<Cell>>,
        (list, is_more): (&str, bool),
        text: &str,
    ) -> Self {
        let query = form_urlencoded::Serializer::new(String::new()).append_pair("search", text).finish();
        Self { table: Table::new(caption, columns, rows, ""), all: is_more.then(|| format!("{list}?{query}")) }
    }
}

#[derive(Template)]
#[template(path = "search.html")]
pub struct SearchPage {
    pub layout: Layout,
    pub text: String,
    /// What can be searched for.
    pub hint: &'static str,
    /// Said where nothing is found, or where nothing was asked for.
    pub empty: &'static str,
    pub blocks: Vec<Block>,
}

/// What is searched for.
pub fn searched(text: Option<String>) -> String {
    text.unwrap_or_default().trim().chars().take(MAX_TEXT).collect()
}

/// The page of what was found. With a warning not all was searched, so that no single thing is opened.
pub fn search_page(layout: Layout, text: String, hint: &'static str, found: Vec<Found>) -> PageResult {
    let found: Vec<Found> = found.into_iter().filter(|found| !found.table.rows.is_empty()).collect();
    if let (true, [Found { table: Table { rows, .. }, all: None }]) = (layout.warnings.is_empty(), found.as_slice())
        && let [row] = rows.as_slice()
        && let Some(Cell::Link(_, href)) = row.first()
    {
        return to(href);
    }
    let empty = match (text.is_empty(), found.is_empty()) {
        (true, _) => "Type what you look for.",
        (false, true) => "Nothing matches.",
        (false, false) => "",
    };
    let block = |Found { table, all }| {
        let actions = all.map(|all| Action::new("Show all that match", all)).into_iter().collect();
        Block { actions, ..Block::of_table(table) }
    };
    page(&SearchPage { layout, text, hint, empty, blocks: found.into_iter().map(block).collect() })
}
