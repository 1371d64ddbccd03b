use contract::events::signups::SignupsEvent;
use event_store::log::{CommandResponse, ExpectedVersion};
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use crate::batch::Batch;
use crate::command::{Command, Decided, Happened, Outcome, Refused};
use crate::customers::batch::{CustomerRows, CustomersOfBatch};
use crate::customers::model::{Customer, CustomerError, customer_stream};
use crate::customers::provisioning::model::{FailProvisioning, Provision, TakeStep};
use crate::customers::service::model::{Account, Times};

/// The answer to a change of a customer's service.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ServiceAnswer {
    pub customer_id: Uuid,
}

fn answer(customer_id: Uuid) -> Result<CommandResponse, serde_json::Error> {
    CommandResponse::new(200, &ServiceAnswer { customer_id })
}

/// Decides about a customer; the state is the customer's times, where they change.
fn decide(
    batch: &mut Batch,
    customer_id: Uuid,
    decide: impl FnOnce(&mut Customer) -> Result<Option<SignupsEvent>, CustomerError>,
) -> Result<Decided<Option<Times>>, Refused> {
    let customer = batch.part::<CustomersOfBatch>().customer(customer_id).ok_or(CustomerError::NotFound)?;
    let (before, stream) = (customer.version, customer_stream(customer_id));
    let Some(event) = decide(customer)? else {
        return Ok(Decided { expected_versions: Vec::new(), events: Vec::new(), version: Some(before), state: None });
    };
    Ok(Decided {
        expected_versions: vec![ExpectedVersion { stream: stream.clone(), version: before }],
        events: vec![Happened::within(stream, event)],
        version: Some(customer.version),
        state: Some(customer.service.times),
    })
}

fn store(state: Option<Times>, customer_id: Uuid, batch: &mut Batch) {
    if let Some(times) = state {
        batch.part::<CustomerRows>().serve(customer_id, times);
    }
}

impl Command for Provision {
    type State = Option<Times>;

    fn needs(&self, batch: &mut Batch) {
        batch.part::<CustomersOfBatch>().want(self.customer_id);
    }

    fn decide(&self, batch: &mut Batch) -> Result<Decided<Self::State>, Refused> {
        let now = batch.now;
        decide(batch, self.customer_id, |customer| customer.provision(self, now))
    }

    fn respond(&self, _: &Outcome<'_>) -> Result<CommandResponse, serde_json::Error> {
        answer(self.customer_id)
    }

    fn store(&self, state: &Self::State, batch: &mut Batch) {
        let Self { customer_id, system, account } = self;
        store(*state, *customer_id, batch);
        if state.is_some() {
            let account: Account = account.clone();
            batch.part::<CustomerRows>().add_account(*customer_id, system.clone(), account);
        }
    }
}

impl Command for FailProvisioning {
    type State = Option<Times>;

    fn needs(&self, batch: &mut Batch) {
        batch.part::<CustomersOfBatch>().want(self.customer_id);
    }

    fn decide(&self, batch: &mut Batch) -> Result<Decided<Self::State>, Refused> {
        let now = batch.now;
        decide(batch, self.customer_id, |customer| customer.fail_provisioning(self, now).map(Some))
    }

    fn respond(&self, _: &Outcome<'_>) -> Result<CommandResponse, serde_json::Error> {
        answer(self.customer_id)
    }

    fn store(&self, state: &Self::State, batch: &mut Batch) {
        store(*state, self.customer_id, batch);
    }
}

impl Command for TakeStep {
    type State = Option<Times>;

    fn needs(&self, batch: &mut Batch) {
        batch.part::<CustomersOfBatch>().want(self.customer_id);
    }

    fn decide(&self, batch: &mut Batch) -> Result<Decided<Self::State>, Refused> {
        let now = batch.now;
        decide(batch, self.customer_id, |customer| customer.take_step(self, now).map(Some))
    }

    fn respond(&self, _: &Outcome<'_>) -> Result<CommandResponse, serde_json::Error> {
        answer(self.customer_id)
    }

    fn store(&self, state: &Self::State, batch: &mut Batch) {
        store(*state, self.customer_id, batch);
    }
}
