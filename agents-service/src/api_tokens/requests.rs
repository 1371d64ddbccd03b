use contract::events::agents::ApiTokenIssued;
use contract::ids::{digest, new_id, random_crockford};
use schemars::JsonSchema;
use serde::Deserialize;
use web::http::caller::SCOPES;
use web::http::{FieldErrors, Problem};

use crate::api_tokens::commands::issue;
use crate::api_tokens::model::ApiToken;
use crate::command::SimpleCommand;
use crate::fields::{Fields, NAME};

/// Crockford digits of a token: 160 bits.
const TOKEN_LENGTH: usize = 32;

#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "ApiTokenGiven")]
pub struct ApiTokenRequest {
    #[schemars(required)]
    name: Option<String>,
    /// At most the scopes of whoever asks; all of those when absent.
    scopes: Option<Vec<String>>,
}

impl ApiTokenRequest {
    /// The requested name and scopes; by default, the scopes are the caller's own.
    pub fn check<S: ToString>(self, errors: FieldErrors, own: &[S]) -> Result<(String, Vec<String>), Problem> {
        let mut fields = Fields::new(errors);
        let name = fields.required_text("name", self.name, NAME);
        let scopes = fields.choice("scopes", self.scopes).unwrap_or_else(|| own.iter().map(S::to_string).collect());
        if scopes.iter().any(|scope| !SCOPES.contains(&scope.as_str())) {
            fields.error("scopes", "unknown_value", format!("must be some of {}", SCOPES.join(", ")));
        }
        fields.finish()?;
        Ok((name, scopes))
    }
}

/// A new token with this name and these scopes: the command, and the token itself.
pub fn draw_token((name, scopes): (String, Vec<String>)) -> Result<(SimpleCommand<ApiToken>, String), Problem> {
    let token = random_crockford(TOKEN_LENGTH).map_err(|error| Problem::unforeseen(&error))?;
    Ok((issue(ApiTokenIssued { token_id: new_id(), name, scopes, digest: digest(&token) }), token))
}
