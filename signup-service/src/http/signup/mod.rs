//! The signup pages: plain HTML, no script.

pub mod assets;
pub mod pages;
pub mod words;
