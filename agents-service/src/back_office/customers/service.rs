//! A customer's service: what the operator's systems have told, and the operator's decisions.

use axum::extract::Path;
use contract::clock::Moment;
use serde_json::Value;
use uuid::Uuid;

use crate::back_office::customers::place::{PLACE, find, number};
use crate::ui::action::Action;
use crate::ui::customers::way;
use crate::ui::form::{CsrfForm, FormData};
use crate::ui::layout::Layout;
use crate::ui::notice::Notice;
use crate::ui::page::{PageResult, redirect_with_notice};
use crate::ui::routes::Routes;
use crate::ui::signed_in::{Context, SignedIn};
use crate::ui::submit::{confirmation, form_page, reason, redisplay};
use crate::ui::table::{Block, Cell, Table};
use web::http::Problem;

pub const SUSPENDED: Notice = Notice { code: "suspended", text: "The customer is suspended." };
pub const REINSTATED: Notice = Notice { code: "reinstated", text: "The customer is served again." };
pub const CLOSED: Notice = Notice { code: "closed", text: "The customer is closed." };

/// A decision about the service.
struct Step {
    name: &'static str,
    title: &'static str,
    consequence: &'static str,
    is_grave: bool,
    done: Notice,
}

const STEPS: [Step; 3] = [
    Step {
        name: "suspend",
        title: "Suspend",
        consequence: "The operator's systems are told by an event to serve the customer no more for now.",
        is_grave: true,
        done: SUSPENDED,
    },
    Step {
        name: "reinstate",
        title: "Reinstate",
        consequence: "The operator's systems are told by an event to serve the customer again.",
        is_grave: false,
        done: REINSTATED,
    },
    Step {
        name: "close",
        title: "Close",
        consequence: "The customer's service ends for good. The placement and the personal data stay.",
        is_grave: true,
        done: CLOSED,
    },
];

pub fn routes(routes: Routes) -> Routes {
    routes.get("/customers/{id}/service/{step}", ask).post("/customers/{id}/service/{step}", take)
}

/// What can be decided about a customer now.
pub fn actions(customer_id: Uuid, customer: &Value) -> Vec<Action> {
    let offered: &[&str] = match customer["status"].as_str() {
        Some("closed") => &[],
        Some("suspended") => &["reinstate", "close"],
        _ => &["suspend", "close"],
    };
    let steps = STEPS.iter().filter(|step| offered.contains(&step.name));
    let action = |step: &Step| {
        let path = format!("{PLACE}/{customer_id}/service/{}", step.name);
        if step.is_grave { Action::grave(step.title, path) } else { Action::new(step.title, path) }
    };
    steps.map(action).collect()
}

/// The customer's service, with the accounts at the operator's systems.
pub fn block(customer: &Value) -> Block {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let moment = |value: &Value| value.as_str().and_then(|at| Moment::parse(at).ok()).map(Cell::moment);
    let mut facts = vec![("Status", Cell::State(text(&customer["status"])))];
    for (label, name) in [
        ("Served since", "provisioned_at"),
        ("Last failure", "provisioning_failed_at"),
        ("Suspended", "suspended_at"),
        ("Closed", "closed_at"),
    ] {
        facts.extend(moment(&customer[name]).map(|cell| (label, cell)));
    }
    let rows = customer["accounts"].as_array().into_iter().flatten().map(|account| {
        let details = account["details"].as_object().into_iter().flatten();
        let details = details.map(|(name, text)| format!("{name}: {}", text.as_str().unwrap_or_default()));
        vec![
            Cell::text(text(&account["system"])),
            Cell::text(text(&account["account"])),
            Cell::text(details.collect::<Vec<_>>().join(", ")),
            moment(&account["noted_at"]).unwrap_or_else(|| Cell::text("")),
        ]
    });
    let empty = "No system has told of an account yet.";
    let table = Table::new("Accounts", ["System", "Account", "Details", "Told"], rows, empty);
    Block { table: Some(table), ..Block::of_facts("Service", facts) }
}

fn step(name: &str) -> Result<&'static Step, Problem> {
    STEPS.iter().find(|step| step.name == name).ok_or_else(Problem::not_found)
}

fn ask_page(signed_in: &SignedIn, customer_id: Uuid, number: &str, step: &Step, data: &FormData) -> PageResult {
    let layout = Layout::new(signed_in, format!("{} customer {number}?", step.title), PLACE);
    let path = format!("{PLACE}/{customer_id}");
    let action = format!("{path}/service/{}", step.name);
    let mut page = confirmation(layout, data, action, path, vec![step.consequence.to_owned()]);
    page.grave = step.is_grave;
    form_page(&page.submit(step.title))
}

async fn ask(Context(app, signed_in): Context, Path((id, name)): Path<(String, String)>) -> PageResult {
    let (customer_id, customer) = find(&app, &id).await?;
    ask_page(&signed_in, customer_id, number(&customer), step(&name)?, &FormData::default())
}

async fn take(
    Context(app, signed_in): Context,
    Path((id, name)): Path<(String, String)>,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    let (customer_id, customer) = find(&app, &id).await?;
    let step = step(&name)?;
    let done = match reason(&form) {
        Ok(reason) => {
            way(&app)?.take_step(signed_in.id, customer_id, step.name, reason.as_deref(), form.once()).await?
        }
        Err(problem) => Err(problem),
    };
    match done {
        Ok(()) => redirect_with_notice(&format!("{PLACE}/{customer_id}"), step.done),
        Err(problem) => ask_page(&signed_in, customer_id, number(&customer), step, &redisplay(&form, problem)?),
    }
}
