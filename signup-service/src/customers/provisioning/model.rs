use contract::clock::Moment;
use contract::events::signups::{
    CustomerClosed, CustomerProvisioned, CustomerReinstated, CustomerSuspended, ProvisioningFailed, SignupsEvent,
};
use uuid::Uuid;

use crate::customers::model::{Customer, CustomerError, Part};
use crate::customers::service::model::Account;

/// A system has an account for the customer.
#[derive(Clone, Debug)]
pub struct Provision {
    pub customer_id: Uuid,
    pub system: String,
    pub account: Account,
}

/// A system could not make an account.
#[derive(Clone, Debug)]
pub struct FailProvisioning {
    pub customer_id: Uuid,
    pub system: String,
    pub reason: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Suspend,
    Reinstate,
    Close,
}

/// The operator's decision about a customer's service.
#[derive(Clone, Debug)]
pub struct TakeStep {
    pub customer_id: Uuid,
    pub step: Step,
    pub reason: Option<String>,
}

impl Customer {
    /// Notes an account; no event where it is known already.
    pub fn provision(&mut self, command: &Provision, now: Moment) -> Result<Option<SignupsEvent>, CustomerError> {
        self.claim_service()?;
        if self.erased {
            return Err(CustomerError::Erased);
        }
        let Provision { customer_id, system, account } = command;
        let known = self.service.accounts.insert(system.clone(), account.clone());
        if self.service.times.provisioned_at.is_some() && known.as_ref() == Some(account) {
            return Ok(None);
        }
        let (customer_id, agent_id) = (*customer_id, self.agent_id);
        let event = CustomerProvisioned { customer_id, agent_id, system: system.clone() };
        Ok(Some(self.happened(event.into(), now)))
    }

    /// Notes a failure; what other systems serve stays.
    pub fn fail_provisioning(
        &mut self,
        command: &FailProvisioning,
        now: Moment,
    ) -> Result<SignupsEvent, CustomerError> {
        self.claim_service()?;
        let FailProvisioning { customer_id, system, reason } = command.clone();
        let event = ProvisioningFailed { customer_id, agent_id: self.agent_id, system, reason: reason.into() };
        Ok(self.happened(event.into(), now))
    }

    pub fn take_step(&mut self, command: &TakeStep, now: Moment) -> Result<SignupsEvent, CustomerError> {
        self.claim_service()?;
        let TakeStep { customer_id, step, reason } = command.clone();
        let (agent_id, reason) = (self.agent_id, reason.into());
        let is_suspended = self.service.times.suspended_at.is_some();
        let event = match step {
            Step::Suspend if is_suspended => return Err(CustomerError::AlreadySuspended),
            Step::Reinstate if !is_suspended => return Err(CustomerError::NotSuspended),
            Step::Suspend => CustomerSuspended { customer_id, agent_id, reason }.into(),
            Step::Reinstate => CustomerReinstated { customer_id, agent_id, reason }.into(),
            Step::Close => CustomerClosed { customer_id, agent_id, reason }.into(),
        };
        Ok(self.happened(event, now))
    }

    fn claim_service(&mut self) -> Result<(), CustomerError> {
        self.claim(Part::Service)?;
        if self.service.times.closed_at.is_some() { Err(CustomerError::Closed) } else { Ok(()) }
    }

    fn happened(&mut self, event: SignupsEvent, now: Moment) -> SignupsEvent {
        self.service.times = self.service.times.after(&event, now);
        self.version += 1;
        event
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use contract::events::Contract;

    use super::*;
    use crate::customers::service::model::{Service, Status};

    const CUSTOMER: Uuid = Uuid::from_u128(1);

    const NOW: Moment = Moment::from_micros(1_000_000);

    fn customer() -> Customer {
        Customer {
            agent_id: Uuid::nil(),
            erased: false,
            version: 1,
            email_digest: None,
            personal: BTreeMap::new(),
            service: Service::default(),
            claimed: None,
        }
    }

    fn provision(system: &str, name: &str) -> Provision {
        let account = Account { name: name.to_owned(), details: BTreeMap::new() };
        Provision { customer_id: CUSTOMER, system: system.to_owned(), account }
    }

    fn take(customer: &mut Customer, step: Step) -> Result<(), CustomerError> {
        customer.take_step(&TakeStep { customer_id: CUSTOMER, step, reason: None }, NOW).map(drop)
    }

    #[test]
    fn an_account_is_told_once_and_again_when_it_changes() {
        let mut customer = customer();
        assert_eq!(customer.service.times.status(), Status::Placed);
        let mut tells = |system, name| customer.provision(&provision(system, name), NOW).unwrap().is_some();
        assert!(tells("switch", "1001") && !tells("switch", "1001") && tells("switch", "1002"));
        assert!(tells("billing", "B-7"));
        assert_eq!((customer.service.times.status(), customer.version), (Status::Provisioned, 4));
    }

    #[test]
    fn a_failure_of_one_system_leaves_the_account_at_another() {
        let mut customer = customer();
        customer.provision(&provision("switch", "1001"), NOW).unwrap();
        let (system, reason) = ("billing".to_owned(), Some("full".to_owned()));
        let failure = FailProvisioning { customer_id: CUSTOMER, system, reason };
        let event = customer.fail_provisioning(&failure, NOW).unwrap();
        assert_eq!(event.note().unwrap().1.text(), Some("full"));
        assert_eq!(customer.service.times.status(), Status::Provisioned);
        assert_eq!(customer.service.times.failed_at, Some(NOW));
        customer.provision(&provision("billing", "B-7"), NOW).unwrap();
        assert_eq!(customer.service.times.failed_at, None);
    }

    #[test]
    fn a_customer_is_suspended_and_reinstated_and_closed_for_good() {
        let mut customer = customer();
        assert_eq!(take(&mut customer, Step::Reinstate), Err(CustomerError::NotSuspended));
        take(&mut customer, Step::Suspend).unwrap();
        assert_eq!(take(&mut customer, Step::Suspend), Err(CustomerError::AlreadySuspended));
        // A switch that is late does not end the suspension.
        customer.provision(&provision("switch", "1001"), NOW).unwrap();
        assert_eq!(customer.service.times.status(), Status::Suspended);
        take(&mut customer, Step::Reinstate).unwrap();
        assert_eq!(customer.service.times.status(), Status::Provisioned);
        take(&mut customer, Step::Close).unwrap();
        assert_eq!(customer.service.times.status(), Status::Closed);
        for refused in [Step::Suspend, Step::Reinstate, Step::Close] {
            assert_eq!(take(&mut customer, refused), Err(CustomerError::Closed));
        }
        assert_eq!(customer.provision(&provision("switch", "1001"), NOW), Err(CustomerError::Closed));
    }

    #[test]
    fn nothing_personal_is_noted_of_an_erased_customer() {
        let mut erased = Customer { erased: true, ..customer() };
        assert_eq!(erased.provision(&provision("switch", "1001"), NOW), Err(CustomerError::Erased));
        assert!(take(&mut erased, Step::Close).is_ok());
    }

    #[test]
    fn data_and_service_of_a_customer_do_not_change_in_one_batch() {
        let mut customer = customer();
        take(&mut customer, Step::Suspend).unwrap();
        assert_eq!(customer.claim(Part::Personal), Err(CustomerError::ChangedMeanwhile));
        assert_eq!(customer.claim(Part::Service), Ok(()));
    }
}
