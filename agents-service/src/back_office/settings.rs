//! System settings: the customer interface URL, with a live check; the fields and terms of the signup form; the look
//! of the public pages, and who may show them in a frame.

use contract::challenge::BURST_SIGNUPS;
use contract::events::agents::Terms;
use serde_json::Value;
use web::http::FieldErrors;
use web::http::body::read;

use crate::back_office::grants;
use crate::settings::commands::change_settings;
use crate::settings::requests::{PAGE_LANGUAGES, SettingsRequest};
use crate::settings::snapshot::SettingsSnapshot;
use crate::settings::url_check::{self, Found};
use crate::settings::{self, signup_url};
use crate::state::AppState;
use crate::ui::action::Action;
use crate::ui::enum_labels;
use crate::ui::form::{CsrfForm, Empty, Form, FormData};
use crate::ui::inputs::{FormPage, Input, Section};
use crate::ui::labels::SelectOptions;
use crate::ui::layout::Layout;
use crate::ui::notice::{CHANGED, UNCHANGED};
use crate::ui::page::{PageResult, page as show_page, redirect_with_notice};
use crate::ui::page_query::PageQuery;
use crate::ui::routes::Routes;
use crate::ui::signed_in::{Context, SignedIn};
use crate::ui::submit::{changed, form_page, redisplay, submit};
use crate::ui::table::{Cell, ShowPage};

const PLACE: &str = "/settings";
const CHECK: &str = "/settings/check";
const FIRST_SCREENS: &str = "new_agents.permissions[]";
const FIRST_PLANS: &str = "new_agents.call_plan_ids[]";
/// The form field with the URL that the operator was warned about.
const WARNED_OF: &str = "url";
const MASKS: [(&str, &str); 3] = [
    ("number_only", "The customer number only"),
    ("initials", "First name and last initial"),
    ("full", "Names and e-mail address"),
];
const FOUR_EYES: [(&str, &str); 2] =
    [("false", "Any operator"), ("true", "Another operator than the one who approved it")];
const UNKNOWN_BICS: [(&str, &str); 2] = [("left_out", "Left out"), ("not_provided", "Written as NOTPROVIDED")];
const SELF_BILLING: [(&str, &str); 3] =
    [("never", "No statements"), ("remittances", "Statements of payouts"), ("periods", "Statements of periods")];
const CHALLENGES: [(&str, &str); 3] =
    [("never", "Never"), ("bursts", "While signups come in bursts"), ("always", "At every signup")];
const RULES: [(&str, &str); 3] = [("shown", "Shown"), ("required", "Required"), ("hidden", "Hidden")];

pub fn routes(routes: Routes) -> Routes {
    routes.get(PLACE, show).post(PLACE, change).get(CHECK, check).post(CHECK, check_inside)
}

/// The names of the inputs for the form's fields, which must be `'static`.
const FIELD_INPUTS: [&str; 12] = [
    "signup_fields.last_name",
    "signup_fields.phone",
    "signup_fields.company",
    "signup_fields.address",
    "signup_fields.city",
    "signup_fields.state",
    "signup_fields.country",
    "signup_fields.postal_code",
    "signup_fields.language",
    "signup_fields.time_zone",
    "signup_fields.currency",
    "signup_fields.vat_number",
];

fn sections(data: &FormData, logo: &str, plans: SelectOptions) -> Vec<Section> {
    let url = data.line("url", "customer_interface_url", "Customer Interface URL").required();
    let url = url.hint("Where customers reach the signup pages from outside, such as https://my.example.com.");
    let frames = data.lines("frame_origins", "Sites that may show the form in a frame");
    let frames = frames.hint(
        "Enter one site a line, such as https://shop.example. For a trial on your own machine, enter http://localhost:8000. Agents find \
         the code for their page at each URL. Scripts of these sites may also use the public API.",
    );
    let mask = data.choice("customer_mask", "What agents see of their customers", None, MASKS);
    let fields = FIELD_INPUTS.iter().zip(enum_labels::SIGNUP_FIELDS);
    let fields = fields.map(|(name, (_, label))| data.choice(name, label, None, RULES).required());
    vec![
        Section { legend: "Signup", inputs: vec![url] },
        Section { legend: "Fields of the signup form", inputs: fields.collect() },
        Section { legend: "Terms", inputs: terms(data) },
        Section { legend: "Look of the signup pages", inputs: look(data, logo) },
        Section { legend: "Frames", inputs: vec![frames] },
        Section { legend: "Abuse", inputs: vec![challenge(data)] },
        Section { legend: "Portal", inputs: vec![mask.required()] },
        Section { legend: "Payouts", inputs: payouts(data) },
        Section { legend: "Statements", inputs: statements(data) },
        Section {
            legend: "Commission",
            inputs: vec![
                data.typed("hold_days", "Hold period in days")
                    .required()
                    .hint("Commission is earned so many days after a payment. An agent may have their own."),
                data.choice("four_eyes", "Who marks a payout as paid", None, FOUR_EYES).required(),
            ],
        },
        Section { legend: "New agents", inputs: new_agents(data, plans) },
        Section {
            legend: "Time",
            inputs: vec![
                data.typed("time_zone", "Time zone")
                    .hint("Days that you name are days there. Such as Europe/Berlin; empty is UTC."),
            ],
        },
    ]
}

