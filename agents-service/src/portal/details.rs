//! How the operator reaches and pays the agent: changed by the agent. Bank details need the password, and their change stops payouts
//! for the days in the settings, so that whoever finds an open page gains nothing.

use contract::bank::BankAccount;
use serde::Serialize;
use web::http::Problem;
use web::http::client::Client;

use crate::agents;
use crate::agents::accounts::{Contact, Details};
use crate::agents::requests::AgentRequest;
use crate::settings;
use crate::state::AppState;
use crate::ui::account::{current_password, prove};
use crate::ui::agent_contact::{contact_inputs, payment_inputs};
use crate::ui::form::{CsrfForm, Empty, Form, FormData};
use crate::ui::inputs::{FormPage, Section};
use crate::ui::layout::Layout;
use crate::ui::notice::Notice;
use crate::ui::numbers::counted;
use crate::ui::page::{PageResult, redirect_with_notice};
use crate::ui::routes::Routes;
use crate::ui::signed_in::{Context, SignedIn};
use crate::ui::submit::{changed, form_page, redisplay, submit};

const PLACE: &str = "/portal";
pub const CONTACT: &str = "/portal/details/contact";
pub const BANK: &str = "/portal/details/bank";
/// What the forms may change: no other field of an agent is theirs.
const OF_CONTACT: &[&str] = &["contact."];
const OF_BANK: &[&str] = &["bank_account.", "bank_details"];

pub fn routes(routes: Routes) -> Routes {
    routes.get(CONTACT, ask_contact).post(CONTACT, change_contact).get(BANK, ask_bank).post(BANK, change_bank)
}

/// What the forms show.
#[derive(Serialize)]
struct Shown<'a> {
    contact: &'a Contact,
    bank_account: Option<&'a BankAccount>,
    bank_details: &'a str,
}

/// The details as they are, and the agent's version.
async fn shown(app: &AppState, signed_in: &SignedIn) -> Result<(FormData, u64), Problem> {
    let agent = signed_in.agent.as_ref().ok_or_else(Problem::not_found)?;
    let details: Details = agents::accounts::details(app.database(), agent.id).await?.unwrap_or_default();
    let (contact, bank_account) = (&details.contact, details.bank_account.as_ref());
    Ok((FormData::showing(&Shown { contact, bank_account, bank_details: &details.bank_details }), agent.version))
}

fn contact_page(signed_in: &SignedIn, version: u64, data: &FormData) -> PageResult {
    let sections = vec![Section { legend: "", inputs: contact_inputs(data) }];
    let layout = Layout::new(signed_in, "Change contact", PLACE);
    form_page(&FormPage::new(layout, data, CONTACT, sections).at_version(version).back(PLACE))
}

async fn bank_page(app: &AppState, signed_in: &SignedIn, version: u64, data: &FormData) -> PageResult {
    let days = u64::from(settings::queries::get(app.database()).await?.payout_block_days.0);
    let proof = Section { legend: "Who you are", inputs: vec![current_password(data)] };
    let sections = vec![Section { legend: "Payment", inputs: payment_inputs(data) }, proof];
    let layout = Layout::new(signed_in, "Change bank details", PLACE);
    let stop = format!("No payout is made for {} after the change.", counted(days, "day", "days"));
    let consequences = if days == 0 { Vec::new() } else { vec![stop] };
    let page = FormPage::new(layout, data, BANK, sections).at_version(version).back(PLACE);
    form_page(&FormPage { consequences, ..page.of_login(&signed_in.login) })
}

async fn ask_contact(Context(app, signed_in): Context) -> PageResult {
    let (data, version) = shown(&app, &signed_in).await?;
    contact_page(&signed_in, version, &data)
}

async fn ask_bank(Context(app, signed_in): Context) -> PageResult {
    let (data, version) = shown(&app, &signed_in).await?;
    bank_page(&app, &signed_in, version, &data).await
}

async fn change_contact(Context(app, signed_in): Context, CsrfForm(form): CsrfForm) -> PageResult {
    match change(&app, &signed_in, &form, "change own contact", OF_CONTACT).await {
        Ok(notice) => redirect_with_notice(PLACE, notice),
        Err(problem) => contact_page(&signed_in, form.version()?, &redisplay(&form, problem)?),
    }
}

async fn change_bank(Context(app, signed_in): Context, client: Client, CsrfForm(form): CsrfForm) -> PageResult {
    let changed = match prove(&app, &signed_in, client, &form).await {
        Ok(_) => change(&app, &signed_in, &form, "change own bank details", OF_BANK).await,
        Err(problem) => Err(problem),
    };
    match changed {
        Ok(notice) => redirect_with_notice(PLACE, notice),
        Err(problem) => bank_page(&app, &signed_in, form.version()?, &redisplay(&form, problem)?).await,
    }
}

/// Changes the fields whose names begin so, whatever else the form holds.
async fn change(
    app: &AppState,
    signed_in: &SignedIn,
    form: &Form,
    what: &str,
    beginnings: &[&str],
) -> Result<Notice, Problem> {
    let version = form.version()?;
    let (request, errors) = form.clone().only(beginnings).read::<AgentRequest>(Empty::Text);
    let command = form.command(signed_in, what)?;
    let request = request.change(app, &command, errors, signed_in.id).await;
    let appended = submit(app, signed_in, form, what, request).await?;
    Ok(changed(&appended, version))
}
