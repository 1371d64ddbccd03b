//! The faces of the service over HTTP, and what they share: the app, where requests are handed in.
//! Knows which requests there are; what they amount to is decided by the command handler.

pub mod api;
pub mod attempts;
pub mod back_office;
mod basic;
mod fields;
mod labels;
pub mod pages;
mod parts;
pub mod portal;
mod qr;
mod requests;
#[cfg(test)]
mod samples;

use axum::http::StatusCode;
use contract::clock::Clock;
use contract::events::agents::CustomerMask;
use contract::ids::digest_bytes;
use event_store::bus::Bus;
use event_store::log::{AppendResult, CommandMeta, Log, SubmitError, Writer};
use event_store::projections::{Checkpoint, parked};
use event_store::sql::Database;
use uuid::Uuid;
use web::http::caller::SCOPES;
use web::http::client::Client;
use web::http::query::AT_LEAST_WAIT;
use web::http::{Authenticator, Caller, Problem, Streams};

use attempts::Attempts;

use crate::accounts::{self, Credentials};
use crate::agents::snapshot::{AgentSnapshot, State as AgentState};
use crate::command::Submission;
use crate::customers::Customers;
use crate::domain;
use crate::handler::AgentsCommandHandler;
use crate::logins;
use crate::passwords::{Hasher, PasswordHash, Secret};
use crate::projections::agents;
use crate::projections::{AgentsProjection, api_tokens, settings};
use crate::sessions::Account;

/// How often a request is decided again when something it relied on moved meanwhile.
const MAX_DECISIONS: usize = 4;

/// What is said in place of the sales figures, or beside them.
const SALES_HALTED: &str = "The sales figures may be wrong: they followed another signups' log. Run `signpost repair`.";

/// The problem of whoever wants figures that are not there.
pub fn no_sales(detail: &'static str) -> Problem {
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "no-sales", "There are no sales figures", detail)
}

/// Where requests are handed in and answers are looked up.
#[derive(Clone)]
pub struct AppState {
    pub log: Log,
    pub writer: Writer<AgentsCommandHandler>,
    /// How far the directory is.
    pub directory: Checkpoint,
    /// How far the sales figures are, where it is known where the signups are.
    pub sales: Option<Checkpoint>,
    /// The way to customers' data, where it is known whom to ask.
    pub customers: Option<Customers>,
    pub hasher: Hasher,
    pub attempts: Attempts,
    pub clock: Clock,
    /// Where the log is published, if it is.
    pub bus: Option<Bus>,
    /// The open event streams.
    pub streams: Streams,
}

impl AppState {
    /// The database of the log and its views.
    pub fn database(&self) -> &Database {
        self.log.database()
    }

