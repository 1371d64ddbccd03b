//! A confirmation before something is done to a thing: a page with the consequences, and the command.

use std::future::Future;

use axum::extract::Path;
use futures::future::BoxFuture;
use serde::de::DeserializeOwned;
use web::http::Problem;

use crate::command::Submission;
use crate::state::AppState;
use crate::ui::form::{CsrfForm, Form, FormData};
use crate::ui::inputs::FormPage;
use crate::ui::notice::Notice;
use crate::ui::page::{PageResult, redirect_with_notice};
use crate::ui::routes::Routes;
use crate::ui::signed_in::{Context, SignedIn};
use crate::ui::submit::{form_page, reason, redisplay, submit};

pub struct Confirmation {
    /// Its `back` is where the notice is shown.
    pub page: FormPage,
    /// The name of the operation, which tells repetitions from other commands.
    pub what: String,
    /// The command, made with the reason.
    pub command: Box<dyn FnOnce(Option<String>) -> Submission + Send>,
    pub done: Notice,
}

pub type ConfirmationFuture = BoxFuture<'static, Result<Confirmation, Problem>>;

impl Routes {
    /// A confirmation page, and its form. `confirm` makes it for the thing in the path.
    #[must_use]
    pub fn confirm<P, F>(
        self,
        path: &'static str,
        confirm: impl Fn(AppState, SignedIn, P, FormData) -> F + Clone + Send + Sync + 'static,
    ) -> Self
    where
        P: DeserializeOwned + Clone + Send + Sync + 'static,
        F: Future<Output = Result<Confirmation, Problem>> + Send + 'static,
    {
        let show = confirm.clone();
        let show = move |Context(app, signed_in): Context, Path(named): Path<P>| {
            let confirmation = show(app, signed_in, named, FormData::default());
            async move { form_page(&confirmation.await?.page) }
        };
        let make = move |Context(app, signed_in): Context, Path(named): Path<P>, form: CsrfForm| {
            let confirm = confirm.clone();
            async move {
                answer(&app, &signed_in, form.0, |data| confirm(app.clone(), signed_in.clone(), named.clone(), data))
                    .await
            }
        };
        self.get(path, show).post(path, make)
    }
}

async fn answer<F: Future<Output = Result<Confirmation, Problem>>>(
    app: &AppState,
    signed_in: &SignedIn,
    form: Form,
    confirm: impl Fn(FormData) -> F,
) -> PageResult {
    let Confirmation { page, what, command, done } = confirm(FormData::default()).await?;
    match submit(app, signed_in, &form, &what, reason(&form).map(command)).await {
        Ok(_) => redirect_with_notice(&page.back, done),
        Err(problem) => form_page(&confirm(redisplay(&form, problem)?).await?.page),
    }
}
