use std::collections::BTreeSet;

use icu_properties::CodePointMapData;
use icu_properties::props::Script;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use contract::email::searched;
use contract::phone;

/// Most words of a row.
const MAX_WORDS: usize = 200;
/// Most characters of a word; the rest of a longer one is cut off.
const MAX_CHARACTERS: usize = 64;
/// Most words of a search; of more, the longest count.
pub const MAX_TERMS: usize = 4;
/// Marks the digits of a phone number, which are no word.
const PHONE: char = '~';
/// Fewest digits of a search by the end of a phone number: fewer would match too many.
pub const FEWEST_DIGITS: usize = 4;
/// Leading zeros before so many digits are a national prefix, and are dropped.
const FEWEST_DIGITS_BEHIND_ZEROS: usize = 6;
const APOSTROPHES: &str = "'`\u{b4}\u{2bb}\u{2bc}\u{2018}\u{2019}\u{2032}\u{ff07}";

/// The words of a row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words(BTreeSet<String>);

impl Words {
    /// The words of texts.
    pub fn of(texts: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        let mut words = Self::default();
        texts.into_iter().for_each(|text| words.text(text.as_ref()));
        words
    }

    /// Adds the words of a text. A word with punctuation inside is found by its parts too.
    pub fn text(&mut self, text: &str) {
        for token in text.split_whitespace() {
            let token = folded(token);
            let parts: Vec<&str> = parts(&token).collect();
            self.word(&parts.concat());
            for part in parts {
                let starts = part.char_indices().filter(|(index, letter)| *index == 0 || is_without_blanks(*letter));
                for (start, _) in starts {
                    self.word(&part[start..]);
                }
            }
        }
    }

    /// Adds an e-mail address: as a whole, and the words before its `@`.
    pub fn email(&mut self, address: &str) {
        self.word(&searched(address));
        self.text(address.rsplit_once('@').map_or(address, |(local, _)| local));
    }

    /// Adds a phone number, which is found by its last digits.
    pub fn phone(&mut self, number: &str) {
        self.word(&phone_word(&phone::digits_of(number)));
    }

    /// The words.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    fn word(&mut self, word: &str) {
        let word: String = word.chars().take(MAX_CHARACTERS).collect();
        if self.0.len() < MAX_WORDS && word.chars().any(|letter| letter != PHONE) {
            self.0.insert(word);
        }
    }
}

/// The word beginnings of a search; a row must have them all, in any order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchTerms(pub(super) Vec<String>);

impl SearchTerms {
    /// The words of a typed text.
    pub fn text(text: &str) -> Self {
        let mut words = BTreeSet::new();
        for token in text.split_whitespace() {
            if token.contains('@') {
                words.insert(searched(token));
            } else {
                let token: String = token.chars().filter(|letter| !APOSTROPHES.contains(*letter)).collect();
                words.extend(parts(&folded(&token)).map(str::to_owned));
            }
        }
        Self::words(words)
    }

    /// One word, unchanged.
    pub fn word(word: &str) -> Self {
        Self::words([word.to_owned()])
    }

    /// The last digits of a phone number.
    pub fn phone(digits: &str) -> Self {
        let significant = digits.trim_start_matches('0');
        let digits = if significant.len() >= FEWEST_DIGITS_BEHIND_ZEROS { significant } else { digits };
        Self::words([phone_word(digits)])
    }

    fn words(words: impl IntoIterator<Item = String>) -> Self {
        let mut words: Vec<String> =
            words.into_iter().map(|word| word.chars().take(MAX_CHARACTERS).collect()).collect();
        words.sort_by_key(|word| std::cmp::Reverse(word.len()));
        words.truncate(MAX_TERMS);
        Self(words)
    }
}

fn parts(folded: &str) -> impl Iterator<Item = &str> {
    folded.split(|letter: char| !letter.is_alphanumeric()).filter(|part| !part.is_empty())
}

fn phone_word(digits: &str) -> String {
    [PHONE].into_iter().chain(digits.chars().rev()).collect()
}