/// The names of the inputs for translations, which must be `'static`.
const TRANSLATION_INPUTS: [(&str, &str); PAGE_LANGUAGES.len()] = [
    ("terms.translations.en", "The terms in English"),
    ("terms.translations.es", "The terms in Spanish"),
    ("terms.translations.fr", "The terms in French"),
    ("terms.translations.de", "The terms in German"),
    ("terms.translations.pt", "The terms in Portuguese"),
    ("terms.translations.ar", "The terms in Arabic"),
];

fn terms(data: &FormData) -> Vec<Input> {
    let version = data.typed("terms.version", "Version of the terms").required();
    let language = data.typed("terms.language", "Language of the text");
    let mut inputs = vec![
        version.hint("Your own name for this wording, such as 2026-01. Enter another one when a text changes."),
        data.lines("terms.text", "Text of the terms").required(),
        language
            .hint("Such as en. Visitors whose language has no text below read this one. Change these texts together."),
    ];
    inputs.extend(TRANSLATION_INPUTS.map(|(name, label)| data.lines(name, label)));
    inputs
}

fn challenge(data: &FormData) -> Input {
    data.choice("signup_challenge", "Challenge before a signup", None, CHALLENGES).required().hint(format!(
        "The visitor's browser works for some seconds before it sends the form, so signups in bulk cost time. Without script, the visitor \
         waits and sends the form again. Programs solve it too, unless they send an API token. A burst is {BURST_SIGNUPS} signups a minute \
         through one URL."
    ))
}

/// What the form of a new agent begins with.
fn new_agents(data: &FormData, plans: SelectOptions) -> Vec<Input> {
    let percent = data.typed("new_agents.commission_percent", "Commission of new agents in percent");
    let hold_days = data.typed("new_agents.hold_days", "Hold period of new agents in days");
    let mut inputs = vec![
        percent.hint("Of payments received; 0 to 100. Agents that are there do not change with these fields."),
        hold_days.hint("Empty: as under Commission, also after that changes."),
        data.typed("new_agents.language", "Language of new agents").hint("A language tag such as en."),
        data.many(FIRST_SCREENS, "Screens of the portal for new agents", enum_labels::PERMISSIONS),
    ];
    if !plans.is_empty() {
        inputs.push(data.many(FIRST_PLANS, "Call plans usable by new agents", plans));
    }
    inputs
}

fn payouts(data: &FormData) -> Vec<Input> {
    let days = data.typed("payout_block_days", "Days without payouts after a change of bank details");
    vec![
        data.typed("payout_account.holder", "Holder of the company's account").hint("Payout files pay from it."),
        data.typed("payout_account.iban", "IBAN of the company's account"),
        data.typed("payout_account.bic", "BIC of the company's account").hint("May be empty."),
        data.choice("unknown_bic", "A payee's unknown BIC in the file", None, UNKNOWN_BICS).required(),
        days.required().hint("0 to 365. It gives time to notice a false change."),
    ]
}

fn statements(data: &FormData) -> Vec<Input> {
    let years = data.typed("statements.keep_years", "Years that names on statements are kept");
    vec![
        data.typed("statements.legal_name", "The company's name in law"),
        data.typed("statements.vat_number", "The company's VAT number"),
        data.lines("statements.address", "The company's address").hint("Line by line."),
        data.typed("statements.number_prefix", "Before the number of a statement").hint("Such as GS-; may be empty."),
        data.choice("statements.self_billing", "Self-billing", None, SELF_BILLING)
            .required()
            .hint("Which statements are invoices that the company issues in the name of the agent."),
        years.required().hint("After the end of the year of issue. Then names and addresses are removed for good."),
    ]
}

fn look(data: &FormData, logo: &str) -> Vec<Input> {
    let colour =
        data.typed("branding.colour", "Colour").hint("Of buttons and accents: # and six digits, such as #0b5cad.");
    let picture = data.picture("branding.logo", "Logo", logo);
    vec![
        data.typed("branding.name", "Name").hint("Stands above the pages."),
        colour,
        picture.hint("A PNG picture of at most 32 KiB and 1024 times 1024 pixels."),
    ]
}

async fn page(
    app: &AppState,
    layout: Layout,
    settings: &SettingsSnapshot,
    version: u64,
    data: &FormData,
) -> PageResult {
    let sections = sections(data, &settings.branding.logo, grants::choices(app, None).await?);
    let page = FormPage::new(layout, data, PLACE, sections).at_version(version);
    let actions = vec![
        Action::new("Check the URL", CHECK),
        Action::new("Operators", "/operators"),
        Action::new("API tokens", "/api-tokens"),
    ];
    form_page(&FormPage { actions, ..page })
}

