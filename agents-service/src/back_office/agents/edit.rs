use axum::extract::Path;
use contract::agent_defaults::AgentDefaults;
use contract::bank::BankAccount;
use contract::events::agents::Permission;
use contract::money::{Currency, Money, Percent};
use contract::tax::VatKind;
use contract::text::isolated;
use serde::Serialize;
use uuid::Uuid;
use web::http::Problem;

use crate::agents;
use crate::agents::accounts::Contact;
use crate::agents::commands::CreateAgent;
use crate::agents::fallback::Fallback;
use crate::agents::requests::AgentRequest;
use crate::agents::snapshot::AgentSnapshot;
use crate::back_office::agents::{PLACE, find};
use crate::back_office::grants;
use crate::endpoint::id;
use crate::fields::without_repetitions;
use crate::grants as grants_of;
use crate::grants::commands::GrantCallPlans;
use crate::state::AppState;
use crate::ui::agent_contact::{contact_inputs, payment_inputs};
use crate::ui::enum_labels;
use crate::ui::form::{CsrfForm, Empty, Form, FormData};
use crate::ui::inputs::{FormPage, Section};
use crate::ui::layout::Layout;
use crate::ui::money;
use crate::ui::notice::{ADDED, CHANGED, Notice};
use crate::ui::page::{PageResult, redirect_with_notice, to};
use crate::ui::page_query::PageQuery;
use crate::ui::reader;
use crate::ui::signed_in::{Context, SignedIn};
use crate::ui::submit::{changed, form_page, redisplay, submit};

/// The operation of the form.
const ADD: &str = "add agent";
/// The agent whose terms were copied.
const COPIED: &str = "_copied";
/// The field of the call plans that are granted with the form.
const PLANS: &str = "_call_plans[]";
pub const ADDED_WITHOUT_PLANS: Notice =
    Notice { code: "added-without-plans", text: "Added, but without the call plans, which cannot be granted now." };

/// The inputs of an agent. The login can only be set for a new agent.
fn sections(data: &FormData, is_new: bool) -> Vec<Section> {
    let password = data.line("password", "password", if is_new { "Password" } else { "New password" });
    let password = password.autocomplete("new-password").hint("12 or more characters. It is never shown again.");
    let mut sign_in = vec![if is_new { password.required() } else { password }];
    if is_new {
        sign_in.insert(0, data.typed("login", "Login").required().hint("4 or more characters; it cannot be changed."));
    }
    let amount = data.line("text", "remittance_threshold.amount", "Threshold remittance").required();
    let example = reader::number("50.00");
    let amount = amount.hint(format!("Such as {example}: must be earned before a payout can be requested."));
    let currency = data.typed("remittance_threshold.currency", "Currency of the threshold").required();
    let hold_days = data.typed("hold_days", "Hold period in days");
    let hold_days = hold_days.hint("Commission is earned so many days after the payment. Empty: as in the settings.");
    let percent = data.typed("commission_percent", "Commission in percent").hint("Of payments received; 0 to 100.");
    let name = data.typed("name", "Name").hint("Visitors see it on the signup page.");
    vec![
        Section { legend: "Sign in", inputs: sign_in },
        Section {
            legend: "Permission",
            inputs: vec![data.many("permissions[]", "Screens of the portal", enum_labels::PERMISSIONS).required()],
        },
        Section { legend: "Remittance", inputs: vec![amount, currency.hint("Three letters, such as EUR."), hold_days] },
        Section {
            legend: "Terms",
            inputs: vec![
                if is_new { name } else { name.required() },
                percent,
                data.typed("currency", "Currency").hint("Three letters; as of the threshold when left empty."),
                data.typed("language", "Language").hint("A language tag such as en."),
                data.choice("vat_kind", "Value-added tax", None, enum_labels::VAT_KINDS).required(),
                data.typed("vat_percent", "VAT in percent").hint("The agent's own rate."),
            ],
        },
        Section { legend: "Contact", inputs: contact_inputs(data) },
        Section { legend: "Payment", inputs: payment_inputs(data) },
    ]
}

/// The call plans that can be granted with the form. They are commands of their own.
async fn plans(app: &AppState, agent_id: Option<Uuid>, data: &FormData) -> Result<Option<Section>, Problem> {
    let choices = grants::choices(app, agent_id).await?;
    let label = if agent_id.is_some() { "Further call plans usable" } else { "Call plans usable" };
    let inputs = vec![data.many(PLANS, label, choices.clone()).hint("What the agent is entitled to sell.")];
    Ok((!choices.is_empty()).then_some(Section { legend: "Call plans", inputs }))
}

