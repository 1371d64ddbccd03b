//! Typed texts: stored as typed in Unicode NFC, measured in letters with their marks (grapheme clusters), or refused;
//! never "sanitised". One rule for both services, since every text of a field may end in an event, a page and a line
//! of JSON.

use std::borrow::Cow;

use icu_properties::CodePointSetData;
use icu_properties::props::{BidiControl, DefaultIgnorableCodePoint};
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick, is_nfkc};
use unicode_security::{MixedScript, RestrictionLevel, RestrictionLevelDetection};
use unicode_segmentation::UnicodeSegmentation;

/// Fewest characters of a login.
const LOGIN_MIN: usize = 4;
/// Most characters of a login.
const LOGIN_MAX: usize = 100;
/// Most bytes of typed text for each stored character: bounds the work of normalisation.
const MAX_BYTES_PER_CHARACTER: usize = 16;

/// The rule of a text.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// Fewest visible characters; blanks count only between them.
    pub min: usize,
    /// Most characters.
    pub max: usize,
    /// Several lines are allowed.
    pub lines: bool,
}

/// Why a text is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Violation {
    /// Nothing, or nothing but blanks and invisible characters, where a text is required.
    #[error("must not be empty")]
    Empty,
    /// Fewer characters than this.
    #[error("must have {0} or more characters")]
    TooShort(usize),
    /// More characters than this.
    #[error("must have {0} or fewer characters")]
    TooLong(usize),
    /// A control character, or a line separator of any kind in a text of one line.
    #[error("must not contain control characters")]
    ControlCharacter,
    /// No visible character.
    #[error("must have a character that can be seen")]
    Unseen,
    /// U+FFFD, which stands for bytes that were no text.
    #[error("contains characters that could not be read")]
    Unreadable,
    /// White space or a colon in a login.
    #[error("must not contain spaces or colons")]
    SpaceOrColon,
    /// An invisible character, or one that changes the direction of its neighbours.
    #[error("must not contain invisible characters")]
    Invisible,
    /// Letters of several scripts, or look-alikes of other letters.
    #[error("must be written in one script, without look-alikes of its letters")]
    LookAlike,
}

impl Violation {
    /// The stable code for API clients.
    pub fn code(self) -> &'static str {
        match self {
            Self::Empty => "required",
            Self::TooShort(_) => "too_short",
            Self::TooLong(_) => "too_long",
            Self::ControlCharacter => "control_character",
            Self::Unseen | Self::Invisible => "invisible_character",
            Self::Unreadable => "unreadable",
            Self::SpaceOrColon => "invalid",
            Self::LookAlike => "look_alike",
        }
    }
}

impl Rule {
    /// One line of `min` to `max` characters.
    pub const fn line(min: usize, max: usize) -> Self {
        Self { min, max, lines: false }
    }

    /// Any number of lines, together at most `max` characters.
    pub const fn lines(max: usize) -> Self {
        Self { min: 0, max, lines: true }
    }

    /// The text in NFC, or why it is refused.
    pub fn check(self, text: &str) -> Result<String, Violation> {
        if text.len() > self.max.saturating_mul(MAX_BYTES_PER_CHARACTER) {
            return Err(Violation::TooLong(self.max));
        }
        let text = match is_nfc_quick(text.chars()) {
            IsNormalized::Yes => text.to_owned(),
            _ => text.nfc().collect(),
        };
        let seen =
            text.trim_matches(is_unseen).graphemes(true).filter(|letter| !letter.chars().all(is_invisible)).count();
        if text.chars().any(|letter| is_control(letter) && !(self.lines && matches!(letter, '\n' | '\r' | '\t'))) {
            Err(Violation::ControlCharacter)
        } else if text.contains(char::REPLACEMENT_CHARACTER) {
            Err(Violation::Unreadable)
        } else if seen == 0 && self.min > 0 {
            Err(Violation::Empty)
        } else if seen == 0 && !text.trim().is_empty() {
            Err(Violation::Unseen)
        } else if seen < self.min {
            Err(Violation::TooShort(self.min))
        } else if text.graphemes(true).count() > self.max {
            Err(Violation::TooLong(self.max))
        } else {
            Ok(text)
        }
    }
}

