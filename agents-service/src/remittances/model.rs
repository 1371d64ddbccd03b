//! A remittance: requested, then approved and paid, or refused, cancelled or returned. Every other step is refused and names the state.

use contract::clock::Moment;
use contract::decider::Decider;
use contract::events::agents::AgentsEvent;
use contract::events::remittances::{
    Balance, PaymentMethod, RemittanceApproved, RemittanceCancelled, RemittancePaid, RemittanceRefused,
    RemittanceRequested, RemittanceReturned,
};
use contract::money::{Currency, Money, MoneyError};
use contract::tax::VatTerms;
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::domain_error::DomainError;

/// Value-added tax that is paid with an amount.
pub fn vat_on(amount: Money, vat: VatTerms) -> Result<Money, MoneyError> {
    Money::rounded(amount.amount() * Decimal::new(vat.paid().basis_points(), 4), amount.currency())
}

/// A moment as an error names it, to the second.
fn in_words(moment: Moment) -> String {
    let text = moment.to_string();
    format!("{}Z", text.get(..19).unwrap_or(&text))
}

/// The stream of a remittance.
pub fn stream(remittance_id: Uuid) -> String {
    format!("remittance-{remittance_id}")
}

/// A remittance's stages of life.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RemittanceState {
    #[default]
    Absent,
    Requested,
    Approved,
    Refused,
    Cancelled,
    Paid,
    Returned,
}

/// What is known of a remittance.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Remittance {
    pub state: RemittanceState,
    pub request: Option<RemittanceRequested>,
    /// Who approved it.
    pub approver: Option<String>,
    /// Value-added tax that was paid with it.
    pub vat: Option<Money>,
}

/// What can be asked of a remittance.
#[derive(Clone, Debug)]
pub enum RemittanceCommand {
    Request { remittance_id: Uuid, agent_id: Uuid, amount: Money, balance: Balance, threshold: Option<Money> },
    Approve { approver: String, balance: Balance },
    Refuse { reason: String },
    Cancel,
    Pay(Payout),
    Return { reason: String },
}

/// How a remittance is paid.
#[derive(Clone, Debug)]
pub struct Payout {
    pub method: PaymentMethod,
    pub bank_reference: String,
    pub vat: Money,
    pub vat_terms: VatTerms,
    pub payer: String,
    /// Whoever approved does not pay.
    pub four_eyes: bool,
    /// A change of the agent's bank details stops payouts until then.
    pub blocked_until: Option<Moment>,
}

/// Why a command is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RemittanceError {
    #[error("there is no such remittance")]
    Unknown,
    #[error("there is a remittance with this id already")]
    Exists,
    #[error("the remittance is {}", .0.name())]
    State(RemittanceState),
    #[error("must be more than 0")]
    Nothing,
    #[error("there is no threshold for {}, and so nothing can be requested in it", .0.as_str())]
    NoThreshold(Currency),
    #[error("the threshold is not reached: available {available}, threshold {threshold} ({})", .currency.as_str())]
    BelowThreshold { available: Decimal, threshold: Decimal, currency: Currency },
    #[error("not so much is available: available {available}, requested {requested} ({})", .currency.as_str())]
    NotAvailable { available: Decimal, requested: Decimal, currency: Currency },
    #[error("earned {earned}, reserved {reserved} ({}): something was taken back since the request", .currency.as_str())]
    NotCovered { earned: Decimal, reserved: Decimal, currency: Currency },
    #[error("whoever approved a remittance does not pay it")]
    FourEyes,
    #[error("the bank details were changed: payouts are stopped until {}", in_words(*.0))]
    Blocked(Moment),
}

impl RemittanceState {
    /// As the API names it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Absent => "absent",
            Self::Requested => "requested",
            Self::Approved => "approved",
            Self::Refused => "refused",
            Self::Cancelled => "cancelled",
            Self::Paid => "paid",
            Self::Returned => "returned",
        }
    }
}

