use axum::extract::Path;
use contract::bank::BankAccount;
use contract::text::isolated;
use serde::Serialize;

use crate::agents::accounts::Contact;
use crate::agents::requests::AgentRequest;
use crate::agents::snapshot::AgentSnapshot;
use crate::back_office::agents::{PLACE, find};
use crate::ui::enum_labels;
use crate::ui::form::{CsrfForm, Empty, FormData};
use crate::ui::inputs::{FormPage, Section};
use crate::ui::layout::Layout;
use crate::ui::notice::ADDED;
use crate::ui::page::{PageResult, redirect_with_notice};
use crate::ui::signed_in::{Context, SignedIn};
use crate::ui::submit::{changed, form_page, redisplay, submit};

/// The operation of the form.
const ADD: &str = "add agent";

/// The inputs of an agent. The login can only be set for a new agent.
fn sections(data: &FormData, is_new: bool) -> Vec<Section> {
    let password = data.line("password", "password", if is_new { "Password" } else { "New password" });
    let password = password.autocomplete("new-password").hint("12 or more characters. It is never shown again.");
    let mut sign_in = vec![if is_new { password.required() } else { password }];
    if is_new {
        sign_in.insert(0, data.typed("login", "Login").required().hint("4 or more characters; it cannot be changed."));
    }
    let amount = data.line("text", "remittance_threshold.amount", "Threshold remittance").required();
    let amount = amount.hint("Commission that must be earned before a payout can be requested.");
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
                data.typed("vat_percent", "VAT in percent"),
            ],
        },
        Section {
            legend: "Contact",
            inputs: vec![
                data.typed("contact.company", "Company"),
                data.typed("contact.first_name", "First name"),
                data.typed("contact.last_name", "Last name"),
                data.typed("contact.address", "Address"),
                data.typed("contact.postal_code", "Postal code"),
                data.typed("contact.city", "City"),
                data.typed("contact.state", "State"),
                data.typed("contact.country", "Country"),
                data.line("tel", "contact.phone", "Phone"),
                data.line("email", "contact.email", "E-mail"),
            ],
        },
        Section {
            legend: "Payment",
            inputs: vec![
                data.typed("bank_account.holder", "Account holder").hint("As the bank knows them; 70 letters at most."),
                data.typed("bank_account.iban", "IBAN")
                    .hint("For the payout file. A change stops payouts for some days."),
                data.typed("bank_account.bic", "BIC").hint("8 or 11 letters and digits; may be empty."),
                data.lines("bank_details", "Bank details").hint("How to pay without an IBAN, in your own words."),
            ],
        },
    ]
}

fn new_page(signed_in: &SignedIn, data: &FormData) -> PageResult {
    let layout = Layout::new(signed_in, "Add agent", PLACE);
    form_page(&FormPage::new(layout, data, "/agents/new", sections(data, true)).back(PLACE))
}

pub async fn new(signed_in: SignedIn) -> PageResult {
    new_page(&signed_in, &FormData::default())
}

pub async fn add(Context(app, signed_in): Context, CsrfForm(form): CsrfForm) -> PageResult {
    let (request, errors) = form.clone().with_literal("hold_days").read::<AgentRequest>(Empty::Absent);
    let request = match request.check_gifts(&signed_in.caller(), false) {
        Ok(()) => request.creation(&app, &form.command(&signed_in, ADD)?, errors).await,
        Err(problem) => Err(problem),
    };
    match submit(&app, &signed_in, &form, ADD, request).await {
        Ok(appended) => redirect_with_notice(&format!("{PLACE}/{}", appended.answer.id()), ADDED),
        Err(problem) => new_page(&signed_in, &redisplay(&form, problem)?),
    }
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

fn edit_page(signed_in: &SignedIn, agent: &AgentSnapshot, version: u64, data: &FormData) -> PageResult {
    let path = format!("{PLACE}/{}", agent.id);
    let layout = Layout::new(signed_in, format!("Edit {}", isolated(&agent.name)), PLACE);
    let page = FormPage::new(layout, data, format!("{path}/edit"), sections(data, false));
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
    edit_page(&signed_in, &agent, agent.version, &FormData::showing(&shown))
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
    let request = match request.check_gifts(&signed_in.caller(), true) {
        Ok(()) => request.change(&app, &form.command(&signed_in, &what)?, errors, agent.id).await,
        Err(problem) => Err(problem),
    };
    match submit(&app, &signed_in, &form, &what, request).await {
        Ok(appended) => redirect_with_notice(&format!("{PLACE}/{}", agent.id), changed(&appended, version)),
        Err(problem) => edit_page(&signed_in, &agent, version, &redisplay(&form, problem)?),
    }
}
