//! The signup page, rendered once for each language, in a frame or not, with blanks for what differs between keys.
//! The pages are valid as long as the form's settings are the same object; a change of the settings makes a new one.

use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use crate::keys::form_config::SignupFormConfig;
use crate::keys::shared::Shared;
use crate::pages::page_template::PageTemplate;
use crate::ui::language::Language;
use crate::ui::theme::Theme;

/// The page in all variants, with the theme and settings that it was rendered from.
pub struct PageCache {
    pub rules: Arc<Shared<SignupFormConfig>>,
    pub theme: Arc<Theme>,
    /// By language and framing. `None` inside where the page cannot be rendered with blanks.
    pages: [[OnceLock<Option<PageTemplate>>; 2]; Language::ALL.len()],
}

impl PageCache {
    fn new(rules: Arc<Shared<SignupFormConfig>>) -> Self {
        Self { theme: Arc::new(Theme::new(&rules)), rules, pages: Default::default() }
    }

    /// The page in this variant, rendered on first use.
    pub fn page(&self, language: Language, embedded: bool) -> Option<&PageTemplate> {
        let page = &self.pages[language as usize][usize::from(embedded)];
        page.get_or_init(|| PageTemplate::new(language, embedded, &self.theme, &self.rules)).as_ref()
    }
}

#[derive(Default)]
pub struct CurrentPages(RwLock<Option<Arc<PageCache>>>);

impl CurrentPages {
    /// The pages for these settings.
    pub fn of(&self, rules: Arc<Shared<SignupFormConfig>>) -> Arc<PageCache> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(pages) = known.filter(|pages| Arc::ptr_eq(&pages.rules, &rules)) {
            return pages;
        }
        let pages = Arc::new(PageCache::new(rules));
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&pages));
        pages
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_made_once_for_its_rules() {
        let (current, rules) = (CurrentPages::default(), Arc::<Shared<SignupFormConfig>>::default());
        let first = current.of(Arc::clone(&rules));
        assert!(Arc::ptr_eq(&first, &current.of(rules)));
        assert!(!Arc::ptr_eq(&first, &current.of(Arc::default())));
        for language in Language::ALL {
            assert!(first.page(language, true).is_some() && first.page(language, false).is_some());
        }
    }
}