/// The chosen call plans, as a command.
fn granting(form: &Form, agent_id: Uuid) -> Result<Option<GrantCallPlans>, Problem> {
    let call_plan_ids = without_repetitions(form.all(PLANS).map(id).collect::<Result<Vec<_>, _>>()?);
    let grants = GrantCallPlans { agent_id, call_plan_ids, commission: None };
    Ok((!grants.call_plan_ids.is_empty()).then_some(grants))
}

async fn new_page(app: &AppState, layout: Layout, data: &FormData) -> PageResult {
    let copied = copied(app, data.value(COPIED)).await?;
    let mut sections = sections(data, true);
    sections.splice(2..2, plans(app, None, data).await?);
    let page = FormPage::new(layout, data, "/agents/new", sections).again().back(PLACE);
    let Some(agent) = copied else { return form_page(&page) };
    let consequences = beside_form(&agent);
    form_page(&FormPage { consequences, ..page.hiding(COPIED, agent.id.to_string()) })
}

/// The agent whose terms are copied, by the id in a field.
async fn copied(app: &AppState, id: &str) -> Result<Option<AgentSnapshot>, Problem> {
    match id.parse() {
        Ok(agent_id) => Ok(agents::queries::get(app.database(), agent_id).await?),
        Err(_) => Ok(None),
    }
}

/// What is copied from an agent and no input shows.
fn beside_form(agent: &AgentSnapshot) -> Vec<String> {
    let name = isolated(&agent.name);
    let terms = (!agent.commission.is_default())
        .then(|| format!("The commission terms beside the percentage are those of {name}."));
    let thresholds: Vec<String> =
        agent.remittance_thresholds.iter().skip(1).map(|threshold| money::words(*threshold)).collect();
    let thresholds = (!thresholds.is_empty())
        .then(|| format!("The thresholds of other currencies are those of {name}: {}.", thresholds.join(", ")));
    terms.into_iter().chain(thresholds).collect()
}

/// The form with the defaults of the settings; with `copy`, with the terms and call plans of that agent.
pub async fn new(Context(app, signed_in): Context, query: PageQuery) -> PageResult {
    let layout = Layout::new(&signed_in, "Add agent", PLACE).noticing(&query, &[ADDED]);
    let copied = copied(&app, &query.text("copy").unwrap_or_default()).await?;
    let Some(agent) = copied else {
        let defaults = Fallback::of_settings(app.database()).await?.defaults;
        return new_page(&app, layout, &prefilled(&defaults)).await;
    };
    let mut data = FormData::showing(&Copied::of(&agent));
    data.set(COPIED, agent.id.to_string());
    for grant in grants_of::queries::list(app.database(), agent.id).await? {
        data.set(PLANS, grant.id.to_string());
    }
    new_page(&app, layout, &data).await
}

/// A form with these defaults.
fn prefilled(defaults: &AgentDefaults) -> FormData {
    let mut data = FormData::showing(defaults);
    for call_plan_id in &defaults.call_plan_ids {
        data.set(PLANS, call_plan_id.to_string());
    }
    data
}

/// What a new agent takes over from another one.
#[derive(Serialize)]
struct Copied<'a> {
    permissions: &'a [Permission],
    remittance_threshold: Money,
    commission_percent: Percent,
    hold_days: Option<u16>,
    currency: Currency,
    language: &'a str,
    vat_percent: Percent,
    vat_kind: VatKind,
}

impl<'a> Copied<'a> {
    fn of(agent: &'a AgentSnapshot) -> Self {
        Self {
            permissions: &agent.permissions,
            remittance_threshold: agent.remittance_threshold,
            commission_percent: agent.commission_percent,
            hold_days: agent.hold_days,
            currency: agent.currency,
            language: &agent.language,
            vat_percent: agent.vat_percent,
            vat_kind: agent.vat_kind,
        }
    }
}

