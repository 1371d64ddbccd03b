use contract::clock::Moment;
use contract::ids::new_id;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;
use web::http::{FieldErrors, Problem};

use crate::fields::Fields;
use crate::support::commands::PostMessage;
use crate::support::messages::side;
use crate::support::model::Text;

/// A message as a client writes it.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "MessageGiven")]
pub struct MessageRequest {
    /// 1 to 4,000 characters, of one or several lines.
    #[schemars(required)]
    text: Option<String>,
}

impl MessageRequest {
    /// The command to post the message on an agent's board. `author` is the log's actor.
    pub fn posting(
        self,
        errors: FieldErrors,
        agent_id: Uuid,
        author: String,
        written_at: Moment,
    ) -> Result<PostMessage, Problem> {
        let mut fields = Fields::new(errors);
        let typed = fields.required("text", self.text);
        let text = typed.and_then(|typed| match Text::new(&typed) {
            Ok(text) => Some(text),
            Err(fault) => {
                fields.error("text", fault.code(), fault.to_string());
                None
            }
        });
        fields.finish()?;
        let text = text.ok_or_else(Problem::internal)?;
        let (message_id, from) = (new_id(), side(&author));
        Ok(PostMessage { message_id, agent_id, from, author, text, written_at })
    }
}
