//! The signup service: a lookup table of signup keys that follows the agents' events, and the placements made with it.

pub mod app;
pub mod customers;
pub mod domain;
pub mod http;
pub mod keys;
pub mod maintenance;
pub mod placements;

/// A signup makes a few hundred small objects, on threads that pass them on. Whatever program has this service in it uses it;
/// the agents-service alone does not, since what argon2 took would stay with it while it has nothing to do.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
