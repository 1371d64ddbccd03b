//! The pages without a form, as structs that their templates render; templates escape every value.

use askama::Template;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use contract::events::signups::RefusalReason;
use web::http::Problem;
use web::http::trace::current_request_id;

use crate::confirmations::model::{Confirmation, KEPT_DAYS};
use crate::keys::form_config::Company;
use crate::ui::i18n::{Outcome, filled};
use crate::ui::page_context::PageContext;

#[derive(Template)]
#[template(path = "confirmation.html")]
pub struct ConfirmationPage<'a> {
    context: &'a PageContext,
    confirmation: &'a Confirmation,
    /// As the settings state it now: questions come later.
    company: &'a Company,
    ui_elements: Vec<&'static str>,
    /// For how long the page is shown.
    kept: String,
}

impl<'a> ConfirmationPage<'a> {
    pub fn new(context: &'a PageContext, confirmation: &'a Confirmation, company: &'a Company) -> Self {
        let elements = &context.texts().elements;
        Self {
            context,
            confirmation,
            company,
            ui_elements: confirmation.ui_elements.iter().map(|element| elements.of(*element)).collect(),
            kept: filled(context.general().page_kept, &KEPT_DAYS.to_string()),
        }
    }

    /// The page also tells programs that read no HTML to keep its address out of searches.
    pub fn response(&self) -> Response {
        let mut response = self.context.page(StatusCode::OK, self);
        response.headers_mut().insert("x-robots-tag", HeaderValue::from_static("noindex"));
        response
    }
}

#[derive(Template)]
#[template(path = "unusable.html")]
pub struct UnusablePage<'a> {
    context: &'a PageContext,
    outcome: Outcome,
}

impl<'a> UnusablePage<'a> {
    pub fn new(context: &'a PageContext, reason: RefusalReason) -> Self {
        Self { context, outcome: context.texts().outcomes.of(reason) }
    }

    pub fn response(context: &'a PageContext, reason: RefusalReason) -> Response {
        let status = if reason == RefusalReason::Unknown { StatusCode::NOT_FOUND } else { StatusCode::GONE };
        context.page(status, &Self::new(context, reason))
    }
}

#[derive(Template)]
#[template(path = "error.html")]
pub struct ErrorPage<'a> {
    pub context: &'a PageContext,
    pub heading: &'static str,
    pub explanation: &'static str,
    /// Empty where a request id does not help.
    pub request_id: String,
}

impl ErrorPage<'_> {
    pub fn response(&self, status: StatusCode) -> Response {
        self.context.page(status, self)
    }
}

/// A problem as a page. Server errors show a request id only.
pub fn problem_page(context: &PageContext, problem: &Problem) -> Response {
    let general = context.general();
    let (heading, explanation) = match problem.status {
        StatusCode::TOO_MANY_REQUESTS => (general.too_fast, general.too_fast_explained),
        StatusCode::SERVICE_UNAVAILABLE => (general.unavailable, general.unavailable_explained),
        StatusCode::NOT_FOUND | StatusCode::GONE => return UnusablePage::response(context, RefusalReason::Unknown),
        _ => (general.went_wrong, general.went_wrong_explained),
    };
    let page = ErrorPage { context, heading, explanation, request_id: current_request_id() };
    let mut response = page.response(problem.status);
    let original = problem.clone().into_response();
    if let Some(seconds) = original.headers().get(header::RETRY_AFTER) {
        response.headers_mut().insert(header::RETRY_AFTER, seconds.clone());
    }
    response
}

#[cfg(test)]
pub(super) mod tests {
    use std::sync::Arc;

    use contract::events::agents::UiElement;
    use uuid::Uuid;

    use super::*;
    use crate::ui::language::Language;
    use crate::ui::theme::Theme;

    fn context(language: Language) -> PageContext {
        PageContext::with_campaign(language, false, Arc::<Theme>::default(), "")
    }

    /// A confirmation with this text in every place for one.
    pub(in crate::pages) fn confirmation(text: &str) -> Confirmation {
        let text = || text.to_owned();
        Confirmation {
            customer_id: Uuid::nil(),
            customer_number: text(),
            agent_name: text(),
            plan_name: text(),
            price_text: text(),
            description: text(),
            ui_elements: vec![UiElement::CallHistory],
            terms_version: text(),
        }
    }

    #[test]
    fn the_confirmation_shows_the_number_and_what_may_be_used() {
        let (english, german) = (context(Language::English), context(Language::German));
        let confirmation = confirmation("12345678901");
        let company = Company { name: "Harbour Ltd".to_owned(), address: "Quay 1\nCork".to_owned() };
        let html = ConfirmationPage::new(&english, &confirmation, &company).render().unwrap();
        assert!(html.contains("12345678901"));
        assert!(html.contains("Your call history") && html.contains("Harbour Ltd") && html.contains("Quay 1\nCork"));
        let html = ConfirmationPage::new(&german, &confirmation, &Company::default()).render().unwrap();
        assert!(html.contains("<html lang=\"de\" dir=\"ltr\">") && html.contains("Ihre Anrufliste"));
        assert!(!html.contains("Anbieter"), "a company that nobody stated");
    }

    #[test]
    fn every_page_has_a_strict_policy_and_its_status() {
        let context = context(Language::Arabic);
        let response = UnusablePage::response(&context, RefusalReason::Paused);
        assert_eq!(response.status(), StatusCode::GONE);
        let policy = response.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"));
        assert_eq!(UnusablePage::response(&context, RefusalReason::Unknown).status(), StatusCode::NOT_FOUND);
        let page = ErrorPage { context: &context, heading: "Oh", explanation: "Well", request_id: "1".to_owned() };
        assert_eq!(page.response(StatusCode::BAD_GATEWAY).status(), StatusCode::BAD_GATEWAY);
    }
}
