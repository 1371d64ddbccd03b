//! Samples of pages with parts, and of threads.

use askama::Template;

use super::Sample;
use crate::ui::table::Cell;
use crate::ui::tabs::{Tab, TabbedPage};
use crate::ui::thread::{ShownMessage, Thread, ThreadPage};

fn tabs(sample: Sample) -> Vec<Tab> {
    sample.some([true, false].map(|is_current| Tab { label: "Part", href: sample.path(), is_current }))
}

fn tabbed(sample: Sample) -> TabbedPage {
    TabbedPage {
        layout: sample.layout(),
        tabs: tabs(sample),
        state: sample.full.then_some("active"),
        actions: sample.actions(),
        of_period: sample.full.then(|| sample.of_period()),
        figures: sample.facts(),
        facts: sample.facts(),
        has_days: sample.full,
        blocks: sample.blocks(),
    }
}

fn thread(sample: Sample) -> ThreadPage {
    let (when, erase) = (Cell::Moment(sample.text()), Some(sample.path()));
    let shown =
        |own| ShownMessage { who: sample.text(), own, when: when.clone(), text: sample.text(), erase: erase.clone() };
    let link = || sample.full.then(|| sample.path());
    let messages = sample.some([shown(true), shown(false)]);
    ThreadPage {
        layout: sample.layout(),
        actions: sample.actions(),
        tabs: tabs(sample),
        answers: sample.some([sample.text()]),
        thread: Thread { messages, earlier: link(), newest: link() },
        empty: "Nothing.",
        notice: sample.maybe(),
        action: sample.path(),
        hidden: vec![("_token", sample.text())],
        sections: sample.some(sample.sections()),
    }
}

pub fn rendered(sample: Sample) -> Vec<(&'static str, askama::Result<String>)> {
    vec![("messages.html", thread(sample).render()), ("tabbed.html", tabbed(sample).render())]
}
