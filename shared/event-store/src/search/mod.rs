//! Search words: a list stores the words of each row in a table of their own, and a search finds them by their
//! beginnings, in the index of that table.
//!
//! Words are compared without case, marks and punctuation, so that `zoe` finds Zoë and `obrien` O'Brien. A name in a
//! script without blanks between words is found by any part of it.

mod list;
mod words;

pub use list::{Found, ListQuery, WordsTable, find, find_text};
pub use words::{FEWEST_DIGITS, MAX_TERMS, SearchTerms, Words};
