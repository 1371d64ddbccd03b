//! What is done to a signup URL as a whole: pause, resume, revoke. Each says beforehand what comes of it.

use axum::extract::{Path, State};
use web::http::Problem;

use crate::command::Submission;
use crate::signup_keys::commands::{PauseSignupKey, ResumeSignupKey, RevokeSignupKey};
use crate::signup_keys::snapshot::{SignupKeySnapshot, State as KeyState};
use crate::state::AppState;
use crate::ui::form::{CsrfForm, FormData};
use crate::ui::inputs::FormPage;
use crate::ui::layout::Layout;
use crate::ui::page::{PageResult, redirect_with_notice};
use crate::ui::signed_in::SignedIn;
use crate::ui::signup_keys::state::Reasons;
use crate::ui::signup_keys::{find, path, place, state};
use crate::ui::submit::submit;
use crate::ui::submit::{confirmation, form_page, reason, redisplay};

/// What can be done to a key.
#[derive(Clone, Copy)]
enum Step {
    Pause,
    Resume,
    Revoke,
}

impl Step {
    fn named(text: &str) -> Result<Self, Problem> {
        match text {
            "pause" => Ok(Self::Pause),
            "resume" => Ok(Self::Resume),
            "revoke" => Ok(Self::Revoke),
            _ => Err(Problem::not_found()),
        }
    }

    /// The page's title, its button, what comes of it, and the word for what was done.
    fn words(self) -> (&'static str, &'static str, &'static str, &'static str) {
        match self {
            Self::Pause => {
                ("Pause", "Pause", "Visitors cannot sign up through this URL until it is resumed.", "paused")
            }
            Self::Resume => ("Resume", "Resume", "Visitors can sign up through this URL again.", "resumed"),
            Self::Revoke => (
                "Revoke",
                "Revoke for good",
                "Visitors cannot sign up through this URL ever again. Its key is never used again.",
                "revoked",
            ),
        }
    }

    fn command(self, key: String, reason: Option<String>) -> Submission {
        match self {
            Self::Pause => PauseSignupKey { key, reason }.into(),
            Self::Resume => ResumeSignupKey { key, reason }.into(),
            Self::Revoke => RevokeSignupKey { key, reason }.into(),
        }
    }
}

/// What comes of a step. A URL that is resumed may be stopped by something else.
async fn consequence(
    app: &AppState,
    signed_in: &SignedIn,
    key: &SignupKeySnapshot,
    step: Step,
) -> Result<String, Problem> {
    let resumed = SignupKeySnapshot { state: KeyState::Active, ..key.clone() };
    let other = match step {
        Step::Resume => Reasons::of(app, &[resumed]).await?.get(&key.key),
        Step::Pause | Step::Revoke => None,
    };
    Ok(other.map_or_else(|| step.words().2.to_owned(), |reason| state::advice(signed_in, reason)))
}

/// The question before a step.
async fn confirm_page(
    app: &AppState,
    signed_in: &SignedIn,
    key: &SignupKeySnapshot,
    step: Step,
    data: &FormData,
) -> PageResult {
    let (title, button, _, _) = step.words();
    let consequence = consequence(app, signed_in, key, step).await?;
    let (place, path) = (place(signed_in), path(signed_in, key));
    let layout = Layout::new(signed_in, format!("{title} {}?", key.key), place);
    let action = format!("{path}/{}", title.to_lowercase());
    let page = confirmation(layout, data, action, path, vec![consequence]).submit(button).at_version(key.version);
    form_page(&FormPage { grave: !matches!(step, Step::Resume), ..page })
}

pub async fn confirm_action(
    State(app): State<AppState>,
    signed_in: SignedIn,
    Path((text, step)): Path<(String, String)>,
) -> PageResult {
    let (step, key) = (Step::named(&step)?, find(&app, &signed_in, &text).await?);
    confirm_page(&app, &signed_in, &key, step, &FormData::default()).await
}

pub async fn submit_action(
    State(app): State<AppState>,
    signed_in: SignedIn,
    Path((text, step)): Path<(String, String)>,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    let (step, key) = (Step::named(&step)?, find(&app, &signed_in, &text).await?);
    let (title, _, _, word) = step.words();
    let request = reason(&form).map(|reason| step.command(key.key.clone(), reason));
    match submit(&app, &signed_in, &form, &format!("{title} signup key {}", key.key), request).await {
        Ok(_) => redirect_with_notice(&path(&signed_in, &key), word),
        Err(problem) => confirm_page(&app, &signed_in, &key, step, &redisplay(&form, problem)?).await,
    }
}
