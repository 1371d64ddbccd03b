//! The route table. One entry holds the route, its scope and its description in the OpenAPI document, so that the
//! three cannot differ.

use axum::Router;
use axum::extract::{Request, State};
use axum::handler::Handler;
use axum::http::Method;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, on};
use futures::future::BoxFuture;
use serde_json::Value;

use super::caller::{Authenticator, admit};
use super::endpoint::{Endpoint, Instrumented};
use super::openapi::{Operation, document};
use super::problem::Problem;

/// A pending response.
pub type Showing = BoxFuture<'static, Response>;

/// A route table under construction.
pub struct Api<S> {
    gate: S,
    service_token: Option<String>,
    router: Router<S>,
    operations: Vec<Operation>,
    routes: Vec<(Method, &'static str)>,
}

impl<S: Authenticator> Api<S> {
    /// An empty table; `gate` is the handlers' state too. `service_token` is the token of the sister service.
    pub fn new(gate: S, service_token: Option<String>) -> Self {
        Self { gate, service_token, router: Router::new(), operations: Vec::new(), routes: Vec::new() }
    }

    /// Adds an operation.
    #[must_use]
    pub fn on<H, T>(mut self, operation: Operation, handler: H) -> Self
    where
        H: Handler<T, S>,
        T: 'static,
    {
        let (method, path) = (operation.method.clone(), operation.path);
        let scope = operation.scope;
        self.operations.push(operation);
        match scope {
            None => self.page(method, path, handler),
            Some(scope) => {
                let service_token = self.service_token.clone();
                self.page(method, path, Guarded { handler, scope, service_token })
            }
        }
    }

    /// Adds a route that is no operation of the API, such as a page.
    #[must_use]
    pub fn page<H, T>(mut self, method: Method, path: &'static str, handler: H) -> Self
    where
        H: Handler<T, S>,
        T: 'static,
    {
        self.routes.push((method.clone(), path));
        // A table holds only methods that have a filter.
        let filter = MethodFilter::try_from(method).unwrap_or(MethodFilter::GET);
        let attended = Instrumented { handler, endpoint: Endpoint::new(path) };
        self.router = self.router.route(path, on(filter, attended));
        self
    }

    /// Every added route.
    pub fn routes(&self) -> &[(Method, &'static str)] {
        &self.routes
    }

    /// The OpenAPI 3.1 document of the added operations. `examples` is JSON that has, by the id of an operation, a `request` and an
    /// `answer`.
    pub fn document(&self, title: &str, examples: &str) -> Value {
        document(title, &self.operations, &serde_json::from_str(examples).unwrap_or_default())
    }

    /// The finished router. `show` renders the problem of a path or method without a route.
    pub fn into_router(self, show: fn(S, Parts, Problem) -> Showing) -> Router {
        let endpoint = Endpoint::new("unmatched");
        let show_problem = move |problem: fn() -> Problem| {
            move |State(gate): State<S>, request: Request| show(gate, request.into_parts().0, problem())
        };
        let nothing = Instrumented { handler: show_problem(Problem::not_found), endpoint: endpoint.clone() };
        let no_method = Instrumented { handler: show_problem(Problem::method_not_allowed), endpoint };
        self.router.fallback(nothing).method_not_allowed_fallback(no_method).with_state(self.gate)
    }
}

/// A handler for callers whose token has a scope.
#[derive(Clone)]
struct Guarded<H> {
    handler: H,
    scope: &'static str,
    service_token: Option<String>,
}

impl<H: Handler<T, S>, T, S: Authenticator> Handler<T, S> for Guarded<H> {
    type Future = BoxFuture<'static, Response>;

    fn call(self, mut request: Request, gate: S) -> Self::Future {
        Box::pin(async move {
            match admit(&gate, self.service_token.as_deref(), request.headers(), self.scope).await {
                Ok((caller, admission)) => {
                    request.extensions_mut().insert(caller);
                    request.extensions_mut().insert(admission);
                    self.handler.call(request, gate).await
                }
                Err(problem) => problem.into_response(),
            }
        })
    }
}
