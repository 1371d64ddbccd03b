//! Customers, as the signup service keeps them: asked for over its API each time, never kept here.

pub mod client;
