//! Samples of a list with all that belongs to it, and of the material of agents.

use askama::Template;

use super::Sample;
use crate::auth::saved_lists::SavedList;
use crate::portal::material::{MaterialPage, ShownTexts};
use crate::ui::list::ListPage;
use crate::ui::shown_columns::ShownColumns;

pub fn rendered(sample: Sample) -> (&'static str, askama::Result<String>) {
    let next = sample.full.then(|| sample.path());
    let saved = SavedList { place: "/things".to_owned(), name: sample.text(), query: sample.text() };
    let list = ListPage {
        actions: sample.actions(),
        filters: sample.some(sample.inputs()),
        columns: ShownColumns(sample.some([("Column", true), ("Other", false)])),
        saved: sample.some([saved]),
        saved_at: "/account/lists",
        ..ListPage::new("/things", sample.layout(), sample.table(), next)
    };
    ("list.html", list.render())
}

pub fn material(sample: Sample) -> (&'static str, askama::Result<String>) {
    let texts = |direction| ShownTexts { tag: "en", name: "English", direction, texts: vec![sample.text()] };
    let page = MaterialPage {
        layout: sample.layout(),
        actions: sample.actions(),
        choice: sample.inputs().swap_remove(2),
        url: sample.text(),
        company: sample.maybe().unwrap_or_default(),
        languages: vec![texts("ltr"), texts("rtl")],
        blocks: sample.blocks(),
    };
    ("material.html", page.render())
}
