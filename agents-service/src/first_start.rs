//! The first start: the first operator, the first API token, the first settings. Each has a command id of its own, so
//! replicas that start at once make it once, and a later start finds it made.

use shared::events::agents::Terms;
use shared::follow::TooFarBehind;
use shared::http::caller::SCOPES;
use shared::http::query::AT_LEAST_WAIT;
use shared::ids::{digest, new_id, random_crockford};
use shared::log::{Command, Receipt, SubmitError};
use shared::settings::Settings;

use crate::accounts;
use crate::app::StartError;
use crate::desk::{Refusal, Request, api_tokens, operators, settings};
use crate::domain::{api_token, settings as domain};
use crate::http::Office;
use crate::logins;
use crate::passwords::Secret;

/// Crockford digits of a random password: 100 bits.
const PASSWORD_LENGTH: usize = 20;
/// Fewest characters of a token that cannot be guessed from its digest.
const TOKEN_LENGTH: usize = 26;
/// Version and text of the terms until the operator writes his own.
const TERMS: (&str, &str) = ("1", "I agree that my details are kept and used to open and run my account.");

/// Makes what is missing; answers login and password of the first operator if they were chosen here. A log that takes no writes
/// is not at its first start: the service starts, and says that it is not ready.
pub async fn run(office: &Office, given: &Settings) -> Result<Option<(String, String)>, StartError> {
    match make(office, given).await {
        Err(StartError::FirstStart(SubmitError::Halted)) => {
            tracing::error!("the log takes no writes until an operator has repaired it: see `signpost repair`");
            Ok(None)
        }
        made => made,
    }
}

async fn make(office: &Office, given: &Settings) -> Result<Option<(String, String)>, StartError> {
    let operator = first_operator(office, given).await?;
    first_token(office, given).await?;
    let last = first_settings(office, given).await?;
    match office.directory.wait_for(last, AT_LEAST_WAIT).await {
        Err(TooFarBehind::Sql(error)) => return Err(error.into()),
        // Another replica follows, or a long log is being read: requests wait for what they need.
        Err(error) => tracing::warn!(error = %error, "started before the directory was up to date"),
        Ok(()) => {}
    }
    Ok(operator)
}

async fn first_operator(office: &Office, given: &Settings) -> Result<Option<(String, String)>, StartError> {
    if accounts::has_operators(office.database()).await? {
        return Ok(None);
    }
    let random = random_crockford(PASSWORD_LENGTH)?;
    let chosen = given.bootstrap_password.clone();
    let secret = Secret::new(chosen.clone().unwrap_or_else(|| random.clone()));
    if !secret.has_good_length() {
        return Err(StartError::BootstrapPassword);
    }
    let password = office.hasher.hash(secret).await?;
    let login = given.bootstrap_login.clone();
    let login_digest = logins::of_operator(office.log.secret(), &login);
    let request = operators::Request::Create { operator_id: new_id(), login: login.clone(), login_digest, password };
    let receipt = submit(office, "first-operator", Request::Operator(request)).await?;
    Ok((chosen.is_none() && !receipt.replayed).then_some((login, random)))
}

async fn first_token(office: &Office, given: &Settings) -> Result<(), StartError> {
    let Some(token) = &given.bootstrap_token else { return Ok(()) };
    if token.len() < TOKEN_LENGTH {
        tracing::warn!(
            "SIGNPOST_BOOTSTRAP_TOKEN is short: use 32 random characters where others can reach the service"
        );
    }
    let token_id = new_id();
    let command = api_token::Command::Issue {
        token_id,
        name: "first".to_owned(),
        scopes: SCOPES.iter().map(|scope| (*scope).to_owned()).collect(),
        digest: digest(token),
    };
    submit(office, "first-token", Request::ApiToken(api_tokens::Request { token_id, command })).await?;
    Ok(())
}

/// Answers the position behind all of it.
async fn first_settings(office: &Office, given: &Settings) -> Result<u64, StartError> {
    let url = given.customer_interface_url.clone().unwrap_or_else(|| format!("http://{}", given.signup_listen));
    let terms = Terms { version: TERMS.0.to_owned(), text: TERMS.1.to_owned() };
    let change = domain::Change { customer_interface_url: Some(url), terms: Some(terms), ..domain::Change::default() };
    // Version 0: only where there are none.
    let request = settings::Request { version: Some(0), change };
    match submit(office, "first-settings", Request::Settings(request)).await {
        Ok(receipt) => Ok(receipt.position),
        Err(StartError::FirstStart(SubmitError::Refused(Refusal::VersionMismatch))) => {
            Ok(office.log.head().await?.position)
        }
        Err(error) => Err(error),
    }
}

async fn submit(office: &Office, what: &str, request: Request) -> Result<Receipt, StartError> {
    let command =
        Command { id: format!("system:{what}"), fingerprint: what.to_owned(), actor: "system".to_owned(), cause: None };
    office.writer.submit(command, request).await.map_err(StartError::FirstStart)
}
