//! What all pages have in common.

use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate, SizeAbove};

/// Smallest page, in bytes, that is worth compressing.
const LEAST: u16 = 1_024;

/// Compresses pages and their files for browsers that say they can read that: not pictures, which are compressed already, and not what
/// a page waits for line by line.
pub fn compression() -> CompressionLayer<impl Predicate + Send + Sync + 'static> {
    let worth = SizeAbove::new(LEAST).and(NotForContentType::IMAGES).and(NotForContentType::SSE);
    CompressionLayer::new().compress_when(worth)
}
