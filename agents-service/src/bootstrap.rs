//! The first start: the first operator, the first API token, the first settings. Each has its own command id, so
//! replicas that start together create it once, and later starts find it.

use std::fmt;
use std::time::Duration;

use contract::events::Contract;
use contract::events::agents::{AgentsEvent, ApiTokenIssued, Terms};
use contract::ids::{digest, new_id, random_crockford};
use contract::roles::OperatorRole;
use event_store::health::with_causes;
use event_store::log::{AppendResult, CommandMeta, SubmitError};
use event_store::projections::TooFarBehind;
use tokio::task::JoinSet;
use web::http::caller::SCOPES;
use web::http::query::AT_LEAST_WAIT;
use web::settings::Settings;

use crate::api_tokens::commands::issue;
use crate::auth::logins;
use crate::auth::passwords::{RANDOM_LENGTH, Secret};
use crate::command::Submission;
use crate::domain_error::DomainError;
use crate::operators;
use crate::operators::commands::CreateOperator;
use crate::settings::commands::change_settings;
use crate::settings::model::SettingsChange;
use crate::start_error::StartError;
use crate::state::AppState;

/// Pause between two checks of a halted log.
const HALT_PAUSE: Duration = Duration::from_secs(1);
/// Version, text and language of the terms until the operator sets others.
const TERMS: (&str, &str, &str) = ("1", "I agree that my details are kept and used to open and run my account.", "en");
/// The same in the other languages of the signup pages.
const TRANSLATIONS: [(&str, &str); 5] = [
    ("es", "Acepto que mis datos se guarden y se usen para abrir y gestionar mi cuenta."),
    ("fr", "J’accepte que mes données soient conservées et utilisées pour ouvrir et gérer mon compte."),
    ("de", "Ich stimme zu, dass meine Angaben gespeichert und zum Anlegen und Führen meines Kontos verwendet werden."),
    ("pt", "Aceito que os meus dados sejam guardados e usados para abrir e gerir a minha conta."),
    ("ar", "أوافق على حفظ بياناتي واستخدامها لفتح حسابي وإدارته."),
];

/// The first operator, whose random password is printed once.
pub struct FirstOperator {
    pub login: String,
    pub password: String,
}

impl fmt::Display for FirstOperator {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { login, password } = self;
        write!(formatter, "first operator: login {login}, password {password} (shown this once; change it)")
    }
}

/// Creates what is missing; returns the first operator if this start chose their password. A halted log is not new,
/// or has replaced another one: the service starts without being ready, and one of `tasks` creates the rest after an
/// operator has repaired the log.
/// rest when an operator has repaired the log.
pub async fn run(
    app: &AppState,
    settings: &Settings,
    tasks: &mut JoinSet<()>,
) -> Result<Option<FirstOperator>, StartError> {
    let mut operator = None;
    match make(app, settings, &mut operator).await {
        Err(StartError::FirstStart(SubmitError::Halted)) => {
            tracing::error!("the log takes no writes until an operator has repaired it: see `signpost repair`");
            let (app, settings) = (app.clone(), settings.clone());
            tasks.spawn(async move {
                // Tasks that end are reported; this one may end after success.
                if make_once_repaired(app, settings).await {
                    std::future::pending::<()>().await;
                }
            });
        }
        made => made?,
    }
    Ok(operator)
}

/// Returns whether everything was created; otherwise the task gives up.
async fn make_once_repaired(app: AppState, settings: Settings) -> bool {
    loop {
        tokio::time::sleep(HALT_PAUSE).await;
        let mut operator = None;
        let made = make(&app, &settings, &mut operator).await;
        if let Some(operator) = operator {
            println!("  {operator}");
        }
        match made {
            Ok(()) => return true,
            Err(StartError::FirstStart(SubmitError::Halted)) => {}
            Err(error) if is_lasting(&error) => {
                tracing::error!(error = with_causes(&error), "the first start is given up until the next start");
                return false;
            }
            Err(error) => tracing::warn!(error = with_causes(&error), "the first start is tried again"),
        }
    }
}

