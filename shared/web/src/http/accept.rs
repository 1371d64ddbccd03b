//! Who asks: a person at a browser, who wants pages, or a program, which wants JSON.

use axum::http::{HeaderMap, header};

/// Whether a page is asked for. Browsers name HTML when somebody goes to an address; programs that do not care say `*/*` or nothing.
pub fn wants_page(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(header::ACCEPT).into_iter().filter_map(|value| value.to_str().ok());
    let mut kinds = accepted.flat_map(|line| line.split(',')).map(|range| range.split(';').next().unwrap_or_default());
    kinds.any(|kind| matches!(kind.trim().to_ascii_lowercase().as_str(), "text/html" | "application/xhtml+xml"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_ask_for_pages_and_programs_do_not() {
        let asked = |accept: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT, accept.parse().unwrap());
            wants_page(&headers)
        };
        assert!(asked("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"));
        assert!(asked("image/png, TEXT/HTML;q=0.1"));
        for program in ["*/*", "application/json", "image/avif,image/webp,*/*"] {
            assert!(!asked(program), "{program}");
        }
        assert!(!wants_page(&HeaderMap::new()));
    }
}
