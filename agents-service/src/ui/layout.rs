//! The layout around a page: its title, the menu, who is signed in, and what was done a moment ago.

use contract::events::agents::Permission;

use crate::ui::audience::Audience;
use crate::ui::form::PageQuery;
use crate::ui::signed_in::SignedIn;

/// An data of the menu.
#[derive(Clone, Debug)]
pub struct Item {
    pub label: &'static str,
    pub href: &'static str,
    pub current: bool,
}

/// The layout of a page, saying what was done a moment ago.
pub fn layout(signed_in: &SignedIn, title: impl Into<String>, place: &str, query: &PageQuery) -> Layout {
    Layout::new(signed_in, title, place).after(query.text("done").as_deref())
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

/// An data of a menu: its label, its path, and the permission that it needs.
type MenuEntry = (&'static str, &'static str, Option<Permission>);

const BACK_OFFICE: [MenuEntry; 9] = [
    ("Dashboard", "/", None),
    ("Agents", "/agents", None),
    ("Call plans", "/call-plans", None),
    ("Customers", "/customers", None),
    ("Groups", "/groups", None),
    ("Signup URLs", "/signup-keys", None),
    ("Support", "/support", None),
    ("Settings", "/settings", None),
    ("Event log", "/events", None),
];

const PORTAL: [MenuEntry; 7] = [
    ("Overview", "/portal", None),
    ("Customers", "/portal/customers", Some(Permission::Customers)),
    ("Sales", "/portal/sales", Some(Permission::Sales)),
    ("Signup URLs", "/portal/signup-keys", Some(Permission::SignupUrls)),
    ("Groups", "/portal/groups", Some(Permission::Groups)),
    ("Call plans", "/portal/call-plans", Some(Permission::CallPlans)),
    ("Support", "/portal/support", Some(Permission::Support)),
];

impl Layout {
    /// The layout of a page, with the menu of whoever is signed in: an agent's has the screens that they are permitted. `place` is
    /// the path of the page's data.
    pub fn new(signed_in: &SignedIn, title: impl Into<String>, place: &str) -> Self {
        let audience = signed_in.audience();
        let menu: &[MenuEntry] = if audience == Audience::BackOffice { &BACK_OFFICE } else { &PORTAL };
        let menu = menu.iter().filter(|(_, _, permission)| permission.is_none_or(|needed| signed_in.may(needed)));
        Self {
            title: title.into(),
            home: audience.home(),
            menu: menu.map(|&(label, href, _)| Item { label, href, current: href == place }).collect(),
            login: signed_in.login.clone(),
            account: audience.account_path(),
            sign_out: audience.sign_out_path(),
            token: signed_in.form_token(),
            done: None,
            warnings: Vec::new(),
        }
    }

    /// The same, saying what was done: one of a few words, so that a link cannot make it say anything else.
    #[must_use]
    pub fn after(self, word: Option<&str>) -> Self {
        let done = match word {
            Some("added") => Some("Added."),
            Some("changed") => Some("The change is made."),
            Some("unchanged") => Some("Nothing was changed: everything is as it was."),
            Some("suspended") => Some("The agent is suspended. Their signup URLs stopped."),
            Some("reinstated") => Some("The agent is reinstated."),
            Some("closed") => Some("The agent is closed for good."),
            Some("granted") => Some("The call plans are usable now."),
            Some("withdrawn") => Some("Withdrawn. What used it has stopped."),
            Some("retired") => Some("The call plan is retired for good."),
            Some("paused") => Some("The signup URL is paused."),
            Some("resumed") => Some("The signup URL is resumed."),
            Some("erased") => Some("Everything personal is erased."),
            Some("sent") => Some("The message is sent."),
            Some("revoked") => Some("Revoked for good."),
            Some("disabled") => Some("The operator is disabled. All their sessions have ended."),
            Some("enabled") => Some("The operator can sign in again."),
            Some("password_set") => Some("The password is set. All sessions of this operator have ended."),
            Some("password") => Some("The password is changed. All other sessions have ended."),
            _ => None,
        };
        Self { done, ..self }
    }

    /// The same, with what the operator has to mend.
    #[must_use]
    pub fn warning(mut self, warnings: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.warnings.extend(warnings.into_iter().map(Into::into));
        self
    }
}
