//! Lists and details: tables of cells, facts one by one, and the pages that show them. What is in them is decided where they
//! are made; how they look is decided here and in `list.html` and `show.html`.

use askama::Template;

use crate::ui::action::Action;
use crate::ui::inputs::{Input, Kind};
use crate::ui::layout::Layout;

/// Longest code, in bytes, and longest text that stand beside others among facts.
const LONGEST_CODE: usize = 24;

const LONGEST_TEXT: usize = 120;

/// What stands in a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    Text(String),
    /// Text, and where it leads.
    Link(String, String),
    /// A state, with the class that colours it.
    State(String),
    /// A number, to the right.
    Number(String),
    /// What is copied letter by letter.
    Code(String),
    /// Code to take along as a whole, and what the button says that does it.
    ToCopy(String, &'static str),
    /// A moment: for people, and for programs.
    Moment(String),
}

impl Cell {
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    pub fn link(text: impl Into<String>, href: impl Into<String>) -> Self {
        Self::Link(text.into(), href.into())
    }

    pub fn number(number: impl std::fmt::Display) -> Self {
        Self::Number(format!("{number}"))
    }

    pub fn moment(moment: contract::clock::Moment) -> Self {
        Self::Moment(moment.to_string())
    }

    /// Whether it needs a line of its own among facts.
    pub fn is_long(&self) -> bool {
        match self {
            Self::Code(text) => text.len() > LONGEST_CODE,
            Self::Text(text) => text.len() > LONGEST_TEXT,
            Self::ToCopy(..) => true,
            _ => false,
        }
    }

    /// The moment to the second, as people write it.
    pub fn in_words(moment: &str) -> String {
        moment.get(..19).unwrap_or(moment).replace('T', " ")
    }
}

/// A table.
#[derive(Clone, Debug, Template)]
#[template(path = "table.html")]
pub struct Table {
    /// What it is a table of, for those who cannot see where it stands.
    pub caption: &'static str,
    pub columns: Vec<&'static str>,
    pub rows: Vec<Vec<Cell>>,
    /// What is said when there is no row.
    pub empty: String,
}

impl Table {
    /// What stands above a column, and beside each of its cells where there is no room for columns.
    fn column(&self, index: usize) -> &'static str {
        self.columns.get(index).copied().unwrap_or_default()
    }

    /// Whether a column holds numbers.
    fn is_numeric(&self, index: usize) -> bool {
        self.rows.first().and_then(|row| row.get(index)).is_some_and(|cell| matches!(cell, Cell::Number(_)))
    }
}

/// A list with its search.
#[derive(Template)]
#[template(path = "list.html")]
pub struct ListPage {
    pub layout: Layout,
    pub actions: Vec<Action>,
    pub filters: Vec<Input>,
    pub table: Table,
    /// Where the next page is.
    pub next: Option<String>,
}

/// A part of a page about one thing.
#[derive(Clone, Debug)]
pub struct Block {
    pub title: &'static str,
    pub note: Option<String>,
    pub actions: Vec<Action>,
    pub facts: Vec<(&'static str, Cell)>,
    pub table: Option<Table>,
}

impl Block {
    /// A part with a table.
    pub fn of_table(title: &'static str, table: Table) -> Self {
        Self { title, note: None, actions: Vec::new(), facts: Vec::new(), table: Some(table) }
    }

    /// A part with facts, one by one.
    pub fn of_facts(title: &'static str, facts: Vec<(&'static str, Cell)>) -> Self {
        Self { title, note: None, actions: Vec::new(), facts, table: None }
    }
}

/// A page about one thing.
#[derive(Template)]
#[template(path = "show.html")]
pub struct ShowPage {
    pub layout: Layout,
    pub state: Option<&'static str>,
    pub actions: Vec<Action>,
    pub facts: Vec<(&'static str, Cell)>,
    /// The day that it is shown as on, where one can be chosen; empty for today.
    pub on: Option<String>,
    pub blocks: Vec<Block>,
}

/// The page in place of a form in which there would be nothing to choose, with what to do first.
pub fn nothing_to_choose(layout: Layout, note: &str, actions: Vec<Action>) -> ShowPage {
    let facts = vec![("What is missing", Cell::text(note))];
    ShowPage { layout, state: None, actions, facts, on: None, blocks: Vec::new() }
}

/// A query string of what was chosen, with another page's cursor.
pub fn page_link(path: &str, filters: &[Input], after: &str) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for input in filters {
        let value = match &input.kind {
            Kind::Choice(choices) => {
                choices.iter().find(|choice| choice.chosen).map_or("", |choice| choice.value.as_str())
            }
            _ => &input.value,
        };
        if !value.is_empty() {
            query.append_pair(input.name, value);
        }
    }
    query.append_pair("after", after);
    format!("{path}?{}", query.finish())
}
