//! The service's log, for consumers without NATS and for the signup service.

pub mod api;
