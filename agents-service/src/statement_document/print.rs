//! The statement as a page without anything around it.

use askama::Template;

use crate::statement_document::content::{Content, LINE_COLUMNS};

#[derive(Template)]
#[template(path = "statement.html")]
pub struct StatementDocument {
    pub content: Content,
    pub columns: [(&'static str, bool); 8],
}

impl StatementDocument {
    pub fn of(content: Content) -> Self {
        Self { content, columns: LINE_COLUMNS }
    }
}
