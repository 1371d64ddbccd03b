//! Changes of an agent's state: suspend, reinstate, close, erase. Each asks for confirmation and lists its
//! consequences.

use contract::text::isolated;
use uuid::Uuid;
use web::http::Problem;

use crate::agents::commands::{close, reinstate, suspend};
use crate::back_office::agents::{PLACE, find};
use crate::command::Submission;
use crate::erasure::commands::erase;
use crate::state::AppState;
use crate::ui::confirmation::{Confirmation, ConfirmationFuture};
use crate::ui::form::FormData;
use crate::ui::layout::Layout;
use crate::ui::notice::{ERASED, Notice};
use crate::ui::numbers::counted;
use crate::ui::routes::Routes;
use crate::ui::sales_summary;
use crate::ui::signed_in::SignedIn;
use crate::ui::submit::confirmation;
use crate::{sales, signup_keys};

pub const SUSPENDED: Notice = Notice { code: "suspended", text: "The agent is suspended. Their signup URLs stopped." };
pub const REINSTATED: Notice = Notice { code: "reinstated", text: "The agent is reinstated." };
pub const CLOSED: Notice = Notice { code: "closed", text: "The agent is closed for good." };

/// A change of an agent's state, with the texts of its page.
struct StateChange {
    /// The last part of the page's path.
    path: &'static str,
    title: &'static str,
    button: &'static str,
    consequences: fn(&Impact) -> Vec<String>,
    command: fn(Uuid, Option<String>) -> Submission,
    done: Notice,
}

/// The numbers that a change affects.
struct Impact {
    /// Keys that are not revoked.
    live_keys: u64,
    /// Signups of the last 30 days.
    signups: u64,
}

impl Impact {
    async fn of(app: &AppState, agent_id: Uuid) -> Result<Self, Problem> {
        let live_keys =
            signup_keys::queries::live(app.database(), signup_keys::queries::live_of_agent(agent_id)).await?;
        let month = sales::summary::sum(app.database(), &sales_summary::month(&app.clock, Some(agent_id))).await?;
        Ok(Self { live_keys, signups: month.signups })
    }

    fn urls(&self, one: &str, many: &str) -> String {
        format!("{}.", counted(self.live_keys, one, many))
    }

    fn sold(&self) -> String {
        let signups = counted(self.signups, "signup came from this agent", "signups came from this agent");
        format!("{signups} in the last 30 days.")
    }
}

static SUSPEND: StateChange = StateChange {
    path: "suspend",
    title: "Suspend",
    button: "Suspend",
    consequences: |impact| {
        vec![
            impact.urls(
                "signup URL stops at once, until the agent is reinstated",
                "signup URLs stop at once, until the agent is reinstated",
            ),
            impact.sold(),
            "The agent cannot sign in to the portal until then.".to_owned(),
        ]
    },
    command: |agent_id, reason| suspend(agent_id, reason).into(),
    done: SUSPENDED,
};
static REINSTATE: StateChange = StateChange {
    path: "reinstate",
    title: "Reinstate",
    button: "Reinstate",
    consequences: |impact| {
        let urls = counted(impact.live_keys, "signup URL", "signup URLs");
        vec![format!("The suspension no longer stops {urls}.")]
    },
    command: |agent_id, reason| reinstate(agent_id, reason).into(),
    done: REINSTATED,
};
static CLOSE: StateChange = StateChange {
    path: "close",
    title: "Close",
    button: "Close for good",
    consequences: |impact| {
        vec![
            impact.urls("signup URL stops for good", "signup URLs stop for good"),
            impact.sold(),
            "A closed agent never comes back. Customers and figures stay.".to_owned(),
        ]
    },
    command: |agent_id, reason| close(agent_id, reason).into(),
    done: CLOSED,
};
static ERASE: StateChange = StateChange {
    path: "erase",
    title: "Erase",
    button: "Erase for good",
    consequences: |_| {
        vec![
            "Login, contact details, bank details and the texts of all messages are erased for good.".to_owned(),
            "The name that visitors saw stays, and so do customers and figures.".to_owned(),
            "Names and addresses on statements stay until the time in the settings is over, as the law asks."
                .to_owned(),
        ]
    },
    command: |agent_id, reason| erase(agent_id, reason).into(),
    done: ERASED,
};

pub fn routes(routes: Routes) -> Routes {
    routes
        .confirm("/agents/{id}/suspend", confirm(&SUSPEND))
        .confirm("/agents/{id}/reinstate", confirm(&REINSTATE))
        .confirm("/agents/{id}/close", confirm(&CLOSE))
        .confirm("/agents/{id}/erase", confirm(&ERASE))
}

/// The confirmation of a change.
fn confirm(
    change: &'static StateChange,
) -> impl Fn(AppState, SignedIn, String, FormData) -> ConfirmationFuture + Clone {
    move |app, signed_in, text, data| {
        Box::pin(async move {
            let (agent, _) = find(&app, &text).await?;
            let consequences = (change.consequences)(&Impact::of(&app, agent.id).await?);
            let path = format!("{PLACE}/{}", agent.id);
            let layout = Layout::new(&signed_in, format!("{} {}?", change.title, isolated(&agent.name)), PLACE);
            let page = confirmation(layout, &data, format!("{path}/{}", change.path), path, consequences);
            Ok(Confirmation {
                page: page.submit(change.button).at_version(agent.version),
                what: format!("{} agent {}", change.title, agent.id),
                command: Box::new(move |reason| (change.command)(agent.id, reason)),
                done: change.done,
            })
        })
    }
}
