use axum::http::StatusCode;
use serde_json::{Map, Value, json};

/// A reference to a header.
pub(super) fn header(name: &str) -> Value {
    json!({ "$ref": format!("#/components/headers/{name}") })
}

/// The response with a problem.
pub(super) fn problem(status: &str) -> Value {
    json!({ "$ref": format!("#/components/responses/Problem{}", status.trim_start_matches("default")) })
}

/// The problems by status, with their headers beside the one of every response.
const PROBLEMS: [(u16, &str, &[&str]); 14] = [
    (400, "The request is malformed", &[]),
    (401, "Valid credentials are missing", &["WWW-Authenticate"]),
    (403, "The token lacks a scope", &[]),
    (404, "There is nothing at this address", &[]),
    (406, "There is no such media type of it", &[]),
    (409, "A rule forbids it now; `code` names the rule", &[]),
    (410, "It cannot be used any more; `reason` says why", &[]),
    (412, "It was changed meanwhile: `If-Match` names another version", &[]),
    (413, "The body is too large", &[]),
    (415, "The body is of another media type", &[]),
    (422, "Fields or parameters are invalid; `errors` lists them", &[]),
    (428, "`If-Match` is missing", &[]),
    (429, "The rate limit is reached", &["Retry-After", "RateLimit", "RateLimit-Policy"]),
    (503, "Temporarily unavailable; try again with the same Idempotency-Key", &["Retry-After"]),
];

pub(super) fn responses() -> Value {
    let response = |description: &str, names: &[&str]| {
        let names = names.iter().chain(&["X-Request-Id"]);
        let headers: Map<_, _> = names.map(|name| ((*name).to_owned(), header(name))).collect();
        json!({
            "description": description,
            "headers": headers,
            "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } },
        })
    };
    let mut responses: Map<_, _> = PROBLEMS
        .iter()
        .map(|(status, description, names)| (format!("Problem{status}"), response(description, names)))
        .collect();
    responses.insert("Problem".to_owned(), response("A problem (RFC 9457)", &[]));
    let headers = json!({ "ETag": header("ETag"), "X-Request-Id": header("X-Request-Id") });
    let not_modified = json!({ "description": "`If-None-Match` names the version", "headers": headers });
    responses.insert("NotModified".to_owned(), not_modified);
    responses.into()
}

pub(super) fn headers() -> Value {
    let header = |meaning: &str, schema: Value| json!({ "description": meaning, "schema": schema });
    let text = |meaning: &str| header(meaning, json!({ "type": "string" }));
    let number = |meaning: &str| header(meaning, json!({ "type": "integer", "minimum": 0 }));
    json!({
        "X-Request-Id": text("Names the request in the service's log"),
        "ETag": text("The version, in quotation marks, for `If-Match` and `If-None-Match`"),
        "Location": text("The path of the new thing"),
        "Signpost-Position": number("The position of the log that the write reached, for `at_least`"),
        "Signpost-Next": number("The position behind which the next page begins"),
        "Link": text("The next page, with `rel=\"next\"`; absent on the last one"),
        "Idempotent-Replayed": text("`true` when this is the first answer again; absent otherwise"),
        "Retry-After": number("Seconds to wait"),
        "RateLimit": text("What is left of the nearest limit (draft-ietf-httpapi-ratelimit-headers-10); absent where limits are off"),
        "RateLimit-Policy": text("That limit"),
        "WWW-Authenticate": text("`Bearer`"),
    })
}

pub(super) fn parameters() -> Value {
    let header = |name: &str, meaning: &str, required: bool, schema: Value| json!({ "name": name, "in": "header", "description": meaning, "required": required, "schema": schema });
    let tag = |meaning, required| header("If-Match", meaning, required, json!({ "type": "string" }));
    let key = json!({ "type": "string", "minLength": 1, "maxLength": 128, "pattern": "^[!-~]+$" });
    json!({
        "IfMatch": tag("The `ETag` of the version to change; any when absent or `*`", false),
        "IfMatchRequired": tag("The `ETag` of the version to change, or `*`", true),
        "IdempotencyKey": header("Idempotency-Key", "A repetition with the same key gets the first answer", false, key),
    })
}

pub(super) fn security_schemes() -> Map<String, Value> {
    let scheme = |scheme: &str, meaning: &str| json!({ "type": "http", "scheme": scheme, "description": meaning });
    let token = ("token".to_owned(), scheme("bearer", "An API token"));
    Map::from_iter([token, ("password".to_owned(), scheme("basic", "An operator's login and password"))])
}

pub(super) fn problem_schema() -> Value {
    json!({
        "type": "object",
        "description": "A problem (RFC 9457). Which members it has beside the required ones depends on its type.",
        "required": ["type", "title", "status", "detail", "request_id"],
        "properties": {
            "type": { "type": "string", "format": "uri", "description": "Stable, such as urn:signpost:problem:validation" },
            "title": { "type": "string" },
            "status": { "type": "integer", "minimum": StatusCode::BAD_REQUEST.as_u16(), "maximum": 599 },
            "detail": { "type": "string", "description": "For people" },
            "request_id": { "type": "string", "description": "As the header X-Request-Id" },
            "errors": { "type": "array", "items": { "$ref": "#/components/schemas/FieldError" } },
            "code": { "type": "string", "description": "The rule that forbids it, by its stable name" },
            "reason": { "type": "string", "description": "The rule, or why a signup key cannot be used" },
            "scope": { "type": "string", "description": "The scope that the token lacks" },
            "customer_id": { "type": "string", "format": "uuid", "description": "Who has the e-mail address; only for who may know" },
            "head": { "type": "integer", "minimum": 0, "description": "The last position of the log" },
            "log_id": { "type": "string", "format": "uuid", "description": "The id of the log" },
        },
    })
}

pub(super) fn field_error_schema() -> Value {
    json!({
        "type": "object",
        "required": ["field", "code", "message"],
        "properties": {
            "field": { "type": "string", "description": "The member or parameter, with dots between the levels" },
            "pointer": { "type": "string", "description": "JSON Pointer into the body; absent for headers and parameters" },
            "code": { "type": "string", "description": "Stable, for programs" },
            "message": { "type": "string", "description": "For people" },
        },
    })
}
