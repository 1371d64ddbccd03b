//! Renders every template with samples: full and nearly empty, with harmless and with hostile texts in every place
//! for a text from outside. No text may become markup.

mod list;
mod statement;
mod tabbed;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use askama::Template;

use crate::back_office::api_tokens::IssuedPage;
use crate::back_office::signup_keys::add::ChooseAgentPage;
use crate::markup::{skeleton, tags};
use crate::menu::Access;
use crate::portal::material::{MaterialPage, ShownTexts};
use crate::ui::action::Action;
use crate::ui::analysis::overview::OfPeriod;
use crate::ui::brand::Brand;
use crate::ui::chart::Chart;
use crate::ui::error_page::{TroubleInsidePage, TroublePage};
use crate::ui::inputs::{Choice, FormPage, Input, Kind, Section};
use crate::ui::layout::{Item, Layout, Warning};
use crate::ui::sales_summary::{PeriodChoice, SalesPage};
use crate::ui::search::SearchPage;
use crate::ui::sign_in::SignInPage;
use crate::ui::signup_keys::sheet::{Printed, SheetPage};
use crate::ui::sorting::Head;
use crate::ui::table::{Block, Cell, Several, ShowPage, Step, Table};

/// Elements without an end tag.
const VOID: [&str; 7] = ["!doctype", "meta", "link", "input", "img", "br", "wbr"];
/// Attributes that a browser loads from or navigates to.
const ADDRESSES: [&str; 5] = ["href", "src", "action", "data-news", "data-fresh"];
/// Allowed beginnings of such an attribute.
const HARMLESS: [&str; 5] = ["/", "?", "#", "data:", "https://"];

/// Elements whose text has a direction of its own: paragraphs, `bdi`, and elements that stand alone in a cell.
const APART: [&str; 9] = ["bdi", "p", "li", "td", "dd", "option", "h1", "span", "time"];

#[derive(Clone, Copy)]
struct Sample<'a> {
    text: &'a str,
    /// Everything that a page can have, or nearly nothing.
    full: bool,
}