/// Whether every retry would fail in the same way: the settings, or the log's rules, forbid it.
fn is_lasting(error: &StartError) -> bool {
    use SubmitError::{CommandReused, Refused, TooLarge};
    matches!(error, StartError::BootstrapPassword | StartError::FirstStart(Refused(_) | CommandReused | TooLarge))
}

/// Sets `operator` as soon as they are created, since later steps may fail.
async fn make(app: &AppState, settings: &Settings, operator: &mut Option<FirstOperator>) -> Result<(), StartError> {
    *operator = first_operator(app, settings).await?;
    first_token(app, settings).await?;
    let last = first_settings(app, settings).await?;
    match app.directory.wait_for(last, AT_LEAST_WAIT).await {
        Err(TooFarBehind::Sql(error)) => return Err(error.into()),
        // Another replica follows, or a long log is being read: requests wait for what they need.
        Err(error) => tracing::warn!(error = %error, "started before the directory was up to date"),
        Ok(()) => {}
    }
    Ok(())
}

async fn first_operator(app: &AppState, settings: &Settings) -> Result<Option<FirstOperator>, StartError> {
    if operators::accounts::has_operators(app.database()).await? {
        if is_ignored(app, settings).await? {
            tracing::warn!(
                "SIGNPOST_BOOTSTRAP_PASSWORD is ignored: there are operators, and it is not the password of the one named"
            );
        }
        return Ok(None);
    }
    let random = random_crockford(RANDOM_LENGTH)?;
    let chosen = settings.bootstrap_password.clone();
    let secret = Secret::new(chosen.clone().unwrap_or_else(|| random.clone()));
    if !secret.has_good_length() {
        return Err(StartError::BootstrapPassword);
    }
    let password = app.hasher.hash(secret).await?;
    let login = settings.bootstrap_login.clone();
    let login_digest = logins::of_operator(app.log.secret(), &login);
    let request = CreateOperator {
        operator_id: new_id(),
        login: login.clone(),
        login_digest,
        password,
        role: OperatorRole::Everything,
    };
    let appended = submit(app, "first-operator", request).await?;
    Ok((chosen.is_none() && !appended.replayed).then_some(FirstOperator { login, password: random }))
}

async fn first_token(app: &AppState, settings: &Settings) -> Result<(), StartError> {
    let Some(token) = &settings.bootstrap_token else { return Ok(()) };
    let event = ApiTokenIssued {
        token_id: new_id(),
        name: "first".to_owned(),
        scopes: SCOPES.iter().map(|scope| (*scope).to_owned()).collect(),
        digest: digest(token),
    };
    let appended = submit(app, "first-token", issue(event)).await?;
    if appended.replayed && !issued(app, appended.position, &digest(token)).await? {
        tracing::warn!("SIGNPOST_BOOTSTRAP_TOKEN is ignored: another one was issued at the first start");
    }
    Ok(())
}

/// Whether the token with this digest was issued at a position of the log.
async fn issued(app: &AppState, position: u64, digest: &str) -> Result<bool, StartError> {
    let Some(event) = app.log.get(position).await? else { return Ok(false) };
    let event = AgentsEvent::read(&event.type_name, &event.data).ok().flatten();
    Ok(matches!(event, Some(AgentsEvent::ApiTokenIssued(event)) if event.digest == digest))
}

/// Reports whether the login or the password of the settings differs from the stored one.
async fn is_ignored(app: &AppState, settings: &Settings) -> Result<bool, StartError> {
    let Some(password) = &settings.bootstrap_password else { return Ok(false) };
    let login = logins::of_operator(app.log.secret(), &settings.bootstrap_login);
    let Some(known) = operators::accounts::operator(app.database(), login).await? else { return Ok(true) };
    Ok(!app.hasher.check(Secret::new(password.clone()), Some(known.password)).await?)
}

