//! The operator's own account: his password.

use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::Response;
use shared::http::{FieldErrors, Problem};

use super::super::pages::door::set_cookie;
use super::{
    Answer, Asked, Door, Entry, Form, FormPage, Office, Routes, Section, SignedIn, again, form_page, frame, shown,
    submit,
};
use crate::desk::{self, operators::Request};
use crate::http::fields::Fields;
use crate::http::pages::Sent;
use crate::passwords::Secret;
use crate::sessions;

pub(super) fn routes(routes: Routes) -> Routes {
    routes.get("/account", show).post("/account", change)
}

/// The inputs to change a password, for both faces.
pub fn password_section(entry: &Entry) -> Section {
    let current = entry.line("password", "current_password", "Current password").autocomplete("current-password");
    let new = entry.line("password", "password", "New password").autocomplete("new-password");
    let inputs = vec![current.required(), new.required().hint("12 or more characters.")];
    Section { legend: "Change password", inputs }
}

/// The new password of such a form.
pub fn new_password(form: &Form) -> Result<Secret, Problem> {
    let mut fields = Fields::new(FieldErrors::new());
    let typed = form.all("password").next().filter(|text| !text.is_empty());
    let password = fields.required("password", typed.map(|text| Secret::new(text.to_owned())));
    let password = fields.password(password);
    fields.finish()?;
    password.ok_or_else(Problem::internal)
}

/// The problem of a current password that is not.
pub fn wrong_password() -> Problem {
    let mut errors = FieldErrors::new();
    errors.add("current_password", "wrong", "is not the one you signed in with");
    Problem::validation(errors)
}

fn page(signed_in: &SignedIn, asked: Option<&Asked>, entry: &Entry) -> Answer {
    let frame = match asked {
        Some(asked) => frame(signed_in, "My account", "", asked),
        None => super::Frame::new(signed_in, "My account", ""),
    };
    form_page(&FormPage::new(frame, entry, "/account", vec![password_section(entry)]).of_login(&signed_in.login))
}

async fn show(signed_in: SignedIn, asked: Asked) -> Answer {
    page(&signed_in, Some(&asked), &Entry::default())
}

async fn change(State(office): State<Office>, signed_in: SignedIn, headers: HeaderMap, Sent(form): Sent) -> Answer {
    match changed(&office, &signed_in, &form).await {
        Ok(()) => renewed(&office, Door::BackOffice, &signed_in, &headers, "/account").await,
        Err(problem) => page(&signed_in, None, &again(&form, problem)?),
    }
}

async fn changed(office: &Office, signed_in: &SignedIn, form: &Form) -> Result<(), Problem> {
    let current = Secret::new(form.all("current_password").next().unwrap_or_default().to_owned());
    let password = new_password(form)?;
    if office.operator(&signed_in.login, current).await? != Some(signed_in.id) {
        return Err(wrong_password());
    }
    let password = office.hasher.hash(password).await?;
    let request = desk::Request::Operator(Request::ChangePassword { operator_id: signed_in.id, password });
    submit(office, signed_in, form, "change own password", Ok(request)).await.map(drop)
}

/// After a password was changed: every session ends, and a new one begins here.
pub async fn renewed(office: &Office, door: Door, signed_in: &SignedIn, headers: &HeaderMap, path: &str) -> Answer {
    sessions::end_all(office.database(), signed_in.account).await?;
    let secret = sessions::begin(office.database(), signed_in.account, office.clock.now()).await;
    let secret = secret.map_err(|error| Problem::unforeseen(&error))?;
    let mut response: Response = shown(path, "password")?;
    response.headers_mut().insert(header::SET_COOKIE, set_cookie(door, Some(&secret), headers));
    Ok(response)
}