impl From<RemittanceError> for DomainError {
    fn from(error: RemittanceError) -> Self {
        match error {
            RemittanceError::Unknown => Self::not_found(error.to_string()),
            RemittanceError::Exists => Self::conflict("remittance_exists", error.to_string()),
            RemittanceError::State(_) => Self::conflict("remittance_state", error.to_string()),
            RemittanceError::Nothing => Self::invalid_field("amount", "too_small", error.to_string()),
            RemittanceError::NoThreshold(_) => Self::conflict("no_threshold", error.to_string()),
            RemittanceError::BelowThreshold { .. } => Self::conflict("below_threshold", error.to_string()),
            RemittanceError::NotAvailable { .. } | RemittanceError::NotCovered { .. } => {
                Self::conflict("not_available", error.to_string())
            }
            RemittanceError::FourEyes => Self::conflict("four_eyes", error.to_string()),
            RemittanceError::Blocked(_) => Self::conflict("payouts_blocked", error.to_string()),
        }
    }
}

impl Remittance {
    /// The request, where the remittance is in this state.
    fn requested_in(&self, states: &[RemittanceState]) -> Result<&RemittanceRequested, RemittanceError> {
        let request = self.request.as_ref().ok_or(RemittanceError::Unknown)?;
        if states.contains(&self.state) { Ok(request) } else { Err(RemittanceError::State(self.state)) }
    }

    fn becomes(self, state: RemittanceState) -> Self {
        Self { state, ..self }
    }
}

impl Decider for Remittance {
    type State = Self;
    type Command = RemittanceCommand;
    type Event = AgentsEvent;
    type Error = RemittanceError;

    fn decide(state: &Self, command: RemittanceCommand) -> Result<Vec<AgentsEvent>, RemittanceError> {
        use RemittanceState::{Approved, Paid, Requested};
        let event = match command {
            RemittanceCommand::Request { remittance_id, agent_id, amount, balance, threshold } => {
                if state.request.is_some() {
                    return Err(RemittanceError::Exists);
                }
                may_request(amount, balance, threshold)?;
                RemittanceRequested { remittance_id, agent_id, amount, balance }.into()
            }
            RemittanceCommand::Approve { approver, balance } => {
                let RemittanceRequested { remittance_id, agent_id, amount, .. } = *state.requested_in(&[Requested])?;
                let Balance { earned, reserved, paid } = balance;
                if earned - paid < reserved {
                    return Err(RemittanceError::NotCovered { earned, reserved, currency: amount.currency() });
                }
                RemittanceApproved { remittance_id, agent_id, amount, approver, balance }.into()
            }
            RemittanceCommand::Refuse { reason } => {
                let RemittanceRequested { remittance_id, agent_id, amount, .. } = *state.requested_in(&[Requested])?;
                RemittanceRefused { remittance_id, agent_id, amount, reason: reason.into() }.into()
            }
            RemittanceCommand::Cancel => {
                let RemittanceRequested { remittance_id, agent_id, amount, .. } = *state.requested_in(&[Requested])?;
                RemittanceCancelled { remittance_id, agent_id, amount }.into()
            }
            RemittanceCommand::Pay(payout) => {
                let RemittanceRequested { remittance_id, agent_id, amount, .. } = *state.requested_in(&[Approved])?;
                if payout.four_eyes && state.approver.as_ref() == Some(&payout.payer) {
                    return Err(RemittanceError::FourEyes);
                }
                if let Some(until) = payout.blocked_until {
                    return Err(RemittanceError::Blocked(until));
                }
                let Payout { method, bank_reference, vat, vat_terms, .. } = payout;
                let (vat_terms, bank_reference) = (Some(vat_terms), bank_reference.into());
                RemittancePaid { remittance_id, agent_id, amount, vat, vat_terms, method, bank_reference }.into()
            }
            RemittanceCommand::Return { reason } => {
                let request = state.requested_in(&[Approved, Paid])?;
                let RemittanceRequested { remittance_id, agent_id, amount, .. } = *request;
                let (was_paid, reason) = (state.state == Paid, reason.into());
                RemittanceReturned { remittance_id, agent_id, amount, vat: state.vat, was_paid, reason }.into()
            }
        };
        Ok(vec![event])
    }

