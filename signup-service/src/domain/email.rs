//! E-mail addresses: a sane syntax, and the key that says whether two of them are the same.
//! Whether a mailbox exists is not known here.

/// The longest address, in characters.
pub const MAX_LENGTH: usize = 254;
const MAX_LOCAL: usize = 64;
const MAX_LABEL: usize = 63;

/// An address that may be written to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Email {
    /// As typed, in NFC.
    pub address: String,
    /// The same for addresses that differ only in case.
    pub key: String,
}

impl Email {
    /// Reads an address that is in NFC already.
    pub fn parse(address: String) -> Option<Self> {
        let (local, domain) = address.rsplit_once('@')?;
        let sound = is_local_part(local) && is_domain(domain);
        let key = address.to_lowercase();
        sound.then_some(Self { address, key })
    }
}

fn is_local_part(local: &str) -> bool {
    const FORBIDDEN: &str = "()<>[]:;,\\\"@";
    local.chars().count() <= MAX_LOCAL
        && local.split('.').all(|part| !part.is_empty())
        && local.chars().all(|letter| !letter.is_whitespace() && !letter.is_control() && !FORBIDDEN.contains(letter))
}

fn is_domain(domain: &str) -> bool {
    domain.contains('.') && domain.split('.').all(is_label)
}

fn is_label(label: &str) -> bool {
    !label.is_empty()
        && label.chars().count() <= MAX_LABEL
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label.chars().all(|letter| letter == '-' || letter.is_alphanumeric() || is_combining(letter))
}

/// Marks that scripts such as Devanagari need within a word.
fn is_combining(letter: char) -> bool {
    unicode_normalization::char::is_combining_mark(letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Option<Email> {
        Email::parse(text.to_owned())
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
        ] {
            assert_eq!(parse(address).unwrap().address, address);
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        let too_long = format!("{}@example.org", "x".repeat(65));
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
            "<a@example.org>",
            "a,b@example.org",
            &too_long,
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn addresses_that_differ_in_case_have_one_key() {
        assert_eq!(parse("Zoë@Example.ORG").unwrap().key, parse("zoË@example.org").unwrap().key);
    }
}
