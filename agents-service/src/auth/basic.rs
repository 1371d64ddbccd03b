//! `Authorization: Basic`, only for issuing API tokens: an operator has a password before they have a token.

use axum::http::{HeaderMap, header};
use base64::Engine as _;
// Some clients leave the padding out.
use base64::engine::general_purpose::STANDARD_PAD_INDIFFERENT as BASE64;

use crate::auth::passwords::Secret;

/// The login and password of a request.
pub fn credentials(headers: &HeaderMap) -> Option<(String, Secret)> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, encoded) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(BASE64.decode(encoded.trim()).ok()?).ok()?;
    let (login, password) = decoded.split_once(':')?;
    Some((login.to_owned(), Secret::new(password.to_owned())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_read_with_and_without_padding() {
        assert_eq!(BASE64.decode("b3BlcmF0b3I6WsO2w6s=").as_deref(), Ok("operator:Zöë".as_bytes()));
        assert_eq!(BASE64.decode("YWI").as_deref(), Ok(&b"ab"[..]));
        assert!(BASE64.decode("a*b").is_err());
    }
}
