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
}

impl MenuEntry {
    pub const fn new(place: u8, label: &'static str, path: &'static str) -> Self {
        Self { place, label, path, permission: None }
    }

    /// The entry only for agents with a permission.
    #[must_use]
    pub fn only_for(self, permission: Permission) -> Self {
        Self { permission: Some(permission), ..self }
    }
}

#[derive(Clone, Copy, Debug)]
pub struct Menus {
    pub back_office: &'static [MenuEntry],
    pub portal: &'static [MenuEntry],
}
