//! What all pages have in common.

use axum::http::{Extensions, HeaderMap, HeaderValue, StatusCode, Version, header};
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{Predicate, SizeAbove};

/// Smallest page, in bytes, that is worth compressing.
const LEAST: u16 = 1_024;

/// What a page is made of: not pictures, which are compressed already.
const KINDS: [&[u8]; 3] = [b"text/html", b"text/css", b"text/javascript"];

/// Compresses pages for browsers that say they can read that: not answers of the API, nor files, nor what a page waits for line by line.
pub fn compression() -> CompressionLayer<impl Predicate + Send + Sync + 'static> {
    let is_of_a_page = |_: StatusCode, _: Version, headers: &HeaderMap, _: &Extensions| {
        let kind = headers.get(header::CONTENT_TYPE).map_or(b"".as_slice(), HeaderValue::as_bytes);
        KINDS.iter().any(|known| kind.starts_with(known))
    };
    CompressionLayer::new().compress_when(SizeAbove::new(LEAST).and(is_of_a_page))
}
