//! Signup keys as text: the random form, the chosen slug, and the keys that a typed text may mean. Both services
//! parse keys only here.

use crate::ids::{CROCKFORD, NoRandomness, random_crockford};

/// Digits of a random key: 60 bits, short enough to print.
pub const RANDOM_LENGTH: usize = 12;
/// The shortest slug, in characters.
pub const SLUG_MIN: usize = 4;
/// The longest slug, in characters.
pub const SLUG_MAX: usize = 40;

/// The stored form of a signup key: upper-case Crockford digits, or a lower-case slug. No text is both, since one has
/// only capitals and the other none, apart from digits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(String);

/// A text that is no slug.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be 4 to 40 letters a to z, digits or hyphens")]
pub struct NotASlug;

impl Key {
    /// A new random key.
    pub fn random() -> Result<Self, NoRandomness> {
        random_crockford(RANDOM_LENGTH).map(Self)
    }

    /// A chosen slug, in lower case.
    pub fn slug(text: &str) -> Result<Self, NotASlug> {
        let lower = text.to_ascii_lowercase();
        let fits = (SLUG_MIN..=SLUG_MAX).contains(&lower.len())
            && lower.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        if fits { Ok(Self(lower)) } else { Err(NotASlug) }
    }

    /// The random key that a text means: case and hyphens do not matter, O is read as 0, I and L as 1.
    pub fn folded(text: &str) -> Option<Self> {
        digits(text).filter(|digits| digits.len() == RANDOM_LENGTH).map(Self)
    }

    /// The stored text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The stored text.
    pub fn into_string(self) -> String {
        self.0
    }
}

impl std::fmt::Display for Key {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// The digits of a random key, or of a part of one, in canonical spelling.
pub fn digits(text: &str) -> Option<String> {
    text.trim().chars().filter(|letter| *letter != '-').map(fold_digit).collect()
}

/// The Crockford digit of a typed letter.
fn fold_digit(letter: char) -> Option<char> {
    let digit = match letter.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    u8::try_from(digit).ok().filter(|byte| CROCKFORD.contains(byte)).map(char::from)
}

/// The part of a text that is the key: links cut out of a sentence or a mail keep characters around them.
pub fn cut_out(text: &str) -> &str {
    let before = |letter: char| letter.is_whitespace() || "(<[\"'".contains(letter);
    let behind = |letter: char| letter.is_whitespace() || ".,;:)]>\"'/".contains(letter);
    text.trim_start_matches(before).trim_end_matches(behind)
}

/// The key in a copied signup URL; `None` where the text is no such URL.
pub fn in_url(text: &str) -> Option<&str> {
    const WAYS: [&str; 2] = ["/signup/", "/signup.php?key="];
    let (way, start) = WAYS.iter().find_map(|way| text.rfind(way).map(|start| (way, start)))?;
    let rest = &text[start + way.len()..];
    rest.split(['?', '#', '&', '/']).next().filter(|key| !cut_out(key).is_empty())
}

/// The keys that a typed text may mean: the form exactly as typed first, then the slug, then the random key. At most
/// one of them exists, because a slug is refused where its random reading is taken, and vice versa.
pub fn candidates(text: &str) -> Vec<Key> {
    let text = cut_out(text);
    let mut keys: Vec<Key> = Key::slug(text).ok().into_iter().chain(Key::folded(text)).collect();
    keys.dedup();
    keys.sort_by_key(|key| key.as_str() != text);
    keys
}

/// The same text for all spellings of a key, for counting and comparing; empty where a text means no key.
pub fn normalised(text: &str) -> String {
    let text = cut_out(text);
    Key::folded(text).or_else(|| Key::slug(text).ok()).map(Key::into_string).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn texts(text: &str) -> Vec<String> {
        candidates(text).into_iter().map(Key::into_string).collect()
    }

    #[test]
    fn a_random_key_in_lower_case_or_with_o_for_0_is_found() {
        assert!(texts("0123456789ab").contains(&"0123456789AB".to_owned()));
        assert_eq!(texts("oiL3-4567-89AB")[1], "0113456789AB");
    }

    #[test]
    fn text_around_a_link_is_no_part_of_its_key() {
        for text in
            ["summer-24.", "summer-24/", "summer-24>", "(summer-24)", "<summer-24>", "summer-24\"),", " summer-24 ;'"]
        {
            assert_eq!(texts(text), ["summer-24"], "{text}");
        }
        assert!(texts("...").is_empty());
    }

    #[test]
    fn the_key_is_found_in_a_url_that_somebody_copied() {
        for text in [
            "https://example.org/signup/summer-24",
            "<http://[::1]:8080/signup/summer-24/>",
            "see https://example.org/a/signup/summer-24?utm_source=x#top.",
            "https://example.org/customer/signup.php?key=summer-24&lang=de",
        ] {
            assert_eq!(in_url(text).map(texts), Some(vec!["summer-24".to_owned()]), "{text}");
        }
        for text in ["summer-24", "https://example.org/signup/", "/signup/ "] {
            assert_eq!(in_url(text), None, "{text}");
        }
    }

    #[test]
    fn all_spellings_of_a_key_have_one_text() {
        for text in ["0123456789AB", "0123456789ab", "o123-4567-89aB", "(0123456789AB)."] {
            assert_eq!(normalised(text), normalised("0123456789AB"), "{text}");
        }
        assert_eq!(normalised("Summer-24"), "summer-24");
        assert_ne!(normalised("summer-25"), normalised("summer-24"));
        assert_eq!(normalised("..."), "");
    }

    #[test]
    fn a_random_key_as_stored_is_tried_first() {
        assert_eq!(texts("0123456789AB"), ["0123456789AB", "0123456789ab"]);
    }

    #[test]
    fn a_slug_is_found_whatever_its_case() {
        assert_eq!(texts("Summer-24"), ["summer-24"]);
    }

    #[test]
    fn twelve_digits_are_one_key_in_both_readings() {
        assert_eq!(texts("123456789012"), ["123456789012"]);
    }

    #[test]
    fn a_text_that_is_neither_means_no_key() {
        assert!(texts("").is_empty());
        assert!(texts("abc").is_empty());
        assert!(texts("héllo-world").is_empty());
        assert!(texts("a/b/c/d").is_empty());
        assert!(texts(&"a".repeat(41)).is_empty());
    }

    proptest! {
        #[test]
        fn any_text_means_at_most_two_keys_and_each_finds_itself(text in ".{0,50}") {
            let keys = candidates(&text);
            prop_assert!(keys.len() <= 2);
            for key in keys {
                prop_assert_eq!(&candidates(key.as_str())[0], &key);
            }
        }

        #[test]
        fn a_random_key_survives_a_careless_hand(seed in "[0-9A-HJKMNP-TV-Z]{12}") {
            let typed = seed.to_lowercase().replace('0', "o").replace('1', "l");
            prop_assert!(candidates(&typed).contains(&Key(seed)));
        }
    }
}
