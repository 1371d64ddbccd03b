//! A new secret, which is shown once.

use axum::extract::Path;
use axum::http::StatusCode;
use contract::text::isolated;
use serde::Deserialize;
use web::http::Problem;

use crate::ui::action::Action;
use crate::ui::form::{CsrfForm, Empty, FormData};
use crate::ui::inputs::{FormPage, Section};
use crate::ui::layout::Layout;
use crate::ui::page::{PageResult, page_with};
use crate::ui::routes::Routes;
use crate::ui::signed_in::{Context, SignedIn};
use crate::ui::submit::{form_page, redisplay, submit};
use crate::ui::table::{Cell, ShowPage};
use crate::webhooks::queries::WebhookItem;
use crate::webhooks::requests::RotateRequest;
use crate::webhooks::saving::rotating;
use crate::webhooks::secret::Secret;

use super::place::{PLACE, find, path};

/// Until when the old secret signs.
const ENDS: [(&str, &str); 2] = [("false", "In 24 hours"), ("true", "Now, because others know it")];

pub fn routes(routes: Routes) -> Routes {
    routes.get("/webhooks/{id}/rotate-secret", ask).post("/webhooks/{id}/rotate-secret", rotate)
}

/// A page with a new secret; without it where the page is a repetition.
pub fn secret_page(
    signed_in: &SignedIn,
    title: &str,
    back: &str,
    secret: Option<Secret>,
    note: Option<&'static str>,
) -> PageResult {
    let secret = match secret {
        Some(secret) => Cell::ToCopy(secret.to_show(), "Copy"),
        None => Cell::text("It was shown before. Rotate the secret if nobody has it."),
    };
    let mut facts = vec![
        ("Secret", secret),
        (
            "What to do",
            Cell::text("Give it to the receiver now: it is not shown again. The receiver checks signatures by it."),
        ),
    ];
    facts.extend(note.map(|note| ("Please note", Cell::text(note))));
    let layout = Layout::new(signed_in, title, PLACE);
    let actions = vec![Action::new("Endpoint", back)];
    page_with(StatusCode::CREATED, &ShowPage { layout, state: None, actions, facts, on: None, blocks: Vec::new() })
}

fn ask_page(signed_in: &SignedIn, endpoint: &WebhookItem, data: &FormData) -> PageResult {
    let layout = Layout::new(signed_in, format!("Rotate the secret of {}?", isolated(&endpoint.host)), PLACE);
    let input = data.choice("end_old_now", "The current secret ends", None, ENDS).required();
    let (path, sections) = (path(endpoint.id), vec![Section { legend: "", inputs: vec![input] }]);
    let page =
        FormPage::new(layout, data, format!("{path}/rotate-secret"), sections).submit("Rotate secret").back(path);
    let mut consequences = vec![
        "A new secret is made and shown once.".to_owned(),
        "Until the current one ends, each attempt is signed with both, also those that wait.".to_owned(),
    ];
    if endpoint.old_secret_ends_at.is_some() {
        consequences.push("The secret before the current one ends now: two are kept at most.".to_owned());
    }
    form_page(&FormPage { consequences, ..page })
}

async fn ask(Context(app, signed_in): Context, Path(text): Path<String>) -> PageResult {
    ask_page(&signed_in, &find(&app, &text).await?, &FormData::default())
}

/// What the answer says of an older secret.
#[derive(Deserialize)]
struct Rotated {
    older_secret_ended: bool,
}

async fn rotate(Context(app, signed_in): Context, Path(text): Path<String>, CsrfForm(form): CsrfForm) -> PageResult {
    let endpoint = find(&app, &text).await?;
    let rotated = async {
        let (request, errors) = form.clone().with_literal("end_old_now").read::<RotateRequest>(Empty::Absent);
        errors.into_result()?;
        let (command, secret) = rotating(&app, endpoint.id, request.end_old_now)?;
        let what = format!("rotate webhook {}", endpoint.id);
        let appended = submit(&app, &signed_in, &form, &what, Ok(command)).await?;
        let ended = appended.answer.read().is_ok_and(|rotated: Rotated| rotated.older_secret_ended);
        let note = ended.then_some("The secret before the last one ended with this.");
        Ok::<_, Problem>(((!appended.replayed).then_some(secret), note))
    };
    match rotated.await {
        Ok((secret, note)) => secret_page(&signed_in, "New secret", &path(endpoint.id), secret, note),
        Err(problem) => ask_page(&signed_in, &endpoint, &redisplay(&form, problem)?),
    }
}
