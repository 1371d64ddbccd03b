//! State changes of a signup URL: pause, resume, revoke. Each asks for confirmation and states its consequence.

use web::http::Problem;

use crate::command::Submission;
use crate::signup_keys::commands::{pause, resume, revoke};
use crate::signup_keys::snapshot::{SignupKeySnapshot, State as KeyState};
use crate::state::AppState;
use crate::ui::confirmation::{Confirmation, ConfirmationFuture};
use crate::ui::form::FormData;
use crate::ui::inputs::FormPage;
use crate::ui::layout::Layout;
use crate::ui::notice::{Notice, REVOKED};
use crate::ui::signed_in::SignedIn;
use crate::ui::signup_keys::state::{self, Reasons};
use crate::ui::signup_keys::{find, path, place};
use crate::ui::submit::confirmation;

pub const PAUSED: Notice = Notice { code: "paused", text: "The signup URL is paused." };
pub const RESUMED: Notice = Notice { code: "resumed", text: "The signup URL is resumed." };

/// A change of a key's state, with the texts of its page.
pub struct StateChange {
    /// The last part of the page's path.
    path: &'static str,
    title: &'static str,
    button: &'static str,
    consequence: &'static str,
    command: fn(&str, Option<String>) -> Submission,
    done: Notice,
    /// Whether it stops something.
    grave: bool,
}

pub static PAUSE: StateChange = StateChange {
    path: "pause",
    title: "Pause",
    button: "Pause",
    consequence: "Visitors cannot sign up through this URL until it is resumed.",
    command: |key, reason| pause(key, reason).into(),
    done: PAUSED,
    grave: true,
};
pub static RESUME: StateChange = StateChange {
    path: "resume",
    title: "Resume",
    button: "Resume",
    consequence: "Visitors can sign up through this URL again.",
    command: |key, reason| resume(key, reason).into(),
    done: RESUMED,
    grave: false,
};
pub static REVOKE: StateChange = StateChange {
    path: "revoke",
    title: "Revoke",
    button: "Revoke for good",
    consequence: "Visitors cannot sign up through this URL ever again. Its key is never used again.",
    command: |key, reason| revoke(key, reason).into(),
    done: REVOKED,
    grave: true,
};

/// The confirmation of a change.
pub fn confirm(
    change: &'static StateChange,
) -> impl Fn(AppState, SignedIn, String, FormData) -> ConfirmationFuture + Clone {
    move |app, signed_in, text, data| {
        Box::pin(async move {
            let key = find(&app, &signed_in, &text).await?;
            let consequence = consequence(&app, &signed_in, &key, change).await?;
            let path = path(&signed_in, &key);
            let layout = Layout::new(&signed_in, format!("{} {}?", change.title, key.key), place(&signed_in));
            let page = confirmation(layout, &data, format!("{path}/{}", change.path), path, vec![consequence]);
            let page = page.submit(change.button).at_version(key.version);
            Ok(Confirmation {
                page: FormPage { grave: change.grave, ..page },
                what: format!("{} signup key {}", change.title, key.key),
                command: Box::new(move |reason| (change.command)(&key.key, reason)),
                done: change.done,
            })
        })
    }
}

/// The consequence of a change. A resumed URL may still be unusable for another reason.
async fn consequence(
    app: &AppState,
    signed_in: &SignedIn,
    key: &SignupKeySnapshot,
    change: &StateChange,
) -> Result<String, Problem> {
    let other = if change.grave {
        None
    } else {
        let resumed = SignupKeySnapshot { state: KeyState::Active, ..key.clone() };
        Reasons::of(app, &[resumed]).await?.get(&key.key)
    };
    Ok(other.map_or_else(|| change.consequence.to_owned(), |reason| state::advice(signed_in, reason)))
}
