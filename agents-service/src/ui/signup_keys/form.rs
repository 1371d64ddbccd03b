use contract::zone::Zone;
use serde::de::DeserializeOwned;
use serde_json::Value;
use web::http::FieldErrors;
use web::http::body::read;

use crate::settings::signup_url;
use crate::signup_keys::requests::{SignupKeyChangeRequest, SignupKeyRequest};
use crate::signup_keys::snapshot::SignupKeySnapshot;
use crate::ui::form::{Empty, Form, FormData};
use crate::ui::inputs::Section;
use crate::ui::labels::SelectOptions;
use crate::ui::notice::ADDED;
use crate::ui::reader::Reader;

/// Days that one click gives a URL.
const QUICK_DAYS: i64 = 30;

/// The inputs of a new key, after the choice of its agent; `base` is the customer interface URL.
pub fn sections(
    data: &FormData,
    plans: SelectOptions,
    groups: SelectOptions,
    reader: &Reader,
    base: &str,
) -> Vec<Section> {
    let plan = data.choice("call_plan_id", "Call plan to sign up for", Some("Choose"), plans).required();
    let group = data.choice("group_id", "Customer group to use", Some("Choose"), groups).required();
    let slug = data.typed("slug", "Custom ending (optional)");
    let slug = slug.preview(signup_url::compose(base, ""));
    let slug = slug
        .hint("Use 4 to 40 of a to z, 0 to 9 and hyphens. Leave it empty for a random key. A key is never used again.");
    let [yours, mut limits] = changeable(data, reader);
    limits.inputs.insert(0, slug);
    vec![Section { legend: "Details", inputs: vec![plan, group] }, yours, limits]
}

/// The inputs of what can be changed later.
pub fn changeable(data: &FormData, reader: &Reader) -> [Section; 2] {
    let zone = &reader.zone;
    let today = zone.day(reader.now).unwrap_or(reader.now.day());
    // Text inputs, parsed by the server: browsers send nothing for a malformed date or number, and nothing means no
    // limit.
    let example = format!("A day such as 2026-01-31, or a time such as 2026-01-31 09:30. Time zone: {}.", zone.name());
    let start = data.typed("starts_at", "Start").hint(format!("{example} Empty: at once."));
    let end = data.typed("ends_at", "End").hint(format!("{example} A day counts to its end. Empty: no end."));
    let end = end.quick("30 days from today", today.plus(QUICK_DAYS).to_string());
    let cap =
        data.typed("cap", "Maximum signups").hint("The most customers who can sign up, such as 100. Empty: no limit.");
    [
        Section { legend: "For yourself", inputs: vec![data.typed("label", "Label"), data.lines("note", "Note")] },
        Section { legend: "Limits", inputs: vec![start, end, cap] },
    ]
}

/// A key's values in such inputs.
pub fn values(key: &SignupKeySnapshot, zone: &Zone) -> FormData {
    FormData::of(vec![
        ("label".to_owned(), key.label.clone()),
        ("note".to_owned(), key.note.clone()),
        ("starts_at".to_owned(), key.starts_at.map(|moment| zone.start_typed(moment)).unwrap_or_default()),
        ("ends_at".to_owned(), key.ends_at.map(|moment| zone.end_typed(moment)).unwrap_or_default()),
        ("cap".to_owned(), key.cap.map(|cap| cap.to_string()).unwrap_or_default()),
    ])
}

/// The form of a new key as a request.
pub fn request_of(form: &Form) -> (SignupKeyRequest, FieldErrors) {
    read_with_cap(form.value(Empty::Absent))
}

/// The form of a change as a request: an emptied limit is none.
pub fn change_of(form: &Form) -> (SignupKeyChangeRequest, FieldErrors) {
    let form = ["starts_at", "ends_at", "cap"].into_iter().fold(form.clone(), Form::with_null);
    read_with_cap(form.value(Empty::Text))
}

/// A number is a text in a form.
fn read_with_cap<T: DeserializeOwned + Default>(mut value: Value) -> (T, FieldErrors) {
    let mut unreadable = false;
    if let Some(text) = value["cap"].as_str() {
        let number = text.parse::<u64>().ok();
        unreadable = number.is_none();
        value["cap"] = number.into();
    }
    let (request, mut errors) = read(value);
    if unreadable {
        errors.add("cap", "invalid", "must be a whole number such as 100");
    }
    (request, errors)
}

/// The address of the form for another key of the same agent, call plan and group.
pub fn another(place: &str, form: &Form) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for name in ["agent_id", "call_plan_id", "group_id"] {
        query.append_pair(name, form.text(name));
    }
    format!("{place}/new?{}", query.append_pair("done", ADDED.code).finish())
}
