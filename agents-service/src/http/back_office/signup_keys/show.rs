//! A signup URL's page: the URL to copy, its QR code, what it stands for and what happened to it; and sheets to print.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::IntoResponse;
use shared::http::Problem;

use super::super::figures::conversion;
use super::super::{Answer, Asked, Frame, Office, SignedIn, frame, history, names};
use super::{PLACE, base, filter, find, of_keys};
use crate::desk;
use crate::domain::signup_url;
use crate::http::pages::page;
use crate::http::pages::table::{Action, Block, Cell};
use crate::http::qr;
use crate::views::signup_keys::{self, SignupKey, State as Stage};

/// Most QR codes on a sheet.
const MAX_ON_SHEET: usize = 60;

#[derive(Template)]
#[template(path = "signup_key.html")]
pub struct KeyPage {
    pub frame: Frame,
    pub state: Option<&'static str>,
    pub key: String,
    /// Where the key's page is.
    pub path: String,
    pub url: String,
    pub actions: Vec<Action>,
    pub facts: Vec<(&'static str, Cell)>,
    pub blocks: Vec<Block>,
}

/// One code on a sheet.
struct Printed {
    key: String,
    url: String,
    label: String,
}

#[derive(Template)]
#[template(path = "signup_key_sheet.html")]
struct SheetPage {
    frame: Frame,
    codes: Vec<Printed>,
}

/// What can be done to a key whose page is at `path`.
pub fn actions(key: &SignupKey, path: &str) -> Vec<Action> {
    let revoke = Action::grave("Revoke", format!("{path}/revoke"));
    match key.state {
        Stage::Active => vec![Action::new("Pause", format!("{path}/pause")), revoke],
        Stage::Paused => vec![Action::new("Resume", format!("{path}/resume")), revoke],
        Stage::Revoked => Vec::new(),
    }
}

pub async fn show(State(office): State<Office>, signed_in: SignedIn, Path(text): Path<String>, asked: Asked) -> Answer {
    let key = find(&office, &text).await?;
    let (base, warnings) = base(&office).await?;
    let title = if key.label.is_empty() { key.key.clone() } else { key.label.clone() };
    let frame = frame(&signed_in, title, PLACE, &asked).warning(warnings);
    let path = format!("{PLACE}/{}", key.key);
    let actions = actions(&key, &path);
    let history = history::block(&office, &desk::signup_keys::stream(&key.key), None).await?;
    let blocks = vec![embedding(&base, &key.key), history];
    let mut facts = facts(&office, &key).await?;
    facts.extend(counted(&office, &key).await?);
    let url = signup_url::compose(&base, &key.key);
    page(&KeyPage { frame, state: Some(key.state.as_str()), key: key.key, path, url, actions, facts, blocks })
}

async fn facts(office: &Office, key: &SignupKey) -> Result<Vec<(&'static str, Cell)>, Problem> {
    let groups = names::groups(office, None).await?;
    let mut facts = vec![
        ("Agent", names::link("/agents", key.agent_id, &names::agents(office).await?)),
        ("Call plan", names::link("/call-plans", key.call_plan_id, &names::call_plans(office).await?)),
        ("Customer group", names::link("/groups", key.group_id, &groups)),
    ];
    facts.extend(limits(key));
    Ok(facts)
}

/// What an agent puts on his web page.
pub fn embedding(base: &str, key: &str) -> Block {
    let link = format!("<a href=\"{}\">Sign up</a>", signup_url::compose(base, key));
    let facts = vec![
        ("A link", Cell::ToCopy(link, "Copy the link")),
        ("The form itself, in a frame", Cell::ToCopy(signup_url::frame_snippet(base, key), "Copy the code")),
    ];
    let note = "A frame shows the form only on sites that the operator allows in the settings.".to_owned();
    Block { note: Some(note), ..Block::of_facts("For a web page", facts) }
}

/// What came of a key so far.
pub async fn counted(office: &Office, key: &SignupKey) -> Result<Vec<(&'static str, Cell)>, Problem> {
    let known = of_keys(office, Some(key.agent_id), std::slice::from_ref(key)).await?;
    let figures = known.get(&key.key).copied().unwrap_or_default();
    Ok(vec![
        ("Views", Cell::text(figures.views.to_string())),
        ("Signups", Cell::text(figures.signups.to_string())),
        ("Conversion", conversion(figures.conversion())),
        ("Refusals", Cell::text(figures.refusals.to_string())),
    ])
}

/// The key itself and what limits it.
pub fn limits(key: &SignupKey) -> Vec<(&'static str, Cell)> {
    let mut facts = vec![("Key", Cell::Code(key.key.clone()))];
    facts.extend(key.starts_at.map(|moment| ("Start (UTC)", Cell::moment(moment))));
    facts.extend(key.ends_at.map(|moment| ("End (UTC)", Cell::moment(moment))));
    facts.extend(key.cap.map(|cap| ("Cap", Cell::text(cap.to_string()))));
    facts.extend((!key.note.is_empty()).then(|| ("Note", Cell::text(key.note.clone()))));
    facts
}

pub async fn sheet(State(office): State<Office>, signed_in: SignedIn, asked: Asked) -> Answer {
    let (base, warnings) = base(&office).await?;
    let filter = signup_keys::Filter { state: Some(Stage::Active), limit: MAX_ON_SHEET, ..filter(&asked) };
    let found = signup_keys::list(office.database(), &filter).await?;
    let codes = found.items.into_iter().map(|key| Printed {
        url: signup_url::compose(&base, &key.key),
        label: key.label,
        key: key.key,
    });
    let frame = frame(&signed_in, "QR codes to print", PLACE, &asked).warning(warnings);
    page(&SheetPage { frame, codes: codes.collect() })
}

/// A URL's QR code as SVG.
pub fn svg(url: &str) -> Answer {
    let image = qr::as_svg(url).map_err(|error| Problem::unforeseen(&error))?;
    Ok(([(header::CONTENT_TYPE, "image/svg+xml"), (header::CACHE_CONTROL, "no-store")], image).into_response())
}

/// A URL's QR code as PNG.
pub fn png(url: &str) -> Answer {
    let image = qr::as_png(url).map_err(|error| Problem::unforeseen(&error))?;
    Ok(([(header::CONTENT_TYPE, "image/png"), (header::CACHE_CONTROL, "no-store")], image).into_response())
}

async fn url(office: &Office, text: &str) -> Result<String, Problem> {
    let key = find(office, text).await?;
    Ok(signup_url::compose(&base(office).await?.0, &key.key))
}

pub async fn qr_svg(State(office): State<Office>, _: SignedIn, Path(text): Path<String>) -> Answer {
    svg(&url(&office, &text).await?)
}

pub async fn qr_png(State(office): State<Office>, _: SignedIn, Path(text): Path<String>) -> Answer {
    png(&url(&office, &text).await?)
}
