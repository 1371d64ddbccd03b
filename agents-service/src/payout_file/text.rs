//! Texts of bank files: the letters that every bank of SEPA takes.

use deunicode::deunicode_char;

/// Most letters of a name.
pub const NAME: usize = 70;

/// Whether every bank takes the letter.
pub fn is_sendable(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || " /-?:().,'+".contains(letter)
}

/// A text in the letters that every bank takes, at most `most` of them. Slashes do not begin or end it, or follow each other.
pub fn sendable(text: &str, most: usize) -> String {
    let mut sent = String::new();
    for letter in text.chars() {
        let replacement = replacement(letter);
        for new in replacement.as_deref().unwrap_or(" ").chars() {
            let is_doubled = matches!(new, ' ' | '/') && sent.ends_with(new);
            if is_sendable(new) && !is_doubled {
                sent.push(new);
            }
        }
    }
    let sent = trimmed(&sent);
    trimmed(sent.get(..most).unwrap_or(sent)).to_owned()
}

fn trimmed(text: &str) -> &str {
    text.trim_matches([' ', '/'])
}

/// What is sent in the place of a letter; `None` where nothing resembles it.
fn replacement(letter: char) -> Option<String> {
    let like = match letter {
        _ if is_sendable(letter) => return Some(letter.to_string()),
        _ if letter.is_control() => " ",
        '&' => "+",
        '<' | '[' | '{' => "(",
        '>' | ']' | '}' => ")",
        '_' => "-",
        ';' => ",",
        '"' | '`' => "'",
        _ => deunicode_char(letter)?,
    };
    // A symbol is named in words: those were not in the text.
    (letter.is_alphanumeric() || like.len() < 2).then(|| like.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_written_in_the_letters_that_every_bank_takes() {
        for (name, sent) in [
            ("Müller & Söhne <GmbH>", "Muller + Sohne (GmbH)"),
            ("Łódź Žižka", "Lodz Zizka"),
            ("Dogan Çelik", "Dogan Celik"),
            ("İzmir Größe", "Izmir Grosse"),
            ("李", "Li"),
            ("Ελλάδα Щука", "Ellada Shchuka"),
            ("/x", "x"),
            ("a//b", "a/b"),
            ("a/&/b/", "a/+/b"),
            ("Zoë 🎉 Ruiz", "Zoe Ruiz"),
            ("🎉", ""),
            ("O’Hara – \"Best\"; Ltd_", "O'Hara - 'Best', Ltd-"),
            ("a\u{301}b\tc\n d", "ab c d"),
            ("", ""),
        ] {
            assert_eq!(sendable(name, NAME), sent, "{name}");
        }
    }

    #[test]
    fn a_name_has_seventy_letters_at_most() {
        assert_eq!(sendable(&"x".repeat(71), NAME), "x".repeat(70));
        assert_eq!(sendable(&"ß".repeat(71), NAME), "s".repeat(70));
        assert_eq!(sendable(&format!("{} y", "x".repeat(69)), NAME), "x".repeat(69));
    }
}
