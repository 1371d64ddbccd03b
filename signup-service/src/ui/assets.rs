//! The files that pages load. Each name identifies the content, so browsers may cache files for ever: stylesheet,
//! script and logo by their digest, the operator's colour by its digits.

use std::sync::LazyLock;

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use contract::colour::{Colour, WHITE};
use contract::ids::digest;

pub const FOLDER: &str = "/signup/assets/";
const STYLE: &str = include_str!("../../assets/style.css");
const SCRIPT: &str = include_str!("../../assets/signup.js");
const SOLVER: &str = include_str!("../../assets/solve.js");
/// Digits of a digest in a file name.
const DIGEST_DIGITS: usize = 16;
/// The background of dark mode: `--paper` of the stylesheet.
const DARK_PAPER: &str = "19202a";

static STYLE_PATH: LazyLock<String> = LazyLock::new(|| path("style", STYLE, "css"));
static SCRIPT_PATH: LazyLock<String> = LazyLock::new(|| path("signup", SCRIPT, "js"));
static SOLVER_PATH: LazyLock<String> = LazyLock::new(|| path("solve", SOLVER, "js"));

pub struct Logo {
    pub name: String,
    pub bytes: Vec<u8>,
}

impl Logo {
    /// Decodes the logo; `None` where it is malformed.
    pub fn of(base64: &str) -> Option<Self> {
        let bytes = STANDARD.decode(base64).ok().filter(|bytes| !bytes.is_empty())?;
        let digest = digest(base64);
        Some(Self { name: format!("logo-{}.png", digest.get(..DIGEST_DIGITS)?), bytes })
    }
}

fn path(name: &str, content: &str, ending: &str) -> String {
    format!("{FOLDER}{name}.{}.{ending}", &digest(content)[..DIGEST_DIGITS])
}

pub fn style_path() -> &'static str {
    &STYLE_PATH
}

pub fn script_path() -> &'static str {
    &SCRIPT_PATH
}

/// The path of the worker's script.
pub fn solver_path() -> &'static str {
    &SOLVER_PATH
}

/// The path of a colour's stylesheet. The name holds the whole colour, so replicas always agree.
pub fn colour_path(colour: Colour) -> String {
    format!("{FOLDER}colour-{}.css", colour.digits())
}

pub fn asset(name: &str, logo: Option<&Logo>) -> Response {
    if STYLE_PATH.strip_prefix(FOLDER) == Some(name) {
        return file("text/css; charset=utf-8", STYLE);
    }
    if SCRIPT_PATH.strip_prefix(FOLDER) == Some(name) {
        return file("text/javascript; charset=utf-8", SCRIPT);
    }
    if SOLVER_PATH.strip_prefix(FOLDER) == Some(name) {
        return file("text/javascript; charset=utf-8", SOLVER);
    }
    if let Some(logo) = logo.filter(|logo| logo.name == name) {
        return file("image/png", logo.bytes.clone());
    }
    let digits = name.strip_prefix("colour-").and_then(|rest| rest.strip_suffix(".css"));
    match digits.and_then(Colour::of_digits) {
        Some(colour) => file("text/css; charset=utf-8", colour_sheet(colour)),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

fn file(content_type: &'static str, content: impl IntoResponse) -> Response {
    let headers = [
        (header::CONTENT_TYPE, content_type),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, content).into_response()
}

/// Buttons in the colour with readable text on them, and the nearest readable shade for text on paper.
fn colour_sheet(colour: Colour) -> String {
    let dark_paper = Colour::of_digits(DARK_PAPER).unwrap_or(colour);
    let (own, ink) = (colour.digits(), colour.ink().digits());
    let (light, dark) = (colour.readable_on(WHITE).digits(), colour.readable_on(dark_paper).digits());
    format!(
        ":root {{ --accent: #{own}; --accent-ink: #{ink}; --accent-line: #{light}; }}\n\
         @media (prefers-color-scheme: dark) {{ :root {{ --accent: #{own}; --accent-ink: #{ink}; --accent-line: #{dark}; }} }}\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sheet_of_a_colour_is_made_of_its_name() {
        let colour = Colour::of_digits("ffd400").unwrap();
        let name = colour_path(colour).strip_prefix(FOLDER).unwrap().to_owned();
        assert_eq!(asset(&name, None).status(), StatusCode::OK);
        assert!(colour_sheet(colour).contains("--accent: #ffd400; --accent-ink: #000000;"));
        assert!(!colour_sheet(colour).contains("--accent-line: #ffd400; }\n@media"));
        for name in ["colour-red.css", "colour-ffd40.css", "colour-ffd400", "colour-;}*{}.css", "logo-0.png", ""] {
            assert_eq!(asset(name, None).status(), StatusCode::NOT_FOUND, "{name}");
        }
    }

    #[test]
    fn the_dark_paper_is_that_of_the_stylesheet() {
        assert!(STYLE.contains(&format!("--paper: #{DARK_PAPER};")));
    }
}
