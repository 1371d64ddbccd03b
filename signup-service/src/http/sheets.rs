//! What visitors are shown of an offer, written once with blanks for what differs between them. A sheet is good as long as the
//! offer and the form's rules are the very objects that it was written from; a change makes new ones.

use std::sync::Arc;

use quick_cache::sync::Cache;

use super::api::signup_keys::BlankAnswer;
use super::signup::pages::BlankPage;
use crate::domain::signup::FormRules;
use crate::domain::usable::Offer;

/// Most sheets in memory: about five kilobytes each.
pub const MAX_SHEETS: usize = 1 << 12;

/// One offer, written.
pub struct Sheet {
    offer: Arc<Offer>,
    rules: Arc<FormRules>,
    /// The answer to a lookup.
    pub answer: BlankAnswer,
    /// The page with the form.
    pub page: Option<BlankPage>,
}

impl Sheet {
    fn is_of(&self, offer: &Arc<Offer>, rules: &Arc<FormRules>) -> bool {
        Arc::ptr_eq(&self.offer, offer) && Arc::ptr_eq(&self.rules, rules)
    }
}

/// The sheets written lately, each under the address of its offer: as long as a sheet holds the offer, nothing else is there.
pub struct Sheets(Cache<usize, Arc<Sheet>>);

impl Default for Sheets {
    fn default() -> Self {
        Self(Cache::new(MAX_SHEETS))
    }
}

impl Sheets {
    /// The sheet of an offer, written now if need be.
    pub fn of(&self, offer: &Arc<Offer>, rules: Arc<FormRules>) -> Arc<Sheet> {
        let address = Arc::as_ptr(offer).addr();
        if let Some(sheet) = self.0.get(&address).filter(|sheet| sheet.is_of(offer, &rules)) {
            return sheet;
        }
        let (answer, page) = (BlankAnswer::new(offer, &rules), BlankPage::new(offer, &rules));
        let sheet = Arc::new(Sheet { offer: Arc::clone(offer), rules, answer, page });
        self.0.insert(address, Arc::clone(&sheet));
        sheet
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::usable::tests::usable_row;

    #[test]
    fn a_sheet_is_written_once_for_an_offer_and_its_rules() {
        let (sheets, offer, rules) = (Sheets::default(), usable_row().offer, Arc::<FormRules>::default());
        let first = sheets.of(&offer, Arc::clone(&rules));
        assert!(Arc::ptr_eq(&first, &sheets.of(&offer, Arc::clone(&rules))));
        assert!(!Arc::ptr_eq(&first, &sheets.of(&usable_row().offer, rules)));
        assert!(!Arc::ptr_eq(&first, &sheets.of(&offer, Arc::default())));
    }
}
