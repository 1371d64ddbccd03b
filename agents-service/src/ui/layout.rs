//! The layout around a page: its title, the menu, who is signed in, and what was done a moment ago.

use crate::ui::form::PageQuery;
use crate::ui::notice::Notice;
use crate::ui::signed_in::SignedIn;

/// An entry of the menu.
#[derive(Clone, Debug)]
pub struct Item {
    pub label: &'static str,
    pub href: &'static str,
    pub current: bool,
}

/// What stands around a page.
#[derive(Clone, Debug)]
pub struct Layout {
    pub title: String,
    /// Where the product's name leads.
    pub home: &'static str,
    pub menu: Vec<Item>,
    pub login: String,
    /// The path of their own account.
    pub account: &'static str,
    pub sign_out: &'static str,
    /// The token of their forms.
    pub token: String,
    /// What was done a moment ago.
    pub done: Option<&'static str>,
    /// What the operator has to mend, in plain words.
    pub warnings: Vec<String>,
}

impl Layout {
    /// The layout of a page, with the menu of whoever is signed in: an agent's has the screens that they are permitted. `place` is
    /// the path of the page's entry.
    pub fn new(signed_in: &SignedIn, title: impl Into<String>, place: &str) -> Self {
        let audience = signed_in.audience();
        let menu = signed_in.menu.iter();
        let menu = menu.filter(|entry| entry.permission.is_none_or(|needed| signed_in.may(needed)));
        Self {
            title: title.into(),
            home: audience.home(),
            menu: menu
                .map(|entry| Item { label: entry.label, href: entry.path, current: entry.path == place })
                .collect(),
            login: signed_in.login.clone(),
            account: audience.account_path(),
            sign_out: audience.sign_out_path(),
            token: signed_in.form_token(),
            done: None,
            warnings: Vec::new(),
        }
    }

    /// The same, with the notice that the link names, if it is one of these.
    #[must_use]
    pub fn noticing(self, query: &PageQuery, notices: &[Notice]) -> Self {
        let code = query.text("done");
        let notice = notices.iter().find(|notice| Some(notice.code) == code.as_deref());
        Self { done: notice.map(|notice| notice.text), ..self }
    }

    /// The same, with what the operator has to mend.
    #[must_use]
    pub fn warning(mut self, warnings: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.warnings.extend(warnings.into_iter().map(Into::into));
        self
    }
}
