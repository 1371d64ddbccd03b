//! The agent's own account: what the operator agreed with him, and his password.

use axum::extract::State;
use axum::http::HeaderMap;
use shared::http::Problem;

use super::{Asked, Door, Frame, Office, Routes, SignedIn, frame};
use crate::accounts::DetailsChange;
use crate::desk::{self, agents::Request};
use crate::domain::agent::TermsChange;
use crate::http::back_office::account::{new_password, password_section, renewed, wrong_password};
use crate::http::back_office::{again, form_page, submit};
use crate::http::pages::inputs::FormPage;
use crate::http::pages::{Answer, Entry, Form, Sent};
use crate::passwords::Secret;

const PLACE: &str = "/portal/account";

pub(super) fn routes(routes: Routes) -> Routes {
    routes.get(PLACE, show).post(PLACE, change)
}

fn page(frame: Frame, entry: &Entry) -> Answer {
    let login = frame.login.clone();
    form_page(&FormPage::new(frame, entry, PLACE, vec![password_section(entry)]).of_login(&login))
}

async fn show(signed_in: SignedIn, asked: Asked) -> Answer {
    page(frame(&signed_in, "My account", PLACE, &asked), &Entry::default())
}

async fn change(State(office): State<Office>, signed_in: SignedIn, headers: HeaderMap, Sent(form): Sent) -> Answer {
    match changed(&office, &signed_in, &form).await {
        Ok(()) => renewed(&office, Door::Portal(None), &signed_in, &headers, PLACE).await,
        Err(problem) => page(Frame::new(&signed_in, "My account", PLACE), &again(&form, problem)?),
    }
}

async fn changed(office: &Office, signed_in: &SignedIn, form: &Form) -> Result<(), Problem> {
    let current = Secret::new(form.all("current_password").next().unwrap_or_default().to_owned());
    let password = new_password(form)?;
    if office.agent(&signed_in.login, current).await? != Some(signed_in.id) {
        return Err(wrong_password());
    }
    let password = office.hasher.hash(password).await?;
    let request = Request::Change {
        agent_id: signed_in.id,
        version: None,
        terms: TermsChange::default(),
        details: DetailsChange::default(),
        password: Some(password),
    };
    let request = desk::Request::Agent(Box::new(request));
    submit(office, signed_in, form, "change own password", Ok(request)).await.map(drop)
}
