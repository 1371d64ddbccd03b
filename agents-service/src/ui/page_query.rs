//! What the link of a page, or the form of a search, asks for.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use crate::ui::form::{Form, FormData};

/// Items of a list on a page.
pub const LIST_LIMIT: usize = 50;

/// The parameters of a link or a search, read like a form. Unknown ones are ignored.
#[derive(Clone, Debug)]
pub struct PageQuery {
    form: Form,
    limit: usize,
}

impl PageQuery {
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

    /// The text of an empty list: `none_match` with a filter, else `none_yet`.
    pub fn empty_text(&self, none_match: &str, none_yet: &str) -> String {
        let is_filter = |(name, value): &&(String, String)| name != "done" && name != "sort" && !value.is_empty();
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
        let query = parts.uri.query().unwrap_or_default();
        Ok(Self { form: Form::read_from(query.as_bytes()), limit: LIST_LIMIT })
    }
}
