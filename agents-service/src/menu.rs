//! The menus of the back office and the portal. Their entries are in the registry.

use contract::events::agents::Permission;

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
}

impl MenuEntry {
    pub const fn new(place: u8, label: &'static str, path: &'static str) -> Self {
        Self { place, label, path, permission: None, scope: None }
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
}

#[derive(Clone, Copy, Debug)]
pub struct Menus {
    pub back_office: &'static [MenuEntry],
    pub portal: &'static [MenuEntry],
}
