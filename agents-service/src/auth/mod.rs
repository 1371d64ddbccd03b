//! Sign-in, below all nouns: hashed passwords, digests of logins, credentials, sessions, preferences, and limits on guessing.

pub mod attempts;
pub mod basic;
pub mod credentials;
pub mod logins;
pub mod passwords;
pub mod preferences;
pub mod sessions;
