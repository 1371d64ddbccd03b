//! What all tests share: real processes, private servers, new databases, plain HTTP clients, a browser, and waiting for a
//! condition. The crate knows the published contract only and depends on no crate of the product, so that the product's own
//! tests can depend on it. `Pair::start` is the entry point of the journeys, `on_both_databases!` that of the services' tests.
//!
//! Files, private servers and databases of a test process belong to its run folder. When a process is killed, the next one
//! removes them.

pub mod alone;
pub mod api;
pub mod binaries;
pub mod browser;
pub mod challenge;
pub mod checker;
pub mod cutter;
pub mod databases;
pub mod events;
pub mod journal;
mod journeys;
pub mod names;
pub mod nats;
pub mod operator;
pub mod page;
pub mod pair;
pub mod personal;
pub mod pgbouncer;
pub mod ports;
pub mod postgres;
pub mod process;
mod run_folder;
pub mod scratch;
pub mod session;
pub mod setup;
pub mod site;
pub mod standalone;
pub mod stream;
pub mod texts;
pub mod traffic;
pub mod visitor;
pub mod wait;

pub use alone::SingleService;
pub use anyhow::{Context, Result, anyhow, bail, ensure};
pub use api::{Api, ApiResponse};
pub use browser::{Browser, Key};
pub use checker::check;
pub use journal::Journal;
pub use nats::{Nats, NatsSetup};
pub use operator::{Operator, Seller};
pub use pair::Pair;
pub use serde_json::{Value, json};
pub use session::Session;
pub use setup::Setup;
pub use site::Site;
pub use standalone::Standalone;
pub use traffic::Traffic;
pub use visitor::Visitor;
pub use wait::{eventually, seconds, until};

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Ignores poisoning: the data stay valid after a panic.
pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
