//! State changes of a signup URL: pause, resume, revoke. Each asks for confirmation and states its consequence.

use axum::extract::{Path, State};
use futures::future::BoxFuture;
use web::http::Problem;

use crate::command::Submission;
use crate::signup_keys::commands::{PauseSignupKey, ResumeSignupKey, RevokeSignupKey};
use crate::signup_keys::snapshot::{SignupKeySnapshot, State as KeyState};
use crate::state::AppState;
use crate::ui::form::{CsrfForm, FormData};
use crate::ui::inputs::FormPage;
use crate::ui::layout::Layout;
use crate::ui::notice::{Notice, REVOKED};
use crate::ui::page::{PageResult, redirect_with_notice};
use crate::ui::signed_in::SignedIn;
use crate::ui::signup_keys::state::{self, Reasons};
use crate::ui::signup_keys::{find, path, place};
use crate::ui::submit::{confirmation, form_page, reason, redisplay, submit};

pub const PAUSED: Notice = Notice { code: "paused", text: "The signup URL is paused." };
pub const RESUMED: Notice = Notice { code: "resumed", text: "The signup URL is resumed." };

/// A change of a key's state, with the texts of its page.
pub struct StateChange {
    /// The last part of the page's path.
    path: &'static str,
    title: &'static str,
    button: &'static str,
    consequence: &'static str,
    command: fn(String, Option<String>) -> Submission,
    done: Notice,
    /// Whether it stops something.
    grave: bool,
}

pub static PAUSE: StateChange = StateChange {
    path: "pause",
    title: "Pause",
    button: "Pause",
    consequence: "Visitors cannot sign up through this URL until it is resumed.",
    command: |key, reason| PauseSignupKey { key, reason }.into(),
    done: PAUSED,
    grave: true,
};
pub static RESUME: StateChange = StateChange {
    path: "resume",
    title: "Resume",
    button: "Resume",
    consequence: "Visitors can sign up through this URL again.",
    command: |key, reason| ResumeSignupKey { key, reason }.into(),
    done: RESUMED,
    grave: false,
};
pub static REVOKE: StateChange = StateChange {
    path: "revoke",
    title: "Revoke",
    button: "Revoke for good",
    consequence: "Visitors cannot sign up through this URL ever again. Its key is never used again.",
    command: |key, reason| RevokeSignupKey { key, reason }.into(),
    done: REVOKED,
    grave: true,
};

/// The confirmation page.
pub fn confirm(
    change: &'static StateChange,
) -> impl Fn(State<AppState>, SignedIn, Path<String>) -> BoxFuture<'static, PageResult> + Clone {
    move |State(app), signed_in, Path(text)| {
        Box::pin(async move {
            let key = find(&app, &signed_in, &text).await?;
            confirm_page(&app, &signed_in, &key, change, &FormData::default()).await
        })
    }
}

/// Makes the change.
pub fn apply(
    change: &'static StateChange,
) -> impl Fn(State<AppState>, SignedIn, Path<String>, CsrfForm) -> BoxFuture<'static, PageResult> + Clone {
    move |State(app), signed_in, Path(text), CsrfForm(form)| {
        Box::pin(async move {
            let key = find(&app, &signed_in, &text).await?;
            let what = format!("{} signup key {}", change.title, key.key);
            let command = reason(&form).map(|reason| (change.command)(key.key.clone(), reason));
            match submit(&app, &signed_in, &form, &what, command).await {
                Ok(_) => redirect_with_notice(&path(&signed_in, &key), change.done),
                Err(problem) => confirm_page(&app, &signed_in, &key, change, &redisplay(&form, problem)?).await,
            }
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

async fn confirm_page(
    app: &AppState,
    signed_in: &SignedIn,
    key: &SignupKeySnapshot,
    change: &StateChange,
    data: &FormData,
) -> PageResult {
    let consequence = consequence(app, signed_in, key, change).await?;
    let (place, path) = (place(signed_in), path(signed_in, key));
    let layout = Layout::new(signed_in, format!("{} {}?", change.title, key.key), place);
    let action = format!("{path}/{}", change.path);
    let page = confirmation(layout, data, action, path, vec![consequence]).submit(change.button);
    form_page(&FormPage { grave: change.grave, ..page.at_version(key.version) })
}
