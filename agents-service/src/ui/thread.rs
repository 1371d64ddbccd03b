//! A page with a thread of messages and a form for another one, for both faces. Callers decide whose messages they
//! are; this file and `messages.html` determine the look.

use askama::Template;
use axum::http::StatusCode;
use contract::ids::new_id;

use crate::ui::action::Action;
use crate::ui::form::{FormData, ONCE, TOKEN};
use crate::ui::inputs::{Kind, Section};
use crate::ui::layout::Layout;
use crate::ui::page::{PageResult, page_with};
use crate::ui::table::Cell;
use crate::ui::tabs::Tab;

#[derive(Clone, Debug)]
pub struct ShownMessage {
    pub who: String,
    /// Written by the reader's own side.
    pub own: bool,
    pub when: Cell,
    /// Empty where it was erased.
    pub text: String,
    /// The path to erase the text.
    pub erase: Option<String>,
}

/// A page of a thread, the newest message last.
#[derive(Clone, Debug, Default)]
pub struct Thread {
    pub messages: Vec<ShownMessage>,
    /// The link to earlier messages.
    pub earlier: Option<String>,
    /// The link to the newest messages, if they are on another page.
    pub newest: Option<String>,
}

/// The field of the chosen text.
pub const ANSWER: &str = "_answer";
/// The button that puts the chosen text into the message, and sends nothing.
pub const USE: &str = "_use";

#[derive(Template)]
#[template(path = "messages.html")]
pub struct ThreadPage {
    pub layout: Layout,
    pub actions: Vec<Action>,
    /// The parts of the page of whom the thread is with.
    pub tabs: Vec<Tab>,
    /// The names of texts that can be used in the message.
    pub answers: Vec<String>,
    pub thread: Thread,
    pub empty: &'static str,
    pub notice: Option<String>,
    pub action: String,
    pub hidden: Vec<(&'static str, String)>,
    /// The form; empty where nothing can be written.
    pub sections: Vec<Section>,
}

/// What a page has beside its thread.
#[derive(Clone, Debug, Default)]
pub struct Beside {
    pub actions: Vec<Action>,
    pub tabs: Vec<Tab>,
    pub answers: Vec<String>,
}

/// The page; the form is sent to `action`. A refused form gives an error status.
pub fn thread_page(
    layout: Layout,
    Beside { actions, tabs, answers }: Beside,
    thread: Thread,
    empty: &'static str,
    form: Option<(&FormData, String)>,
) -> PageResult {
    let form = form.filter(|_| thread.newest.is_none());
    let notice = form.as_ref().and_then(|(data, _)| data.notice.clone());
    let status = if notice.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let section = |data: &FormData| Section { legend: "", inputs: vec![data.lines("text", "Message").required()] };
    let sections = form.iter().map(|(data, _)| section(data)).collect();
    let action = form.map(|(_, action)| action).unwrap_or_default();
    let hidden = vec![(TOKEN, layout.token.clone()), (ONCE, new_id().to_string())];
    page_with(status, &ThreadPage { layout, actions, tabs, answers, thread, empty, notice, action, hidden, sections })
}
