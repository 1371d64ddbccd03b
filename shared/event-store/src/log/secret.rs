//! The secret of a log's database. Its keyed digests distinguish texts without revealing them.

use hmac::digest::array::Array;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::event::CommandMark;

/// A keyed digest's length in bytes: two texts of a billion share one with a chance of 2^-69.
pub const DIGEST_BYTES: usize = 16;

/// The secret, ready for use. It has no text form, so it cannot be logged.
#[derive(Clone)]
pub struct Secret(Hmac<Sha256>);

impl std::fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Secret")
    }
}

impl Secret {
    /// The secret of these bytes.
    pub fn new(bytes: &[u8]) -> Self {
        // HMAC takes a key of any length, so the fallback is never used.
        Self(Hmac::new_from_slice(bytes).unwrap_or_else(|_| Hmac::new(&Array::default())))
    }

    /// The digest of a text for one purpose.
    pub fn digest(&self, purpose: &str, text: &str) -> [u8; DIGEST_BYTES] {
        let mut mac = self.0.clone();
        for part in [purpose.as_bytes(), b"\n", text.as_bytes()] {
            mac.update(part);
        }
        let mut digest = [0; DIGEST_BYTES];
        digest.copy_from_slice(&mac.finalize().into_bytes()[..DIGEST_BYTES]);
        digest
    }

    /// The digests by which a command is recognised. The request is digested together with the id, so that equal
    /// requests have different digests.
    pub(super) fn mark(&self, id: &str, fingerprint: &str) -> CommandMark {
        let request = self.digest("request", &format!("{id}\n{fingerprint}"));
        CommandMark { id: self.digest("command", id), request }
    }
}
