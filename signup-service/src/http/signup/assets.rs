//! The pages' stylesheet, under a name that holds its digest, so that it may be kept for ever.

use std::sync::LazyLock;

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use shared::ids::digest;

const STYLE: &str = include_str!("../../../assets/style.css");

static STYLE_NAME: LazyLock<String> = LazyLock::new(|| format!("style.{}.css", &digest(STYLE)[..12]));
static STYLE_PATH: LazyLock<String> = LazyLock::new(|| format!("/signup/assets/{}", *STYLE_NAME));

/// Where the pages find their stylesheet.
pub fn style_path() -> &'static str {
    &STYLE_PATH
}

/// The file of that name, if there is one.
pub fn asset(name: &str) -> Response {
    if name != STYLE_NAME.as_str() {
        return StatusCode::NOT_FOUND.into_response();
    }
    let headers = [
        (header::CONTENT_TYPE, "text/css; charset=utf-8"),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    (headers, STYLE).into_response()
}
