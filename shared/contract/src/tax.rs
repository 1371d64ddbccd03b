//! Value-added tax on what agents are paid.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::money::Percent;

/// How value-added tax is handled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum VatKind {
    /// It is paid at the agent's own rate.
    #[default]
    Rate,
    /// The company owes it, and pays none to the agent.
    ReverseCharge,
    /// There is none.
    None,
}

impl VatKind {
    /// Whether it is the one that counts where nothing is stated.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// The kind and the rate that counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct VatTerms {
    /// How it is handled.
    pub kind: VatKind,
    /// The agent's own rate; it is paid with the kind `rate` only.
    pub percent: Percent,
}

impl VatTerms {
    /// The rate that is paid to the agent.
    pub fn paid(&self) -> Percent {
        match self.kind {
            VatKind::Rate => self.percent,
            VatKind::ReverseCharge | VatKind::None => Percent::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tax_is_paid_at_the_agents_own_rate_only() {
        let percent = Percent::parse("19").unwrap_or_default();
        let paid = |kind| VatTerms { kind, percent }.paid();
        assert_eq!(paid(VatKind::Rate), percent);
        assert_eq!([paid(VatKind::ReverseCharge), paid(VatKind::None)], [Percent::default(); 2]);
    }
}
