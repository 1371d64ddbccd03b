//! The menus of the two faces. Their entries stand with the nouns in the registry.

use contract::events::agents::Permission;

/// An entry of a menu.
#[derive(Clone, Copy, Debug)]
pub struct MenuEntry {
    /// Where it stands among the others.
    pub place: u8,
    pub label: &'static str,
    pub path: &'static str,
    /// Only for agents who have this permission.
    pub permission: Option<Permission>,
}

impl MenuEntry {
    /// An entry for everybody.
    pub const fn new(place: u8, label: &'static str, path: &'static str) -> Self {
        Self { place, label, path, permission: None }
    }

    /// The same entry, only for agents who have a permission.
    #[must_use]
    pub fn only_for(self, permission: Permission) -> Self {
        Self { permission: Some(permission), ..self }
    }
}

/// The menus.
#[derive(Clone, Copy, Debug)]
pub struct Menus {
    pub back_office: &'static [MenuEntry],
    pub portal: &'static [MenuEntry],
}
