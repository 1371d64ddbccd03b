use contract::zone::Zone;
use web::http::FieldErrors;
use web::http::body::read;

use crate::signup_keys::requests::SignupKeyRequest;
use crate::ui::form::{Empty, Form, FormData};
use crate::ui::inputs::Section;
use crate::ui::labels::SelectOptions;

/// The inputs of a new key, after the choice of its agent.
pub fn sections(data: &FormData, plans: SelectOptions, groups: SelectOptions, zone: &Zone) -> Vec<Section> {
    let plan = data.choice("call_plan_id", "Call plan to sign up for", Some("Choose"), plans).required();
    let group = data.choice("group_id", "Customer group to use", Some("Choose"), groups).required();
    let slug = data.typed("slug", "Custom ending (optional)");
    let slug = slug
        .hint("Use 4 to 40 of a to z, 0 to 9 and hyphens. Leave it empty for a random key. A key is never used again.");
    // Text inputs, parsed by the server: browsers send nothing for a malformed date or number, and nothing means no
    // limit.
    let example = format!("A day such as 2026-01-31, or a time such as 2026-01-31 09:30. Time zone: {}.", zone.name());
    let start = data.typed("starts_at", "Start").hint(format!("{example} Empty: at once."));
    let end = data.typed("ends_at", "End").hint(format!("{example} A day counts to its end. Empty: no end."));
    let cap =
        data.typed("cap", "Maximum signups").hint("The most customers who can sign up, such as 100. Empty: no limit.");
    vec![
        Section { legend: "Details", inputs: vec![plan, group] },
        Section { legend: "For yourself", inputs: vec![data.typed("label", "Label"), data.lines("note", "Note")] },
        Section { legend: "Limits", inputs: vec![slug, start, end, cap] },
    ]
}

/// The form as a request: a number is a text in a form.
pub fn request_of(form: &Form) -> (SignupKeyRequest, FieldErrors) {
    let mut value = form.value(Empty::Absent);
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