impl Sample<'_> {
    fn text(self) -> String {
        self.text.to_owned()
    }

    fn maybe(self) -> Option<String> {
        self.full.then(|| self.text())
    }

    fn some<T>(self, items: impl IntoIterator<Item = T>) -> Vec<T> {
        items.into_iter().filter(|_| self.full).collect()
    }

    fn path(self) -> String {
        format!("/things/{}", self.text)
    }

    fn layout(self) -> Layout {
        let item = |current| Item { label: "Things", href: "/things", current, waiting: 3 };
        Layout {
            title: self.text(),
            brand: self.brand(),
            theme: if self.full { self.text() } else { String::new() },
            home: "/",
            menu: self.some([item(true), item(false)]),
            search: self.full.then_some("/search"),
            login: self.text(),
            account: "/account",
            sign_out: "/sign-out",
            token: self.text(),
            done: self.full.then_some("Added."),
            warnings: self.some([Warning { text: self.text(), repair: self.actions().pop() }]),
            access: Access::FULL,
        }
    }

    fn brand(self) -> Brand {
        let path = || self.full.then(|| self.path());
        Brand { name: self.text(), colour_path: path(), logo_path: path() }
    }

    fn actions(self) -> Vec<Action> {
        self.some([Action::new("Do", self.path()), Action::grave("Stop", self.path())])
    }

    fn cells(self) -> [Cell; 10] {
        let text = || self.text();
        [
            Cell::Text(text()),
            Cell::link(text(), self.path()),
            Cell::url(text(), self.path()),
            Cell::State(text()),
            Cell::Number(text()),
            Cell::Code(text()),
            Cell::ToCopy(text(), "Copy"),
            Cell::Moment(text()),
            Cell::Ago(text()),
            Cell::Days(vec![3, 0, 7]),
        ]
    }

    fn facts(self) -> Vec<(&'static str, Cell)> {
        self.some(self.cells().map(|cell| ("Label", cell)))
    }

    fn table(self) -> Table {
        let rows = self.some([self.cells().into(), self.cells().into()]);
        let heads = self.some([Some(Head { href: self.path(), order: "none" })]);
        let columns = vec!["Column"; 10];
        Table { caption: "Things", columns, rows, empty: self.text(), heads, several: self.several() }
    }

    fn several(self) -> Option<Several> {
        let filters = vec![("filter", self.text())];
        let (rows, fields, deeds) = (vec![self.text()], ["chosen[]", "do", "all"], vec![("do", "Do")]);
        self.full.then(|| Several { path: self.path(), fields, rows, filters, deeds, shown_at: None })
    }

    fn blocks(self) -> Vec<Block> {
        let whole = Block {
            title: "Block",
            note: self.maybe(),
            actions: self.actions(),
            facts: self.facts(),
            table: Some(self.table()),
            steps: self.some([self.maybe(), None].map(|at| Step { at, what: "Did", note: self.text() })),
            folded: self.full,
        };
        vec![whole, Block::of_facts("Block", self.facts())]
    }

    /// One of each kind, numbered so that ids are unique.
    fn inputs(self) -> Vec<Input> {
        let choice = |chosen| Choice { value: self.text(), label: self.text(), chosen };
        let choices = || vec![choice(true), choice(false)];
        let kinds = [
            ("line", Kind::Line("text")),
            ("lines", Kind::Lines),
            ("choice", Kind::Choice(choices())),
            ("many[]", Kind::Many(choices())),
            ("folder.picture", Kind::Picture(self.text())),
            ("folder.file", Kind::File(".csv")),
        ];
        let input = |(name, kind)| Input {
            name,
            label: "Input",
            kind,
            value: self.text(),
            hint: self.maybe(),
            required: self.full,
            autocomplete: "off",
            error: self.maybe(),
            kept: self.maybe(),
            preview: self.maybe(),
            quick: self.maybe().map(|value| ("Now", value)),
        };
        kinds.map(input).into()
    }

    fn sections(self) -> Vec<Section> {
        vec![Section { legend: if self.full { "Legend" } else { "" }, inputs: self.inputs() }]
    }

    fn form(self) -> FormPage {
        FormPage {
            again: self.full,
            layout: self.layout(),
            consequences: self.some([self.text()]),
            table: self.full.then(|| self.table()),
            can_submit: true,
            notice: self.maybe(),
            is_outdated: self.full,
            action: self.path(),
            hidden: vec![("_token", self.text())],
            login: self.maybe(),
            sections: self.sections(),
            submit: "Do",
            grave: self.full,
            back: self.maybe().map(|_| self.path()).unwrap_or_default(),
            actions: self.actions(),
        }
    }

    fn material(self) -> MaterialPage {
        let texts = |direction| ShownTexts { tag: "en", name: "English", direction, texts: vec![self.text()] };
        MaterialPage {
            layout: self.layout(),
            actions: self.actions(),
            choice: self.inputs().swap_remove(2),
            url: self.text(),
            company: self.maybe().unwrap_or_default(),
            languages: vec![texts("ltr"), texts("rtl")],
            blocks: self.blocks(),
        }
    }

    fn of_period(self) -> OfPeriod {
        let (inputs, hidden) = (self.some(self.inputs()), vec![("hidden", self.text())]);
        let chart = Chart::of_days(&[(self.text(), 3)]);
        OfPeriod { choice: PeriodChoice { inputs, hidden, next: None }, charted: "Things".to_owned(), chart }
    }

    /// The templates, each with the name of its file.
    fn rendered(self) -> Vec<(&'static str, String)> {
        let (layout, actions, facts, blocks) = (|| self.layout(), || self.actions(), || self.facts(), || self.blocks());
        let found = self.some([(self.text(), self.path())]);
        let printed = Printed { picture: self.path(), url: self.text(), label: self.text() };
        let (next, on) = (|| self.full.then(|| self.path()), self.maybe());
        vec![
            ("api_token.html", IssuedPage { layout: layout(), token: self.maybe() }.render()),
            ("choose_agent.html", ChooseAgentPage { layout: layout(), sections: self.sections(), found }.render()),
            ("form.html", self.form().render()),
            list::rendered(self),
            ("material.html", self.material().render()),
            ("search.html", {
                let (text, hint, empty) = (self.text(), "Everything", if self.full { "" } else { "Nothing matches." });
                SearchPage { layout: layout(), text, hint, empty, blocks: blocks() }.render()
            }),
            ("sales.html", {
                let (layout, actions, facts, blocks) = (layout(), actions(), facts(), blocks());
                let OfPeriod { choice, charted, chart } = self.of_period();
                let (choice, live) = (PeriodChoice { next: next(), ..choice }, self.full.then_some("/things"));
                SalesPage { layout, actions, choice, facts, charted, chart, blocks, live }.render()
            }),
            ("show.html", {
                let (state, actions) = (self.full.then_some("active"), actions());
                ShowPage { layout: layout(), state, actions, facts: facts(), on, blocks: blocks() }.render()
            }),
            ("sign_in.html", {
                let notice = self.full.then_some("Wrong.");
                let (login, next) = (self.text(), self.text());
                SignInPage { brand: self.brand(), heading: "Door", action: "/sign-in", notice, login, next }.render()
            }),
            list::key(self),
            (
                "signup_key_sheet.html",
                SheetPage { layout: layout(), codes: self.some([printed]), left_out: self.some([self.text()]) }
                    .render(),
            ),
            ("table.html", self.table().render()),
            ("trouble_inside.html", {
                let (explanation, request_id) = (self.text(), self.maybe().unwrap_or_default());
                TroubleInsidePage { layout: layout(), explanation, request_id }.render()
            }),
            ("trouble.html", {
                let request_id = self.maybe().unwrap_or_default();
                TroublePage { heading: "Trouble", explanation: self.text(), request_id }.render()
            }),
        ]
        .into_iter()
        .chain(statement::rendered(self))
        .chain(tabbed::rendered(self))
        .map(|(name, html)| (name, html.unwrap()))
        .collect()
    }
}

