//! A statement: issued once, and never changed. What it says is decided here; what the ledger has comes in the command.

use contract::clock::Moment;
use contract::decider::Decider;
use contract::events::agents::AgentsEvent;
use contract::events::statements::{StatementIssued, StatementOf, StatementSection};
use contract::statements::{SelfBilling, StatementSettings};
use contract::tax::{VatKind, VatTerms};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::domain_error::DomainError;
use crate::statements::names::Party;

/// Most lines of a statement: what fits into a document.
pub const MOST_LINES: u64 = 100_000;

/// The id of the statement of this subject: made from the SHA-256 of what it is about, so that asking twice means one statement.
pub fn id(agent_id: Uuid, of: &StatementOf, corrects: Option<u64>) -> Uuid {
    let subject = match of {
        StatementOf::Period { starts_at, ends_at, .. } => format!("period {starts_at} {ends_at}"),
        StatementOf::Remittance { remittance_id } => format!("remittance {remittance_id}"),
    };
    let corrected = corrects.map(|number| number.to_string()).unwrap_or_default();
    let digest = Sha256::digest(format!("{agent_id}\n{subject}\n{corrected}").as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

/// The stream of a statement.
pub fn stream(statement_id: Uuid) -> String {
    format!("statement-{statement_id}")
}

/// A statement; nothing before it was issued.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Statement(pub Option<StatementIssued>);

/// What a statement is issued from.
#[derive(Clone, Debug)]
pub struct Issue {
    pub agent_id: Uuid,
    pub of: StatementOf,
    /// The company's.
    pub time_zone: String,
    pub corrects: Option<u64>,
    /// The next number of the company.
    pub number: u64,
    pub settings: StatementSettings,
    pub company: Party,
    pub agent: Party,
    pub vat: VatTerms,
    /// What the ledger has; nothing where the remittance was not paid to this agent.
    pub stated: Option<Stated>,
    pub now: Moment,
}

/// What the ledger has of the subject.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stated {
    /// Lines after this position,
    pub after: u64,
    /// and up to this one.
    pub position: u64,
    pub sections: Vec<StatementSection>,
}

/// Why no statement is issued.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StatementError {
    #[error("has not ended yet")]
    NotEnded,
    #[error("is no remittance that was paid to this agent")]
    NotPaid,
    #[error("the statement has more than {MOST_LINES} lines: issue it for a shorter period")]
    TooManyLines,
    #[error(
        "a self-billed statement needs the company's legal name, address and VAT number: enter them in the settings"
    )]
    CompanyDetails,
    #[error(
        "a self-billed statement needs the agent's name and address, and their VAT number where tax is paid or reversed"
    )]
    AgentDetails,
}

impl From<StatementError> for DomainError {
    fn from(error: StatementError) -> Self {
        match error {
            StatementError::NotEnded => Self::invalid_field("period.until", "not_ended", error.to_string()),
            StatementError::NotPaid => Self::invalid_field("remittance_id", "not_paid", error.to_string()),
            StatementError::TooManyLines => Self::conflict("too_many_lines", error.to_string()),
            StatementError::CompanyDetails => Self::conflict("company_details_missing", error.to_string()),
            StatementError::AgentDetails => Self::conflict("agent_details_missing", error.to_string()),
        }
    }
}

impl Issue {
    fn self_billing(&self) -> Result<bool, StatementError> {
        let applies = match (self.settings.self_billing, &self.of) {
            (SelfBilling::Never, _) => false,
            (SelfBilling::Remittances, of) => matches!(of, StatementOf::Remittance { .. }),
            (SelfBilling::Periods, of) => matches!(of, StatementOf::Period { .. }),
        };
        let has_tax = self.vat.kind == VatKind::ReverseCharge || self.vat.paid().basis_points() > 0;
        if applies && !self.company.is_complete(true) {
            Err(StatementError::CompanyDetails)
        } else if applies && !self.agent.is_complete(has_tax) {
            Err(StatementError::AgentDetails)
        } else {
            Ok(applies)
        }
    }
}

impl Decider for Statement {
    type State = Self;
    type Command = Issue;
    type Event = AgentsEvent;
    type Error = StatementError;

