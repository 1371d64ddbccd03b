//! The route table. One entry holds the route, its scope and its description in the OpenAPI document, so that the
//! three cannot differ.

use axum::Router;
use axum::extract::{Request, State};
use axum::handler::Handler;
use axum::http::request::Parts;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, on};
use futures::future::BoxFuture;
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Map, Value, json};

use super::caller::{Authenticator, admit};
use super::endpoint::{Endpoint, Instrumented};
use super::problem::Problem;

/// The media type of lines of JSON.
pub const NDJSON: &str = "application/x-ndjson";

/// A pending response.
pub type Showing = BoxFuture<'static, Response>;

/// One operation of an API.
#[derive(Clone, Debug)]
pub struct Operation {
    method: Method,
    path: &'static str,
    summary: &'static str,
    scope: Option<&'static str>,
    query: &'static [(&'static str, &'static str)],
    header: Option<(&'static str, &'static str)>,
    takes: Option<fn(&mut SchemaGenerator) -> Schema>,
    gives: Option<fn(&mut SchemaGenerator) -> Schema>,
    refuses: Option<Refusal>,
    /// The media type of body and response.
    media: &'static str,
    status: u16,
}

/// A problem with members of its own.
#[derive(Clone, Debug)]
struct Refusal {
    status: u16,
    description: &'static str,
    members: fn(&mut SchemaGenerator) -> Schema,
}

impl Operation {
    /// An operation, public until it gets a scope.
    pub fn new(method: Method, path: &'static str, summary: &'static str) -> Self {
        let (query, media): (&[_], _) = (&[], "application/json");
        let (scope, header, takes, gives, refuses) = (None, None, None, None, None);
        Self { method, path, summary, scope, query, header, takes, gives, refuses, media, status: 200 }
    }

    /// Requires a token with this scope.
    #[must_use]
    pub fn scope(mut self, scope: &'static str) -> Self {
        self.scope = Some(scope);
        self
    }

    /// Describes the query parameters.
    #[must_use]
    pub fn query(mut self, parameters: &'static [(&'static str, &'static str)]) -> Self {
        self.query = parameters;
        self
    }

    /// Describes a header of the request: its name and meaning.
    #[must_use]
    pub fn header(mut self, name: &'static str, meaning: &'static str) -> Self {
        self.header = Some((name, meaning));
        self
    }

    /// Describes a problem that has the members of `T` beside those of every problem.
    #[must_use]
    pub fn refuses<T: JsonSchema>(mut self, status: u16, description: &'static str) -> Self {
        self.refuses = Some(Refusal { status, description, members: SchemaGenerator::subschema_for::<T> });
        self
    }

    /// Describes the body.
    #[must_use]
    pub fn takes<T: JsonSchema>(mut self) -> Self {
        self.takes = Some(SchemaGenerator::subschema_for::<T>);
        self
    }

    /// Describes a response.
    #[must_use]
    pub fn gives<T: JsonSchema>(mut self, status: u16) -> Self {
        self.gives = Some(SchemaGenerator::subschema_for::<T>);
        self.status = status;
        self
    }

    /// Body and response have a line of JSON for each of many things; the schemas are those of a line.
    #[must_use]
    pub fn by_line(mut self) -> Self {
        self.media = NDJSON;
        self
    }

    fn describe(&self, generator: &mut SchemaGenerator) -> Value {
        let mut success = Map::new();
        success.insert("description".to_owned(), self.summary.into());
        if let Some(schema) = self.gives {
            success.insert("content".to_owned(), json!({ (self.media): { "schema": schema(generator) } }));
        }
        let problem = json!({
            "description": "A problem (RFC 9457)",
            "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } },
        });
        let mut operation = json!({
            "summary": self.summary,
            "parameters": self.parameters(),
            "responses": { (self.status.to_string()): success, "default": problem },
        });
        if let Some(Refusal { status, description, members }) = &self.refuses {
            let schema = json!({ "allOf": [{ "$ref": "#/components/schemas/Problem" }, members(generator)] });
            operation["responses"][status.to_string()] =
                json!({ "description": description, "content": { "application/problem+json": { "schema": schema } } });
        }
        if let Some(schema) = self.takes {
            operation["requestBody"] =
                json!({ "required": true, "content": { (self.media): { "schema": schema(generator) } } });
        }
        if let Some(scope) = self.scope {
            operation["security"] = json!([{ "token": [scope] }]);
            operation["description"] = format!("Needs the scope `{scope}`.").into();
        }
        operation
    }

    fn parameters(&self) -> Value {
        let text = json!({ "type": "string" });
        let names = self.path.split('{').skip(1).filter_map(|part| part.split_once('}').map(|(name, _)| name));
        let mut parameters: Vec<Value> =
            names.map(|name| json!({ "name": name, "in": "path", "required": true, "schema": text })).collect();
        parameters.extend(
            self.query
                .iter()
                .map(|(name, meaning)| json!({ "name": name, "in": "query", "description": meaning, "schema": text })),
        );
        if let Some((name, meaning)) = self.header {
            parameters.push(json!({ "name": name, "in": "header", "description": meaning, "schema": text }));
        }
        if self.method != Method::GET {
            let meaning = "1 to 128 visible ASCII characters; a repetition gets the first answer";
            parameters
                .push(json!({ "name": "Idempotency-Key", "in": "header", "description": meaning, "schema": text }));
        }
        Value::Array(parameters)
    }
}

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

    /// The OpenAPI 3.1 document of the added operations.
    pub fn document(&self, title: &str) -> Value {
        let mut settings = SchemaSettings::draft2020_12();
        settings.definitions_path = "/components/schemas".into();
        settings.meta_schema = None;
        let mut generator = settings.into_generator();
        let mut paths = Map::new();
        for operation in &self.operations {
            let described = operation.describe(&mut generator);
            let path = paths.entry(operation.path).or_insert_with(|| json!({}));
            path[operation.method.as_str().to_lowercase()] = described;
        }
        let mut schemas = generator.take_definitions(true);
        schemas.insert("Problem".to_owned(), problem_schema());
        json!({
            "openapi": "3.1.0",
            "info": { "title": title, "version": env!("CARGO_PKG_VERSION"), "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" } },
            "paths": paths,
            "components": {
                "schemas": schemas,
                "securitySchemes": { "token": { "type": "http", "scheme": "bearer" } },
            },
        })
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

fn problem_schema() -> Value {
    json!({
        "type": "object",
        "required": ["type", "title", "status", "detail", "request_id"],
        "properties": {
            "type": { "type": "string", "format": "uri" },
            "title": { "type": "string" },
            "status": { "type": "integer", "minimum": StatusCode::BAD_REQUEST.as_u16() },
            "detail": { "type": "string" },
            "request_id": { "type": "string" },
            "errors": { "type": "array", "items": {
                "type": "object",
                "required": ["field", "code", "message"],
                "properties": {
                    "field": { "type": "string" },
                    "pointer": { "type": "string", "description": "JSON Pointer into the body" },
                    "code": { "type": "string" }, "message": { "type": "string" },
                },
            } },
        },
    })
}
