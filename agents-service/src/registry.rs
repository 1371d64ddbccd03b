//! The nouns of the service, an entry for each: its parts of the projections, its API routes, its pages and its menu
//! entries.

use std::sync::LazyLock;

use axum::http::Method;
use contract::events::agents::Permission;
use event_store::projections::Table;
use web::http::Api;

use crate::menu::{MenuEntry, Menus};
use crate::projection::{AgentsProjection, DecisionsProjection, Part, Parts};
use crate::state::AppState;
use crate::ui::routes::Routes;
use crate::{
    agents, analysis, api_tokens, auth, back_office, call_plans, commission, erasure, events, grants, groups, ledger,
    operators, payments, payout_file, portal, previews, remittances, sales, settings, signup_keys, statement_document,
    statements, support, webhooks,
};

#[derive(Clone, Copy)]
pub struct Noun {
    /// Its part of what is shown.
    pub projection: Option<Part>,
    /// Its part of what commands are decided by.
    pub decisions: Option<Part>,
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

const NONE: Noun = Noun { projection: None, decisions: None, api: None, back_office: None, menu: None, portal: None };

pub const NOUNS: &[Noun] = &[
    Noun {
        projection: Some(agents::projection::PART),
        decisions: Some(auth::logins::PART),
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
        decisions: None,
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
        decisions: None,
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
        decisions: None,
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
        portal: Some(Screen {
            permission: Permission::SignupUrls,
            menu: MenuEntry::new(3, "Material", "/portal/material"),
            routes: portal::material::routes,
        }),
        ..NONE
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
        decisions: Some(operators::roles::PART),
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
        back_office: Some(|routes| back_office::canned_answers::routes(back_office::support::routes(routes))),
        menu: Some(MenuEntry::new(6, "Support", "/support").counting(support::messages::unanswered)),
        portal: Some(Screen {
            permission: Permission::Support,
            menu: MenuEntry::new(6, "Support", "/portal/support"),
            routes: portal::support::routes,
        }),
        ..NONE
    },
    Noun { decisions: Some(commission::terms::PART), ..NONE },
    Noun {
        decisions: Some(payments::projection::PART),
        api: Some(payments::api::routes),
        back_office: Some(back_office::payments::routes),
        menu: Some(MenuEntry::new(5, "Payments", "/payments")),
        ..NONE
    },
    Noun {
        decisions: Some(ledger::projection::PART),
        api: Some(ledger::api::routes),
        back_office: Some(|routes| back_office::commission::routes(back_office::ledger::routes(routes))),
        menu: Some(MenuEntry::new(5, "Commission", "/commission")),
        portal: Some(Screen {
            permission: Permission::Commission,
            menu: MenuEntry::new(2, "Earnings", "/portal/earnings"),
            routes: portal::earnings::routes,
        }),
        ..NONE
    },
    Noun {
        decisions: Some(remittances::projection::PART),
        api: Some(remittances::api::routes),
        back_office: Some(back_office::payouts::routes),
        menu: Some(MenuEntry::new(5, "Payouts", "/payouts").counting(back_office::payouts::waiting)),
        portal: Some(Screen {
            permission: Permission::Remittance,
            menu: MenuEntry::new(2, "Payouts", "/portal/payouts"),
            routes: portal::payouts::routes,
        }),
        ..NONE
    },
    Noun {
        projection: Some(analysis::projection::PART),
        api: Some(analysis::api::routes),
        back_office: Some(back_office::analysis::routes),
        menu: Some(MenuEntry::new(6, "Analysis", "/analysis")),
        ..NONE
    },
    Noun {
        decisions: Some(statements::projection::PART),
        api: Some(statements::api::routes),
        back_office: Some(back_office::statements::routes),
        menu: Some(MenuEntry::new(5, "Statements", "/statements")),
        portal: Some(Screen {
            permission: Permission::Commission,
            menu: MenuEntry::new(2, "Statements", "/portal/statements"),
            routes: portal::statements::routes,
        }),
        ..NONE
    },
    Noun { api: Some(statement_document::api::routes), ..NONE },
    Noun { api: Some(previews::api::routes), back_office: Some(back_office::previews::routes), ..NONE },
    Noun { api: Some(payout_file::api::routes), back_office: Some(back_office::payout_file::routes), ..NONE },
    Noun {
        projection: Some(webhooks::projection::PART),
        api: Some(webhooks::api::routes),
        back_office: Some(back_office::webhooks::routes),
        menu: Some(MenuEntry::new(8, "Webhooks", "/webhooks")),
        ..NONE
    },
    Noun {
        api: Some(events::api::routes),
        back_office: Some(|routes| back_office::activity::routes(back_office::events::routes(routes))),
        menu: Some(MenuEntry::new(8, "Activity", "/activity")),
        ..NONE
    },
];

static SHOWN: LazyLock<Vec<Table>> = LazyLock::new(|| tables(|noun| noun.projection));
static DECIDED_BY: LazyLock<Vec<Table>> = LazyLock::new(|| tables(|noun| noun.decisions));

fn tables(part: fn(&Noun) -> Option<Part>) -> Vec<Table> {
    NOUNS.iter().filter_map(part).flat_map(|part| (part.tables)()).collect()
}

fn parts(tables: &'static [Table], part: fn(&Noun) -> Option<Part>) -> Parts {
    Parts::new(tables, NOUNS.iter().filter_map(part).map(|part| part.apply).collect())
}

pub fn directory() -> AgentsProjection {
    AgentsProjection(parts(&SHOWN, |noun| noun.projection))
}

pub fn decisions() -> DecisionsProjection {
    DecisionsProjection(parts(&DECIDED_BY, |noun| noun.decisions))
}

static BACK_OFFICE: LazyLock<Vec<MenuEntry>> = LazyLock::new(|| {
    let first = MenuEntry::new(0, "Dashboard", "/");
    let entries = std::iter::once(first).chain(NOUNS.iter().filter_map(|noun| noun.menu));
    in_order(entries.map(|entry| entry.needing(back_office::scopes::of(&Method::GET, entry.path))))
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
    Menus { back_office: &BACK_OFFICE, portal: &PORTAL, scope_of: back_office::scopes::of_address }
}
