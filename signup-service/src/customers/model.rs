use std::collections::BTreeMap;

use contract::email::Email;
use contract::events::signups::{CustomerCorrected, CustomerDataLost, CustomerErased};
use uuid::Uuid;

use crate::customers::service::model::Service;

/// A keyed digest of an e-mail address, which keeps addresses unique.
pub type EmailDigest = [u8; 16];

/// Prefix of the streams of decoy numbers.
pub const SHOWN_STREAMS: &str = "shown-";

pub fn customer_stream(customer_id: Uuid) -> String {
    format!("customer-{customer_id}")
}

/// The stream of the refusals that showed this number, so that they can be found by it.
pub fn shown_stream(customer_number: &str) -> String {
    format!("{SHOWN_STREAMS}{customer_number}")
}

/// The personal data of a customer, by field.
pub type Personal = BTreeMap<&'static str, String>;

/// The fields to change; `None` clears a field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Correction {
    pub fields: BTreeMap<&'static str, Option<String>>,
    /// The new e-mail address, where it changes.
    pub email: Option<Email>,
}

impl Correction {
    /// Changes what is kept; answers the names of the fields that differ now.
    pub fn apply(&self, personal: &mut Personal) -> Vec<String> {
        let mut changed = Vec::new();
        for (&name, new) in &self.fields {
            let old = match new {
                Some(new) => personal.insert(name, new.clone()),
                None => personal.remove(name),
            };
            if old != *new {
                changed.push(name.to_owned());
            }
        }
        changed
    }
}

/// A customer, as far as a correction or an erasure must know.
#[derive(Clone, Debug)]
pub struct Customer {
    pub agent_id: Uuid,
    /// The personal data were erased, or lost.
    pub erased: bool,
    pub version: u64,
    pub email_digest: Option<EmailDigest>,
    pub personal: Personal,
    pub service: Service,
    /// What a command of this batch has changed.
    pub claimed: Option<Part>,
}

/// The parts of a customer's row. A batch writes one of them: PostgreSQL updates a row once in a statement, and a batch is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Personal,
    Service,
}

#[derive(Clone, Debug)]
pub struct CorrectCustomer {
    pub customer_id: Uuid,
    /// The digest of the new e-mail address.
    pub email_digest: Option<EmailDigest>,
    pub correction: Correction,
    /// The versions that the caller accepts, where they named any.
    pub expected: Option<Vec<u64>>,
}

#[derive(Clone, Debug)]
pub struct EraseCustomer {
    pub customer_id: Uuid,
    pub reason: Option<String>,
}

/// Record that a customer's personal data were lost.
#[derive(Clone, Copy, Debug)]
pub struct SettleLostData {
    pub customer_id: Uuid,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CustomerError {
    NotFound,
    /// The personal data were erased, or lost.
    Erased,
    EmailTaken,
    VersionMismatch,
    /// A command of the same batch changed another part.
    ChangedMeanwhile,
    Closed,
    AlreadySuspended,
    NotSuspended,
}

impl Customer {
    /// Makes sure that the batch changes this part alone.
    pub fn claim(&mut self, part: Part) -> Result<(), CustomerError> {
        if self.claimed.is_some_and(|claimed| claimed != part) {
            return Err(CustomerError::ChangedMeanwhile);
        }
        self.claimed = Some(part);
        Ok(())
    }

    /// Corrects the personal data; no event where nothing changes. `holder` is the customer who has the new e-mail
    /// address.
    pub fn correct(
        &mut self,
        command: &CorrectCustomer,
        holder: Option<Uuid>,
    ) -> Result<Option<CustomerCorrected>, CustomerError> {
        self.claim(Part::Personal)?;
        if self.erased {
            return Err(CustomerError::Erased);
        }
        if command.expected.as_ref().is_some_and(|versions| !versions.contains(&self.version)) {
            return Err(CustomerError::VersionMismatch);
        }
        let customer_id = command.customer_id;
        if self.has_other_address(command).is_some() && holder.is_some_and(|holder| holder != customer_id) {
            return Err(CustomerError::EmailTaken);
        }
        let fields = command.correction.apply(&mut self.personal);
        if fields.is_empty() {
            return Ok(None);
        }
        self.version += 1;
        self.email_digest = command.email_digest.or(self.email_digest);
        Ok(Some(CustomerCorrected { customer_id, agent_id: self.agent_id, fields }))
    }

