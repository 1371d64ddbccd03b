//! A message board for both faces. Callers decide whose board it is, and who may see it.

use contract::events::agents::MessageFrom;
use uuid::Uuid;
use web::http::Problem;

use crate::paging::Page;
use crate::state::AppState;
use crate::support::messages::Message;
use crate::support::requests::MessageRequest;
use crate::ui::form::{Empty, Form};
use crate::ui::signed_in::SignedIn;
use crate::ui::submit::submit;
use crate::ui::table::Cell;
use crate::ui::thread::{ShownMessage, Thread};

/// The parameter with the end of a page of messages.
pub const BEFORE: &str = "before";

/// A page of a thread at `path`, newest first, as one side reads it; `who` names a message's author, `erase` is the
/// path to erase its text.
pub fn thread(
    found: Page<Message>,
    path: &str,
    before: Option<Uuid>,
    reader: MessageFrom,
    who: impl Fn(&Message) -> String,
    erase: impl Fn(&Message) -> Option<String>,
) -> Thread {
    let shown = |message: &Message| ShownMessage {
        who: who(message),
        own: message.from == reader,
        when: Cell::moment(message.written_at),
        text: message.text.clone(),
        erase: erase(message).filter(|_| !message.text.is_empty()),
    };
    Thread {
        messages: found.items.iter().rev().map(shown).collect(),
        earlier: found.next.map(|last| format!("{path}?{BEFORE}={last}")),
        newest: before.map(|_| path.to_owned()),
    }
}

/// Submits the form's message to an agent's board.
pub async fn post(app: &AppState, signed_in: &SignedIn, form: &Form, agent_id: Uuid) -> Result<(), Problem> {
    let (request, errors) = form.read::<MessageRequest>(Empty::Text);
    let request = request.posting(errors, agent_id, signed_in.account.actor(), app.clock.now());
    submit(app, signed_in, form, &format!("write to {agent_id}"), request).await.map(drop)
}
