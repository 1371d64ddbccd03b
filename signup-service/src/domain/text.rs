//! What a text that somebody typed must be: Unicode NFC, not longer than its limit, without control characters.
//! Nothing is trimmed, replaced or "sanitised": a text comes back as it was typed, or is refused.

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use super::fault::Fault;

/// The text in NFC; `None` when there is nothing but white space.
pub fn typed(text: &str, limit: usize) -> Result<Option<String>, Fault> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    if text.chars().any(char::is_control) {
        return Err(Fault::ControlCharacter);
    }
    if text.contains(char::REPLACEMENT_CHARACTER) {
        return Err(Fault::Unreadable);
    }
    // A bound on the work before the text is normalised: NFC never shortens a text by more than this.
    if text.len() > limit.saturating_mul(16) {
        return Err(Fault::TooLong(limit));
    }
    let composed = match is_nfc_quick(text.chars()) {
        IsNormalized::Yes => text.to_owned(),
        _ => text.nfc().collect(),
    };
    if composed.chars().count() > limit { Err(Fault::TooLong(limit)) } else { Ok(Some(composed)) }
}

/// The text as a search compares it: texts that differ in case only are one.
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
        assert_eq!(typed("李小龙", 2), Err(Fault::TooLong(2)));
    }

    #[test]
    fn white_space_alone_is_nothing() {
        assert_eq!(typed(" \t ", 3), Ok(None));
    }

    #[test]
    fn a_line_break_or_a_null_is_refused() {
        assert_eq!(typed("a\nb", 10), Err(Fault::ControlCharacter));
        assert_eq!(typed("a\0b", 10), Err(Fault::ControlCharacter));
    }

    #[test]
    fn what_is_left_of_bytes_that_were_no_text_is_refused() {
        assert_eq!(typed("a\u{fffd}b", 10), Err(Fault::Unreadable));
    }
}