fn hostile() -> Vec<String> {
    let texts = [
        "<script>alert(1)</script>",
        "\"><script>alert(1)</script>",
        "\" onfocus=\"alert(1)\" autofocus x=\"",
        "' onmouseover='alert(1)",
        "</title></style></textarea></option><img src=x onerror=alert(1)>",
        "<!-- --> ]]> {{ 7 * 7 }} {% raw %} &lt;b&gt; &#60;",
        "\u{202e}drawkcab\u{202d}\u{2066}\u{2067}\u{2068}",
        "javascript:alert(1)//",
        " JaVaScRiPt:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "",
    ];
    texts.map(str::to_owned).into_iter().chain([format!("<b>'\"&{}", "x".repeat(10_000))]).collect()
}

/// A text of the same shape without a meaning in HTML.
fn harmless(text: &str) -> String {
    text.replace(['<', '>', '"', '\'', '&'], "x")
}

fn escaped(text: &str) -> String {
    let escape =
        |letter: char| if "<>\"'&".contains(letter) { format!("&#{};", u32::from(letter)) } else { letter.to_string() };
    text.chars().map(escape).collect()
}

/// Each sample with this text, full and empty.
fn samples(text: &str) -> Vec<(&'static str, String)> {
    [true, false].into_iter().flat_map(|full| Sample { text, full }.rendered()).collect()
}

#[test]
fn every_template_has_a_sample() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
    let all = fs::read_dir(&folder).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
    let mut reached = BTreeSet::new();
    let mut waiting: Vec<String> = samples("x").into_iter().map(|(name, _)| name.to_owned()).collect();
    while let Some(name) = waiting.pop() {
        let text = fs::read_to_string(folder.join(&name)).unwrap();
        let used = ["{% extends \"", "{% include \""].into_iter().flat_map(|verb| text.split(verb).skip(1));
        waiting
            .extend(used.map(|rest| rest.split('"').next().unwrap().to_owned()).filter(|name| !reached.contains(name)));
        reached.insert(name);
    }
    assert_eq!(reached, all.collect());
}

