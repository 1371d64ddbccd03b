use contract::ids::new_id;
use event_store::log::CommandMeta;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;
use web::http::{FieldErrors, Problem};

use crate::auth::logins;
use crate::auth::passwords::{PasswordHash, Secret};
use crate::fields::Fields;
use crate::operators::commands::{ChangeOperatorPassword, CreateOperator};
use crate::state::AppState;

#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "OperatorGiven")]
pub struct OperatorRequest {
    /// One word of 4 to 100 characters of one script.
    #[schemars(required)]
    login: Option<String>,
    #[schemars(required)]
    password: Option<Secret>,
}

/// An operator's new password.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "OperatorChange")]
pub struct Change {
    #[schemars(required)]
    password: Option<Secret>,
}

impl OperatorRequest {
    pub async fn creation(
        self,
        app: &AppState,
        command: &CommandMeta,
        errors: FieldErrors,
    ) -> Result<CreateOperator, Problem> {
        let mut fields = Fields::new(errors);
        let login = fields.login(self.login);
        let password = new_password(app, command, fields, self.password).await?;
        let login_digest = logins::of_operator(app.log.secret(), &login);
        Ok(CreateOperator { operator_id: new_id(), login, login_digest, password })
    }
}

impl Change {
    /// The request to change an operator's password.
    pub async fn request(
        self,
        app: &AppState,
        command: &CommandMeta,
        errors: FieldErrors,
        operator_id: Uuid,
    ) -> Result<ChangeOperatorPassword, Problem> {
        let password = new_password(app, command, Fields::new(errors), self.password).await?;
        Ok(ChangeOperatorPassword { operator_id, password })
    }
}

async fn new_password(
    app: &AppState,
    command: &CommandMeta,
    mut fields: Fields,
    request: Option<Secret>,
) -> Result<PasswordHash, Problem> {
    let password = fields.required("password", request);
    let password = fields.password(password);
    fields.finish()?;
    app.hash(command, password.ok_or_else(Problem::internal)?).await
}
