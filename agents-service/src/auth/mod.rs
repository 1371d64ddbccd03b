//! Passwords, logins, sessions and what limits guessing. Knows no noun.

pub mod attempts;
pub mod basic;
pub mod credentials;
pub mod logins;
pub mod passwords;
pub mod sessions;
