use std::future::Future;
use std::sync::Arc;

use contract::clock::Clock;
use event_store::log::{AppendResult, CommandMeta, Log, SubmitError, Writer};
use event_store::projections::{Checkpoint, OtherService};
use event_store::relay::{RelayError, StreamState};
use event_store::sql::{Database, SqlError};
use futures::future::BoxFuture;
use web::http::client::Client;
use web::http::query::AT_LEAST_WAIT;
use web::http::{Problem, Streams};
use web::outbound::Outbound;

use crate::auth::attempts::Attempts;
use crate::auth::credentials::Credentials;
use crate::auth::passwords::{Hasher, PasswordHash, Secret};
use crate::command::Submission;
use crate::customers::client::Customers;
use crate::handler::AgentsCommandHandler;
use crate::menu::Menus;
use crate::report::font::DocumentFonts;

/// How often a request is decided again after a conflict.
const MAX_DECISIONS: usize = 4;

/// Replaces the sales figures, or warns beside them.
const SALES_HALTED: &str = "The sales figures may be wrong: they followed another signups' log. Run `signpost repair`.";

/// Reads the state of the log's stream.
pub type StreamProbe = Arc<dyn Fn() -> BoxFuture<'static, Result<Option<StreamState>, RelayError>> + Send + Sync>;

/// The state that all request handlers share: the log and its writer, the projections' checkpoints, passwords and the
/// clock.
#[derive(Clone)]
pub struct AppState {
    pub log: Log,
    pub writer: Writer<AgentsCommandHandler>,
    /// The directory's checkpoint.
    pub directory: Checkpoint,
    /// The sales projection's checkpoint, if a signups' log is configured.
    pub sales: Option<Checkpoint>,
    /// The client of customers' data, if the signup-service is configured.
    pub customers: Option<Customers>,
    /// The signup-service with its log, if it is configured.
    pub signups: Option<OtherService>,
    /// The client of webhooks.
    pub outbound: Outbound,
    pub hasher: Hasher,
    pub attempts: Attempts,
    pub clock: Clock,
    /// The log's stream, if there is a bus.
    pub stream: Option<StreamProbe>,
    pub menus: Menus,
    pub streams: Streams,
    /// The fonts of statements as PDF.
    pub document_fonts: DocumentFonts,
}

impl AppState {
    pub fn database(&self) -> &Database {
        self.log.database()
    }

    /// Why the sales cannot be relied on, in a sentence; `None` when they can.
    pub async fn doubt_about_sales(&self) -> Result<Option<&'static str>, Problem> {
        let Some(sales) = &self.sales else { return Ok(None) };
        Ok(sales.read().await?.halted.map(|_| SALES_HALTED))
    }

    /// Hashes a password that a command sets. A repetition of the command has the same salt, so that equal hashes
    /// prove equal passwords. The slow hash is used, since a fast one could be used to guess the password.
    pub async fn hash(&self, command: &CommandMeta, password: Secret) -> Result<PasswordHash, Problem> {
        let salt = self.log.secret().digest("password-salt", &command.id);
        Ok(self.hasher.hash_with(salt, password).await?)
    }

    /// Submits a command and waits until the directory shows its result.
    pub async fn submit(
        &self,
        command: CommandMeta,
        submission: impl Into<Submission>,
    ) -> Result<AppendResult, Problem> {
        let appended = self.append(command, submission).await?;
        self.shown(appended.position).await;
        Ok(appended)
    }

    /// Waits until the directory shows a position.
    async fn shown(&self, position: u64) {
        if let Err(error) = self.directory.wait_for(position, AT_LEAST_WAIT).await {
            // The write is durable all the same: an error would only cause a repetition.
            tracing::warn!(error = %error, "a write was answered before the directory showed it");
        }
    }

    /// Submits a command; the directory may not show its result yet.
    pub async fn append(
        &self,
        command: CommandMeta,
        submission: impl Into<Submission>,
    ) -> Result<AppendResult, Problem> {
        let submission = submission.into();
        let command = asking_for_its_password(command, &submission);
        let mut decisions = 1;
        loop {
            match self.writer.submit(command.clone(), submission.clone()).await {
                Err(SubmitError::Conflict(_)) if decisions < MAX_DECISIONS => decisions += 1,
                outcome => return Ok(outcome?),
            }
        }
    }

    /// Submits different commands in one commit, as many as the log allows, and waits until the directory shows their results.
    pub async fn submit_together(
        &self,
        submissions: Vec<(CommandMeta, Submission)>,
    ) -> Vec<Result<AppendResult, Problem>> {
        let marked = |(command, submission): &(CommandMeta, Submission)| {
            (asking_for_its_password(command.clone(), submission), submission.clone())
        };
        let outcomes = self.writer.submit_together(submissions.iter().map(marked).collect()).await;
        let mut results = Vec::with_capacity(outcomes.len());
        for (outcome, (command, submission)) in outcomes.into_iter().zip(submissions) {
            results.push(match outcome {
                // It is decided again, later than the others.
                Err(SubmitError::Conflict(_)) => self.append(command, submission).await,
                outcome => outcome.map_err(Problem::from),
            });
        }
        let position = results.iter().flatten().map(|appended| appended.position).max();
        if let Some(position) = position {
            self.shown(position).await;
        }
        results
    }

    /// The account with this login and password. `known` finds the account by its login; `who` names its kind in the
    /// metrics.
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
            // Without the login: people type passwords there by mistake.
            tracing::warn!(%client, who, "wrong login or password");
            metrics::counter!("signpost_failed_sign_ins_total", "who" => who).increment(1);
        }
        Ok(known.filter(|_| fits))
    }
}

/// A repetition of a command has the same password.
fn asking_for_its_password(command: CommandMeta, submission: &Submission) -> CommandMeta {
    match submission.command.password() {
        Some(password) => command.asking(password.to_store()),
        None => command,
    }
}
