//! The languages of the pages, and the choice of one: by the link, else by the browser, else English.

use std::cmp::Reverse;

use crate::ui::i18n::{Texts, ar, de, en, es, fr, pt};

/// Most entries of an `Accept-Language` header that are read.
const MAX_ACCEPTED: usize = 30;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    English,
    Spanish,
    French,
    German,
    Portuguese,
    Arabic,
}

impl Language {
    /// In the order of the page's language links.
    pub const ALL: [Self; 6] =
        [Self::English, Self::Spanish, Self::French, Self::German, Self::Portuguese, Self::Arabic];

    /// The BCP 47 tag.
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Spanish => "es",
            Self::French => "fr",
            Self::German => "de",
            Self::Portuguese => "pt",
            Self::Arabic => "ar",
        }
    }

    /// The language's own name.
    pub fn name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Spanish => "Español",
            Self::French => "Français",
            Self::German => "Deutsch",
            Self::Portuguese => "Português",
            Self::Arabic => "العربية",
        }
    }

    /// The writing direction.
    pub fn direction(self) -> &'static str {
        if self == Self::Arabic { "rtl" } else { "ltr" }
    }

    pub fn texts(self) -> &'static Texts {
        match self {
            Self::English => &en::TEXTS,
            Self::Spanish => &es::TEXTS,
            Self::French => &fr::TEXTS,
            Self::German => &de::TEXTS,
            Self::Portuguese => &pt::TEXTS,
            Self::Arabic => &ar::TEXTS,
        }
    }

    /// The language of a tag such as `pt-BR`.
    pub fn of_tag(tag: &str) -> Option<Self> {
        let primary = tag.trim().split(['-', '_']).next().unwrap_or_default();
        Self::ALL.into_iter().find(|language| language.tag().eq_ignore_ascii_case(primary))
    }

    /// The best language of an `Accept-Language` header; the first of equals.
    pub fn accepted(header: &str) -> Option<Self> {
        // `*` means English.
        let language = |tag: &str| if tag == "*" { Some(Self::English) } else { Self::of_tag(tag) };
        accepted_tags(header).into_iter().find_map(|(tag, _)| language(tag))
    }
}

/// The tags of an `Accept-Language` header with their weights, the best one first; without those of no weight.
pub fn accepted_tags(header: &str) -> Vec<(&str, u16)> {
    let mut tags = Vec::new();
    for entry in header.split(',').take(MAX_ACCEPTED) {
        let (tag, parameters) = entry.split_once(';').unwrap_or((entry, ""));
        tags.extend(quality(parameters).filter(|quality| *quality > 0).map(|quality| (tag.trim(), quality)));
    }
    // Equals stay in their order.
    tags.sort_by_key(|(_, quality)| Reverse(*quality));
    tags
}

/// The weight of an entry, in thousandths; `None` when it is malformed.
fn quality(parameters: &str) -> Option<u16> {
    let Some(text) = parameters.split(';').find_map(|part| part.trim().strip_prefix("q=")) else { return Some(1_000) };
    let (whole, part) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
    if part.len() > 3 || !part.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let thousandths = format!("{part:0<3}").parse::<u16>().ok()?;
    match whole {
        "0" => Some(thousandths),
        "1" if thousandths == 0 => Some(1_000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_with_a_region_is_its_language() {
        for (tag, language) in [("pt-BR", Language::Portuguese), ("DE", Language::German), ("ar_EG", Language::Arabic)]
        {
            assert_eq!(Language::of_tag(tag), Some(language));
        }
        for tag in ["", "english", "xx", "-en", "<script>"] {
            assert_eq!(Language::of_tag(tag), None, "{tag}");
        }
    }

    #[test]
    fn the_browsers_wish_is_weighed() {
        for (header, expected) in [
            ("de", Some(Language::German)),
            ("de-AT,de;q=0.9,en;q=0.8", Some(Language::German)),
            ("nl, fr;q=0.5, es;q=0.7", Some(Language::Spanish)),
            ("en;q=0.2, ar;q=0.201", Some(Language::Arabic)),
            ("es;q=0.5,fr;q=0.5", Some(Language::Spanish)),
            ("fr;q=0, *;q=0.1", Some(Language::English)),
            ("fr ; q=1.000 , de;q=0.999", Some(Language::French)),
            ("nl, ja", None),
            ("de;q=0", None),
            ("de;q=2, de;q=-1, de;q=x, de;q=0.1234, de;q=1.5", None),
            ("", None),
            (";;;,,,q=1", None),
        ] {
            assert_eq!(Language::accepted(header), expected, "{header}");
        }
    }
}
