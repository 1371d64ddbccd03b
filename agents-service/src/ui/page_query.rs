//! What the link of a page, or the form of a search, asks for.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use crate::paging::Order;
use crate::sorting::Sort;
use crate::ui::form::{Form, FormData};

/// Items of a list on a page.
pub const LIST_LIMIT: usize = 50;
/// The other sizes that a page can have.
pub const SIZES: [usize; 4] = [25, LIST_LIMIT, 100, 200];
/// The word of that order in a link.
pub const OLDEST_FIRST: &str = "created";
/// The parameter of a column that is shown.
pub const COLUMN: &str = "column";
/// Parameters that are no filters.
const NO_FILTERS: [&str; 7] = ["done", "sort", "after", "before", "way", "size", COLUMN];

/// The parameters of a link or a search, read like a form. Unknown ones are ignored.
#[derive(Clone, Debug)]
pub struct PageQuery {
    form: Form,
    limit: usize,
}

impl PageQuery {
    /// The query of an address.
    pub fn read(query: &str) -> Self {
        let form = Form::read_from(query.as_bytes());
        let size = form.text("size").parse().ok().filter(|size| SIZES.contains(size));
        Self { form, limit: size.unwrap_or(LIST_LIMIT) }
    }

    /// Items of a list that are asked for.
    pub fn limit(&self) -> usize {
        self.limit
    }

    /// The same query for another part of its list.
    #[must_use]
    pub fn part(self, after: Option<String>, limit: usize) -> Self {
        Self { form: self.form.with("after", &after.unwrap_or_default()), limit }
    }

    /// A parameter that is not empty.
    pub fn text(&self, name: &str) -> Option<String> {
        Some(self.form.text(name)).filter(|text| !text.is_empty()).map(str::to_owned)
    }

    /// All values of a parameter.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.form.all(name)
    }

    /// Whether there is a parameter, even an empty one.
    pub fn has(&self, name: &str) -> bool {
        self.form.all(name).next().is_some()
    }

    /// A parameter that can be parsed.
    pub fn parsed<T: std::str::FromStr>(&self, name: &str) -> Option<T> {
        self.form.text(name).parse().ok()
    }

    /// The order of a list by position: the newest first, unless the oldest are asked for.
    pub fn order(&self) -> Order {
        if self.form.text("sort") == OLDEST_FIRST { Order::Ascending } else { Order::Descending }
    }

    /// The order of a list that can be sorted by columns, `otherwise` where none is asked for, and the cursor in it.
    pub fn sort(&self, otherwise: Sort) -> (Sort, Option<String>) {
        let sort = Sort::named(self.form.text("sort")).unwrap_or(otherwise);
        (sort, self.text("after").filter(|cursor| sort.knows(cursor)))
    }

    /// The text of an empty list: `none_match` with a filter, else `none_yet`.
    pub fn empty_text(&self, none_match: &str, none_yet: &str) -> String {
        let is_filter = |(name, value): &&(String, String)| !NO_FILTERS.contains(&name.as_str()) && !value.is_empty();
        let is_filtered = self.form.pairs.iter().any(|pair| is_filter(&pair));
        if is_filtered { none_match } else { none_yet }.to_owned()
    }

    pub fn data(self) -> FormData {
        FormData::of(self.form.pairs)
    }
}

impl<S: Sync> FromRequestParts<S> for PageQuery {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self::read(parts.uri.query().unwrap_or_default()))
    }
}

/// A link with filters, and what else it asks for.
pub fn with_query(path: &str, filters: Vec<(&'static str, String)>, parameters: Vec<(&'static str, String)>) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(filters.into_iter().chain(parameters));
    let query = query.finish();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}
