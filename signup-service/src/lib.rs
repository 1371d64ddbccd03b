//! The signup service: looks signup keys up in a table that it folds from the agents' events, and places customers through them.
//!
//! Each noun is a folder. `fields` (what is kept of a customer) is the lowest; above it stand `keys` (what the agents' events say
//! of signup keys), `customers`, `page_views` and `refusals`, then `lookups` and `signups`, which combine them. `ui` knows how a page
//! looks and in which language it speaks, and `pages` are the public pages, above all nouns. A write goes from a page or an API
//! call as a command through the writer of the log; a read of a key comes from memory or from the lookup table.
//!
//! Entry points: `router` lists all routes, `app` puts the service together.

pub mod app;
pub mod batch;
pub mod command;
pub mod counts;
pub mod customers;
pub mod events;
pub mod fields;
pub mod handler;
pub mod keys;
pub mod limits;
pub mod lookups;
pub mod maintenance;
pub mod page_views;
pub mod pages;
pub mod refusals;
pub mod router;
pub mod signups;
pub mod state;
pub mod ui;

/// A signup makes a few hundred small objects, on threads that pass them on. Whatever program has this service in it uses it;
/// the agents-service alone does not, since what argon2 took would stay with it while it has nothing to do.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