    /// The digest of the new address, where it differs. Spellings of the same address have the same digest.
    pub fn has_other_address(&self, command: &CorrectCustomer) -> Option<EmailDigest> {
        command.email_digest.filter(|digest| Some(*digest) != self.email_digest)
    }

    /// Erases the personal data; no event where they were erased before.
    pub fn erase(&mut self, command: &EraseCustomer) -> Result<Option<CustomerErased>, CustomerError> {
        self.claim(Part::Personal)?;
        let (customer_id, agent_id) = (command.customer_id, self.agent_id);
        Ok(self.lose().then(|| CustomerErased { customer_id, agent_id, reason: command.reason.clone().into() }))
    }

    /// Records that the personal data were lost; no event where they were erased or settled before.
    pub fn settle_lost_data(&mut self, SettleLostData { customer_id }: SettleLostData) -> Option<CustomerDataLost> {
        let agent_id = self.agent_id;
        self.lose().then_some(CustomerDataLost { customer_id, agent_id })
    }

    /// Whether there were personal data to lose.
    fn lose(&mut self) -> bool {
        !std::mem::replace(&mut self.erased, true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CUSTOMER: Uuid = Uuid::from_u128(1);
    const ANOTHER: Uuid = Uuid::from_u128(2);

    fn customer() -> Customer {
        let personal = [("first_name", "Zoë"), ("city", "Cork")].map(|(name, text)| (name, text.to_owned())).into();
        let (service, claimed) = (Service::default(), None);
        let email_digest = Some([1; 16]);
        Customer { agent_id: Uuid::nil(), erased: false, version: 3, email_digest, personal, service, claimed }
    }

    fn correction(city: &str, email_digest: Option<EmailDigest>) -> CorrectCustomer {
        let fields = [("city", Some(city.to_owned()))].into();
        let correction = Correction { fields, email: None };
        CorrectCustomer { customer_id: CUSTOMER, email_digest, correction, expected: None }
    }

    #[test]
    fn a_correction_names_what_differs_and_moves_the_version() {
        let mut customer = customer();
        let corrected = customer.correct(&correction("Galway", None), None).unwrap().unwrap();
        assert_eq!((corrected.fields, customer.version), (vec!["city".to_owned()], 4));
        assert_eq!(customer.correct(&correction("Galway", None), None), Ok(None));
    }

    #[test]
    fn a_correction_is_refused_at_another_version_and_for_anothers_address() {
        let stale = CorrectCustomer { expected: Some(vec![2]), ..correction("Galway", None) };
        assert_eq!(customer().correct(&stale, None), Err(CustomerError::VersionMismatch));
        let taken = correction("Galway", Some([2; 16]));
        assert_eq!(customer().correct(&taken, Some(ANOTHER)), Err(CustomerError::EmailTaken));
        assert!(customer().correct(&taken, Some(CUSTOMER)).unwrap().is_some());
        let respelt = correction("Galway", Some([1; 16]));
        assert!(customer().correct(&respelt, Some(ANOTHER)).unwrap().is_some());
    }

    #[test]
    fn a_customer_is_erased_once_and_corrected_no_more() {
        let (mut customer, erase) = (customer(), EraseCustomer { customer_id: CUSTOMER, reason: None });
        assert!(customer.erase(&erase).unwrap().is_some());
        assert!(customer.erase(&erase).unwrap().is_none());
        assert!(customer.settle_lost_data(SettleLostData { customer_id: CUSTOMER }).is_none());
        assert_eq!(customer.correct(&correction("Galway", None), None), Err(CustomerError::Erased));
    }
}
