//! Key lookup: whether a visitor may use a signup key now, and what it stands for. Refused visitors are counted.
//! Entry point: `admission::admit`.

pub mod admission;
pub mod api;
