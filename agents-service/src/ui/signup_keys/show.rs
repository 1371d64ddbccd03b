//! A signup URL's page: the URL to copy, its QR code, what it stands for and its sums.

use askama::Template;
use axum::extract::Path;
use axum::http::header;
use axum::response::IntoResponse;
use contract::zone::Zone;
use web::http::Problem;

use crate::settings::signup_url;
use crate::signup_keys::qr;
use crate::signup_keys::snapshot::{SignupKeySnapshot, State as KeyState};
use crate::state::AppState;
use crate::ui::action::Action;
use crate::ui::analysis::overview::OfPeriod;
use crate::ui::chart::Chart;
use crate::ui::inputs::Kind;
use crate::ui::layout::Layout;
use crate::ui::notice::{ADDED, CHANGED, REVOKED, UNCHANGED};
use crate::ui::page::{PageResult, page};
use crate::ui::page_query::PageQuery;
use crate::ui::sales_summary::{PeriodChoice, conversion};
use crate::ui::signed_in::{Context, SignedIn};
use crate::ui::signup_keys::figures;
use crate::ui::signup_keys::state::{self, Reasons};
use crate::ui::signup_keys::state_changes::{PAUSED, RESUMED};
use crate::ui::signup_keys::{base, find, of_keys, path, place};
use crate::ui::table::{Block, Cell};

#[derive(Template)]
#[template(path = "signup_key.html")]
pub struct KeyPage {
    pub layout: Layout,
    /// The CSS class and the label of the state.
    pub state: Option<String>,
    pub key: String,
    pub path: String,
    pub url: String,
    /// Nobody can sign up by it any more.
    pub is_revoked: bool,
    pub actions: Vec<Action>,
    pub sums: Facts,
    pub choice: PeriodChoice,
    /// What the chart shows.
    pub charted: String,
    pub chart: Chart,
    pub facts: Facts,
    pub blocks: Vec<Block>,
}

type Facts = Vec<(&'static str, Cell)>;

impl KeyPage {
    /// Whether the URL is a link: a malformed one is shown as text, since a browser might run it.
    fn opens(&self) -> bool {
        !self.is_revoked && signup_url::opens(&self.url)
    }
}

/// The page of a key.
pub async fn key_page(
    app: &AppState,
    signed_in: &SignedIn,
    query: &PageQuery,
    key: SignupKeySnapshot,
    mut facts: Facts,
    more: Option<Block>,
) -> PageResult {
    let (base, warnings) = base(app, signed_in).await?;
    let reason = Reasons::of(app, std::slice::from_ref(&key)).await?.get(&key.key);
    let title = if key.label.is_empty() { key.key.clone() } else { key.label.clone() };
    let layout = Layout::new(signed_in, title, place(signed_in))
        .noticing(query, &[ADDED, CHANGED, UNCHANGED, PAUSED, RESUMED, REVOKED])
        .warning(warnings);
    let layout = layout.warning(reason.map(|reason| state::advice(signed_in, reason)));
    let path = path(signed_in, &key);
    let actions = actions(&key, &path);
    facts.extend(limits(&key, &signed_in.reader.zone));
    let sums = counted(app, signed_in, &key).await?;
    let (OfPeriod { choice, charted, chart }, tables) =
        Box::pin(figures::of_period(app, signed_in, query, &key)).await?;
    let is_revoked = key.state == KeyState::Revoked;
    let embedding = (!is_revoked).then(|| embedding(&base, &key.key));
    let blocks = tables.into_iter().chain(embedding).chain(more).collect();
    let (url, state) = (signup_url::compose(&base, &key.key), Some(state::label(reason)));
    let key = key.key;
    page(&KeyPage { layout, state, key, path, url, is_revoked, actions, sums, choice, charted, chart, facts, blocks })
}

/// The actions of a key whose page is at `path`.
fn actions(key: &SignupKeySnapshot, path: &str) -> Vec<Action> {
    let revoke = Action::grave("Revoke", format!("{path}/revoke"));
    let edit = Action::new("Edit", format!("{path}/edit"));
    match key.state {
        KeyState::Active => vec![edit, Action::new("Pause", format!("{path}/pause")), revoke],
        KeyState::Paused => vec![edit, Action::new("Resume", format!("{path}/resume")), revoke],
        KeyState::Revoked => Vec::new(),
    }
}

/// The HTML to embed the form in an agent's page.
pub fn embedding(base: &str, key: &str) -> Block {
    let link = format!("<a href=\"{}\">Sign up</a>", signup_url::compose(base, key));
    let facts = vec![
        ("A link", Cell::ToCopy(link, "Copy the link")),
        ("The form itself, in a frame", Cell::ToCopy(signup_url::frame_snippet(base, key), "Copy the code")),
    ];
    let note = "A frame shows the form only on sites that the operator allows in the settings.".to_owned();
    Block { note: Some(note), ..Block::of_facts("For a web page", facts) }
}

/// The sums of a key.
async fn counted(app: &AppState, signed_in: &SignedIn, key: &SignupKeySnapshot) -> Result<Facts, Problem> {
    let known = of_keys(app, signed_in, std::slice::from_ref(key)).await?;
    let figures = known.get(&key.key).copied().unwrap_or_default();
    Ok(vec![
        ("Views", Cell::number(figures.views)),
        ("Previews and robots", Cell::number(figures.automated)),
        ("Signups", Cell::number(figures.signups)),
        ("Conversion", conversion(figures.conversion())),
        ("Refusals", Cell::number(figures.refusals)),
    ])
}

/// The key itself and its limits.
fn limits(key: &SignupKeySnapshot, zone: &Zone) -> Facts {
    let mut facts = vec![("Key", Cell::Code(key.key.clone()))];
    facts.extend(key.starts_at.map(|moment| ("Start", Cell::text(zone.start_in_words(moment)))));
    facts.extend(key.ends_at.map(|moment| ("End", Cell::text(zone.end_in_words(moment)))));
    facts.extend(key.cap.map(|cap| ("Maximum signups", Cell::text(cap.to_string()))));
    facts.extend((!key.note.is_empty()).then(|| ("Note", Cell::text(key.note.clone()))));
    facts
}

async fn url(app: &AppState, signed_in: &SignedIn, text: &str) -> Result<String, Problem> {
    let key = find(app, signed_in, text).await?;
    Ok(signup_url::compose(&base(app, signed_in).await?.0, &key.key))
}

pub async fn qr_svg(Context(app, signed_in): Context, Path(text): Path<String>) -> PageResult {
    let image = qr::as_svg(&url(&app, &signed_in, &text).await?).map_err(|error| Problem::unforeseen(&error))?;
    Ok(([(header::CONTENT_TYPE, "image/svg+xml"), (header::CACHE_CONTROL, "no-store")], image).into_response())
}

pub async fn qr_png(Context(app, signed_in): Context, Path(text): Path<String>) -> PageResult {
    let image = qr::as_png(&url(&app, &signed_in, &text).await?).map_err(|error| Problem::unforeseen(&error))?;
    Ok(([(header::CONTENT_TYPE, "image/png"), (header::CACHE_CONTROL, "no-store")], image).into_response())
}
