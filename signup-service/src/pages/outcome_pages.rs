//! The pages without a form, as structs that their templates render; templates escape every value.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use contract::events::signups::RefusalReason;

use crate::keys::model::KeyRow;
use crate::ui::i18n::Outcome;
use crate::ui::page_context::PageContext;

#[derive(Template)]
#[template(path = "confirmation.html")]
pub struct ConfirmationPage<'a> {
    context: &'a PageContext,
    plan_name: &'a str,
    price: &'a str,
    description: &'a str,
    agent_name: &'a str,
    customer_number: &'a str,
    ui_elements: Vec<&'static str>,
}

impl<'a> ConfirmationPage<'a> {
    pub fn new(context: &'a PageContext, row: &'a KeyRow, customer_number: &'a str) -> Self {
        let elements = &context.texts().elements;
        Self {
            context,
            plan_name: &row.offer.plan.name,
            price: &row.offer.plan.price_text,
            description: &row.offer.plan.description,
            agent_name: &row.offer.agent.name,
            customer_number,
            ui_elements: row.offer.group.ui_elements.iter().map(|element| elements.of(*element)).collect(),
        }
    }

    pub fn response(&self) -> Response {
        self.context.page(StatusCode::OK, self)
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use axum::http::header;

    use super::*;
    use crate::keys::model::tests::usable_row;
    use crate::ui::language::Language;
    use crate::ui::theme::Theme;

    fn context(language: Language) -> PageContext {
        PageContext::with_campaign(language, false, Arc::<Theme>::default(), "")
    }

    #[test]
    fn the_confirmation_shows_the_number_and_what_may_be_used() {
        let (row, english, german) = (usable_row(), context(Language::English), context(Language::German));
        let html = ConfirmationPage::new(&english, &row, "12345678901").render().unwrap();
        assert!(html.contains("12345678901"));
        assert!(html.contains("Your call history"));
        let html = ConfirmationPage::new(&german, &row, "12345678901").render().unwrap();
        assert!(html.contains("<html lang=\"de\" dir=\"ltr\">") && html.contains("Ihre Anrufliste"));
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
