//! The forms of a bank account's numbers.

use iban::{Iban, IbanLike};

/// Letters and digits of a BIC: of the bank in its country, or of one of its branches too.
const BIC_LENGTHS: [usize; 2] = [8, 11];

/// The countries whose banks SEPA reaches, and whether they belong to the European Economic Area.
const SEPA: [(&str, bool); 42] = [
    ("AD", false),
    ("AL", false),
    ("AT", true),
    ("BE", true),
    ("BG", true),
    ("CH", false),
    ("CY", true),
    ("CZ", true),
    ("DE", true),
    ("DK", true),
    ("EE", true),
    ("ES", true),
    ("FI", true),
    ("FR", true),
    ("GB", false),
    ("GI", false),
    ("GR", true),
    ("HR", true),
    ("HU", true),
    ("IE", true),
    ("IS", true),
    ("IT", true),
    ("LI", true),
    ("LT", true),
    ("LU", true),
    ("LV", true),
    ("MC", false),
    ("MD", false),
    ("ME", false),
    ("MK", false),
    ("MT", true),
    ("NL", true),
    ("NO", true),
    ("PL", true),
    ("PT", true),
    ("RO", true),
    ("RS", false),
    ("SE", true),
    ("SI", true),
    ("SK", true),
    ("SM", false),
    ("VA", false),
];

/// How SEPA reaches a bank.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Inside the European Economic Area: the IBAN is enough.
    Inside,
    /// Outside of it: the address of the holder goes along.
    Outside,
}

/// An IBAN as it was typed, without blanks and in capital letters; `None` where its country, form or check digits are wrong.
pub fn iban(typed: &str) -> Option<String> {
    let iban: Iban = bare(typed).parse().ok()?;
    Some(iban.electronic_str().to_owned())
}

/// A BIC as it was typed, without blanks and in capital letters; `None` where its form is wrong.
pub fn bic(typed: &str) -> Option<String> {
    let bic = bare(typed);
    let is_formed = bic.bytes().enumerate().all(|(place, byte)| match place {
        // The country.
        4..6 => byte.is_ascii_uppercase(),
        _ => byte.is_ascii_uppercase() || byte.is_ascii_digit(),
    });
    (is_formed && BIC_LENGTHS.contains(&bic.len())).then_some(bic)
}

/// How SEPA reaches the bank of an IBAN; `None` where it does not.
pub fn reach(iban: &str) -> Option<Reach> {
    let country = iban.get(..2)?;
    let (_, is_inside) = SEPA.iter().find(|(code, _)| *code == country)?;
    Some(if *is_inside { Reach::Inside } else { Reach::Outside })
}

fn bare(typed: &str) -> String {
    typed.chars().filter(|letter| !letter.is_whitespace()).map(|letter| letter.to_ascii_uppercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_iban_has_its_countrys_form_and_right_check_digits() {
        for (typed, read) in [
            ("DE89 3704 0044 0532 0130 00", "DE89370400440532013000"),
            (" de89370400440532013000\t", "DE89370400440532013000"),
            ("gb82 west 1234 5698 7654 32", "GB82WEST12345698765432"),
            ("NL91ABNA0417164300", "NL91ABNA0417164300"),
            ("NO93 8601 1117 947", "NO9386011117947"),
            ("MT84MALT011000012345MTLCAST001S", "MT84MALT011000012345MTLCAST001S"),
        ] {
            assert_eq!(iban(typed).as_deref(), Some(read), "{typed}");
        }
        for typed in [
            "",
            "DE00 3704 0044 0532 0130 00",
            "DE89 3704 0044 0532 0130 01",
            "DE89 3704 0044 0532 0130",
            "DE89 3704 0044 0532 0130 000",
            "DE8937040044053201300A",
            "XX89370400440532013000",
            "DE89-3704-0044-0532-0130-00",
            "DЕ89370400440532013000",
            "12345678",
        ] {
            assert_eq!(iban(typed), None, "{typed}");
        }
    }

    #[test]
    fn a_bic_has_eight_or_eleven_letters_and_a_country() {
        for (typed, read) in [
            ("COBADEFF", Some("COBADEFF")),
            ("cobadeffxxx", Some("COBADEFFXXX")),
            ("COBA DE FF", Some("COBADEFF")),
            ("", None),
            ("COBADEF", None),
            ("COBADEFFXX", None),
            ("COBADEFFXXXX", None),
            ("COBA12FF", None),
            ("COBÄDEFF", None),
        ] {
            assert_eq!(bic(typed).as_deref(), read, "{typed}");
        }
    }

    #[test]
    fn sepa_reaches_banks_inside_and_outside_the_economic_area() {
        assert_eq!(reach("DE89370400440532013000"), Some(Reach::Inside));
        assert_eq!(reach("GB82WEST12345698765432"), Some(Reach::Outside));
        assert_eq!(reach("SA0380000000608010167519"), None);
        assert!(SEPA.is_sorted());
    }
}