    /// Why the sales figures cannot be relied on, in plain words; nothing when they can.
    pub async fn doubt_about_sales(&self) -> Result<Option<&'static str>, Problem> {
        let Some(sales) = &self.sales else { return Ok(None) };
        Ok(sales.read().await?.halted.map(|_| SALES_HALTED))
    }

    /// Hashes a password that a command sets. A repetition of the command has the same salt, so that the hash tells whether it
    /// has the same password: the slow hash, since a fast one could be used to guess it.
    pub async fn hash(&self, command: &CommandMeta, password: Secret) -> Result<PasswordHash, Problem> {
        let salt = self.log.secret().digest("password-salt", &command.id);
        Ok(self.hasher.hash_with(salt, password).await?)
    }

    /// Hands a command in and waits until the directory shows what came of it.
    pub async fn submit(
        &self,
        command: CommandMeta,
        submission: impl Into<Submission>,
    ) -> Result<AppendResult, Problem> {
        let submission = submission.into();
        let command = match submission.command.password() {
            Some(password) => command.asking(password.to_store()),
            None => command,
        };
        let mut decisions = 1;
        let appended = loop {
            match self.writer.submit(command.clone(), submission.clone()).await {
                Err(SubmitError::Conflict(_)) if decisions < MAX_DECISIONS => decisions += 1,
                outcome => break outcome?,
            }
        };
        if let Err(error) = self.directory.wait_for(appended.position, AT_LEAST_WAIT).await {
            // It is durable all the same: to answer "no" now would only invite a repetition.
            tracing::warn!(error = %error, "a write was answered before the directory showed it");
        }
        Ok(appended)
    }

    /// The operator who has this login and password.
    pub async fn operator(
        &self,
        client: Client,
        login: &str,
        password: Secret,
    ) -> Result<Option<Credentials>, Problem> {
        let place = self.attempts.note(client, login)?;
        let known = accounts::operator(self.database(), logins::of_operator(self.log.secret(), login)).await?;
        let fitting = self.fitting("operator", client, known, password).await;
        drop(place);
        fitting
    }

    /// The agent who has this login and password.
    pub async fn agent(&self, client: Client, login: &str, password: Secret) -> Result<Option<Credentials>, Problem> {
        let place = self.attempts.note(client, login)?;
        let known = accounts::agent(self.database(), logins::of_agent(self.log.secret(), login)).await?;
        let fitting = self.fitting("agent", client, known, password).await;
        drop(place);
        fitting
    }

    /// The agent with this id, if the portal is open to them. Refused while a suspension may be among events that could not be
    /// applied.
    async fn active_agent(&self, agent_id: Uuid) -> Result<Option<AgentSnapshot>, Problem> {
        if parked::may_lack::<AgentsProjection>(self.database(), &domain::agent::stream(agent_id)).await? {
            return Err(Problem::unavailable());
        }
        Ok(agents::get(self.database(), agent_id).await?.filter(|agent| agent.state == AgentState::Active))
    }

    /// What agents see of their customers: nothing, while the answer may be among events that could not be applied.
    async fn customer_mask(&self) -> Result<CustomerMask, Problem> {
        if parked::may_lack::<AgentsProjection>(self.database(), domain::settings::STREAM).await? {
            return Ok(CustomerMask::NumberOnly);
        }
        Ok(settings::get(self.database()).await?.customer_mask)
    }

    async fn fitting(
        &self,
        who: &'static str,
        client: Client,
        known: Option<Credentials>,
        password: Secret,
    ) -> Result<Option<Credentials>, Problem> {
        let fits = self.hasher.check(password, known.as_ref().map(|known| known.password.clone())).await?;
        if !fits {
            // Not the login: people type passwords there.
            tracing::warn!(%client, who, "a login and password did not fit");
            metrics::counter!("signpost_failed_sign_ins_total", "who" => who).increment(1);
        }
        Ok(known.filter(|_| fits))
    }

    /// The operator who calls with a login and password.
    pub async fn sign_in(&self, client: Client, login: &str, password: Secret) -> Result<Option<Caller>, Problem> {
        let Some(operator) = self.operator(client, login, password).await? else { return Ok(None) };
        accounts::note_sign_in(self.database(), operator.id, self.clock.now()).await?;
        Ok(Some(Caller {
            actor: Account::Operator(operator.id).actor(),
            scopes: SCOPES.iter().map(|scope| (*scope).to_owned()).collect(),
        }))
    }
}

impl Authenticator for AppState {
    async fn identify(&self, token: &str) -> Result<Option<Caller>, Problem> {
        match api_tokens::find(self.database(), digest_bytes(token)).await? {
            Some(found) if found.parked => Err(Problem::unavailable()),
            Some(api_tokens::FoundToken { token, .. }) => {
                Ok(Some(Caller { actor: format!("token:{}", token.id), scopes: token.scopes }))
            }
            None => Ok(None),
        }
    }

    async fn revocations(&self) -> Result<[u64; 3], Problem> {
        // The pages that are open are told what another process followed, too.
        for view in [Some(&self.directory), self.sales.as_ref()].into_iter().flatten() {
            view.look().await?;
        }
        Ok(api_tokens::revocations(self.database()).await?)
    }
}

/// An id in a path; what does not read as one is nowhere to be found.
fn id(text: &str) -> Result<Uuid, Problem> {
    text.parse().map_err(|_| Problem::not_found())
}
