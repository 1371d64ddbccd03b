//! Changes of an agent's commission terms; what is absent stays.

use contract::commission::{AgentCommission, Base, Per, RateAt, Window};
use contract::money::Money;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AgentCommissionChange {
    /// `Some(None)` is the percentage again.
    pub flat: Option<Option<Money>>,
    pub per: Option<Per>,
    pub base: Option<Base>,
    pub window: Option<Window>,
    pub rate_at: Option<RateAt>,
}

impl AgentCommissionChange {
    /// The terms after the change.
    pub fn over(self, terms: AgentCommission) -> AgentCommission {
        AgentCommission {
            flat: self.flat.unwrap_or(terms.flat),
            per: self.per.unwrap_or(terms.per),
            base: self.base.unwrap_or(terms.base),
            window: self.window.unwrap_or(terms.window),
            rate_at: self.rate_at.unwrap_or(terms.rate_at),
        }
    }
}
