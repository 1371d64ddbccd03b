//! Passwords: argon2id, a few at a time, outside the threads that serve requests. Passwords and hashes cannot be
//! printed, compared or serialised.

use std::sync::Arc;

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash as Phc, Salt};
use argon2::{Algorithm, Argon2, Block, CustomizedPasswordHasher, Params, PasswordVerifier, Version, password_hash};
use contract::ids::random_bytes;
use event_store::log::DIGEST_BYTES;
use tokio::sync::Semaphore;
use web::http::Problem;

/// Stored instead of a hash that was lost. No password has this hash.
pub const NO_PASSWORD: &str = "lost";

/// In characters.
pub const PASSWORD_MIN: usize = 12;
/// Crockford digits of a random password: 100 bits.
pub const RANDOM_LENGTH: usize = 20;
/// In characters.
pub const PASSWORD_MAX: usize = 200;

/// Size from which glibc returns memory to the system immediately (`DEFAULT_MMAP_THRESHOLD_MAX`, mallopt(3)).
const GIVEN_BACK: usize = 33 << 20;
/// Most passwords in the queue: about a second's work for one core.
const MAX_WAITING: usize = 64;
/// Bytes of a salt.
const SALT: usize = DIGEST_BYTES;

/// A password in clear text.
#[derive(Clone)]
pub struct Secret(String);

/// An argon2id hash with its salt, as it is stored.
#[derive(Clone)]
pub struct PasswordHash(String);

#[derive(Debug, thiserror::Error)]
pub enum HashingFailed {
    #[error("a password could not be hashed")]
    Broken,
    #[error("too many passwords are waiting to be hashed")]
    Full,
}

impl From<HashingFailed> for Problem {
    fn from(error: HashingFailed) -> Self {
        match error {
            HashingFailed::Full => Self::unavailable(),
            HashingFailed::Broken => Self::unforeseen(&error),
        }
    }
}

impl Secret {
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// Whether the length is allowed.
    pub fn has_good_length(&self) -> bool {
        (PASSWORD_MIN..=PASSWORD_MAX).contains(&self.0.chars().count())
    }
}

impl PasswordHash {
    /// A stored hash.
    pub fn stored(text: String) -> Self {
        Self(text)
    }

    /// For the database only.
    pub fn to_store(&self) -> &str {
        &self.0
    }
}

/// Hashes and checks passwords, as many at once as there are cores, since each needs much memory and time.
#[derive(Clone)]
pub struct Hasher {
    turns: Arc<Semaphore>,
    /// Permits for running and queued passwords.
    places: Arc<Semaphore>,
    decoy: PasswordHash,
}

impl Hasher {
    pub fn new() -> Result<Self, HashingFailed> {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let (turns, places) = (Arc::new(Semaphore::new(cores)), Arc::new(Semaphore::new(cores + MAX_WAITING)));
        Ok(Self { turns, places, decoy: hash(&new_salt()?, &Secret::new(String::new()))? })
    }

    /// Hashes a password with a new salt.
    pub async fn hash(&self, password: Secret) -> Result<PasswordHash, HashingFailed> {
        self.hash_with(new_salt()?, password).await
    }

    /// Hashes a password with this unique salt.
    pub async fn hash_with(&self, salt: [u8; SALT], password: Secret) -> Result<PasswordHash, HashingFailed> {
        self.in_turn(move || hash(&salt, &password)).await?
    }

    /// Whether the password matches. Without a stored hash the check takes as long and fails, so that a stranger
    /// cannot tell which logins exist.
    pub async fn check(&self, password: Secret, stored: Option<PasswordHash>) -> Result<bool, HashingFailed> {
        let known = stored.is_some();
        let stored = stored.unwrap_or_else(|| self.decoy.clone());
        let fits = self.in_turn(move || {
            Phc::new(&stored.0).is_ok_and(|hash| Argon2id.verify_password(password.0.as_bytes(), &hash).is_ok())
        });
        Ok(fits.await? && known)
    }

    async fn in_turn<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, HashingFailed> {
        let place = Arc::clone(&self.places).try_acquire_owned().map_err(|_| HashingFailed::Full)?;
        let turn = Arc::clone(&self.turns).acquire_owned().await.map_err(|_| HashingFailed::Broken)?;
        let done = tokio::task::spawn_blocking(move || {
            let done = work();
            drop((turn, place));
            done
        });
        done.await.map_err(|_| HashingFailed::Broken)
    }
}

fn new_salt() -> Result<[u8; SALT], HashingFailed> {
    random_bytes().map_err(|_| HashingFailed::Broken)
}

fn hash(salt: &[u8; SALT], password: &Secret) -> Result<PasswordHash, HashingFailed> {
    let hash = Argon2id.hash_password_customized(password.0.as_bytes(), salt, None, None, Params::default());
    Ok(PasswordHash(hash.map_err(|_| HashingFailed::Broken)?.to_string()))
}

/// Argon2 in a block of memory so large that glibc returns it after use. Otherwise every thread that ever hashed a
/// password would keep its 19 MiB.
struct Argon2id;

impl CustomizedPasswordHasher<Phc> for Argon2id {
    type Params = Params;

    fn hash_password_customized(
        &self,
        password: &[u8],
        salt: &[u8],
        algorithm: Option<&str>,
        version: Option<u32>,
        params: Params,
    ) -> password_hash::Result<Phc> {
        let algorithm = algorithm.map(Algorithm::try_from).transpose()?.unwrap_or_default();
        let version = version.map(Version::try_from).transpose()?.unwrap_or_default();
        let blocks = params.block_count();
        // The system provides untouched pages at no cost.
        let mut memory = Vec::with_capacity(blocks.max(GIVEN_BACK / Block::SIZE));
        memory.resize(blocks, Block::new());
        let mut output = [0; Params::DEFAULT_OUTPUT_LEN];
        let text = ParamsString::try_from(&params)?;
        Argon2::new(algorithm, version, params).hash_password_into_with_memory(
            password,
            salt,
            &mut output,
            &mut memory,
        )?;
        let (salt, output) = (Salt::new(salt)?, Output::new(&output)?);
        let version = Some(version.into());
        Ok(Phc { algorithm: algorithm.ident(), version, params: text, salt: Some(salt), hash: Some(output) })
    }
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

    #[test]
    fn hashes_are_those_of_the_library() {
        let (salt, password) = ([7; SALT], b"correct horse battery");
        let params = || Params::default();
        let ours = Argon2id.hash_password_customized(password, &salt, None, None, params()).unwrap();
        let theirs: Phc = Argon2::default().hash_password_customized(password, &salt, None, None, params()).unwrap();
        assert_eq!(ours.to_string(), theirs.to_string());
    }
}
