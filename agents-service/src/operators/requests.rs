use contract::ids::new_id;
use contract::roles::OperatorRole;
use event_store::log::CommandMeta;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;
use web::http::{FieldErrors, Problem};

use crate::auth::logins;
use crate::auth::passwords::{PasswordHash, Secret};
use crate::fields::Fields;
use crate::operators::commands::{ChangeOperator, CreateOperator};
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
    /// Everything when absent.
    role: Option<OperatorRole>,
}

/// An operator's new password or role; what is absent stays.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "OperatorChange")]
pub struct Change {
    /// A new one ends their sessions.
    password: Option<Secret>,
    /// A new one counts at once.
    role: Option<OperatorRole>,
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
        fields.required("password", self.password.as_ref());
        let password = new_password(app, command, fields, self.password).await?.ok_or_else(Problem::internal)?;
        let login_digest = logins::of_operator(app.log.secret(), &login);
        let role = self.role.unwrap_or_default();
        Ok(CreateOperator { operator_id: new_id(), login, login_digest, password, role })
    }
}

impl Change {
    /// The request to change an operator.
    pub async fn request(
        self,
        app: &AppState,
        command: &CommandMeta,
        errors: FieldErrors,
        operator_id: Uuid,
    ) -> Result<ChangeOperator, Problem> {
        let mut fields = Fields::new(errors);
        if self.role.is_none() {
            fields.required("password", self.password.as_ref());
        }
        let password = new_password(app, command, fields, self.password).await?;
        Ok(ChangeOperator { operator_id, role: self.role, password })
    }
}

async fn new_password(
    app: &AppState,
    command: &CommandMeta,
    mut fields: Fields,
    request: Option<Secret>,
) -> Result<Option<PasswordHash>, Problem> {
    let password = fields.password(request);
    fields.finish()?;
    match password {
        Some(password) => app.hash(command, password).await.map(Some),
        None => Ok(None),
    }
}
