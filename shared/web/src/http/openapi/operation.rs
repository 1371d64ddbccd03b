use std::collections::BTreeSet;

use axum::http::Method;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Map, Value, json};

use super::components::{header, problem};
use super::names::{operation_id, tag};
use super::parameter::Parameter;
use super::schemas::Schemas;

type SchemaOf = fn(&mut SchemaGenerator) -> Schema;

/// The media type of lines of JSON.
pub const NDJSON: &str = "application/x-ndjson";
const JSON: &str = "application/json";

/// One operation of an API.
#[derive(Clone, Debug)]
pub struct Operation {
    pub(crate) method: Method,
    pub(crate) path: &'static str,
    pub(crate) scope: Option<&'static str>,
    summary: &'static str,
    id: Option<&'static str>,
    /// The scope of a token that serves in place of an operator's password.
    password_or: Option<&'static str>,
    query: &'static [Parameter],
    header: Option<(&'static str, &'static str)>,
    /// Whether `If-Match` is read, and must be sent.
    if_match: Option<bool>,
    takes: Option<SchemaOf>,
    gives: Vec<(u16, SchemaOf)>,
    /// Further media types of the answer.
    sends: &'static [&'static str],
    /// The name of a thing in the lines of the answer, and whether the body may only be lines.
    by_line: Option<(&'static str, bool)>,
    refuses: Option<Refusal>,
    /// Statuses of problems that the rest does not tell.
    fails: &'static [u16],
    is_rate_limited: bool,
    /// Whether it appends to the log, and tells the position.
    appends: bool,
}

/// A problem with members of its own.
#[derive(Clone, Debug)]
struct Refusal {
    status: u16,
    description: &'static str,
    members: SchemaOf,
}

impl Operation {
    /// An operation, public until it gets a scope. Its id is made of method and path.
    pub fn new(method: Method, path: &'static str, summary: &'static str) -> Self {
        Self {
            appends: method != Method::GET,
            method,
            path,
            scope: None,
            summary,
            id: None,
            password_or: None,
            query: &[],
            header: None,
            if_match: None,
            takes: None,
            gives: Vec::new(),
            sends: &[],
            by_line: None,
            refuses: None,
            fails: &[],
            is_rate_limited: false,
        }
    }

    /// Requires a token with this scope.
    #[must_use]
    pub fn scope(mut self, scope: &'static str) -> Self {
        self.scope = Some(scope);
        self
    }

    /// Describes that the handler itself requires an operator's password, or a token with this scope.
    #[must_use]
    pub fn password_or(mut self, scope: &'static str) -> Self {
        self.password_or = Some(scope);
        self
    }

    /// Sets the id, where method and path make no good one.
    #[must_use]
    pub fn named(mut self, id: &'static str) -> Self {
        self.id = Some(id);
        self
    }

    /// Describes the query parameters.
    #[must_use]
    pub fn query(mut self, parameters: &'static [Parameter]) -> Self {
        self.query = parameters;
        self
    }

    /// Describes a header of the request: its name and meaning.
    #[must_use]
    pub fn header(mut self, name: &'static str, meaning: &'static str) -> Self {
        self.header = Some((name, meaning));
        self
    }

    /// Describes that `If-Match` is read.
    #[must_use]
    pub fn if_match(mut self) -> Self {
        self.if_match = Some(false);
        self
    }

    /// Describes that `If-Match` must be sent.
    #[must_use]
    pub fn needs_if_match(mut self) -> Self {
        self.if_match = Some(true);
        self
    }

    /// Describes a problem that has the members of `T` beside those of every problem.
    #[must_use]
    pub fn refuses<T: JsonSchema>(mut self, status: u16, description: &'static str) -> Self {
        self.refuses = Some(Refusal { status, description, members: SchemaGenerator::subschema_for::<T> });
        self
    }

    /// Describes further statuses of problems.
    #[must_use]
    pub fn fails(mut self, statuses: &'static [u16]) -> Self {
        self.fails = statuses;
        self
    }

    /// Describes that clients have a rate limit.
    #[must_use]
    pub fn rate_limited(mut self) -> Self {
        self.is_rate_limited = true;
        self
    }

    /// Describes that the answer tells no position of the log.
    #[must_use]
    pub fn without_position(mut self) -> Self {
        self.appends = false;
        self
    }

    /// Describes the body.
    #[must_use]
    pub fn takes<T: JsonSchema>(mut self) -> Self {
        self.takes = Some(SchemaGenerator::subschema_for::<T>);
        self
    }

