use web::http::client::Client;
use web::http::{Caller, Problem};

use crate::auth::credentials::Credentials;
use crate::auth::logins;
use crate::auth::passwords::Secret;
use crate::auth::sessions::Account;
use crate::operators::accounts;
use crate::state::AppState;

/// The operator with this login and password.
pub async fn credentials(
    app: &AppState,
    client: Client,
    login: &str,
    password: Secret,
) -> Result<Option<Credentials>, Problem> {
    let digest = logins::of_operator(app.log.secret(), login);
    app.check_password("operator", client, login, accounts::operator(app.database(), digest), password).await
}

/// The caller for an operator's login and password.
pub async fn caller(app: &AppState, client: Client, login: &str, password: Secret) -> Result<Option<Caller>, Problem> {
    let Some(operator) = credentials(app, client, login, password).await? else { return Ok(None) };
    accounts::note_sign_in(app.database(), operator.id, app.clock.now()).await?;
    let scopes = accounts::scopes_of(app.database(), operator.id).await?;
    Ok(Some(Caller {
        actor: Account::Operator(operator.id).actor(),
        scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
    }))
}
