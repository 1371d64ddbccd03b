//! Sign-in, below all nouns: hashed passwords, digests of logins, credentials, sessions, preferences, saved lists, and limits on guessing.

pub mod attempts;
pub mod basic;
pub mod credentials;
pub mod logins;
pub mod passwords;
pub mod preferences;
pub mod saved_lists;
pub mod sessions;
