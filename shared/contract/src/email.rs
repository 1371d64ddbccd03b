//! E-mail addresses: a strict syntax, and the key that is equal for spellings of one address. An address is stored as
//! typed, and compared in lower case with its domain as A-labels (IDNA 2008). Mailboxes are not checked.

use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::text::{folded, is_one_script, is_unseen};

/// The longest address, in characters.
pub const MAX_LENGTH: usize = 254;
const MAX_LOCAL: usize = 64;
/// The rules for domains: letters, digits and hyphens only, and `--` in any place, which generated names have.
const READING: (AsciiDenyList, Hyphens) = (AsciiDenyList::STD3, Hyphens::CheckFirstLast);

/// A valid address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Email {
    /// As typed, in NFC, without blanks around it.
    pub address: String,
    /// The key: equal for addresses that differ only in case, or in the form of their domain.
    pub key: String,
    /// The key with the domain in its own script, for searches by the beginning of an address.
    pub searched: String,
}

impl Email {
    /// Reads an address; blanks around it, as telephones' keyboards add them, are cut.
    pub fn parse(address: &str) -> Option<Self> {
        let address: String = address.trim().nfc().collect();
        let (local, typed_domain) = address.rsplit_once('@')?;
        let domain = Uts46::new().to_ascii(typed_domain.as_bytes(), READING.0, READING.1, DnsLength::Verify).ok()?;
        let (readable, _) = Uts46::new().to_unicode(domain.as_bytes(), READING.0, READING.1);
        let sound = is_local_part(local) && readable.contains('.') && readable.split('.').all(is_label);
        let local = folded(local);
        let (key, searched) = (format!("{local}@{domain}"), format!("{local}@{readable}"));
        sound.then_some(Self { address, key, searched })
    }
}

/// The form of a text in a search for e-mail addresses.
pub fn searched(text: &str) -> String {
    Email::parse(text).map_or_else(|| folded(text), |email| email.searched)
}

fn is_local_part(local: &str) -> bool {
    const FORBIDDEN: &str = "()<>[]:;,\\\"@";
    local.chars().count() <= MAX_LOCAL
        && local.split('.').all(|part| !part.is_empty())
        && local.chars().all(|letter| !is_unseen(letter) && !letter.is_control() && !FORBIDDEN.contains(letter))
        && local.split(|letter| !is_letter(letter)).all(is_one_script)
}

fn is_label(label: &str) -> bool {
    label.chars().all(|letter| letter == '-' || is_letter(letter)) && label.split('-').all(is_one_script)
}

/// Letters, digits, and the marks that scripts such as Devanagari need within a word.
fn is_letter(letter: char) -> bool {
    letter.is_alphanumeric() || is_combining_mark(letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(address: &str) -> String {
        Email::parse(address).unwrap_or_else(|| panic!("{address} is refused")).key
    }

    #[test]
    fn addresses_that_people_have_are_accepted() {
        for address in [
            "zoe@example.org",
            "o'brien+x@mail.example.co.uk",
            "李@例え.jp",
            "a@b.c",
            "Z.O.E@EXAMPLE.ORG",
            "x@हिन्दी.भारत",
            "иван.sales@пример.рф",
            "東京abc@example.jp",
            "a@r3---sn.example",
        ] {
            assert_eq!(Email::parse(address).unwrap().address, address);
        }
    }

    #[test]
    fn a_text_that_is_no_address_is_refused() {
        let (long, label) = (format!("{}@example.org", "x".repeat(65)), format!("x@{}.org", "x".repeat(64)));
        let domain = format!("x@{}org", "abcdefghi.".repeat(26));
        for text in [
            "",
            "zoe",
            "@example.org",
            "zoe@",
            "zoe@localhost",
            "a b@example.org",
            "a@b@example.org",
            "a..b@example.org",
            ".a@example.org",
            "a@-b.org",
            "a@b..org",
            "a@b.org.",
            "a@b_c.org",
            "a@xn--a.org",
            "<a@example.org>",
            "a,b@example.org",
            &long,
            &label,
            &domain,
        ] {
            assert_eq!(Email::parse(text), None, "{text}");
        }
    }

    #[test]
    fn nothing_in_an_address_is_invisible_or_looks_like_something_else() {
        for text in [
            "a\u{200b}b@example.org",
            "\u{202e}a@example.org",
            "a@exam\u{2060}ple\u{200e}.org",
            "\u{430}dmin@example.org",
            "ａdmin@example.org",
            "admin@ex\u{430}mple.org",
        ] {
            assert_eq!(Email::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn addresses_that_differ_in_case_have_one_key() {
        assert_eq!(key("Zoë@Example.ORG"), key("zoË@example.org"));
        assert_eq!(key("mi\u{212a}e@example.test"), key("MIKE@example.test"));
        assert_eq!(key("\u{130}ali@example.test"), key("i\u{307}ali@example.test"));
        assert_ne!(key("m\u{131}ke@example.test"), key("mike@example.test"));
    }

    #[test]
    fn a_domain_is_one_in_every_way_of_writing_it() {
        for address in [
            "lea@münchen.example",
            "LEA@MÜNCHEN.EXAMPLE",
            "lea@xn--mnchen-3ya.example",
            "lea@XN--MNCHEN-3YA.example",
            "lea@mu\u{308}nchen.example",
            "lea@münchen\u{3002}example",
            "lea@ｍünchen.example",
        ] {
            let email = Email::parse(address).unwrap();
            assert_eq!(email.key, "lea@xn--mnchen-3ya.example", "{address}");
            assert_eq!(email.searched, "lea@münchen.example", "{address}");
        }
        assert_ne!(key("x@straße.example"), key("x@strasse.example"));
    }
}
