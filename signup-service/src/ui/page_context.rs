//! What surrounds a page's content: the language, the operator's theme, the links to other languages. In a frame the
//! surroundings are left out.

use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::ui::i18n::{General, Texts};
use crate::ui::language::Language;
use crate::ui::page_request::{PageRequest, campaign_query, query};
use crate::ui::theme::Theme;

/// A link to the same page in another language.
pub struct Switch {
    pub language: Language,
    pub href: String,
}

pub struct PageContext {
    pub language: Language,
    pub embedded: bool,
    pub theme: Arc<Theme>,
    /// Empty where another language would lose what the page shows.
    pub switches: Vec<Switch>,
}

impl PageContext {
    pub fn new(visit: &PageRequest, theme: Arc<Theme>) -> Self {
        Self::with_campaign(visit.language, visit.embedded, theme, &campaign_query(visit.campaign.clone()))
    }

    pub fn with_campaign(language: Language, embedded: bool, theme: Arc<Theme>, campaign: &str) -> Self {
        let switch = |language| Switch { language, href: format!("{}{campaign}", query(language, false)) };
        let switches = if embedded { Vec::new() } else { Language::ALL.into_iter().map(switch).collect() };
        Self { language, embedded, theme, switches }
    }

    /// Without links to other languages.
    #[must_use]
    pub fn fixed(self) -> Self {
        Self { switches: Vec::new(), ..self }
    }

    pub fn texts(&self) -> &'static Texts {
        self.language.texts()
    }

    pub fn general(&self) -> &'static General {
        &self.texts().general
    }

    /// A rendered page with the headers of all pages.
    pub fn page(&self, status: StatusCode, template: &impl Template) -> Response {
        self.page_with(self.theme.headers(self.embedded), status, template)
    }

    /// A rendered page with these headers.
    pub fn page_with(&self, headers: HeaderMap, status: StatusCode, template: &impl Template) -> Response {
        match template.render() {
            Ok(html) => whole(status, headers, html),
            // Rendering writes to memory, so only a defect of a template gets here; the page shows nothing of the
            // request.
            Err(_) => (StatusCode::INTERNAL_SERVER_ERROR, "Something went wrong.").into_response(),
        }
    }
}

pub fn whole(status: StatusCode, headers: HeaderMap, html: String) -> Response {
    let mut response = Response::new(Body::from(html));
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}