pub async fn add(Context(app, signed_in): Context, CsrfForm(form): CsrfForm) -> PageResult {
    let (request, errors) = form.clone().with_literal("hold_days").read::<AgentRequest>(Empty::Absent);
    let defaults = Fallback::of_settings(app.database()).await?.defaults;
    let fallback = Fallback::beside_form(copied(&app, form.text(COPIED)).await?.as_ref());
    let request = match request.check_gifts(&signed_in.caller(), false, &defaults.permissions) {
        Ok(()) => request.creation(&app, &form.command(&signed_in, ADD)?, errors, fallback).await,
        Err(problem) => Err(problem),
    };
    let layout = Layout::new(&signed_in, "Add agent", PLACE);
    match create(&app, &signed_in, &form, request).await {
        Ok((agent_id, _)) if form.wants_another() => to(&format!("/agents/new?copy={agent_id}&done={}", ADDED.code)),
        Ok((agent_id, notice)) => redirect_with_notice(&format!("{PLACE}/{agent_id}"), notice),
        Err(problem) => new_page(&app, layout, &redisplay(&form, problem)?).await,
    }
}

/// Creates the agent and grants the chosen call plans in one commit. The agent is there even where a call plan cannot be granted any
/// more.
async fn create(
    app: &AppState,
    signed_in: &SignedIn,
    form: &Form,
    request: Result<CreateAgent, Problem>,
) -> Result<(String, Notice), Problem> {
    let (command, request) = (form.command(signed_in, ADD)?, request?);
    let granting = granting(form, request.agent_id)?;
    let granting = granting.map(|granting| (command.clone().within("call-plans"), granting.into()));
    let submissions = [(command, request.into())].into_iter().chain(granting).collect();
    let mut outcomes = app.submit_together(submissions).await.into_iter();
    let created = outcomes.next().ok_or_else(Problem::internal)??;
    let notice = if outcomes.any(|granted| granted.is_err()) { ADDED_WITHOUT_PLANS } else { ADDED };
    Ok((created.answer.id().to_owned(), notice))
}

/// What the form to change an agent shows.
#[derive(Serialize)]
struct Shown<'a> {
    #[serde(flatten)]
    agent: &'a AgentSnapshot,
    contact: &'a Contact,
    bank_details: &'a str,
    bank_account: Option<&'a BankAccount>,
}

async fn edit_page(
    app: &AppState,
    signed_in: &SignedIn,
    agent: &AgentSnapshot,
    version: u64,
    data: &FormData,
) -> PageResult {
    let mut sections = sections(data, false);
    sections.splice(2..2, plans(app, Some(agent.id), data).await?);
    let path = format!("{PLACE}/{}", agent.id);
    let layout = Layout::new(signed_in, format!("Edit {}", isolated(&agent.name)), PLACE);
    let page = FormPage::new(layout, data, format!("{path}/edit"), sections);
    form_page(&page.at_version(version).back(path))
}

pub async fn edit(Context(app, signed_in): Context, Path(text): Path<String>) -> PageResult {
    let (agent, details) = find(&app, &text).await?;
    let shown = Shown {
        agent: &agent,
        contact: &details.contact,
        bank_details: &details.bank_details,
        bank_account: details.bank_account.as_ref(),
    };
    edit_page(&app, &signed_in, &agent, agent.version, &FormData::showing(&shown)).await
}

pub async fn change(
    Context(app, signed_in): Context,
    Path(text): Path<String>,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    let (agent, _) = find(&app, &text).await?;
    let version = form.version()?;
    // An empty password means no change.
    let form =
        form.without_empty("password").with_list("permissions[]").with_null("hold_days").with_literal("hold_days");
    let (request, errors) = form.read::<AgentRequest>(Empty::Text);
    let what = format!("change agent {}", agent.id);
    let request = request.keeping(&agent.permissions);
    let request = match request.check_gifts(&signed_in.caller(), true, &[]) {
        Ok(()) => request.change(&app, &form.command(&signed_in, &what)?, errors, agent.id).await,
        Err(problem) => Err(problem),
    };
    let granting = granting(&form, agent.id)?;
    let done = match submit(&app, &signed_in, &form, &what, request).await {
        Ok(appended) => match granting {
            Some(granting) => {
                let command = form.command(&signed_in, &what)?.within("call-plans");
                app.submit(command, granting).await.map(|_| CHANGED)
            }
            None => Ok(changed(&appended, version)),
        },
        Err(problem) => Err(problem),
    };
    match done {
        Ok(notice) => redirect_with_notice(&format!("{PLACE}/{}", agent.id), notice),
        Err(problem) => edit_page(&app, &signed_in, &agent, version, &redisplay(&form, problem)?).await,
    }
}
