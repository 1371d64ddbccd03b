//! "What if" of an agent: what the payments and signups of a period would have earned by other terms. The page is an answer to a form, and writes
//! nothing.

use axum::extract::Path;
use contract::clock::Moment;
use contract::text::isolated;
use contract::zone::Zone;
use serde_json::{Value, json};
use uuid::Uuid;
use web::http::{FieldErrors, Problem, body};

use crate::agents::snapshot::AgentSnapshot;
use crate::endpoint::id;
use crate::previews::api::{PreviewSnapshot, show};
use crate::previews::queries::MAX_PAYMENTS;
use crate::previews::requests::PreviewRequest;
use crate::state::AppState;
use crate::ui::action::Action;
use crate::ui::form::{CsrfForm, Empty, Form, FormData};
use crate::ui::inputs::{FormPage, Section};
use crate::ui::layout::Layout;
use crate::ui::page::{PageResult, page};
use crate::ui::routes::Routes;
use crate::ui::signed_in::{Context, SignedIn};
use crate::ui::submit::{form_page, redisplay};
use crate::ui::table::{Block, Cell, ShowPage, Table};
use crate::{agents, settings};

const PLACE: &str = "/agents";
/// Days of the period that the form proposes.
const DAYS: i64 = 90;
const BASES: [(&str, &str); 2] = [("net", "Without value-added tax"), ("gross", "With value-added tax")];
const PER: [(&str, &str); 2] = [("payment", "Each payment"), ("signup", "Each signup, once")];
const RATES_AT: [(&str, &str); 2] = [("placement", "When the customer signed up"), ("payment", "When they pay")];

pub fn routes(routes: Routes) -> Routes {
    routes.get("/agents/{id}/preview", ask).post("/agents/{id}/preview", try_terms)
}

/// The page of an agent's other terms.
pub fn path(agent_id: Uuid) -> String {
    format!("{PLACE}/{agent_id}/preview")
}

async fn find(app: &AppState, text: &str) -> Result<(AgentSnapshot, Zone), Problem> {
    let agent = agents::queries::get(app.database(), id(text)?).await?.ok_or_else(Problem::not_found)?;
    Ok((agent, settings::queries::get(app.database()).await?.zone()?))
}

fn ask_page(signed_in: &SignedIn, agent: &AgentSnapshot, zone: &Zone, data: &FormData) -> PageResult {
    let percent = data.typed("commission_percent", "Commission in percent").hint("Of payments received; 0 to 100.");
    let flat = data.typed("commission.flat.amount", "Fixed amount");
    let currency = data.typed("commission.flat.currency", "Currency of the fixed amount");
    let per = data.choice("commission.per", "Fixed amount for", None, PER);
    let base = data.choice("commission.base", "Percentage of the amount", None, BASES);
    let rate_at = data.choice("commission.rate_at", "Terms that count", None, RATES_AT);
    let payments = data.typed("commission.window.payments", "Only the first payments of a customer");
    let months = data.typed("commission.window.months", "Only the first months of a customer");
    let since = data.typed("since", "First day").required();
    let until = data.typed("until", "Last day").required();
    let example = format!("A day such as 2026-01-31. Time zone: {}.", zone.name());
    let terms = vec![
        percent,
        flat.hint("Empty: the percentage counts."),
        currency.hint("Three letters, such as EUR."),
        per,
        base,
        rate_at,
        payments.hint("A whole number. Empty: all payments."),
        months.hint("A whole number. Empty: for good."),
    ];
    let most = format!("{example} At most {MAX_PAYMENTS} payments.");
    let sections = vec![
        Section { legend: "Terms to try", inputs: terms },
        Section { legend: "Payments and signups", inputs: vec![since.hint(example), until.hint(most)] },
    ];
    let layout = Layout::new(signed_in, format!("Try other terms for {}", isolated(&agent.name)), PLACE);
    let form = FormPage::new(layout, data, path(agent.id), sections);
    form_page(&form.back(format!("{PLACE}/{}/ledger", agent.id)).submit("Compare"))
}

async fn ask(Context(app, signed_in): Context, Path(text): Path<String>) -> PageResult {
    let (agent, zone) = find(&app, &text).await?;
    let shown = json!({ "commission_percent": agent.commission_percent, "commission": agent.commission });
    let mut data = FormData::showing(&shown);
    let today = app.clock.now().day();
    data.set("since", today.plus(-DAYS).to_string());
    data.set("until", today.to_string());
    ask_page(&signed_in, &agent, &zone, &data)
}

/// The form as a request. An empty amount is the percentage, an empty window is for good, and a number is a text in a form.
fn request_of(form: &Form, agent_id: Uuid) -> (PreviewRequest, FieldErrors) {
    let mut value = form.value(Empty::Absent);
    let mut unreadable = Vec::new();
    for (limit, name) in [("payments", "commission.window.payments"), ("months", "commission.window.months")] {
        if let Some(text) = value["commission"]["window"][limit].as_str() {
            let number = text.parse::<u32>().ok();
            unreadable.extend(number.is_none().then_some(name));
            value["commission"]["window"][limit] = number.into();
        }
    }
    let commission = &mut value["commission"];
    if commission["flat"]["amount"].is_null() {
        commission["flat"] = Value::Null;
    }
    if commission["window"].is_null() {
        commission["window"] = json!({});
    }
    let (request, mut errors) = body::read::<PreviewRequest>(value);
    for name in unreadable {
        errors.add(name, "invalid", "must be a whole number such as 12");
    }
    (request.of_agent(agent_id), errors)
}

async fn try_terms(Context(app, signed_in): Context, Path(text): Path<String>, CsrfForm(form): CsrfForm) -> PageResult {
    let (agent, zone) = find(&app, &text).await?;
    let (request, errors) = request_of(&form, agent.id);
    match show(&app, request, errors).await {
        Ok(preview) => answer(&signed_in, &agent, &preview),
        Err(problem) => ask_page(&signed_in, &agent, &zone, &redisplay(&form, problem)?),
    }
}

fn answer(signed_in: &SignedIn, agent: &AgentSnapshot, preview: &PreviewSnapshot) -> PageResult {
    let rows = preview.items.iter().map(|item| {
        let amount = |amount| Cell::number(format!("{amount} {}", item.currency));
        let [now, then, difference] = [item.commission_now, item.commission_then, item.difference].map(amount);
        vec![Cell::number(item.payments), Cell::number(item.signups), now, then, difference]
    });
    let columns = ["Payments", "Signups", "Commission now", "Commission then", "Difference"];
    let table = Table::new("Comparison", columns, rows, "Nothing of this agent earned commission in this period.");
    let note = "Nothing has changed.".to_owned();
    let moment = |moment: Moment| Cell::moment(moment);
    let facts = vec![
        ("Agent", Cell::link(agent.name.clone(), format!("{PLACE}/{}", agent.id))),
        ("From", moment(preview.since)),
        ("Before", moment(preview.until)),
    ];
    let layout = Layout::new(signed_in, format!("Other terms for {}", isolated(&agent.name)), PLACE);
    let actions = vec![
        Action::new("Try other terms", path(agent.id)),
        Action::new("Ledger", format!("{PLACE}/{}/ledger", agent.id)),
    ];
    let blocks = vec![Block { note: Some(note), ..Block::of_table(table) }];
    page(&ShowPage { layout, state: None, actions, facts, on: None, blocks })
}
