//! The routes of a face: each goes through its door.

use axum::handler::Handler;
use axum::http::Method;
use shared::http::Api;

use super::{By, Door, Inside};
use crate::http::AppState;

/// Routes behind a door, in the making.
pub struct Routes {
    api: Api<AppState>,
    door: Door,
}

impl Routes {
    /// Routes behind this door.
    pub fn behind(api: Api<AppState>, door: Door) -> Self {
        Self { api, door }
    }

    /// A page.
    #[must_use]
    pub fn get<H: Handler<T, AppState>, T: 'static>(self, path: &'static str, handler: H) -> Self {
        self.on(Method::GET, path, By::Person, handler)
    }

    /// What an open page asks for by itself: as long as the session lasts, which it does not prolong.
    #[must_use]
    pub fn watch<H: Handler<T, AppState>, T: 'static>(self, path: &'static str, handler: H) -> Self {
        self.on(Method::GET, path, By::Page, handler)
    }

    /// A form that is sent.
    #[must_use]
    pub fn post<H: Handler<T, AppState>, T: 'static>(self, path: &'static str, handler: H) -> Self {
        self.on(Method::POST, path, By::Person, handler)
    }

    fn on<H: Handler<T, AppState>, T: 'static>(self, method: Method, path: &'static str, by: By, handler: H) -> Self {
        let Self { api, door } = self;
        Self { api: api.page(method, path, Inside { handler, door, by }), door }
    }

    /// All routes, those before too.
    pub fn done(self) -> Api<AppState> {
        self.api
    }
}
