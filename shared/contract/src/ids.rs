//! Identifiers and secrets: the only source of randomness. The domain gets ids in commands.

use sha2::{Digest, Sha256};
use uuid::Uuid;

/// Crockford's base32 digits: no I, L, O or U, so a printed key can be typed back.
pub const CROCKFORD: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// The system's random source failed, so nothing that needs a secret may go on.
#[derive(Debug, thiserror::Error)]
#[error("the system's random source failed")]
pub struct NoRandomness;

/// A new time-ordered id (UUID version 7).
#[expect(clippy::disallowed_methods, reason = "this is the one place")]
pub fn new_id() -> Uuid {
    Uuid::now_v7()
}

/// `count` random bytes.
pub fn random_bytes<const COUNT: usize>() -> Result<[u8; COUNT], NoRandomness> {
    let mut bytes = [0; COUNT];
    getrandom::fill(&mut bytes).map_err(|_| NoRandomness)?;
    Ok(bytes)
}

/// A unique number that is not secret, such as for a trace.
#[expect(clippy::disallowed_methods, reason = "this is the one place")]
pub fn unique() -> u128 {
    Uuid::new_v4().as_u128()
}

/// A unique number of half the length.
#[expect(clippy::disallowed_methods, reason = "this is the one place")]
pub fn unique_half() -> u64 {
    Uuid::new_v4().as_u64_pair().0
}

/// A random text of `length` Crockford digits: five bits each.
pub fn random_crockford(length: usize) -> Result<String, NoRandomness> {
    let mut bytes = vec![0; length];
    getrandom::fill(&mut bytes).map_err(|_| NoRandomness)?;
    Ok(bytes.iter().map(|byte| char::from(CROCKFORD[usize::from(byte & 31)])).collect())
}

/// Lower-case hex SHA-256 of a secret with 128 or more random bits, for publication.
pub fn digest(secret: &str) -> String {
    hex(&digest_bytes(secret))
}

/// The same digest as bytes, for storage.
pub fn digest_bytes(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}

/// Lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    text
}

/// Reads lower-case or upper-case hex.
pub fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let pairs = text.as_bytes().chunks(2);
    pairs.map(|pair| if let [high, low] = pair { Some(digit(*high)? << 4 | digit(*low)?) } else { None }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_only_crockford_digits() {
        let key = random_crockford(200).unwrap();
        assert!(key.bytes().all(|byte| CROCKFORD.contains(&byte)));
    }

    #[test]
    fn hex_is_lower_case_and_padded() {
        assert_eq!(hex(&[0, 15, 255]), "000fff");
    }
}
