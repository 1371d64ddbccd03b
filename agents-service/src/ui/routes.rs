use axum::handler::Handler;
use axum::http::Method;
use web::http::Api;

use crate::state::AppState;
use crate::ui::audience::Audience;
use crate::ui::guard::{RequestedBy, SessionGuard};

/// The routes of a face, each behind the guard.
pub struct Routes {
    api: Api<AppState>,
    audience: Audience,
    needs: Needs,
}

/// The scope that an operator needs for a method and a path; `None` where every signed-in account may go.
type Needs = fn(&Method, &str) -> Option<&'static str>;

impl Routes {
    /// Routes of this face.
    pub fn behind(api: Api<AppState>, audience: Audience) -> Self {
        Self { api, audience, needs: |_, _| None }
    }

    /// The next routes need scopes.
    #[must_use]
    pub fn needing(self, needs: Needs) -> Self {
        Self { needs, ..self }
    }

    #[must_use]
    pub fn get<H: Handler<T, AppState>, T: 'static>(self, path: &'static str, handler: H) -> Self {
        self.on(Method::GET, path, RequestedBy::Person, handler)
    }

    /// A route that an open page requests by itself, which does not extend the session.
    #[must_use]
    pub fn watch<H: Handler<T, AppState>, T: 'static>(self, path: &'static str, handler: H) -> Self {
        self.on(Method::GET, path, RequestedBy::Page, handler)
    }

    #[must_use]
    pub fn post<H: Handler<T, AppState>, T: 'static>(self, path: &'static str, handler: H) -> Self {
        self.on(Method::POST, path, RequestedBy::Person, handler)
    }

    fn on<H: Handler<T, AppState>, T: 'static>(
        self,
        method: Method,
        path: &'static str,
        by: RequestedBy,
        handler: H,
    ) -> Self {
        let Self { api, audience, needs } = self;
        let scope = needs(&method, path);
        Self { api: api.page(method, path, SessionGuard { handler, audience, by, scope }), audience, needs }
    }

    /// All routes, including earlier ones.
    pub fn done(self) -> Api<AppState> {
        self.api
    }
}
