//! How people write numbers: what groups thousands, and what comes before decimals.

/// The way to write numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Numbers {
    /// 1,234.56
    #[default]
    Point,
    /// 1.234,56
    Comma,
    /// 1 234,56
    Space,
    /// 1’234.56
    Apostrophe,
}

/// Keeps the parts of a number on one line.
const NARROW_SPACE: char = '\u{202f}';
const DIGITS_OF_GROUP: usize = 3;

impl Numbers {
    pub const ALL: [Self; 4] = [Self::Point, Self::Comma, Self::Space, Self::Apostrophe];

    pub fn word(self) -> &'static str {
        match self {
            Self::Point => "point",
            Self::Comma => "comma",
            Self::Space => "space",
            Self::Apostrophe => "apostrophe",
        }
    }

    /// The way with this word.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|numbers| numbers.word() == word)
    }

    /// The way of a language, which stands first in `Accept-Language`.
    pub fn of_language(accepted: &str) -> Self {
        let first = accepted.split([',', ';']).next().unwrap_or_default().trim().to_ascii_lowercase();
        match first.as_str() {
            "de-ch" | "de-li" | "it-ch" => return Self::Apostrophe,
            "es-mx" | "es-us" | "es-do" | "es-gt" => return Self::Point,
            _ => {}
        }
        match first.split('-').next().unwrap_or_default() {
            "da" | "de" | "el" | "es" | "hr" | "id" | "is" | "it" | "nl" | "pt" | "ro" | "sl" | "sr" | "tr" | "vi" => {
                Self::Comma
            }
            "bg" | "cs" | "et" | "fi" | "fr" | "hu" | "lt" | "lv" | "nb" | "no" | "pl" | "ru" | "sk" | "sv" | "uk" => {
                Self::Space
            }
            _ => Self::Point,
        }
    }

    fn marks(self) -> (char, char) {
        match self {
            Self::Point => (',', '.'),
            Self::Comma => ('.', ','),
            Self::Space => (NARROW_SPACE, ','),
            Self::Apostrophe => ('’', '.'),
        }
    }

    /// An example, to be shown.
    pub fn example(self) -> String {
        self.write("1234.56")
    }

    /// A number as programs write it, such as `-1234.5 EUR`, as people do. Text that is no number stays.
    pub fn write(self, text: &str) -> String {
        let (sign, rest) = text.strip_prefix('-').map_or(("", text), |rest| ("-", rest));
        let end = rest.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(rest.len());
        let (whole, rest) = rest.split_at(end);
        if whole.is_empty() {
            return text.to_owned();
        }
        let (group, decimal) = self.marks();
        let mut written = sign.to_owned();
        for (index, digit) in whole.chars().enumerate() {
            if index > 0 && (whole.len() - index).is_multiple_of(DIGITS_OF_GROUP) {
                written.push(group);
            }
            written.push(digit);
        }
        match rest.strip_prefix('.').filter(|rest| rest.starts_with(|letter: char| letter.is_ascii_digit())) {
            Some(decimals) => format!("{written}{decimal}{decimals}"),
            None => written + rest,
        }
    }

    /// What a person typed, as programs write it; `None` where it is no number of this way, nor as programs write it.
    pub fn read(self, typed: &str) -> Option<String> {
        let (group, decimal) = self.marks();
        let typed: String = typed.trim().chars().map(|letter| self.alike(letter)).collect();
        let (sign, digits) = typed.strip_prefix('-').map_or(("", typed.as_str()), |digits| ("-", digits));
        let (whole, decimals) = digits.split_once(decimal).map_or((digits, None), |(whole, rest)| (whole, Some(rest)));
        let read = grouped(whole, group).filter(|_| decimals.is_none_or(is_digits)).map(|whole| match decimals {
            Some(decimals) => format!("{sign}{whole}.{decimals}"),
            None => format!("{sign}{whole}"),
        });
        read.or_else(|| {
            let (whole, decimals) = digits.split_once('.').unwrap_or((digits, "0"));
            (is_digits(whole) && is_digits(decimals)).then(|| typed.clone())
        })
    }

    /// People type what their keyboard has.
    fn alike(self, letter: char) -> char {
        match (self, letter) {
            (Self::Space, ' ' | '\u{a0}') => NARROW_SPACE,
            (Self::Apostrophe, '\'') => '’',
            _ => letter,
        }
    }
}

