//! How tables and documents leave the service as files.

pub mod csv;
pub mod font;
pub mod pdf;