/// Removes marks and case. Upper case comes first: only upper case turns `ß` into `SS`.
fn folded(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let plain = text.nfkd().filter(|letter| !is_combining_mark(*letter));
    let cased = plain.flat_map(char::to_uppercase).flat_map(char::to_lowercase);
    cased.nfkd().filter(|letter| !is_combining_mark(*letter)).fold(String::new(), |mut word, letter| {
        match letter {
            'ø' => word.push('o'),
            'ł' => word.push('l'),
            'đ' | 'ð' => word.push('d'),
            'ħ' => word.push('h'),
            'æ' => word.push_str("ae"),
            'œ' => word.push_str("oe"),
            'þ' => word.push_str("th"),
            other => word.push(other),
        }
        word
    })
}

/// Whether a letter's script is written without blanks between words.
fn is_without_blanks(letter: char) -> bool {
    const SCRIPTS: [Script; 8] = [
        Script::Han,
        Script::Hiragana,
        Script::Katakana,
        Script::Bopomofo,
        Script::Thai,
        Script::Lao,
        Script::Khmer,
        Script::Myanmar,
    ];
    !letter.is_ascii() && SCRIPTS.contains(&CodePointMapData::<Script>::new().get(letter))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finds(terms: &SearchTerms, words: &Words) -> bool {
        !terms.0.is_empty() && terms.0.iter().all(|term| words.iter().any(|word| word.starts_with(term)))
    }

    fn of_text(text: &str) -> Words {
        let mut words = Words::default();
        words.text(text);
        words
    }

    #[test]
    fn typed_texts_find_the_intended_rows() {
        for (name, found_by) in [
            (
                "Zoë O'Brien",
                vec!["zoe", "ZOË", "Zoe\u{308}", "obrien", "o’brien", "brien", "o'b", "brien zoe", "o brien"],
            ),
            ("Łódź Søren Æthel", vec!["lodz", "soren", "søren", "aethel", "ŁÓDŹ"]),
            ("Müller-Lüdenscheidt", vec!["muller", "ludenscheidt", "mullerl", "Müller-Lüd"]),
            ("Strauß ﬁn ΟΔΥΣΣΕΎΣ", vec!["strauss", "STRAUSS", "strauß", "fin", "οδυσσευς"]),
            ("李小龙 山田たろう", vec!["小龙", "李", "たろう"]),
            ("김철수 Иван Ёлкин", vec!["김철", "иван елкин", "ёлкин"]),
            ("100%_sure", vec!["100%", "sure"]),
        ] {
            for typed in found_by {
                assert!(finds(&SearchTerms::text(typed), &of_text(name)), "{typed:?} does not find {name:?}");
            }
        }
        for typed in ["zoé x", "rien", "z o b q", "%", "'", "1_0"] {
            assert!(!finds(&SearchTerms::text(typed), &of_text("Zoë O'Brien")), "{typed:?}");
        }
    }

    #[test]
    fn a_phone_number_is_found_by_its_last_digits() {
        let mut words = Words::default();
        words.phone("+49 (30) 1234-567 ext. 9");
        for digits in ["4567", "1234567", "0301234567", "49301234567", "0049301234567"] {
            assert!(finds(&SearchTerms::phone(digits), &words), "{digits}");
        }
        for digits in ["123", "0567", "5679"] {
            assert!(!finds(&SearchTerms::phone(digits), &words), "{digits}");
        }
        let mut none = Words::default();
        none.phone("");
        assert_eq!(none, Words::default());
    }

    #[test]
    fn an_address_is_found_by_its_beginning_and_by_the_words_before_its_sign() {
        let mut words = Words::default();
        words.email("Zoë.Ruiz@münchen.example");
        for typed in ["zoë.ruiz@m", "Zoë.Ruiz@XN--MNCHEN-3YA.example", "zoe ruiz", "ruiz"] {
            assert!(finds(&SearchTerms::text(typed), &words), "{typed}");
        }
        assert!(!finds(&SearchTerms::text("example"), &words));
    }

    #[test]
    fn a_row_has_a_bounded_number_of_words() {
        let long =
            format!("{} {}", "x".repeat(10_000), (0..1_000).map(|n| n.to_string()).collect::<Vec<_>>().join(" "));
        let words = of_text(&long);
        assert_eq!(words.iter().count(), MAX_WORDS);
        assert!(words.iter().all(|word| word.chars().count() <= MAX_CHARACTERS));
        assert!(finds(&SearchTerms::text(&"x".repeat(10_000)), &words));
    }
}
