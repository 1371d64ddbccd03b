//! What a browser lets guess about its person, by the languages that it asks for: `de-AT` is somebody who reads German
//! and probably lives in Austria. Guesses are shown in fields that the person sees, and never stored by themselves.

use axum::http::{HeaderMap, header};
use contract::events::agents::SignupField;

use crate::ui::language::accepted_tags;
use crate::ui::names::{currency_of, known};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Suggestion {
    language: Option<&'static str>,
    country: Option<&'static str>,
    currency: Option<&'static str>,
}

impl Suggestion {
    pub fn by(headers: &HeaderMap) -> Self {
        let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        accepted.map(Self::of).unwrap_or_default()
    }

    /// The first tags count that name a language and a country.
    fn of(accepted: &str) -> Self {
        let tags = accepted_tags(accepted);
        let parts = || tags.iter().map(|(tag, _)| tag.split(['-', '_']));
        let language = parts().find_map(|mut parts| known(SignupField::Language, parts.next()?));
        let country = parts().find_map(|parts| parts.skip(1).find_map(|part| known(SignupField::Country, part)));
        Self { language, country, currency: country.and_then(currency_of) }
    }

    /// The code for a field.
    pub fn code(&self, field: SignupField) -> Option<&'static str> {
        match field {
            SignupField::Language => self.language,
            SignupField::Country => self.country,
            SignupField::Currency => self.currency,
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_browsers_languages_name_a_country_and_its_currency() {
        for (accepted, expected) in [
            ("de-AT,de;q=0.9,en;q=0.8", [Some("de"), Some("AT"), Some("EUR")]),
            ("en;q=0.5, pt-BR;q=0.9", [Some("pt"), Some("BR"), Some("BRL")]),
            ("de, en-GB;q=0.5", [Some("de"), Some("GB"), Some("GBP")]),
            ("zh-Hant-TW", [Some("zh"), Some("TW"), Some("TWD")]),
            ("es-419", [Some("es"), None, None]),
            ("*", [None; 3]),
            ("xx-YY, <script>-<b>", [None; 3]),
            ("de;q=0", [None; 3]),
            ("", [None; 3]),
        ] {
            let suggestion = Suggestion::of(accepted);
            let fields = [SignupField::Language, SignupField::Country, SignupField::Currency];
            assert_eq!(fields.map(|field| suggestion.code(field)), expected, "{accepted}");
        }
        assert_eq!(Suggestion::of("de-AT").code(SignupField::TimeZone), None);
    }
}
