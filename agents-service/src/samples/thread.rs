//! Samples of a conversation.

use askama::Template;

use super::Sample;
use crate::ui::table::Cell;
use crate::ui::thread::{ShownMessage, Thread, ThreadPage};

pub fn rendered(sample: Sample) -> (&'static str, askama::Result<String>) {
    let (when, erase) = (Cell::Moment(sample.text()), Some(sample.path()));
    let shown =
        |own| ShownMessage { who: sample.text(), own, when: when.clone(), text: sample.text(), erase: erase.clone() };
    let link = || sample.full.then(|| sample.path());
    let messages = sample.some([shown(true), shown(false)]);
    let page = ThreadPage {
        layout: sample.layout(),
        actions: sample.actions(),
        thread: Thread { messages, earlier: link(), newest: link() },
        empty: "Nothing.",
        notice: sample.maybe(),
        action: sample.path(),
        hidden: vec![("_token", sample.text())],
        sections: sample.some(sample.sections()),
    };
    ("messages.html", page.render())
}
