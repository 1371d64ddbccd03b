//! The state that all handlers share: the log and its writer, how far the projections are, passwords and the clock.

use std::future::Future;
use std::sync::Arc;

use contract::clock::Clock;
use event_store::log::{AppendResult, CommandMeta, Log, SubmitError, Writer};
use event_store::projections::Checkpoint;
use event_store::relay::{RelayError, StreamState};
use event_store::sql::{Database, SqlError};
use futures::future::BoxFuture;
use web::http::client::Client;
use web::http::query::AT_LEAST_WAIT;
use web::http::{Problem, Streams};

use crate::auth::attempts::Attempts;
use crate::auth::credentials::Credentials;
use crate::auth::passwords::{Hasher, PasswordHash, Secret};
use crate::command::Submission;
use crate::customers::client::Customers;
use crate::handler::AgentsCommandHandler;
use crate::menu::Menus;

/// How often a request is decided again when something it relied on moved meanwhile.
const MAX_DECISIONS: usize = 4;

/// What is said in place of the sales figures, or beside them.
const SALES_HALTED: &str = "The sales figures may be wrong: they followed another signups' log. Run `signpost repair`.";

/// Asks how far the stream is that the log is published to.
pub type StreamProbe = Arc<dyn Fn() -> BoxFuture<'static, Result<Option<StreamState>, RelayError>> + Send + Sync>;

/// Where commands are handed in and answers are looked up.
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
    pub stream: Option<StreamProbe>,
    pub menus: Menus,
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

    /// The account that has this login and password. `known` finds the account by its login; `who` names its kind in the metrics.
    pub async fn check_password(
        &self,
        who: &'static str,
        client: Client,
        login: &str,
        known: impl Future<Output = Result<Option<Credentials>, SqlError>>,
        password: Secret,
    ) -> Result<Option<Credentials>, Problem> {
        let _place = self.attempts.note(client, login)?;
        let known = known.await?;
        let fits = self.hasher.check(password, known.as_ref().map(|known| known.password.clone())).await?;
        if !fits {
            // Not the login: people type passwords there.
            tracing::warn!(%client, who, "a login and password did not fit");
            metrics::counter!("signpost_failed_sign_ins_total", "who" => who).increment(1);
        }
        Ok(known.filter(|_| fits))
    }
}
