//! Texts that are no known key: which known key is meant, and whether the text may be recorded. Strangers type
//! anything in place of a key: a name, a telephone number, an e-mail address.

use contract::ids::CROCKFORD;
use contract::key::{Key, RANDOM_LENGTH, SLUG_MAX, SLUG_MIN, candidates, digits};
use smol_str::SmolStr;

/// The characters of a slug.
const OF_SLUGS: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789-";
/// Fewest digits of a random key that identify a key whose end is missing.
const FEWEST_DIGITS: usize = 6;

/// The key that a typed text would be, if it existed; `None` where it can be no key.
pub fn of(typed: &str) -> Option<SmolStr> {
    candidates(typed).into_iter().next().map(|key| key.into_string().into())
}

/// Whether a text may be recorded though no known key is like it: it must look like a random key. Names have no
/// digits among their letters, and numbers have no letters.
pub fn may_be_recorded(text: &str) -> bool {
    let has = |is: fn(&u8) -> bool| text.bytes().any(|byte| is(&byte));
    Key::folded(text).is_some() && !text.contains('-') && has(u8::is_ascii_digit) && has(u8::is_ascii_alphabetic)
}

/// The keys that are meant if one letter is wrong, missing, added or exchanged with the next, then the keys that the
/// text begins with, the longest first. At most as much may follow as the key itself is long.
pub fn neighbours(text: &str) -> Vec<String> {
    let slug = text.to_ascii_lowercase();
    let mut found = with_one_mistake(&slug, OF_SLUGS);
    found.retain(|key| (SLUG_MIN..=SLUG_MAX).contains(&key.len()));
    found.extend((SLUG_MIN.max(slug.len().div_ceil(2))..slug.len()).rev().map(|end| slug[..end].to_owned()));
    if let Some(digits) = digits(text) {
        let random =
            with_one_mistake(&digits, CROCKFORD).into_iter().chain(digits.get(..RANDOM_LENGTH).map(str::to_owned));
        found.extend(random.filter(|key| key.len() == RANDOM_LENGTH));
    }
    found
}

/// The beginnings that identify a known key whose end is missing.
pub fn beginnings(text: &str) -> Vec<String> {
    let digits = digits(text).filter(|digits| (FEWEST_DIGITS..RANDOM_LENGTH).contains(&digits.len()));
    [text.to_ascii_lowercase()].into_iter().chain(digits).collect()
}

/// All texts that differ from this one by one mistake. The text is ASCII.
fn with_one_mistake(text: &str, alphabet: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    for at in 0..=text.len() {
        let (before, behind) = text.split_at(at);
        found.extend(alphabet.iter().map(|letter| format!("{before}{}{behind}", char::from(*letter))));
        if let Some(rest) = behind.get(1..) {
            found.push(format!("{before}{rest}"));
            found.extend(alphabet.iter().map(|letter| format!("{before}{}{rest}", char::from(*letter))));
        }
        if let (Some(pair), Some(rest)) = (behind.get(..2), behind.get(2..)) {
            found.push(format!("{before}{}{}{rest}", &pair[1..], &pair[..1]));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_may_be_personal_is_not_recorded() {
        for personal in
            ["zoe@example.org", "zoe-miller", "Zoë Miller", "491701234567", "+49-170-1234567", "annaschmetta", "", "x"]
        {
            assert!(!of(personal).is_some_and(|key| may_be_recorded(&key)), "{personal}");
        }
        for key in ["0123456789AB", "zzzz2222yyyy"] {
            assert_eq!(of(&format!("({key}).")).filter(|key| may_be_recorded(key)).as_deref(), Some(key));
        }
    }

    #[test]
    fn one_mistake_leads_to_the_key_that_is_meant() {
        for typed in ["sumer-24", "summmer-24", "sunmer-24", "usmmer-24", "SUMMER24", "summer-24x", "summer-24-poster"]
        {
            assert!(neighbours(typed).contains(&"summer-24".to_owned()), "{typed}");
        }
        for typed in ["0123456789A", "0123456789ABC", "0123456789AX", "0123456798ab", "0l23-4567-89AC"] {
            assert!(neighbours(typed).contains(&"0123456789AB".to_owned()), "{typed}");
        }
        assert!(!neighbours("winter-24").contains(&"summer-24".to_owned()));
        assert!(!neighbours("anna-schmidt").contains(&"anna".to_owned()));
        assert_eq!(beginnings("0123456789"), ["0123456789", "0123456789"]);
        assert_eq!(beginnings("Summer"), ["summer"]);
    }

    #[test]
    fn the_longest_text_has_a_bounded_number_of_neighbours() {
        assert!(neighbours(&"a".repeat(SLUG_MAX)).len() < 4_000);
    }
}
