//! The frame around a page: its title, the menu, who is signed in, and what was done a moment ago.

use shared::events::agents::Permission;

use super::{Door, SignedIn};

/// An entry of the menu.
#[derive(Clone, Debug)]
pub struct Item {
    pub label: &'static str,
    pub href: &'static str,
    pub current: bool,
}

/// What stands around a page.
#[derive(Clone, Debug)]
pub struct Frame {
    pub title: String,
    /// Where the product's name leads.
    pub home: &'static str,
    pub menu: Vec<Item>,
    pub login: String,
    /// The path of his own account.
    pub account: &'static str,
    pub sign_out: &'static str,
    /// The token of his forms.
    pub token: String,
    /// What was done a moment ago.
    pub done: Option<&'static str>,
    /// What the operator has to mend, in plain words.
    pub warnings: Vec<String>,
}

/// The menu of the back office.
const BACK_OFFICE: [(&str, &str); 9] = [
    ("Dashboard", "/"),
    ("Agents", "/agents"),
    ("Call plans", "/call-plans"),
    ("Customers", "/customers"),
    ("Groups", "/groups"),
    ("Signup URLs", "/signup-keys"),
    ("Support", "/support"),
    ("Settings", "/settings"),
    ("Event log", "/events"),
];

/// The menu of the portal, each entry with the permission that it needs.
const PORTAL: [(&str, &str, Option<Permission>); 7] = [
    ("Overview", "/portal", None),
    ("Customers", "/portal/customers", Some(Permission::Customers)),
    ("Sales", "/portal/sales", Some(Permission::Sales)),
    ("Signup URLs", "/portal/signup-keys", Some(Permission::SignupUrls)),
    ("Groups", "/portal/groups", Some(Permission::Groups)),
    ("Call plans", "/portal/call-plans", Some(Permission::CallPlans)),
    ("Support", "/portal/support", Some(Permission::Support)),
];

impl Frame {
    /// The frame of a page of the back office; `place` is the path of its entry in the menu.
    pub fn back_office(signed_in: &SignedIn, title: impl Into<String>, place: &str) -> Self {
        let menu = BACK_OFFICE.iter().map(|&(label, href)| Item { label, href, current: href == place });
        Self {
            title: title.into(),
            home: Door::BackOffice.home(),
            menu: menu.collect(),
            login: signed_in.login.clone(),
            account: "/account",
            sign_out: "/sign-out",
            token: signed_in.form_token(),
            done: None,
            warnings: Vec::new(),
        }
    }

    /// The frame of a page of the portal: its menu has the screens that the agent is permitted.
    pub fn portal(signed_in: &SignedIn, title: impl Into<String>, place: &str) -> Self {
        let permitted =
            PORTAL.iter().filter(|(_, _, permission)| permission.is_none_or(|needed| signed_in.may(needed)));
        let menu = permitted.map(|&(label, href, _)| Item { label, href, current: href == place });
        Self {
            title: title.into(),
            home: Door::Portal(None).home(),
            menu: menu.collect(),
            login: signed_in.login.clone(),
            account: "/portal/account",
            sign_out: "/portal/sign-out",
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
            Some("suspended") => Some("The agent is suspended. His signup URLs stopped."),
            Some("reinstated") => Some("The agent is reinstated. His signup URLs work again."),
            Some("closed") => Some("The agent is closed for good."),
            Some("granted") => Some("The call plans are usable now."),
            Some("withdrawn") => Some("Withdrawn. What used it has stopped."),
            Some("retired") => Some("The call plan is retired for good."),
            Some("paused") => Some("The signup URL is paused."),
            Some("resumed") => Some("The signup URL works again."),
            Some("erased") => Some("Everything personal is erased."),
            Some("sent") => Some("The message is sent."),
            Some("revoked") => Some("Revoked for good."),
            Some("password") => Some("The password is changed. All other sessions have ended."),
            _ => None,
        };
        Self { done, ..self }
    }

    /// The same, with what the operator has to mend.
    #[must_use]
    pub fn warning(self, warnings: Vec<String>) -> Self {
        Self { warnings, ..self }
    }
}
