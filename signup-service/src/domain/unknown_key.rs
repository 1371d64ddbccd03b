//! What of a text that is no known key may be told. Strangers type anything where a key belongs: a name, a telephone number, an
//! address of e-mail.

use shared::key::{Key, candidates};
use smol_str::SmolStr;

/// The text as far as it can be a key, in the form that was typed; `None` where it must not be told.
pub fn to_be_told(typed: &str) -> Option<SmolStr> {
    let key = candidates(typed).into_iter().next()?;
    looks_random(key.as_str()).then(|| key.into_string().into())
}

/// Whether a text looks like a random key. Names have no digits among their letters, and numbers no letters.
fn looks_random(text: &str) -> bool {
    let has = |is: fn(&u8) -> bool| text.bytes().any(|byte| is(&byte));
    Key::folded(text).is_some() && !text.contains('-') && has(u8::is_ascii_digit) && has(u8::is_ascii_alphabetic)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_personal_is_not_told() {
        for personal in
            ["zoe@example.org", "zoe-miller", "Zoë Miller", "491701234567", "+49-170-1234567", "annaschmetta", "", "x"]
        {
            assert_eq!(to_be_told(personal), None, "{personal}");
        }
    }

    #[test]
    fn what_looks_like_a_random_key_is_told_as_it_was_typed() {
        for key in ["0123456789AB", "zzzz2222yyyy"] {
            assert_eq!(to_be_told(&format!("({key}).")).as_deref(), Some(key));
        }
    }
}
