/// Progress of a rebuild or a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Events are folded up to this position.
    Folded(u64),
    /// So many rows of a table are compared.
    Compared {
        table: &'static str,
        /// How many are done.
        rows: u64,
        /// How many there are.
        of: u64,
    },
    /// A part of a table is summed up of others.
    SummedUp { table: &'static str },
    /// A shadow table replaces the live one.
    Switching { table: &'static str },
}
