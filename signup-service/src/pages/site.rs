use std::ops::Deref;
use std::sync::Arc;

use axum::extract::FromRef;
use web::http::{Authenticator, Caller, Problem};

use crate::pages::page_cache::{CurrentPages, PageCache};
use crate::state::AppState;
use crate::ui::page_context::PageContext;
use crate::ui::page_request::PageRequest;

/// The state of page handlers: the service's state and the rendered pages. API handlers take the [`AppState`] alone.
#[derive(Clone)]
pub struct Site {
    app: AppState,
    pages: Arc<CurrentPages>,
}

impl Site {
    pub fn new(app: AppState) -> Self {
        Self { app, pages: Arc::default() }
    }

    /// The pages for the settings in force.
    pub fn pages(&self) -> Arc<PageCache> {
        self.pages.of(self.app.keys.rules())
    }

    pub fn context(&self, visit: &PageRequest) -> PageContext {
        PageContext::new(visit, Arc::clone(&self.pages().theme))
    }
}

impl Deref for Site {
    type Target = AppState;

    fn deref(&self) -> &AppState {
        &self.app
    }
}

impl FromRef<Site> for AppState {
    fn from_ref(site: &Site) -> Self {
        site.app.clone()
    }
}

impl Authenticator for Site {
    async fn identify(&self, token: &str) -> Result<Option<Caller>, Problem> {
        self.app.identify(token).await
    }

    async fn revocations(&self) -> Result<[u64; 3], Problem> {
        self.app.revocations().await
    }
}