/// A number of things in words: "1 key", "3 keys".
pub fn counted(count: u64, one: &str, many: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {many}") }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The digits of a whole number, whose groups are right or absent.
fn grouped(text: &str, group: char) -> Option<String> {
    let mut parts = text.split(group);
    let first = parts.next().filter(|first| is_digits(first))?;
    let rest: Vec<&str> = parts.collect();
    let is_right = rest.is_empty() || first.len() <= DIGITS_OF_GROUP;
    let are_groups = rest.iter().all(|part| is_digits(part) && part.len() == DIGITS_OF_GROUP);
    (is_right && are_groups).then(|| format!("{first}{}", rest.concat()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_people_do() {
        let written = |numbers: Numbers| ["1234567.50 EUR", "-999", "12.5 %", "none"].map(|text| numbers.write(text));
        assert_eq!(written(Numbers::Point), ["1,234,567.50 EUR", "-999", "12.5 %", "none"]);
        assert_eq!(written(Numbers::Comma), ["1.234.567,50 EUR", "-999", "12,5 %", "none"]);
        assert_eq!(written(Numbers::Space), ["1\u{202f}234\u{202f}567,50 EUR", "-999", "12,5 %", "none"]);
        assert_eq!(written(Numbers::Apostrophe), ["1’234’567.50 EUR", "-999", "12.5 %", "none"]);
        assert_eq!(Numbers::Point.write("3 of 4"), "3 of 4");
    }

    #[test]
    fn typed_numbers_are_read_in_the_way_of_their_reader() {
        let read = |numbers: Numbers, text: &str| numbers.read(text);
        assert_eq!(read(Numbers::Comma, "1.234,56").as_deref(), Some("1234.56"));
        assert_eq!(read(Numbers::Comma, "12,50").as_deref(), Some("12.50"));
        assert_eq!(read(Numbers::Comma, "12.50").as_deref(), Some("12.50"));
        assert_eq!(read(Numbers::Comma, "1.234").as_deref(), Some("1234"));
        assert_eq!(read(Numbers::Point, "1,234.56").as_deref(), Some("1234.56"));
        assert_eq!(read(Numbers::Point, "-3").as_deref(), Some("-3"));
        assert_eq!(read(Numbers::Space, "1 234,5").as_deref(), Some("1234.5"));
        assert_eq!(read(Numbers::Apostrophe, "1'234.5").as_deref(), Some("1234.5"));
        for (numbers, text) in [
            (Numbers::Point, "12,50"),
            (Numbers::Point, "1,2345"),
            (Numbers::Comma, "1.23.456"),
            (Numbers::Comma, "1,2,3"),
            (Numbers::Point, ""),
            (Numbers::Point, "ten"),
            (Numbers::Space, "1 23"),
        ] {
            assert_eq!(read(numbers, text), None, "{text}");
        }
        for numbers in Numbers::ALL {
            assert_eq!(numbers.read(&numbers.example()).as_deref(), Some("1234.56"));
        }
    }

    #[test]
    fn a_language_has_its_way() {
        let of = Numbers::of_language;
        assert_eq!([of(""), of("en-GB,en;q=0.9"), of("ar")], [Numbers::Point; 3]);
        assert_eq!([of("de-DE,de;q=0.9,en;q=0.8"), of("es")], [Numbers::Comma; 2]);
        assert_eq!([of("fr-FR"), of("PL;q=1")], [Numbers::Space; 2]);
        assert_eq!(of("de-CH"), Numbers::Apostrophe);
    }
}
