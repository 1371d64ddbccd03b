//! The simplest command handler: it appends the given events. Agents get accounts like the product's, so that a
//! seeded database can be verified.

use std::convert::Infallible;

use agents_service::agents::accounts::{self, Contact, Details};
use agents_service::auth::passwords::PasswordHash;
use agents_service::registry::decisions;
use contract::clock::Moment;
use event_store::log::{CommandHandler, CommandResponse, Decision, Decisions, NewEvent, RecordedEvent, Repeated};
use event_store::projections::{Projection, envelopes};
use event_store::sql::{SqlError, Tx};
use uuid::Uuid;

/// Events that are appended together.
pub struct Page {
    /// The id of the command; a repetition changes nothing.
    pub id: String,
    pub events: Vec<NewEvent>,
    /// The agents among them, with their logins.
    pub agents: Vec<(Uuid, String)>,
}

fn decide(page: &Page) -> Decision {
    let answer = CommandResponse::new(201, &()).unwrap_or_else(|_| unreachable!("null is JSON"));
    Decision { expected_versions: Vec::new(), events: page.events.clone(), answer, state: () }
}

pub struct PlainCommandHandler;

impl CommandHandler for PlainCommandHandler {
    type Request = Page;
    type Error = Infallible;
    type HandlerState = ();
    type Queries = ();

    fn queue_queries(&self, _: &mut Tx, _: &[&Page]) {}

    async fn decide(&self, _: &mut Tx, (): (), requests: &[&Page], _: Moment) -> Result<Decisions<Self>, SqlError> {
        Ok(requests.iter().map(|page| Ok(decide(page))).collect())
    }

    async fn guess(&self, _: &mut Tx, requests: &[&Page], _: Moment) -> Result<Option<Vec<Decision>>, SqlError> {
        Ok(Some(requests.iter().map(|page| decide(page)).collect()))
    }

    async fn repeat(&self, _: &mut Tx, page: &Page, _: &Repeated) -> Result<CommandResponse, SqlError> {
        Ok(decide(page).answer)
    }

    async fn store(
        &self,
        tx: &mut Tx,
        accepted: &[(&Page, &Decision)],
        events: &[RecordedEvent],
        _: bool,
    ) -> Result<(), SqlError> {
        for (agent_id, login) in accepted.iter().flat_map(|(page, _)| &page.agents) {
            let contact = Contact { email: format!("{login}@example.com"), ..Contact::default() };
            let details = Details { login: login.clone(), contact, ..Details::default() };
            // Seeded agents never sign in, so the hash is a placeholder.
            accounts::add_agent(tx, *agent_id, &details, &PasswordHash::stored("none".to_owned()))?;
        }
        let events = envelopes(events).map_err(|_| SqlError::Column { column: "data".to_owned() })?;
        decisions().apply(tx, &events).await
    }
}
