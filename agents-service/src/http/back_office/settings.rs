//! System settings: where the customer interface is, what the signup form asks for, and the terms.

use axum::extract::State;
use shared::http::Problem;

use super::super::pages::Sent;
use super::super::pages::form::Empty;
use super::super::pages::table::Action;
use super::{
    Answer, Asked, Entry, FormPage, Frame, Office, Routes, Section, SignedIn, again, form_page, frame, shown, submit,
};
use crate::desk::{self, settings::Request};
use crate::domain::signup_url;
use crate::http::api::settings::Given;
use crate::http::words;
use crate::views::settings::{self, Settings};

const PLACE: &str = "/settings";
const RULES: [(&str, &str); 3] = [("shown", "Shown"), ("required", "Required"), ("hidden", "Hidden")];

pub(super) fn routes(routes: Routes) -> Routes {
    routes.get(PLACE, show).post(PLACE, change)
}

/// The names of the inputs for the form's fields, which must live as long as the program.
const FIELD_INPUTS: [&str; 11] = [
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

fn sections(entry: &Entry) -> Vec<Section> {
    let url = entry.line("url", "customer_interface_url", "Customer Interface URL").required();
    let url = url.hint("Where customers reach the signup pages from outside, such as https://my.example.com.");
    let version = entry.typed("terms.version", "Version of the terms").required();
    let text = entry.lines("terms.text", "Text of the terms").required();
    let fields = FIELD_INPUTS.iter().zip(words::SIGNUP_FIELDS);
    let fields = fields.map(|(name, (_, label))| entry.choice(name, label, None, RULES).required());
    vec![
        Section { legend: "Signup", inputs: vec![url] },
        Section { legend: "Fields of the signup form", inputs: fields.collect() },
        Section {
            legend: "Terms",
            inputs: vec![version.hint("Your own name for this wording, such as 2026-01."), text],
        },
    ]
}

fn as_entry(settings: &Settings) -> Entry {
    let mut values = vec![
        ("customer_interface_url".to_owned(), settings.customer_interface_url.clone()),
        ("terms.version".to_owned(), settings.terms.version.clone()),
        ("terms.text".to_owned(), settings.terms.text.clone()),
    ];
    let rules = settings.signup_fields.iter();
    values
        .extend(rules.map(|(field, rule)| (format!("signup_fields.{}", words::name_of(field)), words::name_of(rule))));
    Entry::of(values)
}

fn page(frame: Frame, version: u64, entry: &Entry) -> Answer {
    let page = FormPage::new(frame, entry, PLACE, sections(entry)).at_version(version);
    let actions = vec![Action::new("Operators", "/operators"), Action::new("API tokens", "/api-tokens")];
    form_page(&FormPage { actions, ..page })
}

async fn show(State(office): State<Office>, signed_in: SignedIn, asked: Asked) -> Answer {
    let settings = settings::get(office.database()).await?;
    let frame = frame(&signed_in, "System settings", PLACE, &asked);
    let frame = frame.warning(signup_url::warnings(&settings.customer_interface_url));
    page(frame, settings.version, &as_entry(&settings))
}

async fn change(State(office): State<Office>, signed_in: SignedIn, Sent(form): Sent) -> Answer {
    let version = form.version()?;
    let (given, errors) = form.read::<Given>(Empty::Text);
    let change = given.check(errors);
    let request = change.map(|change| desk::Request::Settings(Request { version: Some(version), change }));
    let done: Result<_, Problem> = submit(&office, &signed_in, &form, "change settings", request).await;
    match done {
        Ok(_) => shown(PLACE, "changed"),
        Err(problem) => {
            page(Frame::back_office(&signed_in, "System settings", PLACE), version, &again(&form, problem)?)
        }
    }
}
