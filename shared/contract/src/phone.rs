//! Phone numbers: refused only where no telephone could have the number, stored as typed, and given in E.164 where
//! that is certain. Numbering plans change faster than any list of them, so numbers of unknown ranges are accepted.

use icu_properties::CodePointMapData;
use icu_properties::props::GeneralCategory;
use unicode_normalization::UnicodeNormalization;

/// Fewest and most digits of a number, without an extension.
const DIGITS: std::ops::RangeInclusive<usize> = 3..=15;
/// Separators between digits.
const SEPARATORS: &str = " +-()./\u{2010}\u{2011}\u{2013}";
/// Beginnings of an extension; the longest first.
const EXTENSIONS: [&str; 5] = ["extension", "ext.", "ext", "x", "#"];

/// Whether this may be a phone number, in the digits of any script.
pub fn is_phone(text: &str) -> bool {
    let (number, extension) = split(&plain(text));
    let is_extension = extension.is_none_or(|extension| {
        (1..=8).contains(&extension.len()) && extension.bytes().all(|byte| byte.is_ascii_digit())
    });
    let fits = |letter: char| letter.is_ascii_digit() || SEPARATORS.contains(letter);
    is_extension && number.chars().all(fits) && DIGITS.contains(&digits(&number))
}

/// The number in E.164, where it is certain: it has a country code, or is valid in this country.
pub fn e164(text: &str, country: Option<&str>) -> Option<String> {
    if !is_phone(text) {
        return None;
    }
    let (number, _) = split(&plain(text));
    let is_international = number.trim_start().starts_with('+');
    let country = country.and_then(|country| country.parse().ok());
    let read = phonenumber::parse(country.filter(|_| !is_international), &number).ok()?;
    let written = read.format().mode(phonenumber::Mode::E164).to_string();
    let is_certain = (is_international || phonenumber::is_valid(&read)) && DIGITS.contains(&digits(&written));
    is_certain.then_some(written)
}

/// The digits of a number, in ASCII, without an extension; empty where the text is no number.
pub fn digits_of(text: &str) -> String {
    let (number, _) = split(&plain(text));
    if is_phone(text) { number.chars().filter(char::is_ascii_digit).collect() } else { String::new() }
}

/// The digits to search for, where a text may be a part of a number.
pub fn searched(text: &str) -> Option<String> {
    let text = plain(text);
    let fits = text.chars().all(|letter| letter.is_ascii_digit() || SEPARATORS.contains(letter));
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    (fits && !digits.is_empty()).then_some(digits)
}

fn digits(number: &str) -> usize {
    number.bytes().filter(u8::is_ascii_digit).count()
}

/// The number and its extension.
fn split(text: &str) -> (String, Option<String>) {
    let text = text.to_lowercase();
    let found = EXTENSIONS.iter().find_map(|word| text.split_once(word));
    found.map_or_else(|| (text.clone(), None), |(number, rest)| (number.to_owned(), Some(rest.trim().to_owned())))
}

/// The text with digits and signs of any script as ASCII.
fn plain(text: &str) -> String {
    text.trim().nfkc().map(|letter| digit(letter).unwrap_or(letter)).collect()
}

/// The value of a decimal digit. A script's digits are consecutive, from zero on.
fn digit(letter: char) -> Option<char> {
    let categories = CodePointMapData::<GeneralCategory>::new();
    let is_digit = |code: u32| categories.get32(code) == GeneralCategory::DecimalNumber;
    let code = u32::from(letter);
    let before = is_digit(code).then(|| (0..code).rev().take_while(|code| is_digit(*code)).count())?;
    char::from_digit(u32::try_from(before % 10).ok()?, 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_refused_only_where_no_telephone_could_have_it() {
        for text in [
            "+12685550100",
            "٠٥٠١٢٣٤٥٦٧",
            "＋49 30 1234567",
            "(555) 0100 ext. 7",
            "110",
            "030/123-45",
            "۰۲۱ ۱۲۳۴",
            "5551234x12",
        ] {
            assert!(is_phone(text), "{text}");
        }
        for text in ["", "12", "1-800-FLOWERS", "call me", "1234567890123456", "zoe@example.test", "030 123 ext. many"]
        {
            assert!(!is_phone(text), "{text}");
        }
    }

    #[test]
    fn a_number_is_given_in_e164_where_that_is_certain() {
        for (text, country, expected) in [
            ("+12685550100", None, Some("+12685550100")),
            ("+2250123456789", None, Some("+2250123456789")),
            ("٠٥٠١٢٣٤٥٦٧", Some("AE"), Some("+971501234567")),
            ("＋49 30 1234567", None, Some("+49301234567")),
            ("+39 06 698 1234", Some("DE"), Some("+39066981234")),
            ("06 698 12345", Some("IT"), Some("+390669812345")),
            ("030 1234567", Some("DE"), Some("+49301234567")),
            ("030 1234567", None, None),
            ("(555) 0100 ext. 7", Some("US"), None),
            ("+999 123", None, None),
        ] {
            assert_eq!(e164(text, country).as_deref(), expected, "{text}");
        }
    }
}