/// Returns the position after all of it.
async fn first_settings(app: &AppState, settings: &Settings) -> Result<u64, StartError> {
    let url = settings.customer_interface_url.clone().unwrap_or_else(|| format!("http://{}", settings.signup_listen));
    let [version, text, language] = [TERMS.0, TERMS.1, TERMS.2].map(str::to_owned);
    let translations = TRANSLATIONS.map(|(tag, text)| (tag.to_owned(), text.to_owned())).into();
    let terms = Terms { version, text, language, translations };
    let change = SettingsChange { customer_interface_url: Some(url), terms: Some(terms), ..SettingsChange::default() };
    // Version 0: only where there are no settings.
    let submission = Submission { expected: Some(vec![0]), ..change_settings(change).into() };
    match submit(app, "first-settings", submission).await {
        Ok(appended) => Ok(appended.position),
        Err(StartError::FirstStart(SubmitError::Refused(DomainError::VersionMismatch))) => {
            Ok(app.log.head().await?.position)
        }
        Err(error) => Err(error),
    }
}

async fn submit(app: &AppState, what: &str, submission: impl Into<Submission>) -> Result<AppendResult, StartError> {
    app.writer.submit(CommandMeta::of_system(what, what), submission.into()).await.map_err(StartError::FirstStart)
}

#[cfg(test)]
mod tests {
    use contract::clock::Clock;
    use event_store::health::Health;
    use event_store::log::{Log, Writer};
    use event_store::projections::{Checkpoint, Projection};
    use event_store::sql::Database;
    use tokio::time::timeout;

    use super::*;
    use web::http::Streams;

    use crate::auth::attempts::Attempts;
    use crate::auth::passwords::Hasher;
    use crate::handler::AgentsCommandHandler;
    use crate::maintenance::migrations;
    use crate::projection::AgentsProjection;
    use crate::registry::{decisions, menus};

    async fn app() -> AppState {
        let database = Database::scratch(&migrations()).await.unwrap();
        let log = Log::open(database.clone(), "agents").await.unwrap();
        let health = Health::new("agents").dependency("writer");
        let handler = AgentsCommandHandler { decisions: decisions() };
        AppState {
            writer: Writer::start(log.clone(), Clock::System, handler, health, Vec::new()),
            streams: Streams::new(log.clone()),
            document_fonts: crate::report::font::DocumentFonts::with(None).unwrap(),
            log,
            directory: Checkpoint::open(database, AgentsProjection::NAME).await.unwrap(),
            sales: None,
            customers: None,
            signups: None,
            outbound: web::outbound::Outbound::new(false),
            hasher: Hasher::new().unwrap(),
            attempts: Attempts::new(None),
            clock: Clock::System,
            stream: None,
            menus: menus(),
        }
    }

    #[tokio::test]
    async fn a_lasting_error_is_not_retried() {
        let mut settings = Settings::from([]).unwrap();
        settings.bootstrap_password = Some("short".to_owned());
        assert!(!timeout(HALT_PAUSE * 5, make_once_repaired(app().await, settings)).await.unwrap());
    }

    #[tokio::test]
    async fn a_log_that_takes_no_writes_is_waited_for() {
        let (app, settings) = (app().await, Settings::from([]).unwrap());
        app.log.halt("for a test").await.unwrap();
        let making = tokio::spawn(make_once_repaired(app.clone(), settings));
        tokio::time::sleep(HALT_PAUSE * 2).await;
        assert!(!making.is_finished() && !operators::accounts::has_operators(app.database()).await.unwrap());
        app.log.resume().await.unwrap();
        assert!(timeout(AT_LEAST_WAIT + HALT_PAUSE * 5, making).await.unwrap().unwrap());
        assert!(operators::accounts::has_operators(app.database()).await.unwrap());
    }

    #[tokio::test]
    async fn a_secret_that_is_not_the_stored_one_is_known() {
        let (app, mut settings) = (app().await, Settings::from([]).unwrap());
        settings.bootstrap_password = Some("the first password".to_owned());
        settings.bootstrap_token = Some("the first token that was set".to_owned());
        assert!(make_once_repaired(app.clone(), settings.clone()).await);
        assert!(!is_ignored(&app, &settings).await.unwrap());
        settings.bootstrap_password = Some("another password".to_owned());
        assert!(is_ignored(&app, &settings).await.unwrap());
        settings.bootstrap_login = "somebody".to_owned();
        assert!(is_ignored(&app, &settings).await.unwrap());
        let mut known = false;
        for position in 1..9 {
            known |= issued(&app, position, &digest("the first token that was set")).await.unwrap();
            assert!(!issued(&app, position, &digest("another token")).await.unwrap());
        }
        assert!(known);
    }
}