    fn evolve(state: Self, event: &AgentsEvent) -> Self {
        match event {
            AgentsEvent::RemittanceRequested(event) => {
                Self { request: Some(event.clone()), ..state.becomes(RemittanceState::Requested) }
            }
            AgentsEvent::RemittanceApproved(event) => {
                Self { approver: Some(event.approver.clone()), ..state.becomes(RemittanceState::Approved) }
            }
            AgentsEvent::RemittanceRefused(_) => state.becomes(RemittanceState::Refused),
            AgentsEvent::RemittanceCancelled(_) => state.becomes(RemittanceState::Cancelled),
            AgentsEvent::RemittancePaid(event) => Self { vat: Some(event.vat), ..state.becomes(RemittanceState::Paid) },
            AgentsEvent::RemittanceReturned(_) => state.becomes(RemittanceState::Returned),
            _ => state,
        }
    }
}

/// Whether an amount may be requested: the threshold is reached, and so much is available.
fn may_request(amount: Money, balance: Balance, threshold: Option<Money>) -> Result<(), RemittanceError> {
    let (available, requested, currency) = (balance.available(), amount.amount(), amount.currency());
    let threshold = threshold.ok_or(RemittanceError::NoThreshold(currency))?.amount();
    if requested.is_zero() {
        Err(RemittanceError::Nothing)
    } else if available < threshold {
        Err(RemittanceError::BelowThreshold { available, threshold, currency })
    } else if requested > available {
        Err(RemittanceError::NotAvailable { available, requested, currency })
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::RemittanceState::{Approved, Cancelled, Paid, Refused, Requested, Returned};
    use super::*;

    fn euro(amount: &str) -> Money {
        Money::new(amount.parse().unwrap(), Currency::known("EUR").unwrap()).unwrap()
    }

    fn balance(earned: &str, reserved: &str, paid: &str) -> Balance {
        let [earned, reserved, paid] = [earned, reserved, paid].map(|text| text.parse().unwrap());
        Balance { earned, reserved, paid }
    }

    fn request(amount: &str, balance: Balance, threshold: Option<&str>) -> RemittanceCommand {
        let (remittance_id, agent_id) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let (amount, threshold) = (euro(amount), threshold.map(euro));
        RemittanceCommand::Request { remittance_id, agent_id, amount, balance, threshold }
    }

    fn approve(balance: Balance) -> RemittanceCommand {
        RemittanceCommand::Approve { approver: "operator-1".to_owned(), balance }
    }

    fn refuse() -> RemittanceCommand {
        RemittanceCommand::Refuse { reason: "wrong account".to_owned() }
    }

    fn send_back() -> RemittanceCommand {
        RemittanceCommand::Return { reason: "account closed".to_owned() }
    }

    fn pay(payer: &str, four_eyes: bool) -> RemittanceCommand {
        RemittanceCommand::Pay(Payout {
            method: PaymentMethod::BankTransfer,
            bank_reference: "00".to_owned(),
            vat: euro("0.00"),
            vat_terms: VatTerms::default(),
            payer: payer.to_owned(),
            four_eyes,
            blocked_until: None,
        })
    }

    fn after(commands: impl IntoIterator<Item = RemittanceCommand>) -> Remittance {
        commands.into_iter().fold(Remittance::default(), |state, command| {
            let events = Remittance::decide(&state, command).unwrap();
            events.iter().fold(state, Remittance::evolve)
        })
    }

    fn requested() -> RemittanceCommand {
        request("70.00", balance("70.00", "0.00", "0.00"), Some("50.00"))
    }

    fn approved() -> RemittanceCommand {
        approve(balance("70.00", "70.00", "0.00"))
    }

    #[test]
    fn an_amount_is_requested_when_the_threshold_is_reached_and_so_much_is_available() {
        let (below, more) = (
            |available: &str, threshold: &str| RemittanceError::BelowThreshold {
                available: available.parse().unwrap(),
                threshold: threshold.parse().unwrap(),
                currency: euro("0.00").currency(),
            },
            |available: &str, requested: &str| RemittanceError::NotAvailable {
                available: available.parse().unwrap(),
                requested: requested.parse().unwrap(),
                currency: euro("0.00").currency(),
            },
        );
        for (amount, have, threshold, refusal) in [
            ("50.00", balance("50.00", "0", "0"), Some("50.00"), None),
            ("10.00", balance("50.00", "0", "0"), Some("50.00"), None),
            ("49.99", balance("49.99", "0", "0"), Some("50.00"), Some(below("49.99", "50.00"))),
            ("20.94", balance("20.94", "0", "0"), Some("20.94"), None),
            ("50.01", balance("50.00", "0", "0"), Some("50.00"), Some(more("50.00", "50.01"))),
            ("50.00", balance("120.00", "70.01", "0"), Some("50.00"), Some(below("49.99", "50.00"))),
            ("5.00", balance("17.50", "0", "25.00"), Some("0.00"), Some(below("-7.50", "0.00"))),
            ("0.00", balance("50.00", "0", "0"), Some("0.00"), Some(RemittanceError::Nothing)),
            ("5.00", balance("50.00", "0", "0"), None, Some(RemittanceError::NoThreshold(euro("0").currency()))),
        ] {
            let decided = Remittance::decide(&Remittance::default(), request(amount, have, threshold));
            assert_eq!(decided.err(), refusal, "{amount} of {have:?}");
        }
    }

    #[test]
    fn a_refund_between_request_and_approval_stops_the_approval_with_both_amounts() {
        let decided = Remittance::decide(&after([requested()]), approve(balance("45.00", "70.00", "0.00")));
        let error = decided.unwrap_err();
        assert!(error.to_string().contains("earned 45.00, reserved 70.00"), "{error}");
    }

    /// Each command in each state: allowed once, in its place.
    #[test]
    fn each_step_happens_in_its_state_only_and_the_refusal_names_the_state() {
        let reached = [
            (Requested, vec![requested()]),
            (Approved, vec![requested(), approved()]),
            (Refused, vec![requested(), refuse()]),
            (Cancelled, vec![requested(), RemittanceCommand::Cancel]),
            (Paid, vec![requested(), approved(), pay("operator-1", false)]),
            (Returned, vec![requested(), approved(), pay("operator-1", false), send_back()]),
        ];
        let steps = [
            ("approve", approved(), vec![Requested]),
            ("refuse", refuse(), vec![Requested]),
            ("cancel", RemittanceCommand::Cancel, vec![Requested]),
            ("pay", pay("operator-1", false), vec![Approved]),
            ("return", send_back(), vec![Approved, Paid]),
        ];
        for (state, commands) in &reached {
            let remittance = after(commands.clone());
            assert_eq!(remittance.state, *state);
            for (name, step, allowed) in &steps {
                let decided = Remittance::decide(&remittance, step.clone());
                let refused = (!allowed.contains(state)).then_some(RemittanceError::State(*state));
                assert_eq!(decided.err(), refused, "{name} when {}", state.name());
            }
            assert_eq!(Remittance::decide(&remittance, requested()), Err(RemittanceError::Exists));
        }
        for (name, step, _) in steps {
            assert_eq!(Remittance::decide(&Remittance::default(), step), Err(RemittanceError::Unknown), "{name}");
        }
    }

    #[test]
    fn where_four_eyes_are_asked_for_whoever_approved_does_not_pay() {
        let approved = after([requested(), approved()]);
        assert_eq!(Remittance::decide(&approved, pay("operator-1", true)), Err(RemittanceError::FourEyes));
        assert!(Remittance::decide(&approved, pay("operator-2", true)).is_ok());
    }
}
