//! What is done to an agent as a whole: suspend, reinstate, close, erase. Each says beforehand what it stops.

use axum::extract::{Path, State};
use contract::text::isolated;
use uuid::Uuid;
use web::http::Problem;

use crate::agents::commands::{CloseAgent, EraseAgent, ReinstateAgent, SuspendAgent};
use crate::agents::snapshot::AgentSnapshot;
use crate::back_office::agents::{PLACE, find};
use crate::command::Submission;
use crate::state::AppState;
use crate::ui::form::{CsrfForm, FormData};
use crate::ui::layout::Layout;
use crate::ui::page::{PageResult, counted, redirect_with_notice};
use crate::ui::sales_summary;
use crate::ui::signed_in::SignedIn;
use crate::ui::submit::submit;
use crate::ui::submit::{confirmation, form_page, reason, redisplay};
use crate::{sales, signup_keys};

/// What can be done to an agent as a whole.
#[derive(Clone, Copy)]
enum Step {
    Suspend,
    Reinstate,
    Close,
    Erase,
}

impl Step {
    fn named(text: &str) -> Result<Self, Problem> {
        match text {
            "suspend" => Ok(Self::Suspend),
            "reinstate" => Ok(Self::Reinstate),
            "close" => Ok(Self::Close),
            "erase" => Ok(Self::Erase),
            _ => Err(Problem::not_found()),
        }
    }

    /// The page's title, its button, and the word for what was done.
    fn words(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Suspend => ("Suspend", "Suspend", "suspended"),
            Self::Reinstate => ("Reinstate", "Reinstate", "reinstated"),
            Self::Close => ("Close", "Close for good", "closed"),
            Self::Erase => ("Erase", "Erase for good", "erased"),
        }
    }

    fn command(self, agent_id: Uuid, reason: Option<String>) -> Submission {
        match self {
            Self::Suspend => SuspendAgent { agent_id, reason }.into(),
            Self::Reinstate => ReinstateAgent { agent_id, reason }.into(),
            Self::Close => CloseAgent { agent_id, reason }.into(),
            Self::Erase => EraseAgent { agent_id, reason }.into(),
        }
    }

    async fn consequences(self, app: &AppState, agent_id: Uuid) -> Result<Vec<String>, Problem> {
        let keys = signup_keys::queries::live(app.database(), signup_keys::queries::live_of_agent(agent_id)).await?;
        let month = sales::summary::sum(app.database(), &sales_summary::month(&app.clock, Some(agent_id))).await?;
        let sold = format!(
            "{} in the last 30 days.",
            counted(month.signups, "signup came from this agent", "signups came from this agent")
        );
        let urls = |one, many| format!("{}.", counted(keys, one, many));
        Ok(match self {
            Self::Suspend => vec![
                urls(
                    "signup URL stops at once, until the agent is reinstated",
                    "signup URLs stop at once, until the agent is reinstated",
                ),
                sold,
                "The agent cannot sign in to the portal until then.".to_owned(),
            ],
            Self::Reinstate => {
                vec![format!("The suspension no longer stops {}.", counted(keys, "signup URL", "signup URLs"))]
            }
            Self::Close => vec![
                urls("signup URL stops for good", "signup URLs stop for good"),
                sold,
                "A closed agent never comes back. Customers and figures stay.".to_owned(),
            ],
            Self::Erase => vec![
                "Login, contact details, bank details and the texts of all messages are erased for good.".to_owned(),
                "The name that visitors saw stays, and so do customers and figures.".to_owned(),
            ],
        })
    }
}

async fn confirm_page(
    app: &AppState,
    signed_in: &SignedIn,
    agent: &AgentSnapshot,
    step: Step,
    data: &FormData,
) -> PageResult {
    let consequences = step.consequences(app, agent.id).await?;
    let (title, button, _) = step.words();
    let path = format!("{PLACE}/{}", agent.id);
    let action = format!("{path}/{}", title.to_lowercase());
    let layout = Layout::new(signed_in, format!("{title} {}?", isolated(&agent.name)), PLACE);
    form_page(&confirmation(layout, data, action, path, consequences).submit(button).at_version(agent.version))
}

pub async fn confirm_action(
    State(app): State<AppState>,
    signed_in: SignedIn,
    Path((text, step)): Path<(String, String)>,
) -> PageResult {
    let (step, (agent, _)) = (Step::named(&step)?, find(&app, &text).await?);
    confirm_page(&app, &signed_in, &agent, step, &FormData::default()).await
}

pub async fn submit_action(
    State(app): State<AppState>,
    signed_in: SignedIn,
    Path((text, step)): Path<(String, String)>,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    let (step, (agent, _)) = (Step::named(&step)?, find(&app, &text).await?);
    let (title, _, word) = step.words();
    let request = reason(&form).map(|reason| step.command(agent.id, reason));
    match submit(&app, &signed_in, &form, &format!("{title} agent {}", agent.id), request).await {
        Ok(_) => redirect_with_notice(&format!("{PLACE}/{}", agent.id), word),
        Err(problem) => confirm_page(&app, &signed_in, &agent, step, &redisplay(&form, problem)?).await,
    }
}
