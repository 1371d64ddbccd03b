//! The command `operators`, for administrators who cannot sign in. It writes to the log as the service does, so it
//! works while the service runs or is stopped.

use clap::Subcommand;
use contract::clock::Clock;
use contract::ids::{NoRandomness, new_id, random_crockford};
use event_store::health::Health;
use event_store::log::{CommandMeta, Log, SubmitError, Writer};
use event_store::sql::SqlError;
use uuid::Uuid;
use web::cli::service::OpenError;
use web::settings::Settings;

use crate::auth::logins;
use crate::auth::passwords::{Hasher, HashingFailed, RANDOM_LENGTH, Secret};
use crate::command::Submission;
use crate::domain_error::DomainError;
use crate::handler::AgentsCommandHandler;
use crate::operators::accounts::OperatorAccount;
use crate::operators::commands::{ChangeOperator, enable};
use crate::registry::decisions;
use crate::{maintenance, operators};

/// The actions of the command `operators`.
#[derive(Clone, Debug, Subcommand)]
pub enum OperatorsAction {
    /// List them, with their last sign-in.
    List,
    /// Set a new random password, printed once. All sessions of this operator end.
    ResetPassword {
        login: String,
        /// Enable a disabled operator.
        #[arg(long)]
        enable: bool,
    },
}

#[derive(Debug, thiserror::Error)]
pub enum OperatorsError {
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error(transparent)]
    Sql(#[from] SqlError),
    #[error(transparent)]
    Hashing(#[from] HashingFailed),
    #[error(transparent)]
    Randomness(#[from] NoRandomness),
    #[error("there is no operator with the login {0}; `operators list` shows all")]
    Unknown(String),
    #[error("{0} is disabled; add --enable to let this operator sign in again")]
    Disabled(String),
    #[error("the log refuses the command")]
    Submit(#[source] SubmitError<DomainError>),
}

/// Runs the command; returns the text to print.
pub async fn operators(settings: &Settings, action: OperatorsAction) -> Result<String, OperatorsError> {
    let (database, log) = maintenance::open_existing(settings).await?;
    match action {
        OperatorsAction::List => Ok(list(&operators::accounts::operators(&database).await?)),
        OperatorsAction::ResetPassword { login, enable } => {
            let known =
                operators::accounts::operators(&database).await?.into_iter().find(|known| is_same(&log, known, &login));
            let known = known.ok_or_else(|| OperatorsError::Unknown(login.clone()))?;
            if !known.is_active && !enable {
                return Err(OperatorsError::Disabled(known.login));
            }
            reset(log, &known).await
        }
    }
}

/// Compares logins as the sign-in does.
fn is_same(log: &Log, known: &OperatorAccount, login: &str) -> bool {
    logins::of_operator(log.secret(), &known.login) == logins::of_operator(log.secret(), login)
}

fn list(operators: &[OperatorAccount]) -> String {
    if operators.is_empty() {
        return "There is no operator yet: the first start of the service makes one.".to_owned();
    }
    let lines = operators.iter().map(|operator| {
        let state = if operator.is_active { "active" } else { "disabled" };
        let seen = operator.last_sign_in_at.map_or_else(|| "never".to_owned(), |moment| moment.to_string());
        format!("{}  {state}  last sign-in (UTC): {seen}", operator.login)
    });
    lines.collect::<Vec<_>>().join("\n")
}

async fn reset(log: Log, known: &OperatorAccount) -> Result<String, OperatorsError> {
    let password = random_crockford(RANDOM_LENGTH)?;
    let hash = Hasher::new()?.hash(Secret::new(password.clone())).await?;
    let health = Health::new("agents").dependency("writer");
    let handler = AgentsCommandHandler { decisions: decisions() };
    let writer = Writer::start(log, Clock::System, handler, health, Vec::new());
    if !known.is_active {
        submit(&writer, enable(known.id, None), known.id).await?;
    }
    submit(&writer, ChangeOperator::password(known.id, hash), known.id).await?;
    Ok(format!("login {}, new password {password} (shown this once; change it)", known.login))
}

async fn submit(
    writer: &Writer<AgentsCommandHandler>,
    submission: impl Into<Submission>,
    operator_id: Uuid,
) -> Result<(), OperatorsError> {
    let command = CommandMeta::of_system(&new_id().to_string(), operator_id.to_string());
    writer.submit(command, submission.into()).await.map_err(OperatorsError::Submit)?;
    Ok(())
}
