//! Tables of cells, facts, and the pages that show details. Callers decide the content; this file, `table.html` and `show.html`
//! determine the look.

use askama::Template;

use crate::ui::action::Action;
use crate::ui::layout::Layout;
use crate::ui::sorting::Head;

/// Longest code, in bytes, and longest text that fit beside other facts.
const LONGEST_CODE: usize = 24;

const LONGEST_TEXT: usize = 120;
/// Size of the line of days, as `cell.html` has it.
const LINE_WIDTH: usize = 87;
const LINE_HEIGHT: u64 = 20;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    Text(String),
    /// Text, and the target of its link.
    Link(String, String),
    /// A URL that is shown as a link to its page, and can be copied.
    Url(String, String),
    /// A state, with the CSS class of its colour.
    State(String),
    /// A number, aligned to the right.
    Number(String),
    /// A text in a fixed-width font.
    Code(String),
    /// Code to copy as a whole, and the label of the copy button.
    ToCopy(String, &'static str),
    /// A moment.
    Moment(String),
    /// A moment that is told by how long ago it was.
    Ago(String),
    /// A count of each day, drawn as a small line.
    Days(Vec<u64>),
}

impl Cell {
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    pub fn link(text: impl Into<String>, href: impl Into<String>) -> Self {
        Self::Link(text.into(), href.into())
    }

    /// A URL, with the target of its link.
    pub fn url(url: impl Into<String>, href: impl Into<String>) -> Self {
        Self::Url(url.into(), href.into())
    }

    pub fn number(number: impl std::fmt::Display) -> Self {
        Self::Number(format!("{number}"))
    }

    pub fn moment(moment: contract::clock::Moment) -> Self {
        Self::Moment(moment.to_string())
    }

    pub fn ago(moment: contract::clock::Moment) -> Self {
        Self::Ago(moment.to_string())
    }

    /// The points of a line over days, and the highest count; in a box of [`LINE_WIDTH`] and [`LINE_HEIGHT`].
    pub fn line(days: &[u64]) -> (String, u64) {
        let highest = days.iter().copied().max().unwrap_or(0);
        let x = |index: usize| index * LINE_WIDTH / days.len().saturating_sub(1).max(1);
        let y = |count: u64| LINE_HEIGHT - count * LINE_HEIGHT / highest.max(1);
        let points = days.iter().enumerate().map(|(index, count)| format!("{},{}", x(index), y(*count)));
        (points.collect::<Vec<_>>().join(" "), highest)
    }

    /// Whether the cell needs a line of its own among facts.
    pub fn is_long(&self) -> bool {
        match self {
            Self::Code(text) => text.len() > LONGEST_CODE,
            Self::Text(text) => text.len() > LONGEST_TEXT,
            Self::ToCopy(..) => true,
            _ => false,
        }
    }
}

#[derive(Clone, Debug, Template)]
#[template(path = "table.html")]
pub struct Table {
    /// What the table holds, for screen readers.
    pub caption: &'static str,
    pub columns: Vec<&'static str>,
    pub rows: Vec<Vec<Cell>>,
    /// The text of an empty table.
    pub empty: String,
    /// The heads of columns that sort, in the order of the columns; empty where none does.
    pub heads: Vec<Option<Head>>,
    /// What can be done with rows that are chosen.
    pub several: Option<Several>,
}

/// Rows that can be chosen, to do something with all of them.
#[derive(Clone, Debug)]
pub struct Several {
    /// Where the choice is sent.
    pub path: String,
    /// The field of the chosen rows, that of the deed, and the one that chooses all that match.
    pub fields: [&'static str; 3],
    /// What stands for a row in the field, for each row.
    pub rows: Vec<String>,
    /// The filters that all that match is told by.
    pub filters: Vec<(&'static str, String)>,
    /// The deeds: each with its value and its label.
    pub deeds: Vec<(&'static str, &'static str)>,
    /// Another page that shows the chosen rows: its path, and its label.
    pub shown_at: Option<(String, &'static str)>,
}

impl Several {
    /// What stands for a row.
    fn row(&self, index: usize) -> &str {
        self.rows.get(index).map_or("", String::as_str)
    }
}

impl Table {
    /// A table; `empty` stands in the place of its rows where there are none.
    pub fn new(
        caption: &'static str,
        columns: impl Into<Vec<&'static str>>,
        rows: impl IntoIterator<Item = Vec<Cell>>,
        empty: impl Into<String>,
    ) -> Self {
        Self {
            caption,
            columns: columns.into(),
            rows: rows.into_iter().collect(),
            empty: empty.into(),
            heads: Vec::new(),
            several: None,
        }
    }

    /// The header of a column, which narrow screens repeat beside each of its cells.
    fn column(&self, index: usize) -> &'static str {
        self.columns.get(index).copied().unwrap_or_default()
    }

    /// The head of a column, where it sorts.
    fn head(&self, index: usize) -> Option<&Head> {
        self.heads.get(index)?.as_ref()
    }

    /// Whether a column holds numbers.
    fn is_numeric(&self, index: usize) -> bool {
        self.rows.first().and_then(|row| row.get(index)).is_some_and(|cell| matches!(cell, Cell::Number(_)))
    }
}

/// A step of what happened to a thing.
#[derive(Clone, Debug)]
pub struct Step {
    /// When it was taken; absent where it is still to come.
    pub at: Option<String>,
    pub what: &'static str,
    pub note: String,
}

/// A part of a page.
#[derive(Clone, Debug)]
pub struct Block {
    pub title: &'static str,
    pub note: Option<String>,
    pub actions: Vec<Action>,
    pub facts: Vec<(&'static str, Cell)>,
    pub table: Option<Table>,
    /// What happened, one step after the other.
    pub steps: Vec<Step>,
    /// Only title and note are shown until the reader unfolds it.
    pub folded: bool,
}

impl Block {
    /// Whether it is a table with anything in it.
    pub fn has_rows(&self) -> bool {
        self.table.as_ref().is_some_and(|table| !table.rows.is_empty())
    }

    pub fn of_table(table: Table) -> Self {
        Self {
            title: table.caption,
            note: None,
            actions: Vec::new(),
            facts: Vec::new(),
            table: Some(table),
            steps: Vec::new(),
            folded: false,
        }
    }

    pub fn of_facts(title: &'static str, facts: Vec<(&'static str, Cell)>) -> Self {
        Self { title, note: None, actions: Vec::new(), facts, table: None, steps: Vec::new(), folded: false }
    }

    pub fn of_steps(title: &'static str, steps: Vec<Step>) -> Self {
        Self { steps, ..Self::of_facts(title, Vec::new()) }
    }
}

#[derive(Template)]
#[template(path = "show.html")]
pub struct ShowPage {
    pub layout: Layout,
    pub state: Option<&'static str>,
    pub actions: Vec<Action>,
    pub facts: Vec<(&'static str, Cell)>,
    /// The chosen day of a page with a history; empty for today, `None` where no day can be chosen.
    pub on: Option<String>,
    pub blocks: Vec<Block>,
}

/// The page instead of a form without any choices, with what to do first.
pub fn nothing_to_choose(layout: Layout, note: &str, actions: Vec<Action>) -> ShowPage {
    let facts = vec![("What is missing", Cell::text(note))];
    ShowPage { layout, state: None, actions, facts, on: None, blocks: Vec::new() }
}
