//! A password that was typed into a form that was refused for another field. It goes back with the form, sealed by the secret of the
//! session: only this session can open it, and a page that is saved or cached does not tell it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom, SystemRandom};

/// The beginning of the names of fields with sealed passwords.
pub const KEPT: &str = "_kept.";

/// Seals and opens the passwords of a session's forms.
#[derive(Clone)]
pub struct Keeper(String);

impl std::fmt::Debug for Keeper {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Keeper")
    }
}

impl Keeper {
    pub fn of_session(secret: &str) -> Self {
        Self(secret.to_owned())
    }

    fn key(&self) -> Option<LessSafeKey> {
        let key = digest(&SHA256, format!("kept password\n{}", self.0).as_bytes());
        UnboundKey::new(&CHACHA20_POLY1305, key.as_ref()).ok().map(LessSafeKey::new)
    }

    /// A field's text, sealed; `None` where the system gives no random bytes.
    pub fn seal(&self, field: &str, text: &str) -> Option<String> {
        let mut nonce = [0; NONCE_LEN];
        SystemRandom::new().fill(&mut nonce).ok()?;
        let mut sealed = text.as_bytes().to_vec();
        let nonce_of = Nonce::assume_unique_for_key(nonce);
        self.key()?.seal_in_place_append_tag(nonce_of, Aad::from(field.as_bytes()), &mut sealed).ok()?;
        Some(STANDARD.encode([nonce.as_slice(), &sealed].concat()))
    }

    /// What was sealed for this field in this session.
    pub fn open(&self, field: &str, sealed: &str) -> Option<String> {
        let bytes = STANDARD.decode(sealed).ok()?;
        let (nonce, sealed) = bytes.split_at_checked(NONCE_LEN)?;
        let (nonce, mut sealed) = (Nonce::try_assume_unique_for_key(nonce).ok()?, sealed.to_vec());
        let text = self.key()?.open_in_place(nonce, Aad::from(field.as_bytes()), &mut sealed).ok()?;
        String::from_utf8(text.to_vec()).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_session_opens_what_it_sealed_and_only_for_the_same_field() {
        let keeper = Keeper::of_session("secret");
        let sealed = keeper.seal("password", "correct horse").unwrap();
        assert!(!sealed.contains("horse") && sealed != keeper.seal("password", "correct horse").unwrap());
        assert_eq!(keeper.open("password", &sealed).as_deref(), Some("correct horse"));
        assert_eq!(keeper.open("login", &sealed), None);
        assert_eq!(Keeper::of_session("other").open("password", &sealed), None);
        for broken in ["", "AAAA", "no base64", &sealed[4..]] {
            assert_eq!(keeper.open("password", broken), None, "{broken}");
        }
    }
}
