use contract::events::agents::Permission;

use crate::menu::Access;
use crate::settings::signup_url;
use crate::ui::action::Action;
use crate::ui::brand::Brand;
use crate::ui::notice::Notice;
use crate::ui::page_query::PageQuery;
use crate::ui::signed_in::SignedIn;

#[derive(Clone, Debug)]
pub struct Item {
    pub label: &'static str,
    pub href: &'static str,
    pub current: bool,
    /// What waits there for an operator.
    pub waiting: u64,
}

/// What surrounds a page's content: its title, the menu, the signed-in account, and a notice of the last action.
#[derive(Clone, Debug)]
pub struct Layout {
    pub title: String,
    /// What stands above the page.
    pub brand: Brand,
    /// `light` or `dark`; empty for what the system has.
    pub theme: String,
    /// Its target.
    pub home: &'static str,
    pub menu: Vec<Item>,
    /// The page that searches everything, where the account may see anything that is found.
    pub search: Option<&'static str>,
    pub login: String,
    /// The path of the account's own page.
    pub account: &'static str,
    pub sign_out: &'static str,
    /// The form token.
    pub token: String,
    /// The notice of the last action.
    pub done: Option<&'static str>,
    /// Faults that the operator must repair.
    pub warnings: Vec<Warning>,
    /// Links to other addresses are left out.
    pub access: Access,
}

impl Layout {
    /// The layout of a page, with the menu of the signed-in account: an agent's menu has their permitted screens, an
    /// operator's the pages of their role.
    /// `place` is the path of the page's entry.
    pub fn new(signed_in: &SignedIn, title: impl Into<String>, place: &str) -> Self {
        let audience = signed_in.audience();
        let menu = signed_in.menu.iter();
        let menu = menu.filter(|entry| entry.permission.is_none_or(|needed| signed_in.may(needed)));
        let menu = menu.filter(|entry| entry.scope.is_none_or(|needed| signed_in.holds(needed)));
        Self {
            title: title.into(),
            brand: signed_in.brand.clone(),
            theme: signed_in.theme.clone(),
            home: audience.home(),
            menu: menu
                .map(|entry| Item {
                    label: entry.label,
                    href: entry.path,
                    current: entry.path == place,
                    waiting: signed_in.waiting_at(entry.path),
                })
                .collect(),
            search: searches(signed_in).then(|| audience.search_path()),
            login: signed_in.login.clone(),
            account: audience.account_path(),
            sign_out: audience.sign_out_path(),
            token: signed_in.form_token(),
            done: None,
            warnings: Vec::new(),
            access: signed_in.access,
        }
    }

    /// Adds the notice that the link names, if it is one of these.
    #[must_use]
    pub fn noticing(self, query: &PageQuery, notices: &[Notice]) -> Self {
        Self { done: noticed(query, notices), ..self }
    }

    /// Where the faults are repaired, as far as the account may go there.
    pub fn repair(&self) -> Option<&Action> {
        let mut repairs = self.warnings.iter().filter_map(|warning| warning.repair.as_ref());
        repairs.find(|repair| self.access.opens(&repair.href))
    }

    /// Adds faults that the operator must repair.
    #[must_use]
    pub fn warning(mut self, warnings: impl IntoIterator<Item = impl Into<Warning>>) -> Self {
        self.warnings.extend(warnings.into_iter().map(Into::into));
        self
    }
}

/// A fault, and the page where it is repaired.
#[derive(Clone, Debug)]
pub struct Warning {
    pub text: String,
    pub repair: Option<Action>,
}

impl<T: Into<String>> From<T> for Warning {
    fn from(text: T) -> Self {
        Self { text: text.into(), repair: None }
    }
}

impl Warning {
    /// The faults of a customer interface URL.
    pub fn of_url(url: &str) -> Vec<Self> {
        let repair = || Some(Action::new("Open the settings", "/settings"));
        signup_url::warnings(url).into_iter().map(|text| Self { text, repair: repair() }).collect()
    }
}

/// The notice that the link names, if it is one of these.
pub fn noticed(query: &PageQuery, notices: &[Notice]) -> Option<&'static str> {
    let code = query.text("done");
    let notice = notices.iter().find(|notice| Some(notice.code) == code.as_deref());
    notice.map(|notice| notice.text)
}

fn searches(signed_in: &SignedIn) -> bool {
    signed_in.holds("agents:read") || signed_in.may(Permission::SignupUrls) || signed_in.may(Permission::Customers)
}
