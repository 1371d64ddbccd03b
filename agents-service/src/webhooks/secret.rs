//! The secrets of endpoints, and the signature of an attempt, by Standard Webhooks 1.0.0.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use contract::ids::{NoRandomness, random_bytes};
use event_store::sql::Value;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Bytes of a new secret; the standard allows 24 to 64.
const SECRET_BYTES: usize = 32;
const PREFIX: &str = "whsec_";

/// A secret. It has no `Debug`, so that it cannot be logged.
#[derive(Clone)]
pub struct Secret(Vec<u8>);

impl Secret {
    /// A new secret.
    pub fn draw() -> Result<Self, NoRandomness> {
        Ok(Self(random_bytes::<SECRET_BYTES>()?.to_vec()))
    }

    /// A secret that was stored.
    pub fn stored(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// For the database.
    pub fn to_store(&self) -> Value {
        self.0.clone().into()
    }

    /// As it is shown, once.
    pub fn to_show(&self) -> String {
        format!("{PREFIX}{}", STANDARD.encode(&self.0))
    }

    /// The signature of these bytes.
    fn sign(&self, id: &str, timestamp: i64, body: &str) -> Option<String> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).ok()?;
        mac.update(format!("{id}.{timestamp}.").as_bytes());
        mac.update(body.as_bytes());
        Some(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
    }
}

/// The signatures of an attempt, one for each secret, in their order.
pub fn signatures(secrets: &[Secret], id: &str, timestamp: i64, body: &str) -> String {
    let signatures: Vec<_> = secrets.iter().filter_map(|secret| secret.sign(id, timestamp, body)).collect();
    signatures.join(" ")
}

#[cfg(test)]
mod tests {
    use standardwebhooks::Webhook;

    use super::*;

    const ID: &str = "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W";

    #[test]
    fn the_vectors_of_the_standard_are_signed_alike() {
        let secret = Secret::stored(STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap());
        assert_eq!(secret.to_show(), "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        for (body, signature) in [
            (
                "{\"type\":\"signup.placed\",\"data\":{\"campaign\":\"été 😀 \u{2028}\"}}",
                "v1,MIOVSTUFn80hP6HUQ1foVK0Z+hy639/1/76/A0iLL1M=",
            ),
            ("{\"test\": 2432232314}", "v1,SJVF30Kpi2mR/9mMIvIkhtG4Iz8hWa0S4q2Yt1caIO0="),
        ] {
            assert_eq!(signatures(std::slice::from_ref(&secret), ID, 1_674_087_231, body), signature);
        }
    }

    #[test]
    fn the_official_library_accepts_what_either_secret_signs() {
        let secrets = [Secret::draw().unwrap(), Secret::draw().unwrap()];
        let body = "{\"campaign\":\"été 😀 \u{2028}\"}";
        let signed = signatures(&secrets, ID, 1_674_087_231, body);
        assert_eq!(signed.split(' ').count(), 2);
        for secret in &secrets {
            let library = Webhook::new(&secret.to_show()).unwrap();
            let theirs = library.sign(ID, 1_674_087_231, body.as_bytes()).unwrap();
            assert!(signed.split(' ').any(|ours| ours == theirs), "{signed}");
        }
    }
}