/// A login in NFC, or why it is refused: one word of one script, without invisible characters and look-alikes.
pub fn login(text: &str) -> Result<String, Violation> {
    let login = Rule::line(LOGIN_MIN, LOGIN_MAX).check(text)?;
    if login.chars().any(|letter| letter.is_whitespace() || letter == ':') {
        return Err(Violation::SpaceOrColon);
    }
    if login.chars().any(is_unseen) {
        return Err(Violation::Invisible);
    }
    if is_one_script(&login) { Ok(login) } else { Err(Violation::LookAlike) }
}

/// A text of one line made to fit, where nobody can correct it: control characters become blanks, and a longer text
/// is cut. `None` without a visible character.
pub fn fitted(text: &str, max: usize) -> Option<String> {
    let max_bytes = max.saturating_mul(MAX_BYTES_PER_CHARACTER);
    let fits = |place: &usize| *place <= max_bytes;
    let end = text.char_indices().map(|(place, letter)| place + letter.len_utf8()).take_while(fits).last().unwrap_or(0);
    let text: String = text[..end].nfc().map(|letter| if is_control(letter) { ' ' } else { letter }).collect();
    let text: String = text.graphemes(true).take(max).collect();
    (!text.chars().all(is_unseen)).then_some(text)
}

/// Whether a word is of one script (Latin beside Chinese, Japanese or Korean is usual and allowed), without
/// look-alikes such as full-width letters.
pub fn is_one_script(word: &str) -> bool {
    let is_one = word.is_single_script() || word.check_restriction_level(RestrictionLevel::HighlyRestrictive);
    word.is_ascii() || (is_one && is_nfkc(word))
}

/// Whether a character is a blank of any kind, or invisible.
pub fn is_unseen(letter: char) -> bool {
    letter.is_whitespace() || is_invisible(letter)
}

/// Whether a character is invisible and takes no room, such as a zero-width space or a direction mark, or is an empty
/// sign.
pub fn is_invisible(letter: char) -> bool {
    const EMPTY_SIGN: char = '\u{2800}';
    !letter.is_ascii()
        && (letter == EMPTY_SIGN || CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(letter))
}

/// The text for a place without markup, such as a window's title: it cannot change the direction of its neighbours.
pub fn isolated(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return text.into();
    }
    let kept = text.chars().filter(|letter| !CodePointSetData::new::<BidiControl>().contains(*letter));
    format!("\u{2068}{}\u{2069}", kept.collect::<String>()).into()
}

/// Control characters, among them those that end a line or a paragraph: a raw one would split a line of JSON.
fn is_control(letter: char) -> bool {
    letter.is_control() || matches!(letter, '\u{2028}' | '\u{2029}')
}