async fn show(Context(app, signed_in): Context, query: PageQuery) -> PageResult {
    let settings = settings::queries::get(app.database()).await?;
    let layout = Layout::new(&signed_in, "System settings", PLACE).noticing(&query, &[CHANGED, UNCHANGED]);
    let layout = layout.warning(signup_url::warnings(&settings.customer_interface_url));
    let mut data = FormData::showing(&settings);
    data.set("frame_origins", settings.frame_origins.join("\n"));
    page(&app, layout, &settings, settings.version, &data).await
}

/// The form as a request: origins one a line, and an empty picture to remove it.
fn request_of(form: &Form) -> (SettingsRequest, FieldErrors) {
    let typed = form.clone().with_literal("hold_days").with_literal("four_eyes").with_literal("new_agents.hold_days");
    let typed = typed.with_null("new_agents.commission_percent").with_null("new_agents.hold_days");
    let mut value = typed.value(Empty::Text);
    let origins = form.text("frame_origins").lines().map(str::trim).filter(|line| !line.is_empty());
    value["frame_origins"] = origins.map(Value::from).collect();
    // A browser sends nothing of a list without a checked box.
    for (member, field) in [("permissions", FIRST_SCREENS), ("call_plan_ids", FIRST_PLANS)] {
        value["new_agents"][member] = form.all(field).map(Value::from).collect();
    }
    if !form.text("_no_picture").is_empty() {
        value["branding"]["logo"] = Value::from("");
    }
    read(value)
}

/// Without the translations that were left as they are although the text has changed: they state something else now.
/// A program names translations on purpose; a form sends whatever stands in it.
fn without_outdated(form: &Form, terms: &Terms) -> Form {
    // Browsers end lines by CR LF, whatever ended them before.
    let is_same = |name: &str, known: &str| form.text(name).lines().eq(known.lines());
    let outdated = PAGE_LANGUAGES.iter().zip(TRANSLATION_INPUTS).filter(|(tag, (name, _))| {
        let translation = terms.translations.get(**tag);
        !is_same("terms.text", &terms.text) && translation.is_some_and(|known| is_same(name, known))
    });
    outdated.fold(form.clone(), |form, (_, (name, _))| form.with(name, ""))
}

async fn change(Context(app, signed_in): Context, CsrfForm(form): CsrfForm) -> PageResult {
    let version = form.version()?;
    let known = settings::queries::get(app.database()).await?;
    let (request, errors) = request_of(&without_outdated(&form, &known.terms));
    let change = request.check(errors).map(change_settings);
    match submit(&app, &signed_in, &form, "change settings", change).await {
        Ok(appended) => redirect_with_notice(PLACE, changed(&appended, version)),
        Err(problem) => {
            let settings = settings::queries::get(app.database()).await?;
            let layout = Layout::new(&signed_in, "System settings", PLACE);
            page(&app, layout, &settings, version, &redisplay(&form, problem)?).await
        }
    }
}

/// Whether the signup pages respond at the customer interface URL, as far as this machine can reach it.
async fn check(Context(app, signed_in): Context) -> PageResult {
    let url = settings::queries::get(app.database()).await?.customer_interface_url;
    checked(&signed_in, &url, false).await
}

/// The check of a URL inside the network, after the operator was warned about that URL.
async fn check_inside(Context(app, signed_in): Context, CsrfForm(form): CsrfForm) -> PageResult {
    let url = settings::queries::get(app.database()).await?.customer_interface_url;
    checked(&signed_in, &url, form.text(WARNED_OF) == url).await
}

async fn checked(signed_in: &SignedIn, url: &str, was_warned: bool) -> PageResult {
    let layout =
        Layout::new(signed_in, "Check of the Customer Interface URL", PLACE).warning(signup_url::warnings(url));
    let found = match url_check::check(url, was_warned).await {
        Found::Text(found) => found,
        Found::Internal(address) => {
            let consequences = vec![
                format!("This server asks {url}, whose host has the address {address} inside a private network."),
                "Visitors elsewhere cannot reach such an address, whatever the check finds.".to_owned(),
            ];
            let page = FormPage::new(layout, &FormData::default(), CHECK, Vec::new()).hiding(WARNED_OF, url);
            let page = page.back(PLACE).submit("Check it all the same");
            return form_page(&FormPage { consequences, ..page });
        }
    };
    let facts = vec![("Customer Interface URL", Cell::Code(url.to_owned())), ("Seen from here", Cell::text(found))];
    let actions = vec![Action::new("Settings", PLACE)];
    show_page(&ShowPage { layout, state: None, actions, facts, on: None, blocks: Vec::new() })
}
