//! Phone numbers from ranges that are kept for films and books.

use super::random::Random;

/// A number in a country; `None` where no range is kept there.
pub fn phone(random: &mut Random, country: &str) -> Option<String> {
    let (start, digits) = match country {
        "DE" => ("+49 30 23125 ", 3),
        "FR" => ("+33 1 99 00 ", 4),
        "GB" => ("+44 7700 900", 3),
        "IE" => ("+353 20 91", 5),
        "SE" => ("+46 8 465 004 ", 2),
        "AU" => ("+61 2 5550 ", 4),
        // Of the hundred numbers 555-0100 to 555-0199.
        "US" => ("+1 202 555 01", 2),
        _ => return None,
    };
    let width = usize::try_from(digits).unwrap_or_default();
    Some(format!("{start}{:0width$}", random.below(10_i64.pow(digits))))
}

#[cfg(test)]
mod tests {
    use super::super::random::Part;
    use super::*;

    #[test]
    fn a_number_is_one_and_in_its_range() {
        for country in ["DE", "FR", "GB", "IE", "SE", "AU", "US"] {
            let number = phone(&mut Random::of(Part::Customer, 1), country).unwrap();
            assert!(contract::phone::e164(&number, None).is_some(), "{number}");
        }
        assert_eq!(phone(&mut Random::of(Part::Customer, 1), "PL"), None);
    }
}
