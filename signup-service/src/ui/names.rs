//! Names of countries, languages and currencies in the languages of the pages, each list in the order of its language,
//! and the time zones. The codes are those that the checks of the form know.

use std::sync::LazyLock;

use contract::events::agents::SignupField;

use crate::ui::language::Language;

/// A code with its name.
type Named = (&'static str, &'static str);

const ZONES: &str = include_str!("../../assets/names/zones.txt");
const CURRENCY_OF_COUNTRY: &str = include_str!("../../assets/names/currency_of_country.txt");

static NAMES: LazyLock<[Names; Language::ALL.len()]> = LazyLock::new(|| Language::ALL.map(Names::read));
static CURRENCIES: LazyLock<Vec<Named>> = LazyLock::new(|| pairs(CURRENCY_OF_COUNTRY.lines()));

/// The names in one language.
pub struct Names {
    countries: Vec<Named>,
    languages: Vec<Named>,
    currencies: Vec<Named>,
    /// The first parts of time zones.
    areas: Vec<Named>,
}

/// Choices of a field; a group without a label stands alone.
pub struct ChoiceGroup {
    pub label: Option<&'static str>,
    pub choices: Vec<(&'static str, String)>,
}

impl Names {
    pub fn of(language: Language) -> &'static Self {
        &NAMES[language as usize]
    }

    fn read(language: Language) -> Self {
        let text = match language {
            Language::English => include_str!("../../assets/names/en.txt"),
            Language::Spanish => include_str!("../../assets/names/es.txt"),
            Language::French => include_str!("../../assets/names/fr.txt"),
            Language::German => include_str!("../../assets/names/de.txt"),
            Language::Portuguese => include_str!("../../assets/names/pt.txt"),
            Language::Arabic => include_str!("../../assets/names/ar.txt"),
        };
        let section = |name: &str| {
            let behind = text.lines().skip_while(move |line| *line != name).skip(1);
            pairs(behind.take_while(|line| !line.starts_with('[')))
        };
        Self {
            countries: section("[countries]"),
            languages: section("[languages]"),
            currencies: section("[currencies]"),
            areas: section("[areas]"),
        }
    }

    /// The choices of a field; `None` for fields that are typed.
    pub fn choices(&self, field: SignupField) -> Option<Vec<ChoiceGroup>> {
        let all = |choices| vec![ChoiceGroup { label: None, choices }];
        Some(match field {
            SignupField::Country | SignupField::Language => {
                all(self.list(field)?.iter().map(|(code, name)| (*code, (*name).to_owned())).collect())
            }
            SignupField::Currency => {
                all(self.list(field)?.iter().map(|(code, name)| (*code, with_code(name, code))).collect())
            }
            SignupField::TimeZone => self.areas.iter().map(|(area, name)| zones_of(area, name)).collect(),
            _ => return None,
        })
    }

    /// The text of a field's choice with this code.
    pub fn text(&self, field: SignupField, code: &str) -> Option<String> {
        let (code, name) = self.list(field)?.iter().find(|(known, _)| *known == code)?;
        Some(if field == SignupField::Currency { with_code(name, code) } else { (*name).to_owned() })
    }

    fn list(&self, field: SignupField) -> Option<&[Named]> {
        match field {
            SignupField::Country => Some(&self.countries),
            SignupField::Language => Some(&self.languages),
            SignupField::Currency => Some(&self.currencies),
            _ => None,
        }
    }
}

fn pairs(lines: impl Iterator<Item = &'static str>) -> Vec<Named> {
    lines.filter_map(|line| line.split_once('\t')).collect()
}

/// People know the codes of currencies too, and some names are those of several.
fn with_code(name: &str, code: &str) -> String {
    format!("{name} ({code})")
}

/// The zones of an area by their places, as the time zone database writes them.
fn zones_of(area: &str, label: &'static str) -> ChoiceGroup {
    let place = |zone: &'static str| {
        let (first, place) = zone.split_once('/')?;
        (first == area).then(|| (zone, place.replace('_', " ").replace('/', ", ")))
    };
    ChoiceGroup { label: Some(label), choices: ZONES.lines().filter_map(place).collect() }
}

/// The code as the lists write it, for a code in any case; `None` for one that no list has.
pub fn known(field: SignupField, code: &str) -> Option<&'static str> {
    let list = Names::of(Language::English).list(field)?;
    list.iter().map(|(known, _)| *known).find(|known| known.eq_ignore_ascii_case(code))
}

/// The currency that most people of a country pay in.
pub fn currency_of(country: &str) -> Option<&'static str> {
    CURRENCIES.iter().find(|(known, _)| *known == country).map(|(_, currency)| *currency)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::fields::violations::Violations;

    const CHOSEN: [SignupField; 4] =
        [SignupField::Country, SignupField::Language, SignupField::TimeZone, SignupField::Currency];

    fn codes(language: Language, field: SignupField) -> BTreeSet<&'static str> {
        let groups = Names::of(language).choices(field).unwrap();
        groups.into_iter().flat_map(|group| group.choices).map(|(code, _)| code).collect()
    }

    #[test]
    fn every_choice_is_accepted_as_it_is() {
        for field in CHOSEN {
            for code in codes(Language::English, field) {
                let mut violations = Violations::default();
                assert_eq!(violations.format(field, code.to_owned()).as_deref(), Some(code), "{field:?}");
            }
        }
    }

    #[test]
    fn every_language_names_the_same_codes() {
        for field in CHOSEN {
            let english = codes(Language::English, field);
            assert!(english.len() > 100, "{field:?}: {}", english.len());
            for language in Language::ALL {
                assert_eq!(codes(language, field), english, "{}: {field:?}", language.tag());
                let groups = Names::of(language).choices(field).unwrap();
                let texts: Vec<_> = groups.iter().flat_map(|group| &group.choices).map(|(_, text)| text).collect();
                assert!(texts.iter().all(|text| !text.trim().is_empty()));
                assert_eq!(texts.len(), english.len(), "{}: a code of {field:?} is there twice", language.tag());
            }
        }
    }

    #[test]
    fn names_are_those_of_the_language_and_in_its_order() {
        let german = Names::of(Language::German);
        assert_eq!(german.text(SignupField::Country, "AT").as_deref(), Some("Österreich"));
        assert_eq!(german.text(SignupField::Currency, "EUR").as_deref(), Some("Euro (EUR)"));
        let places: Vec<_> = ["AF", "EG", "AX", "AL", "OM", "AT", "PK"].map(|code| place_of(german, code)).into();
        assert!(places.is_sorted(), "{places:?}");
        let arabic = Names::of(Language::Arabic).choices(SignupField::TimeZone).unwrap();
        let europe = arabic.iter().find(|group| group.label == Some("أوروبا")).unwrap();
        assert!(europe.choices.contains(&("Europe/Berlin", "Berlin".to_owned())));
    }

    fn place_of(names: &Names, code: &str) -> usize {
        names.countries.iter().position(|(known, _)| *known == code).unwrap()
    }

    #[test]
    fn the_currency_of_a_country_is_one_of_the_choices() {
        let (countries, currencies) =
            (codes(Language::English, SignupField::Country), codes(Language::English, SignupField::Currency));
        for (country, currency) in CURRENCIES.iter() {
            assert!(countries.contains(country) && currencies.contains(currency), "{country}: {currency}");
        }
        assert_eq!((currency_of("CH"), currency_of("BG"), currency_of("AQ")), (Some("CHF"), Some("EUR"), None));
    }
}
