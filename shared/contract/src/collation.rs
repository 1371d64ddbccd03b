//! The order of names in lists: É beside E and not behind Z. A database stores a sort key, so that both databases
//! sort alike.

use std::fmt::Write;
use std::sync::LazyLock;

use icu_collator::options::CollatorOptions;
use icu_collator::{Collator, CollatorBorrowed, CollatorPreferences};

/// Most bytes of a key: longer ones are cut, so that an index accepts them.
const MAX_BYTES: usize = 600;

/// The order of the root of CLDR, which mixes all scripts.
static ROOT: LazyLock<Option<CollatorBorrowed<'static>>> =
    LazyLock::new(|| Collator::try_new(CollatorPreferences::default(), CollatorOptions::default()).ok());

/// Hexadecimal digits that sort, byte by byte, in the order of names.
pub fn sort_key(name: &str) -> String {
    let mut bytes = Vec::new();
    if let Some(collator) = &*ROOT {
        // Writing to a vector cannot fail.
        let _ = collator.write_sort_key_to(name, &mut bytes);
    }
    bytes.truncate(MAX_BYTES);
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_sort_as_people_sort_them() {
        let sorted = ["Anna", "Eduard", "Émile", "Etna", "Łódź", "Müller", "Muller & Co", "øre", "Zoë", "Жанна", "李"];
        let mut names = sorted;
        names.reverse();
        names.sort_by_cached_key(|name| sort_key(name));
        assert_eq!(names, sorted);
        assert!(sort_key("anna") < sort_key("Berta") && sort_key("anna") != sort_key("Anna"));
        assert_eq!(sort_key("Zoe\u{308}"), sort_key("Zoë"));
    }

    #[test]
    fn a_key_fits_into_an_index() {
        assert!(sort_key(&"李".repeat(10_000)).len() <= 2 * MAX_BYTES);
    }
}
