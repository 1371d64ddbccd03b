//! An agent's form: to add one, and to change one.

use axum::extract::{Path, State};
use shared::text::isolated;

use super::super::{
    AppState, Entry, FormPage, Frame, PageResult, Section, SignedIn, again, changed, form_page, member, shown, submit,
};
use super::{PLACE, find};
use crate::accounts::Details;
use crate::http::given::agents::Given;
use crate::http::pages::Sent;
use crate::http::pages::form::Empty;
use crate::http::words;
use crate::projections::agents::Agent;

/// What the form to add one asks for.
const ADD: &str = "add agent";

/// The inputs of an agent. The login is chosen once.
fn sections(entry: &Entry, is_new: bool) -> Vec<Section> {
    let password = entry.line("password", "password", if is_new { "Password" } else { "New password" });
    let password = password.autocomplete("new-password").hint("12 or more characters. It is never shown again.");
    let mut sign_in = vec![if is_new { password.required() } else { password }];
    if is_new {
        sign_in.insert(0, entry.typed("login", "Login").required().hint("4 or more characters; it cannot be changed."));
    }
    let amount = entry.line("text", "remittance_threshold.amount", "Threshold remittance").required();
    let amount = amount.hint("Commission that must be earned before a payout can be requested.");
    let currency = entry.typed("remittance_threshold.currency", "Currency of the threshold").required();
    let percent = entry.typed("commission_percent", "Commission in percent").hint("Of payments received; 0 to 100.");
    let permissions: Vec<_> = words::offered_permissions(entry).collect();
    let name = entry.typed("name", "Name").hint("Visitors see it on the signup page.");
    vec![
        Section { legend: "Sign in", inputs: sign_in },
        Section {
            legend: "Permission",
            inputs: vec![entry.many("permissions[]", "Screens of the portal", permissions).required()],
        },
        Section { legend: "Remittance", inputs: vec![amount, currency.hint("Three letters, such as EUR.")] },
        Section {
            legend: "Terms",
            inputs: vec![
                if is_new { name } else { name.required() },
                percent,
                entry.typed("currency", "Currency").hint("Three letters; as of the threshold when left empty."),
                entry.typed("language", "Language").hint("A language tag such as en."),
                entry.typed("vat_percent", "VAT in percent"),
            ],
        },
        Section {
            legend: "Contact",
            inputs: vec![
                entry.typed("contact.company", "Company"),
                entry.typed("contact.first_name", "First name"),
                entry.typed("contact.last_name", "Last name"),
                entry.typed("contact.address", "Address"),
                entry.typed("contact.postal_code", "Postal code"),
                entry.typed("contact.city", "City"),
                entry.typed("contact.state", "State"),
                entry.typed("contact.country", "Country"),
                entry.line("tel", "contact.phone", "Phone"),
                entry.line("email", "contact.email", "E-mail"),
            ],
        },
        Section { legend: "Payment", inputs: vec![entry.lines("bank_details", "Bank details")] },
    ]
}

fn new_page(signed_in: &SignedIn, entry: &Entry) -> PageResult {
    let frame = Frame::new(signed_in, "Add agent", PLACE);
    form_page(&FormPage::new(frame, entry, "/agents/new", sections(entry, true)).back(PLACE))
}

pub(super) async fn new(signed_in: SignedIn) -> PageResult {
    new_page(&signed_in, &Entry::default())
}

pub(super) async fn add(State(app): State<AppState>, signed_in: SignedIn, Sent(form): Sent) -> PageResult {
    let (given, errors) = form.read::<Given>(Empty::Absent);
    let request = given.creation(&app, &form.command(&signed_in, ADD)?, errors).await;
    match submit(&app, &signed_in, &form, ADD, request).await {
        Ok(appended) => shown(&format!("{PLACE}/{}", member(&appended, "id")?), "added"),
        Err(problem) => new_page(&signed_in, &again(&form, problem)?),
    }
}

fn as_entry(agent: &Agent, details: &Details) -> Entry {
    let contact = &details.contact;
    let threshold = agent.remittance_threshold;
    let mut values: Vec<(String, String)> = [
        ("remittance_threshold.amount", threshold.amount().to_string()),
        ("remittance_threshold.currency", threshold.currency().as_str().to_owned()),
        ("name", agent.name.clone()),
        ("commission_percent", agent.commission_percent.to_string()),
        ("currency", agent.currency.as_str().to_owned()),
        ("language", agent.language.clone()),
        ("vat_percent", agent.vat_percent.to_string()),
        ("contact.company", contact.company.clone()),
        ("contact.first_name", contact.first_name.clone()),
        ("contact.last_name", contact.last_name.clone()),
        ("contact.address", contact.address.clone()),
        ("contact.postal_code", contact.postal_code.clone()),
        ("contact.city", contact.city.clone()),
        ("contact.state", contact.state.clone()),
        ("contact.country", contact.country.clone()),
        ("contact.phone", contact.phone.clone()),
        ("contact.email", contact.email.clone()),
        ("bank_details", details.bank_details.clone()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into();
    let name_of = |permission| ("permissions[]".to_owned(), words::name_of(permission));
    values.extend(agent.permissions.iter().map(name_of));
    Entry::of(values)
}

fn edit_page(signed_in: &SignedIn, agent: &Agent, version: u64, entry: &Entry) -> PageResult {
    let path = format!("{PLACE}/{}", agent.id);
    let frame = Frame::new(signed_in, format!("Edit {}", isolated(&agent.name)), PLACE);
    let page = FormPage::new(frame, entry, format!("{path}/edit"), sections(entry, false));
    form_page(&page.at_version(version).back(path))
}

pub(super) async fn edit(State(app): State<AppState>, signed_in: SignedIn, Path(text): Path<String>) -> PageResult {
    let (agent, details) = find(&app, &text).await?;
    edit_page(&signed_in, &agent, agent.version, &as_entry(&agent, &details))
}

pub(super) async fn change(
    State(app): State<AppState>,
    signed_in: SignedIn,
    Path(text): Path<String>,
    Sent(form): Sent,
) -> PageResult {
    let (agent, _) = find(&app, &text).await?;
    let version = form.version()?;
    // No password typed is none to change.
    let form = form.without_empty("password").with_list("permissions[]");
    let (given, errors) = form.read::<Given>(Empty::Text);
    let what = format!("change agent {}", agent.id);
    let request = given.change(&app, &form.command(&signed_in, &what)?, errors, agent.id, Some(version)).await;
    match submit(&app, &signed_in, &form, &what, request).await {
        Ok(appended) => shown(&format!("{PLACE}/{}", agent.id), changed(&appended, version)?),
        Err(problem) => edit_page(&signed_in, &agent, version, &again(&form, problem)?),
    }
}
