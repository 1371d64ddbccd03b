//! Samples of pages with parts, of threads, and of material.

use askama::Template;

use super::Sample;
use crate::portal::material::{MaterialPage, ShownTexts};
use crate::ui::form::FormData;
use crate::ui::inputs::{Choice, Input, Kind};
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

fn material(sample: Sample) -> MaterialPage {
    let choice = Choice { value: sample.text(), label: sample.text(), chosen: true };
    let texts = |direction| ShownTexts { tag: "en", name: "English", direction, texts: vec![sample.text()] };
    let data = FormData::default();
    MaterialPage {
        layout: sample.layout(),
        actions: sample.actions(),
        choice: Input { kind: Kind::Choice(vec![choice]), ..data.typed("key", "Key") },
        url: sample.text(),
        company: sample.maybe().unwrap_or_default(),
        languages: vec![texts("ltr"), texts("rtl")],
        blocks: sample.blocks(),
    }
}

pub fn rendered(sample: Sample) -> Vec<(&'static str, askama::Result<String>)> {
    vec![
        ("material.html", material(sample).render()),
        ("messages.html", thread(sample).render()),
        ("tabbed.html", tabbed(sample).render()),
    ]
}
