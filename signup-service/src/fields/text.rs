//! Typed text, by the one rule of both services: it is stored as it was typed, or refused.

use contract::text::{self, Rule, is_unseen};

use crate::fields::violation::Violation;

pub use contract::text::folded;

/// The text in NFC; `None` without a visible character.
pub fn typed(text: &str, limit: usize) -> Result<Option<String>, Violation> {
    if text.chars().all(is_unseen) {
        return Ok(None);
    }
    Rule::line(1, limit).check(text).map(Some).map_err(|violation| match violation {
        text::Violation::TooLong(limit) => Violation::TooLong(limit),
        text::Violation::Unreadable => Violation::Unreadable,
        // The rule for one line refuses visible text for no other reason.
        _ => Violation::ControlCharacter,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_every_script_come_back_as_typed() {
        for name in ["O'Brien", "Union City", "李小龙", "Zoë", "مُحَمَّد", "👩‍👩‍👧 Family", "<b>Bold</b>"]
        {
            assert_eq!(typed(name, 100), Ok(Some(name.to_owned())));
        }
    }

    #[test]
    fn a_decomposed_text_is_composed() {
        assert_eq!(typed("Zoe\u{308}", 100), Ok(Some("Zo\u{eb}".to_owned())));
    }

    #[test]
    fn the_length_is_counted_in_characters() {
        assert_eq!(typed("李小龙", 3), Ok(Some("李小龙".to_owned())));
        assert_eq!(typed("李小龙", 2), Err(Violation::TooLong(2)));
    }

    #[test]
    fn white_space_alone_counts_as_empty() {
        assert_eq!(typed(" \t ", 3), Ok(None));
        assert_eq!(typed("\u{200b}\u{2060}\u{feff}", 3), Ok(None));
    }

    #[test]
    fn a_line_break_or_a_null_is_refused() {
        assert_eq!(typed("a\nb", 10), Err(Violation::ControlCharacter));
        assert_eq!(typed("a\0b", 10), Err(Violation::ControlCharacter));
        for separator in ['\u{85}', '\u{2028}', '\u{2029}'] {
            assert_eq!(typed(&format!("a{separator}b"), 10), Err(Violation::ControlCharacter));
        }
    }

    #[test]
    fn replacement_characters_are_refused() {
        assert_eq!(typed("a\u{fffd}b", 10), Err(Violation::Unreadable));
    }
}
