//! The form to add a signup URL, once it is known for which agent.

use serde_json::Value;
use shared::http::FieldErrors;
use shared::http::body::read;

use crate::http::given::signup_keys::Given;
use crate::http::pages::form::Empty;
use crate::http::pages::inputs::Section;
use crate::http::pages::{Entry, Form};
use crate::http::parts::names::Choices;

/// The inputs of a new key, once its agent is known.
pub fn sections(entry: &Entry, plans: Choices, groups: Choices) -> Vec<Section> {
    let plan = entry.choice("call_plan_id", "Call plan to sign up for", Some("Choose"), plans).required();
    let group = entry.choice("group_id", "Customer group to use", Some("Choose"), groups).required();
    let slug = entry.typed("slug", "Key of your own choice");
    let slug = slug
        .hint("4 to 40 of a to z, 0 to 9 and hyphens; left empty, a random key is made. A key is never used again.");
    let start = entry.line("datetime-local", "starts_at", "Start (UTC)");
    let end = entry.line("datetime-local", "ends_at", "End (UTC)");
    let cap = entry.line("number", "cap", "Cap").hint("The number of customers that it is good for.");
    vec![
        Section { legend: "What it stands for", inputs: vec![plan, group] },
        Section { legend: "For yourself", inputs: vec![entry.typed("label", "Label"), entry.lines("note", "Note")] },
        Section { legend: "Limits", inputs: vec![slug, start, end, cap] },
    ]
}

/// The form as the API reads it: a browser writes numbers and times in its own way.
pub fn given(form: &Form) -> (Given, FieldErrors) {
    let mut value = form.value(Empty::Absent);
    if let Some(number) = value["cap"].as_str().and_then(|text| text.parse::<u64>().ok()) {
        value["cap"] = number.into();
    }
    for name in ["starts_at", "ends_at"] {
        if let Some(time) = value[name].as_str().filter(|time| time.len() == "2026-01-31T09:30".len()) {
            value[name] = Value::String(format!("{time}:00Z"));
        }
    }
    read(value)
}
