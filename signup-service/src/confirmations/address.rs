use contract::ids::{CROCKFORD, NoRandomness, digest_bytes, random_crockford};

/// The folder of the confirmations' addresses.
pub const FOLDER: &str = "/signup/confirmation/";
/// Digits of the secret, five random bits each.
const SECRET_DIGITS: usize = 32;

pub type AddressDigest = [u8; 32];

/// The address of a confirmation. Whoever knows it sees the confirmation, so it is neither stored nor logged: the type
/// has no `Debug`.
pub struct Address(String);

impl Address {
    pub fn new() -> Result<Self, NoRandomness> {
        random_crockford(SECRET_DIGITS).map(Self)
    }

    /// The address with this secret; `None` where the text cannot be one.
    pub fn of(secret: &str) -> Option<Self> {
        let is_secret = secret.len() == SECRET_DIGITS && secret.bytes().all(|digit| CROCKFORD.contains(&digit));
        is_secret.then(|| Self(secret.to_owned()))
    }

    pub fn path(&self) -> String {
        format!("{FOLDER}{}", self.0)
    }

    /// What is stored.
    pub fn digest(&self) -> AddressDigest {
        digest_bytes(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_a_secret_of_160_bits() {
        let (one, other) = (Address::new().unwrap(), Address::new().unwrap());
        assert_ne!(one.path(), other.path());
        let secret = one.path().strip_prefix(FOLDER).unwrap().to_owned();
        assert_eq!(secret.len() * 5, 160);
        assert_eq!(Address::of(&secret).unwrap().digest(), one.digest());
        for text in
            ["", "0", &secret[1..], &format!("{secret}0"), &format!("{}u", &secret[1..]), "é".repeat(16).as_str()]
        {
            assert!(Address::of(text).is_none(), "{text}");
        }
    }
}
