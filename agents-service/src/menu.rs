//! The menus of the back office and the portal. Their entries are in the registry.

use contract::events::agents::Permission;
use event_store::sql::{Database, SqlError};
use futures::future::BoxFuture;

/// Counts what waits for an operator on the pages of an entry.
pub type CountWaiting = for<'a> fn(&'a Database) -> BoxFuture<'a, Result<u64, SqlError>>;

#[derive(Clone, Copy, Debug)]
pub struct MenuEntry {
    /// The order among the entries.
    pub place: u8,
    pub label: &'static str,
    pub path: &'static str,
    /// Only for agents with this permission.
    pub permission: Option<Permission>,
    /// Only for operators with this scope.
    pub scope: Option<&'static str>,
    pub waiting: Option<CountWaiting>,
}

impl MenuEntry {
    pub const fn new(place: u8, label: &'static str, path: &'static str) -> Self {
        Self { place, label, path, permission: None, scope: None, waiting: None }
    }

    /// The entry only for agents with a permission.
    #[must_use]
    pub fn only_for(self, permission: Permission) -> Self {
        Self { permission: Some(permission), ..self }
    }

    /// The entry only for operators with the scope of its page.
    #[must_use]
    pub fn needing(self, scope: Option<&'static str>) -> Self {
        Self { scope, ..self }
    }

    /// The entry with the number of what waits.
    #[must_use]
    pub const fn counting(self, waiting: CountWaiting) -> Self {
        Self { waiting: Some(waiting), ..self }
    }
}

/// The addresses that an account may open.
#[derive(Clone, Copy, Debug)]
pub struct Access {
    /// An operator's; an agent has none.
    pub scopes: &'static [&'static str],
    /// The scope that an address needs.
    pub scope_of: fn(&str) -> Option<&'static str>,
}

impl Access {
    /// To everything.
    pub const FULL: Self = Self { scopes: &[], scope_of: |_| None };

    pub fn opens(&self, address: &str) -> bool {
        (self.scope_of)(address).is_none_or(|scope| self.scopes.contains(&scope))
    }
}

#[derive(Clone, Copy, Debug)]
pub struct Menus {
    pub back_office: &'static [MenuEntry],
    pub portal: &'static [MenuEntry],
    /// The scope that an operator needs for an address of the back office.
    pub scope_of: fn(&str) -> Option<&'static str>,
}