#[test]
fn nothing_that_was_typed_becomes_a_part_of_a_page() {
    for text in hostile() {
        for ((name, html), (_, expected)) in samples(&text).iter().zip(samples(&harmless(&text))) {
            let what = format!("{name}: {}", text.chars().take(60).collect::<String>());
            assert_eq!(skeleton(html), skeleton(&expected), "{what}");
            assert!(!html.contains(&text) || text == harmless(&text), "{what}");
            assert!(html.contains(&escaped(&text)), "{what}: the text is not there");
        }
    }
}

#[test]
fn every_element_that_begins_ends_and_none_has_script_or_style_of_its_own() {
    for text in hostile() {
        for (name, html) in samples(&text) {
            let mut open = Vec::new();
            for (tag, attributes) in tags(&html) {
                let inline = |(name, _): &&(&str, &str)| name.starts_with("on") || *name == "style";
                assert_eq!(attributes.iter().find(inline), None, "{name}: {tag}");
                match tag.strip_prefix('/') {
                    Some(closed) => assert_eq!(open.pop(), Some(closed), "{name}: {html}"),
                    None if VOID.contains(&tag) || attributes.iter().any(|(name, _)| *name == "/") => {}
                    None => open.push(tag),
                }
            }
            assert!(open.is_empty(), "{name}: {open:?}");
            let scripts = html.matches("<script").count();
            assert!(scripts <= 1 && scripts == html.matches("<script src=\"/assets/").count(), "{name}");
        }
    }
}

#[test]
fn no_text_leads_to_a_place_of_its_own() {
    for text in hostile() {
        for (name, html) in samples(&text) {
            for (tag, attributes) in tags(&html) {
                for (_, address) in attributes.iter().filter(|(name, _)| ADDRESSES.contains(name)) {
                    let begins = HARMLESS.iter().any(|start| address.starts_with(start)) && !address.starts_with("//");
                    assert!(begins, "{name}: {tag} {address}");
                    assert!(!address.starts_with("data:text"), "{name}: {tag} {address}");
                }
            }
        }
    }
}

#[test]
fn a_text_that_turns_the_direction_of_writing_stays_in_its_place() {
    let text = "\u{202e}drawkcab";
    let mut strays = BTreeSet::new();
    for (name, html) in samples(text) {
        let shown = html.split_once("<body").map_or(html.as_str(), |(_, body)| body);
        for (at, _) in shown.match_indices(text) {
            let (before, after) = (&shown[..at], &shown[at + text.len()..]);
            let tag = &before[before.rfind('<').unwrap()..];
            // In an attribute, or alone in an element with a direction of its own.
            let element = tag[1..].split([' ', '>']).next().unwrap();
            let apart = APART.contains(&element) || tag.contains(" dir=\"");
            let alone = apart && tag.trim_end().ends_with('>') && after.starts_with("</");
            if tag.contains('>') && !alone {
                strays.insert(format!("{name}: {tag}"));
            }
        }
    }
    assert!(strays.is_empty(), "{strays:#?}");
}

#[test]
fn a_name_does_not_change_the_direction_of_a_title() {
    for text in ["اسم", "\u{2069}\u{202e}drawkcab"] {
        let isolated = contract::text::isolated(text);
        let all = samples(text);
        let titles: Vec<&str> =
            all.iter().filter_map(|(_, html)| Some(html.split_once("<title>")?.1.split_once("</title>")?.0)).collect();
        assert!(titles.iter().any(|title| title.contains(&*isolated)), "{titles:?}");
        assert!(titles.iter().all(|title| !title.replace(&*isolated, "").contains(text)), "{titles:?}");
    }
}
