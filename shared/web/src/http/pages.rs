//! What all pages have in common.

use axum::http::{Extensions, HeaderMap, StatusCode, Version, header};
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate, SizeAbove};

/// Smallest page, in bytes, that is worth compressing.
const LEAST: u16 = 1_024;

/// Compresses pages and their texts for browsers that say they can read that: not pictures, which are compressed already, not answers of
/// the API, and not what a page waits for line by line.
pub fn compression() -> CompressionLayer<impl Predicate + Send + Sync + 'static> {
    let is_text = |_: StatusCode, _: Version, headers: &HeaderMap, _: &Extensions| {
        headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/"))
    };
    let worth = SizeAbove::new(LEAST).and(NotForContentType::SSE).and(is_text);
    CompressionLayer::new().compress_when(worth)
}
