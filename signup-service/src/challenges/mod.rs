//! A challenge before a signup, where the operator's settings ask for one: a puzzle that costs a browser or a program
//! computing time, or, on pages, a wait.
//!
//! Nothing is stored. A challenge and a ticket are texts with a keyed digest of what they are for: the key, and the
//! command of the form or request. A command is carried out once, whichever replica gets it, so a solution signs up
//! once: a repetition gets the first response, and another form under the same command is refused.
//!
//! Entry points: `pages::challenge` for the pages, `signups::challenge` for programs.

pub mod difficulty;
pub mod pace;
pub mod puzzle;
pub mod wait;