/// The text for comparison and search: texts that differ in case only are equal.
pub fn folded(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.nfc().flat_map(char::to_lowercase).nfc().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_world_come_back_as_typed() {
        for name in ["O'Brien", "Union City", "李小龙", "Zoë", "שלום עולם", "👩‍👩‍👧‍👦 family", "<b>&amp;", "مُحَمَّد"]
        {
            assert_eq!(Rule::line(2, 80).check(name).as_deref(), Ok(name));
        }
    }

    #[test]
    fn two_ways_to_write_one_letter_become_one() {
        assert_eq!(Rule::line(1, 80).check("Zoe\u{308}").as_deref(), Ok("Zoë"));
    }

    #[test]
    fn length_is_counted_in_characters() {
        assert!(Rule::line(3, 3).check("李小龙").is_ok());
        assert_eq!(Rule::line(4, 9).check("李小龙"), Err(Violation::TooShort(4)));
        assert_eq!(Rule::line(1, 2).check("李小龙"), Err(Violation::TooLong(2)));
        assert_eq!(Rule::line(1, 2).check(&"x".repeat(1_000_000)), Err(Violation::TooLong(2)));
    }

    #[test]
    fn a_letter_counts_once_with_all_its_marks() {
        let letter = "q\u{301}\u{323}";
        assert!(Rule::line(1, 100).check(&letter.repeat(100)).is_ok());
        assert_eq!(Rule::line(1, 100).check(&letter.repeat(101)), Err(Violation::TooLong(100)));
        assert_eq!(Rule::line(2, 100).check(letter), Err(Violation::TooShort(2)));
        assert_eq!(Rule::line(1, 9).check(&format!("q{}", "\u{301}".repeat(1_000))), Err(Violation::TooLong(9)));
    }

    #[test]
    fn space_alone_is_no_name() {
        assert_eq!(Rule::line(1, 9).check("  "), Err(Violation::Empty));
    }

    #[test]
    fn control_characters_are_refused_but_lines_may_be_allowed() {
        assert_eq!(Rule::line(0, 9).check("a\nb"), Err(Violation::ControlCharacter));
        assert_eq!(Rule::lines(9).check("a\nb").as_deref(), Ok("a\nb"));
        assert_eq!(Rule::lines(9).check("a\0b"), Err(Violation::ControlCharacter));
    }

    #[test]
    fn a_line_separator_of_any_kind_is_refused() {
        for separator in ['\n', '\r', '\u{b}', '\u{c}', '\u{85}', '\u{2028}', '\u{2029}'] {
            let text = format!("a{separator}b");
            assert_eq!(Rule::line(0, 9).check(&text), Err(Violation::ControlCharacter), "{separator:?}");
            let may_stay = matches!(separator, '\n' | '\r');
            assert_eq!(Rule::lines(9).check(&text).is_ok(), may_stay, "{separator:?} in several lines");
        }
    }

    #[test]
    fn a_text_has_a_character_that_can_be_seen() {
        for text in ["\u{200b}", "\u{2060}\u{feff}", " \u{ad} ", "\u{202e}", "\u{3164}", "\u{2800}", "\u{a0}\u{200d}"] {
            assert_eq!(Rule::line(1, 9).check(text), Err(Violation::Empty), "{text:?}");
            assert_eq!(Rule::line(0, 9).check(text), Err(Violation::Unseen), "{text:?}");
        }
        assert_eq!(Rule::line(3, 9).check("\u{200b}ab\u{200b}"), Err(Violation::TooShort(3)));
        assert_eq!(Rule::line(0, 9).check("").as_deref(), Ok(""));
    }

    #[test]
    fn replacement_characters_are_refused() {
        assert_eq!(Rule::line(1, 9).check("a\u{fffd}b"), Err(Violation::Unreadable));
    }

    #[test]
    fn a_text_is_made_to_fit() {
        assert_eq!(fitted("poster", 9).as_deref(), Some("poster"));
        assert_eq!(fitted("a\u{2028}b\nc", 9).as_deref(), Some("a b c"));
        assert_eq!(fitted(&"q\u{301}".repeat(300), 200), Some("q\u{301}".repeat(200)));
        assert_eq!(fitted(&format!("q{}", "\u{301}".repeat(9_000)), 9).map(|text| text.len()), Some(143));
        assert_eq!(fitted("caf\u{fffd}", 9).as_deref(), Some("caf\u{fffd}"));
        assert_eq!(fitted(" \u{200b}", 9), None);
    }

    #[test]
    fn a_login_is_one_word_of_one_script() {
        for text in ["harbour", "zoë.o'brien", "lea@example.test", "аркадий", "李小龙123", "山田たろう", "günther_2"]
        {
            assert_eq!(login(text).as_deref(), Ok(text));
        }
        for (text, fault) in [
            ("\u{430}dmin", Violation::LookAlike),
            ("ａｄｍｉｎ", Violation::LookAlike),
            ("ad\u{200b}min", Violation::Invisible),
            ("\u{202e}nimda", Violation::Invisible),
            ("ad min", Violation::SpaceOrColon),
            ("ad\u{a0}min", Violation::SpaceOrColon),
            ("ad:min", Violation::SpaceOrColon),
            ("abc", Violation::TooShort(4)),
            ("ab\u{200b}\u{200b}", Violation::TooShort(4)),
        ] {
            assert_eq!(login(text), Err(fault), "{text:?}");
        }
    }
}
