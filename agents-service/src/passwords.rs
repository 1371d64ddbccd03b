//! Passwords: argon2id, a few at a time, off the threads that serve requests.
//! A password or its hash is never shown: neither type can be printed, compared or written as JSON.

use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash as Phc;
use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use tokio::sync::Semaphore;

/// Fewest characters of a password.
pub const PASSWORD_MIN: usize = 12;
/// Most characters of a password.
pub const PASSWORD_MAX: usize = 200;

/// A password in clear, on its way to being hashed.
#[derive(Clone)]
pub struct Secret(String);

/// An argon2id hash with its salt, as it is stored.
#[derive(Clone)]
pub struct PasswordHash(String);

/// A password could not be hashed.
#[derive(Debug, thiserror::Error)]
#[error("a password could not be hashed")]
pub struct HashingFailed;

impl Secret {
    /// Takes a text into keeping.
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// Whether its length is one of a password.
    pub fn has_good_length(&self) -> bool {
        (PASSWORD_MIN..=PASSWORD_MAX).contains(&self.0.chars().count())
    }
}

impl PasswordHash {
    /// A hash that was stored.
    pub fn stored(text: String) -> Self {
        Self(text)
    }

    /// For storing, and for nothing else.
    pub fn to_store(&self) -> &str {
        &self.0
    }
}

/// Hashes and checks passwords, as many at once as there are cores: each takes memory and time on purpose.
#[derive(Clone)]
pub struct Hasher {
    turns: Arc<Semaphore>,
    decoy: PasswordHash,
}

impl Hasher {
    /// A hasher for this machine.
    pub fn new() -> Result<Self, HashingFailed> {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Ok(Self { turns: Arc::new(Semaphore::new(cores)), decoy: hash(&Secret::new(String::new()))? })
    }

    /// Hashes a password with a new salt.
    pub async fn hash(&self, password: Secret) -> Result<PasswordHash, HashingFailed> {
        self.in_turn(move || hash(&password)).await?
    }

    /// Whether the password is the stored one. Without a stored one it takes as long and says no, so that a stranger
    /// cannot tell which logins exist.
    pub async fn check(&self, password: Secret, stored: Option<PasswordHash>) -> Result<bool, HashingFailed> {
        let known = stored.is_some();
        let stored = stored.unwrap_or_else(|| self.decoy.clone());
        let fits = self.in_turn(move || {
            Phc::new(&stored.0)
                .is_ok_and(|hash| Argon2::default().verify_password(password.0.as_bytes(), &hash).is_ok())
        });
        Ok(fits.await? && known)
    }

    async fn in_turn<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, HashingFailed> {
        let turn = Arc::clone(&self.turns).acquire_owned().await.map_err(|_| HashingFailed)?;
        let done = tokio::task::spawn_blocking(move || {
            let done = work();
            drop(turn);
            done
        });
        done.await.map_err(|_| HashingFailed)
    }
}

fn hash(password: &Secret) -> Result<PasswordHash, HashingFailed> {
    let hash = Argon2::default().hash_password(password.0.as_bytes()).map_err(|_| HashingFailed)?;
    Ok(PasswordHash(hash.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_right_password_fits() {
        let hasher = Hasher::new().unwrap();
        let secret = || Secret::new("correct horse battery".to_owned());
        let stored = hasher.hash(secret()).await.unwrap();
        assert!(stored.to_store().starts_with("$argon2id$"));
        assert!(hasher.check(secret(), Some(stored.clone())).await.unwrap());
        assert!(!hasher.check(Secret::new("wrong".to_owned()), Some(stored)).await.unwrap());
        assert!(!hasher.check(Secret::new(String::new()), None).await.unwrap());
    }
}
