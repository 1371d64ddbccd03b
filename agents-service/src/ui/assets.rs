//! The stylesheet, the script, the company's colour and logo. Each name identifies the content, so browsers may cache files for ever.

use std::sync::LazyLock;

use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use contract::colour::Colour;
use contract::ids::digest;
use web::http::Problem;

use crate::settings;
use crate::state::AppState;

/// The backgrounds that text has the least contrast on: `--ground` in the light, `--paper` in the dark.
const LIGHT_GROUND: &str = "f2f4f7";
const DARK_PAPER: &str = "19202a";

struct Asset {
    name: String,
    kind: &'static str,
    text: &'static str,
}

static STYLE: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("style", "css", "text/css; charset=utf-8", include_str!("../../assets/style.css")));
static SCRIPT: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new("script", "js", "text/javascript; charset=utf-8", include_str!("../../assets/script.js"))
});

impl Asset {
    fn new(name: &str, ending: &str, kind: &'static str, text: &'static str) -> Self {
        Self { name: format!("{name}.{}.{ending}", &digest(text)[..12]), kind, text }
    }
}

pub fn style_path() -> String {
    format!("/assets/{}", STYLE.name)
}

pub fn script_path() -> String {
    format!("/assets/{}", SCRIPT.name)
}

/// The path of a colour's stylesheet. The name holds the whole colour, so replicas always agree.
pub fn colour_path(colour: Colour) -> String {
    format!("/assets/colour-{}.css", colour.digits())
}

/// The path of the logo of a version of the settings.
pub fn logo_path(version: u64) -> String {
    format!("/assets/logo-{version}.png")
}

/// `GET /assets/{name}`
pub async fn asset(State(app): State<AppState>, Path(name): Path<String>) -> Result<Response, Problem> {
    if let Some(asset) = [&*STYLE, &*SCRIPT].into_iter().find(|asset| asset.name == name) {
        return Ok(file(asset.kind, asset.text));
    }
    let middle = |before: &str, behind: &str| name.strip_prefix(before)?.strip_suffix(behind);
    if let Some(colour) = middle("colour-", ".css").and_then(Colour::of_digits) {
        return Ok(file("text/css; charset=utf-8", colour_sheet(colour)));
    }
    let version = middle("logo-", ".png").and_then(|version| version.parse().ok());
    let logo = match version {
        Some(version) => settings::queries::logo(app.database(), version).await?,
        None => None,
    };
    match logo.and_then(|logo| STANDARD.decode(logo).ok()).filter(|logo| !logo.is_empty()) {
        Some(logo) => Ok(file("image/png", logo)),
        None => Ok(StatusCode::NOT_FOUND.into_response()),
    }
}

fn file(kind: &'static str, content: impl IntoResponse) -> Response {
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, content).into_response()
}

/// The nearest shade of the colour that is readable on the ground of the pages, with readable text on it.
fn colour_sheet(colour: Colour) -> String {
    let on = |ground: &str| Colour::of_digits(ground).map_or(colour, |ground| colour.readable_on(ground));
    let accents = [LIGHT_GROUND, DARK_PAPER].map(on);
    let [light, dark] = accents.map(Colour::digits);
    let [light_ink, dark_ink] = accents.map(|accent| accent.ink().digits());
    format!(
        ":root {{ --accent: light-dark(#{light}, #{dark}); --accent-ink: light-dark(#{light_ink}, #{dark_ink}); }}\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_grounds_are_those_of_the_stylesheet() {
        for colour in
            [format!("--ground: light-dark(#{LIGHT_GROUND}, "), format!("--paper: light-dark(#ffffff, #{DARK_PAPER});")]
        {
            assert!(STYLE.text.contains(&colour), "{colour}");
        }
    }

    #[test]
    fn a_colour_is_shaded_until_it_is_readable() {
        let sheet = colour_sheet(Colour::of_digits("ffd400").unwrap());
        assert!(sheet.contains(", #ffd400); --accent-ink: light-dark(#ffffff, #000000)"), "{sheet}");
    }
}
