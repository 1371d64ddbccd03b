//! What all public pages share: the operator's theme, the files that pages load, the choice of a language, the
//! texts in each language (`i18n`), and the names of countries, languages and currencies.

pub mod assets;
pub mod i18n;
pub mod language;
pub mod names;
pub mod page_context;
pub mod page_request;
pub mod suggestion;
pub mod theme;
