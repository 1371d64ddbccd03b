//! The nouns of the service, an entry for each: its part of the projection, its API routes, its pages and its menu
//! entries.

use std::sync::LazyLock;

use contract::events::agents::Permission;
use event_store::projections::Table;
use web::http::Api;

use crate::menu::{MenuEntry, Menus};
use crate::projection::{AgentsProjection, Part};
use crate::state::AppState;
use crate::ui::routes::Routes;
use crate::{
    agents, api_tokens, back_office, call_plans, erasure, events, grants, groups, operators, portal, sales, settings,
    signup_keys, support,
};

#[derive(Clone, Copy)]
pub struct Noun {
    /// Its part of the projection of the service's own log.
    pub projection: Option<Part>,
    pub api: Option<fn(Api<AppState>) -> Api<AppState>>,
    pub back_office: Option<fn(Routes) -> Routes>,
    /// Its entry in the menu of the back office.
    pub menu: Option<MenuEntry>,
    pub portal: Option<Screen>,
}

/// Pages for agents with a permission.
#[derive(Clone, Copy)]
pub struct Screen {
    pub permission: Permission,
    pub menu: MenuEntry,
    pub routes: fn(Routes) -> Routes,
}

const NONE: Noun = Noun { projection: None, api: None, back_office: None, menu: None, portal: None };

pub const NOUNS: &[Noun] = &[
    Noun {
        projection: Some(agents::projection::PART),
        api: Some(agents::api::routes),
        back_office: Some(back_office::agents::routes),
        menu: Some(MenuEntry::new(1, "Agents", "/agents")),
        ..NONE
    },
    Noun { api: Some(erasure::api::routes), ..NONE },
    Noun {
        projection: Some(grants::projection::PART),
        api: Some(grants::api::routes),
        back_office: Some(back_office::grants::routes),
        ..NONE
    },
    Noun {
        projection: Some(call_plans::projection::PART),
        api: Some(call_plans::api::routes),
        back_office: Some(back_office::call_plans::routes),
        menu: Some(MenuEntry::new(2, "Call plans", "/call-plans")),
        portal: Some(Screen {
            permission: Permission::CallPlans,
            menu: MenuEntry::new(5, "Call plans", "/portal/call-plans"),
            routes: portal::call_plans::routes,
        }),
    },
    Noun {
        projection: Some(groups::projection::PART),
        api: Some(groups::api::routes),
        back_office: Some(back_office::groups::routes),
        menu: Some(MenuEntry::new(4, "Groups", "/groups")),
        portal: Some(Screen {
            permission: Permission::Groups,
            menu: MenuEntry::new(4, "Groups", "/portal/groups"),
            routes: portal::groups::routes,
        }),
    },
    Noun {
        projection: Some(signup_keys::projection::PART),
        api: Some(signup_keys::api::routes),
        back_office: Some(back_office::signup_keys::routes),
        menu: Some(MenuEntry::new(5, "Signup URLs", "/signup-keys")),
        portal: Some(Screen {
            permission: Permission::SignupUrls,
            menu: MenuEntry::new(3, "Signup URLs", "/portal/signup-keys"),
            routes: portal::signup_keys::routes,
        }),
    },
    Noun {
        projection: Some(settings::projection::PART),
        api: Some(settings::api::routes),
        back_office: Some(back_office::settings::routes),
        menu: Some(MenuEntry::new(7, "Settings", "/settings")),
        ..NONE
    },
    Noun {
        projection: Some(operators::projection::PART),
        api: Some(operators::api::routes),
        back_office: Some(back_office::operators::routes),
        ..NONE
    },
    Noun {
        projection: Some(api_tokens::projection::PART),
        api: Some(api_tokens::api::routes),
        back_office: Some(back_office::api_tokens::routes),
        ..NONE
    },
    Noun {
        api: Some(sales::api::routes),
        portal: Some(Screen {
            permission: Permission::Sales,
            menu: MenuEntry::new(2, "Sales", "/portal/sales"),
            routes: portal::sales::routes,
        }),
        ..NONE
    },
    Noun { back_office: Some(back_office::unknown_keys::routes), ..NONE },
    Noun {
        back_office: Some(back_office::customers::routes),
        menu: Some(MenuEntry::new(3, "Customers", "/customers")),
        portal: Some(Screen {
            permission: Permission::Customers,
            menu: MenuEntry::new(1, "Customers", "/portal/customers"),
            routes: portal::customers::routes,
        }),
        ..NONE
    },
    Noun {
        api: Some(support::api::routes),
        back_office: Some(back_office::support::routes),
        menu: Some(MenuEntry::new(6, "Support", "/support")),
        portal: Some(Screen {
            permission: Permission::Support,
            menu: MenuEntry::new(6, "Support", "/portal/support"),
            routes: portal::support::routes,
        }),
        ..NONE
    },
    Noun {
        api: Some(events::api::routes),
        back_office: Some(back_office::events::routes),
        menu: Some(MenuEntry::new(8, "Event log", "/events")),
        ..NONE
    },
];

static TABLES: LazyLock<Vec<Table>> =
    LazyLock::new(|| NOUNS.iter().filter_map(|noun| noun.projection).flat_map(|part| (part.tables)()).collect());

pub fn directory() -> AgentsProjection {
    AgentsProjection::new(&TABLES, NOUNS.iter().filter_map(|noun| noun.projection).map(|part| part.apply).collect())
}

static BACK_OFFICE: LazyLock<Vec<MenuEntry>> = LazyLock::new(|| {
    let first = MenuEntry::new(0, "Dashboard", "/");
    in_order(std::iter::once(first).chain(NOUNS.iter().filter_map(|noun| noun.menu)))
});
static PORTAL: LazyLock<Vec<MenuEntry>> = LazyLock::new(|| {
    let first = MenuEntry::new(0, "Overview", "/portal");
    let screens = NOUNS.iter().filter_map(|noun| noun.portal);
    in_order(std::iter::once(first).chain(screens.map(|screen| screen.menu.only_for(screen.permission))))
});

fn in_order(entries: impl Iterator<Item = MenuEntry>) -> Vec<MenuEntry> {
    let mut entries: Vec<_> = entries.collect();
    entries.sort_by_key(|entry| entry.place);
    entries
}

pub fn menus() -> Menus {
    Menus { back_office: &BACK_OFFICE, portal: &PORTAL }
}
