//! Looking a signup key up: whether a visitor may use it now, and what it stands for. Refused visitors are counted.
//! Entry point: `admission::admit`.

pub mod admission;
pub mod api;
