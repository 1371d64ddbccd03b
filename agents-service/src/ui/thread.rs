//! A page with a thread of messages and a form to write one more, for both faces. Whose messages they are is decided where the
//! page is made; how they look is decided here and in `messages.html`.

use askama::Template;
use axum::http::StatusCode;
use contract::ids::new_id;

use crate::ui::action::Action;
use crate::ui::form::{FormData, ONCE, TOKEN};
use crate::ui::inputs::{Kind, Section};
use crate::ui::layout::Layout;
use crate::ui::page::{PageResult, page_with};
use crate::ui::table::Cell;

/// A message as it is shown.
#[derive(Clone, Debug)]
pub struct Said {
    pub who: String,
    /// The reader's own side said it.
    pub own: bool,
    pub when: Cell,
    /// Empty where it was erased.
    pub text: String,
    /// Where the text can be erased.
    pub erase: Option<String>,
}

/// A page of a thread, the newest message last.
#[derive(Clone, Debug, Default)]
pub struct Thread {
    pub messages: Vec<Said>,
    /// Where the messages before these are.
    pub earlier: Option<String>,
    /// Where the newest are, if they are not these.
    pub newest: Option<String>,
}

#[derive(Template)]
#[template(path = "messages.html")]
pub struct ThreadPage {
    pub layout: Layout,
    pub actions: Vec<Action>,
    pub thread: Thread,
    pub empty: &'static str,
    pub notice: Option<String>,
    pub action: String,
    pub hidden: Vec<(&'static str, String)>,
    /// The form; none where nothing can be written.
    pub sections: Vec<Section>,
}

/// The page; its form, if it may have one, is sent to `action`. One that was refused is answered as such.
pub fn thread_page(
    layout: Layout,
    actions: Vec<Action>,
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
    page_with(status, &ThreadPage { layout, actions, thread, empty, notice, action, hidden, sections })
}
