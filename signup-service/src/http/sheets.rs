//! What visitors are shown, written once with blanks for what differs between them: the answer to a lookup for each offer, the page
//! with the form for all, in each language, in a frame or not. A sheet is good as long as what it was written from is the very object that it was; a change makes new ones.

use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use quick_cache::sync::Cache;

use super::api::signup_keys::BlankAnswer;
use super::signup::blank_page::BlankPage;
use super::signup::language::Language;
use super::signup::look::Look;
use crate::domain::signup::FormRules;
use crate::domain::usable::Offer;
use crate::keys::MAX_OFFERS;

/// The answer to a lookup, and what it was written from.
pub struct AnswerSheet {
    offer: Arc<Offer>,
    rules: Arc<FormRules>,
    pub answer: BlankAnswer,
}

/// The page in all its forms, the operator's look, and what they were written from.
pub struct PageSheet {
    rules: Arc<FormRules>,
    pub look: Arc<Look>,
    /// By language, and whether it stands in a frame. Missing where it cannot be written with blanks.
    pages: [[OnceLock<Option<BlankPage>>; 2]; Language::ALL.len()],
}

impl PageSheet {
    fn new(rules: Arc<FormRules>) -> Self {
        Self { look: Arc::new(Look::new(&rules)), rules, pages: Default::default() }
    }

    /// The page in this form, written now if need be.
    pub fn page(&self, language: Language, embedded: bool) -> Option<&BlankPage> {
        let page = &self.pages[language as usize][usize::from(embedded)];
        page.get_or_init(|| BlankPage::new(language, embedded, &self.look, &self.rules)).as_ref()
    }
}

/// The sheets in memory.
pub struct Sheets {
    /// As many as there are offers, about a kilobyte each, each under the address of its offer: as long as a sheet holds the offer,
    /// nothing else is there.
    answers: Cache<usize, Arc<AnswerSheet>>,
    page: RwLock<Option<Arc<PageSheet>>>,
}

impl Default for Sheets {
    fn default() -> Self {
        Self { answers: Cache::new(MAX_OFFERS), page: RwLock::default() }
    }
}

impl Sheets {
    /// The answer for an offer, written now if need be.
    pub fn answer(&self, offer: &Arc<Offer>, rules: Arc<FormRules>) -> Arc<AnswerSheet> {
        let address = Arc::as_ptr(offer).addr();
        let is_of = |sheet: &Arc<AnswerSheet>| Arc::ptr_eq(&sheet.offer, offer) && Arc::ptr_eq(&sheet.rules, &rules);
        if let Some(sheet) = self.answers.get(&address).filter(is_of) {
            return sheet;
        }
        let answer = BlankAnswer::new(offer, &rules);
        let sheet = Arc::new(AnswerSheet { offer: Arc::clone(offer), rules, answer });
        self.answers.insert(address, Arc::clone(&sheet));
        sheet
    }

    /// The page with the form, anew if need be.
    pub fn page(&self, rules: Arc<FormRules>) -> Arc<PageSheet> {
        let known = self.page.read().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(sheet) = known.filter(|sheet| Arc::ptr_eq(&sheet.rules, &rules)) {
            return sheet;
        }
        let sheet = Arc::new(PageSheet::new(rules));
        *self.page.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&sheet));
        sheet
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::usable::tests::usable_row;

    #[test]
    fn an_answer_is_written_once_for_an_offer_and_its_rules() {
        let (sheets, offer, rules) = (Sheets::default(), usable_row().offer, Arc::<FormRules>::default());
        let first = sheets.answer(&offer, Arc::clone(&rules));
        assert!(Arc::ptr_eq(&first, &sheets.answer(&offer, Arc::clone(&rules))));
        assert!(!Arc::ptr_eq(&first, &sheets.answer(&usable_row().offer, rules)));
        assert!(!Arc::ptr_eq(&first, &sheets.answer(&offer, Arc::default())));
    }

    #[test]
    fn a_page_is_written_once_for_its_rules() {
        let (sheets, rules) = (Sheets::default(), Arc::<FormRules>::default());
        let first = sheets.page(Arc::clone(&rules));
        assert!(Arc::ptr_eq(&first, &sheets.page(rules)));
        assert!(!Arc::ptr_eq(&first, &sheets.page(Arc::default())));
        for language in Language::ALL {
            assert!(first.page(language, true).is_some() && first.page(language, false).is_some());
        }
    }
}
