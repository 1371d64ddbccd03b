/// How far long work is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Events are folded up to this position.
    Folded(u64),
    /// Of the rows of a table, so many are compared.
    Compared {
        /// The table.
        table: &'static str,
        /// How many are done.
        rows: u64,
        /// How many there are.
        of: u64,
    },
    /// What is folded takes a table's place.
    Switching {
        /// The table.
        table: &'static str,
    },
}