    /// Describes a response. Each status has its own.
    #[must_use]
    pub fn gives<T: JsonSchema>(mut self, status: u16) -> Self {
        self.gives.push((status, SchemaGenerator::subschema_for::<T>));
        self
    }

    /// Describes further media types of the response, or the only ones.
    #[must_use]
    pub fn sends(mut self, media: &'static [&'static str]) -> Self {
        self.sends = media;
        self
    }

    /// Body and response have a line of JSON for each of many things; the schemas are those of a thing.
    #[must_use]
    pub fn by_line(mut self, noun: &'static str) -> Self {
        self.by_line = Some((noun, true));
        self.appends = false;
        self
    }

    /// The body may also have a line of JSON for each of many things; the response has then a line for each, and the status 200.
    #[must_use]
    pub fn or_by_line(mut self, noun: &'static str) -> Self {
        self.by_line = Some((noun, false));
        self
    }

    /// The id.
    pub(super) fn id(&self) -> String {
        self.id.map_or_else(|| operation_id(&self.method, self.path), str::to_owned)
    }

    /// The description. `is_located` says whether what a creation makes can be read at a path of its own.
    pub(super) fn describe(&self, schemas: &mut Schemas, example: &Value, is_located: bool) -> Value {
        let mut responses = self.answers(schemas, &example["answer"], is_located);
        responses.extend(self.problems(schemas));
        let needs = match (self.scope, self.password_or) {
            (Some(scope), _) => format!("Needs the scope `{scope}`."),
            (None, Some(scope)) => format!("Needs an operator's password, or a token with the scope `{scope}`."),
            (None, None) => "Needs no token. One that is sent must be valid.".to_owned(),
        };
        let mut operation = json!({
            "operationId": self.id(),
            "tags": [tag(self.path)],
            "summary": self.summary,
            "description": needs,
            "parameters": self.parameters(schemas),
            "responses": responses,
            "security": self.security(),
        });
        if let Some(schema) = self.takes {
            let schema: Value = schema(&mut schemas.given).into();
            let shown = body(&schema, &example["request"]);
            let content = match self.by_line {
                None => json!({ (JSON): shown }),
                Some((_, true)) => json!({ (NDJSON): shown }),
                Some((_, false)) => json!({ (JSON): shown, (NDJSON): { "schema": schema } }),
            };
            operation["requestBody"] = json!({ "content": content });
        }
        operation
    }

    fn is_only_lines(&self) -> bool {
        self.by_line.is_some_and(|(_, only)| only)
    }

    fn security(&self) -> Value {
        match (self.scope, self.password_or) {
            (Some(scope), _) => json!([{ "token": [scope] }]),
            (None, Some(scope)) => json!([{ "password": [] }, { "token": [scope] }]),
            (None, None) => json!([{}, { "token": [] }]),
        }
    }

    fn answers(&self, schemas: &mut Schemas, example: &Value, is_located: bool) -> Map<String, Value> {
        let mut answers = Map::new();
        for (status, schema) in &self.gives {
            let schema: Value = schema(&mut schemas.shown).into();
            let is_versioned = !self.is_only_lines() && schemas.is_versioned(&schema);
            let headers = self.headers(is_versioned, is_located && *status == 201);
            let content = if self.is_only_lines() {
                json!({ (NDJSON): body(&self.line(&schema), example) })
            } else {
                json!({ (JSON): body(&schema, example) })
            };
            let answer = json!({ "description": self.summary, "headers": headers, "content": content });
            answers.insert(status.to_string(), answer);
            if is_versioned && self.method == Method::GET {
                answers.insert("304".to_owned(), json!({ "$ref": "#/components/responses/NotModified" }));
            }
            if self.by_line.is_some() && !self.is_only_lines() {
                let content = json!({ (NDJSON): { "schema": self.line(&schema) } });
                let headers = json!({ "X-Request-Id": header("X-Request-Id") });
                let answer = json!({ "description": "A line for each line", "headers": headers, "content": content });
                answers.insert("200".to_owned(), answer);
            }
        }
        if !self.sends.is_empty() {
            let headers = self.headers(false, false);
            let answer =
                answers.entry("200").or_insert_with(|| json!({ "description": self.summary, "headers": headers }));
            for media in self.sends {
                answer["content"][media] = json!({ "schema": { "type": "string", "contentMediaType": media } });
            }
        }
        answers
    }

    /// The line with the answer to a line.
    fn line(&self, schema: &Value) -> Value {
        let noun = self.by_line.map_or("item", |(noun, _)| noun);
        json!({
            "type": "object",
            "required": ["line", "status"],
            "properties": {
                "line": { "type": "integer", "minimum": 1, "description": "The number of the line that it answers" },
                "status": { "type": "integer", "minimum": 200, "maximum": 599 },
                "position": { "type": "integer", "minimum": 0, "description": "The position of the log that the line reached" },
                (noun): schema,
                "problem": { "$ref": "#/components/schemas/Problem" },
            },
        })
    }

    fn headers(&self, is_versioned: bool, is_located: bool) -> Value {
        let asks = |name: &str| self.query.iter().any(|(known, ..)| *known == name);
        let groups: [(bool, &[&str]); 7] = [
            (true, &["X-Request-Id"]),
            (asks("count"), &["Link"]),
            (asks("wait"), &["Signpost-Next"]),
            (is_versioned, &["ETag"]),
            (is_located, &["Location"]),
            (self.appends, &["Signpost-Position", "Idempotent-Replayed"]),
            (self.is_rate_limited, &["RateLimit", "RateLimit-Policy"]),
        ];
        let sent = groups.into_iter().filter(|(is_sent, _)| *is_sent).flat_map(|(_, names)| names);
        sent.map(|name| ((*name).to_owned(), header(name))).collect::<Map<_, _>>().into()
    }

    fn problems(&self, schemas: &mut Schemas) -> Map<String, Value> {
        let groups: [(bool, &[u16]); 8] = [
            (true, &[401, 503]),
            (self.scope.is_some() || self.password_or.is_some(), &[403]),
            (self.path.contains('{'), &[404]),
            (self.method != Method::GET, &[400, 413, 415, 422]),
            (self.appends, &[409]),
            (!self.query.is_empty(), &[422]),
            (self.if_match.is_some(), &[412]),
            (self.if_match == Some(true), &[428]),
        ];
        let told = groups.into_iter().filter(|(occurs, _)| *occurs).flat_map(|(_, statuses)| statuses);
        let mut statuses: BTreeSet<u16> = told.chain(self.fails).copied().collect();
        if self.is_rate_limited {
            statuses.insert(429);
        }
        let mut problems: Map<String, Value> =
            statuses.into_iter().map(|status| (status.to_string(), problem(&status.to_string()))).collect();
        problems.insert("default".to_owned(), problem("default"));
        if let Some(Refusal { status, description, members }) = &self.refuses {
            let members = Value::from(members(&mut schemas.shown));
            let schema = json!({ "allOf": [{ "$ref": "#/components/schemas/Problem" }, members] });
            let content = json!({ "application/problem+json": { "schema": schema } });
            problems.insert(status.to_string(), json!({ "description": description, "content": content }));
        }
        problems
    }

    fn parameters(&self, schemas: &mut Schemas) -> Value {
        let names = self.path.split('{').skip(1).filter_map(|part| part.split_once('}').map(|(name, _)| name));
        let mut parameters: Vec<Value> = names.map(in_path).collect();
        parameters.extend(self.query.iter().map(|(name, meaning, holds)| {
            let schema = holds.schema(&mut schemas.given);
            json!({ "name": name, "in": "query", "description": meaning, "schema": schema })
        }));
        if let Some((name, meaning)) = self.header {
            let schema = json!({ "type": "string" });
            parameters.push(json!({ "name": name, "in": "header", "description": meaning, "schema": schema }));
        }
        let shared = [
            (self.if_match == Some(false), "IfMatch"),
            (self.if_match == Some(true), "IfMatchRequired"),
            (self.method != Method::GET, "IdempotencyKey"),
        ];
        parameters.extend(
            shared
                .into_iter()
                .filter(|(is_read, _)| *is_read)
                .map(|(_, name)| json!({ "$ref": format!("#/components/parameters/{name}") })),
        );
        parameters.into()
    }
}

/// A parameter in a path. Those that are named so are ids.
fn in_path(name: &str) -> Value {
    let schema = if name == "id" || name.ends_with("_id") {
        json!({ "type": "string", "format": "uuid" })
    } else {
        json!({ "type": "string", "minLength": 1 })
    };
    json!({ "name": name, "in": "path", "required": true, "schema": schema })
}

fn body(schema: &Value, example: &Value) -> Value {
    let mut body = json!({ "schema": schema });
    if !example.is_null() {
        body["example"] = example.clone();
    }
    body
}
