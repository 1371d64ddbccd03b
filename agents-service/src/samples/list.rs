//! Samples of a list with all that belongs to it.

use askama::Template;

use super::Sample;
use crate::auth::saved_lists::SavedList;
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
