//! Customer numbers: ten random digits and a check digit, so that a mistake in a number read out over the telephone
//! is noticed. Randomness is a parameter.

pub const RANDOM_BYTES: usize = 8;

const SMALLEST: u64 = 1_000_000_000;
const HOW_MANY: u64 = 9_000_000_000;

/// A number never begins with 0, which spreadsheets would drop.
pub fn customer_number(random: [u8; RANDOM_BYTES]) -> String {
    let digits = (SMALLEST + u64::from_be_bytes(random) % HOW_MANY).to_string();
    let check = check_digit(&digits);
    format!("{digits}{check}")
}

/// ISO 7064, MOD 11,10: detects every single wrong digit and nearly every exchange of two neighbours.
fn check_digit(digits: &str) -> u32 {
    let product = digits.chars().filter_map(|digit| digit.to_digit(10)).fold(10, |product, digit| {
        let sum = (product + digit) % 10;
        (if sum == 0 { 10 } else { sum }) * 2 % 11
    });
    (11 - product) % 10
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn is_sound(number: &str) -> bool {
        let (digits, check) = number.split_at(number.len() - 1);
        check_digit(digits).to_string() == check
    }

    #[test]
    fn the_standards_own_example_is_met() {
        assert_eq!(check_digit("0794"), 5);
    }

    proptest! {
        #[test]
        fn a_number_has_eleven_digits_and_checks_out(random: [u8; RANDOM_BYTES]) {
            let number = customer_number(random);
            prop_assert_eq!(number.len(), 11);
            prop_assert!(!number.starts_with('0'));
            prop_assert!(is_sound(&number));
        }

        #[test]
        fn one_wrong_digit_is_always_noticed(random: [u8; RANDOM_BYTES], place in 0_usize..11, by in 1_u8..10) {
            let mut digits = customer_number(random).into_bytes();
            digits[place] = b'0' + (digits[place] - b'0' + by) % 10;
            prop_assert!(!is_sound(std::str::from_utf8(&digits).unwrap()));
        }
    }
}
