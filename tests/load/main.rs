//! Loads.
fn main() {}
