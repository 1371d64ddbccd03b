//! Texts that people type: kept as typed in Unicode NFC, measured in characters, without control characters.

use unicode_normalization::UnicodeNormalization;

/// What a text may be.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// Fewest characters, not counting space at either end.
    pub min: usize,
    pub max: usize,
    /// Whether it may have several lines.
    pub lines: bool,
}

/// Why a text is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error("must not be empty")]
    Empty,
    #[error("must have {0} or more characters")]
    TooShort(usize),
    #[error("must have {0} or fewer characters")]
    TooLong(usize),
    #[error("must not contain control characters")]
    ControlCharacter,
}

impl Fault {
    /// The stable name of the fault.
    pub fn code(self) -> &'static str {
        match self {
            Self::Empty => "required",
            Self::TooShort(_) => "too_short",
            Self::TooLong(_) => "too_long",
            Self::ControlCharacter => "control_character",
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
    pub fn check(self, text: &str) -> Result<String, Fault> {
        let text: String = text.nfc().collect();
        let visible = text.trim().chars().count();
        if text.chars().any(|letter| letter.is_control() && !(self.lines && matches!(letter, '\n' | '\r' | '\t'))) {
            Err(Fault::ControlCharacter)
        } else if visible == 0 && self.min > 0 {
            Err(Fault::Empty)
        } else if visible < self.min {
            Err(Fault::TooShort(self.min))
        } else if text.chars().count() > self.max {
            Err(Fault::TooLong(self.max))
        } else {
            Ok(text)
        }
    }
}

/// The text as it is compared and searched: two texts that differ in case only are one.
pub fn folded(text: &str) -> String {
    text.nfc().flat_map(char::to_lowercase).nfc().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_world_come_back_as_typed() {
        for name in ["O'Brien", "Union City", "李小龙", "Zoë", "שלום עולם", "👩‍👩‍👧‍👦 family", "<b>&amp;"]
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
        assert_eq!(Rule::line(4, 9).check("李小龙"), Err(Fault::TooShort(4)));
        assert_eq!(Rule::line(1, 2).check("李小龙"), Err(Fault::TooLong(2)));
    }

    #[test]
    fn space_alone_is_no_name() {
        assert_eq!(Rule::line(1, 9).check("  "), Err(Fault::Empty));
    }

    #[test]
    fn control_characters_are_refused_but_lines_may_be_allowed() {
        assert_eq!(Rule::line(0, 9).check("a\nb"), Err(Fault::ControlCharacter));
        assert_eq!(Rule::lines(9).check("a\nb").as_deref(), Ok("a\nb"));
        assert_eq!(Rule::lines(9).check("a\0b"), Err(Fault::ControlCharacter));
    }
}
