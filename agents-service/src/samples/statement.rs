//! Samples of statements.

use askama::Template;

use super::Sample;
use crate::statement_document::content::{Content, LINE_COLUMNS, PartyShown, SectionShown};
use crate::statement_document::html::StatementPage;
use crate::statement_document::print::StatementDocument;

fn content(sample: Sample) -> Content {
    let text = || sample.text();
    let section = || SectionShown {
        currency: text(),
        sums: sample.some([[text(), text(), text()]]),
        taxes: sample.some([[text(), text(), text(), text()]]),
        lines: sample.some([std::array::from_fn(|_| text()), std::array::from_fn(|_| text())]),
    };
    Content {
        title: text(),
        notes: sample.some([text()]),
        facts: sample.some([("Label", text())]),
        parties: sample.some([PartyShown { role: "Party", lines: vec![text(), text()] }]),
        sections: vec![section(), section()],
    }
}

pub fn rendered(sample: Sample) -> Vec<(&'static str, askama::Result<String>)> {
    let page = StatementPage {
        layout: sample.layout(),
        actions: sample.actions(),
        hints: sample.some([sample.text()]),
        content: content(sample),
        columns: LINE_COLUMNS,
    };
    vec![("statement.html", StatementDocument::of(content(sample)).render()), ("statement_page.html", page.render())]
}
