//! A change of an agent's terms.

use contract::events::agents::{AgentTerms, Permission};
use contract::money::{Currency, Money, Percent};
use contract::tax::VatKind;

use crate::commission::change::AgentCommissionChange;

/// Changes of the terms; absent fields stay.
#[derive(Clone, Debug, Default)]
pub struct TermsChange {
    pub name: Option<String>,
    pub permissions: Option<Vec<Permission>>,
    pub remittance_threshold: Option<Money>,
    pub commission: Option<Percent>,
    pub currency: Option<Currency>,
    pub language: Option<String>,
    pub vat: Option<Percent>,
    pub vat_kind: Option<VatKind>,
    pub commission_terms: AgentCommissionChange,
    /// `Some(None)` is the company's own.
    pub hold_days: Option<Option<u16>>,
    /// Of further currencies.
    pub remittance_thresholds: Option<Vec<Money>>,
}

impl TermsChange {
    /// The terms after the change. There is one threshold for a currency.
    pub fn over(self, terms: &AgentTerms) -> AgentTerms {
        let first = self.remittance_threshold.unwrap_or(terms.remittance_threshold);
        let mut further = self.remittance_thresholds.unwrap_or_else(|| terms.remittance_thresholds.clone());
        further.retain(|threshold| threshold.currency() != first.currency());
        AgentTerms {
            name: self.name.unwrap_or_else(|| terms.name.clone()),
            permissions: self.permissions.unwrap_or_else(|| terms.permissions.clone()),
            remittance_threshold: first,
            commission: self.commission.unwrap_or(terms.commission),
            currency: self.currency.unwrap_or(terms.currency),
            language: self.language.unwrap_or_else(|| terms.language.clone()),
            vat: self.vat.unwrap_or(terms.vat),
            vat_kind: self.vat_kind.unwrap_or(terms.vat_kind),
            commission_terms: self.commission_terms.over(terms.commission_terms),
            hold_days: self.hold_days.unwrap_or(terms.hold_days),
            remittance_thresholds: further,
        }
    }
}
