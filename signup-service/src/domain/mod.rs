//! The rules of signing up, as pure functions: time, ids and randomness arrive as arguments.
//! Names no database, bus, HTTP, clock or random source.

pub mod cached_fragment;
pub mod campaign;
pub mod colour;
pub mod correction;
pub mod customer_number;
pub mod email;
pub mod signup;
pub mod text;
pub mod unknown_key;
pub mod usable;
pub mod violation;
