//! Measures the pair beside the ceilings of the machine and beside its peers, in one run, and prints the table.

mod measure;

fn main() {}
