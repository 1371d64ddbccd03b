//! The OpenAPI 3.1 document of a route table, in the forms that generators and validators of other makers read alike: plain enums, no
//! default that is null, and a name of its own for what a request has otherwise than a response. Entry point: [`document`].

mod components;
mod names;
mod operation;
mod parameter;
mod plain;
mod schemas;

use std::collections::BTreeSet;

use axum::http::Method;
use serde_json::{Map, Value, json};

use components::{field_error_schema, headers, parameters, problem_schema, responses, security_schemes};
use names::tag;
pub use operation::{NDJSON, Operation};
pub use parameter::{AFTER, Holds, LIMIT, Parameter};
use plain::required_members;
use schemas::{SHOWN, Schemas, resolve};

/// The document of some operations. `examples` has by the id of an operation a `request` and an `answer`.
pub(super) fn document(title: &str, operations: &[Operation], examples: &Value) -> Value {
    let mut schemas = Schemas::new();
    let mut paths = Map::new();
    for operation in operations {
        let is_located = operation.method == Method::POST && operations.iter().any(|other| is_one_of(other, operation));
        let described = operation.describe(&mut schemas, &examples[operation.id()], is_located);
        let path = paths.entry(operation.path).or_insert_with(|| json!({}));
        path[operation.method.as_str().to_lowercase()] = described;
    }
    let (mut components, differing) = schemas.into_components();
    components.insert("Problem".to_owned(), problem_schema());
    components.insert("FieldError".to_owned(), field_error_schema());
    let mut paths = Value::Object(paths);
    resolve(&mut paths, &differing);
    components.values_mut().for_each(|schema| resolve(schema, &differing));
    require_bodies(&mut paths, &mut components);
    let tags: BTreeSet<&str> = operations.iter().map(|operation| tag(operation.path)).collect();
    let described =
        |tag: &str| json!({ "name": tag, "description": format!("Operations on {}", tag.replace('-', " ")) });
    let responses = used(responses(), &paths.to_string());
    let headers = used(headers(), &format!("{paths}{responses}"));
    let parameters = used(parameters(), &paths.to_string());
    let mut credentials = security_schemes();
    credentials.retain(|name, _| paths.to_string().contains(&format!("{{\"{name}\":[")));
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": title,
            "version": env!("CARGO_PKG_VERSION"),
            "description": DESCRIPTION,
            "contact": { "name": "The operator of this installation" },
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "servers": [{ "url": "/", "description": "This service" }],
        "tags": tags.into_iter().map(described).collect::<Vec<_>>(),
        "paths": paths,
        "components": {
            "schemas": components,
            "parameters": parameters,
            "headers": headers,
            "responses": responses,
            "securitySchemes": credentials,
        },
    })
}

const DESCRIPTION: &str = "Members of responses, words of enums in responses and types of problems may be added at any time; clients ignore what \
     they do not know. Every write takes an `Idempotency-Key`: a repetition gets the first answer.";

/// Whether an operation shows one of the things that another one makes.
fn is_one_of(one: &Operation, making: &Operation) -> bool {
    let rest = one.path.strip_prefix(making.path).and_then(|rest| rest.strip_prefix("/{"));
    one.method == Method::GET && rest.is_some_and(|name| name.find('}') == Some(name.len() - 1))
}

/// The components that a text refers to.
fn used(components: Value, text: &str) -> Value {
    let Value::Object(mut components) = components else { return components };
    components.retain(|name, _| text.contains(&format!("/{name}\"")));
    components.into()
}

/// Says which bodies must be sent: those with required members. A change requires none, so it gets a schema of its own.
fn require_bodies(paths: &mut Value, components: &mut Map<String, Value>) {
    let operations = paths.as_object_mut().into_iter().flat_map(Map::values_mut).filter_map(Value::as_object_mut);
    for (method, operation) in operations.flatten() {
        let Some(body) = operation.get_mut("requestBody") else { continue };
        let mut is_required = false;
        for media in body["content"].as_object_mut().into_iter().flat_map(Map::values_mut) {
            let Some(name) = media["schema"]["$ref"].as_str().and_then(|path| path.strip_prefix(SHOWN)) else {
                continue;
            };
            let Some(schema) = components.get(name).filter(|schema| !required_members(schema).is_empty()) else {
                continue;
            };
            if method == "patch" {
                let (mut change, name) = (schema.clone(), format!("{}Change", name.trim_end_matches("Given")));
                if let Some(members) = change.as_object_mut() {
                    members.remove("required");
                }
                media["schema"]["$ref"] = format!("{SHOWN}{name}").into();
                components.insert(name, change);
            } else {
                is_required = true;
            }
        }
        body["required"] = is_required.into();
    }
}
