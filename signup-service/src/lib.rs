//! The signup service: looks signup keys up in a table folded from the agents' events, and places customers through
//! them.
//!
//! Each noun is a folder. `fields` (the data of a customer) and `confirmations` are the lowest; above them stand `keys`
//! (the lookup table), `customers`, `page_views`, `refusals` and `challenges`, then `lookups` and `signups`, which combine them. `ui`
//! holds the theme, languages and texts of pages; `pages` are the public pages, above all nouns. A write goes from a page or an API
//! call as a command through the log's writer; a read of a key comes from the cache or the lookup table.
//!
//! Entry points: `router` lists all routes, `app` puts the service together.

pub mod app;
pub mod batch;
pub mod challenges;
pub mod command;
pub mod confirmations;
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

/// A signup makes a few hundred small objects and passes them between threads, which mimalloc does fastest. Every
/// program that contains this service uses it. The agents-service alone keeps the system allocator, which returns
/// argon2's memory when idle.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