    /// Asked for again, the statement stands as it is.
    fn decide(state: &Self, issue: Issue) -> Result<Vec<AgentsEvent>, StatementError> {
        if state.0.is_some() {
            return Ok(Vec::new());
        }
        if matches!(issue.of, StatementOf::Period { ends_at, .. } if ends_at > issue.now) {
            return Err(StatementError::NotEnded);
        }
        let self_billing = issue.self_billing();
        let Stated { after, position, sections } = issue.stated.ok_or(StatementError::NotPaid)?;
        let lines: u64 = sections.iter().flat_map(|section| &section.sums).map(|sum| sum.lines).sum();
        if lines > MOST_LINES {
            return Err(StatementError::TooManyLines);
        }
        let Issue { agent_id, of, time_zone, corrects, number, settings, .. } = issue;
        let issued = StatementIssued {
            statement_id: id(agent_id, &of, corrects),
            number,
            prefix: settings.number_prefix,
            agent_id,
            of,
            time_zone,
            corrects,
            after,
            position,
            self_billing: self_billing?,
            sections,
        };
        Ok(vec![issued.into()])
    }

    fn evolve(state: Self, event: &AgentsEvent) -> Self {
        match event {
            AgentsEvent::StatementIssued(event) => Self(Some(event.clone())),
            _ => state,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(text: &str) -> Moment {
        Moment::parse(text).unwrap()
    }

    fn issue() -> Issue {
        let of = StatementOf::Period {
            since: "2026-10-01".to_owned(),
            until: "2026-10-31".to_owned(),
            starts_at: moment("2026-10-01T00:00:00Z"),
            ends_at: moment("2026-11-01T00:00:00Z"),
        };
        Issue {
            agent_id: Uuid::from_u128(1),
            of,
            time_zone: "UTC".to_owned(),
            corrects: None,
            number: 7,
            settings: StatementSettings::default(),
            company: Party::default(),
            agent: Party::default(),
            vat: VatTerms::default(),
            stated: Some(Stated { after: 0, position: 90, sections: Vec::new() }),
            now: moment("2026-11-01T00:00:00Z"),
        }
    }

    #[test]
    fn a_statement_is_issued_when_its_period_has_ended_and_once() {
        let early = Issue { now: moment("2026-10-31T23:59:59Z"), ..issue() };
        assert_eq!(Statement::decide(&Statement::default(), early), Err(StatementError::NotEnded));
        let events = Statement::decide(&Statement::default(), issue()).unwrap();
        let issued = Statement::fold(&events);
        assert_eq!(issued.0.as_ref().map(|issued| (issued.number, issued.position)), Some((7, 90)));
        assert_eq!(Statement::decide(&issued, Issue { number: 8, ..issue() }), Ok(Vec::new()));
    }

    #[test]
    fn the_same_subject_is_the_same_statement_and_a_correction_is_another() {
        let Issue { agent_id, of, .. } = issue();
        assert_eq!(id(agent_id, &of, None), id(agent_id, &of, None));
        assert_ne!(id(agent_id, &of, None), id(agent_id, &of, Some(1)));
        assert_ne!(id(agent_id, &of, None), id(Uuid::from_u128(2), &of, None));
    }

    #[test]
    fn self_billing_needs_who_is_billed_and_by_whom() {
        let settings = StatementSettings { self_billing: SelfBilling::Periods, ..StatementSettings::default() };
        let billed = Issue { settings, ..issue() };
        let decided = |issue: Issue| Statement::decide(&Statement::default(), issue).map(|_| ());
        assert_eq!(decided(billed.clone()), Err(StatementError::CompanyDetails));
        let party = |vat_number: &str| Party {
            name: "Harbour".to_owned(),
            lines: vec!["Quay 1".to_owned()],
            vat_number: vat_number.to_owned(),
        };
        let with_company = Issue { company: party("DE1"), ..billed };
        assert_eq!(decided(with_company.clone()), Err(StatementError::AgentDetails));
        let with_agent = Issue { agent: party(""), ..with_company };
        assert_eq!(decided(with_agent.clone()), Ok(()));
        let reversed = VatTerms { kind: VatKind::ReverseCharge, ..VatTerms::default() };
        assert_eq!(decided(Issue { vat: reversed, ..with_agent.clone() }), Err(StatementError::AgentDetails));
        assert_eq!(decided(Issue { vat: reversed, agent: party("FR2"), ..with_agent }), Ok(()));
    }

    #[test]
    fn what_was_not_paid_is_not_stated() {
        let not_paid = Issue { stated: None, ..issue() };
        assert_eq!(Statement::decide(&Statement::default(), not_paid), Err(StatementError::NotPaid));
    }
}
