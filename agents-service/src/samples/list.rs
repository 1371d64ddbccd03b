//! Samples of a list with all that belongs to it, and of a signup URL.

use askama::Template;

use super::Sample;
use crate::auth::saved_lists::SavedList;
use crate::ui::list::ListPage;
use crate::ui::shown_columns::ShownColumns;
use crate::ui::signup_keys::show::KeyPage;

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

pub fn key(sample: Sample) -> (&'static str, askama::Result<String>) {
    let of_period = sample.of_period();
    let page = KeyPage {
        layout: sample.layout(),
        state: sample.maybe(),
        key: sample.text(),
        path: sample.path(),
        url: sample.text(),
        is_revoked: !sample.full,
        actions: sample.actions(),
        sums: sample.facts(),
        choice: of_period.choice,
        charted: of_period.charted,
        chart: of_period.chart,
        facts: sample.facts(),
        blocks: sample.blocks(),
    };
    ("signup_key.html", page.render())
}
