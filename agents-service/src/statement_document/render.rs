//! A statement in one of its formats.

use axum::Json;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use contract::clock::Moment;
use contract::events::statements::StatementSection;
use schemars::JsonSchema;
use serde::Serialize;
use web::http::Problem;

use crate::columns::states;
use crate::state::AppState;
use crate::statement_document::content::Content;
use crate::statement_document::print::StatementDocument;
use crate::statement_document::{pdf, table};
use crate::statements::figures::Scope;
use crate::statements::lines::{self, StatementLine};
use crate::statements::names::{self, Names, Party};
use crate::statements::queries::Issued;
use crate::statements::snapshot::{StatementSnapshot, shown_number};
use crate::ui::render::render;

states! {
    /// How a statement is written.
    Format {
        Json = "json",
        Html = "html",
        Csv = "csv",
        Pdf = "pdf",
    }
}

/// A statement with its lines and its names.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "StatementWithLines")]
pub struct WithLines {
    #[serde(flatten)]
    statement: StatementSnapshot,
    issued_at: Moment,
    /// The company when it was issued; null when the time to keep it is over.
    company: Option<Party>,
    /// The agent when it was issued; null when the time to keep it is over.
    agent: Option<Party>,
    /// When the names were removed.
    names_removed_at: Option<Moment>,
    /// The lines of each section, in the order of the sections.
    lines: Vec<LinesOfSection>,
}

/// The lines in a currency.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "StatementLines")]
struct LinesOfSection {
    currency: String,
    items: Vec<StatementLine>,
}

impl Format {
    /// What the client accepts, the first that is offered; JSON where nothing is said, `None` where nothing fits.
    pub fn accepted(headers: &HeaderMap) -> Option<Self> {
        let accepted = headers.get_all(header::ACCEPT).into_iter().filter_map(|value| value.to_str().ok());
        let mut ranges: Vec<(f32, String)> = accepted.flat_map(|line| line.split(',')).map(range).collect();
        if ranges.is_empty() {
            return Some(Self::Json);
        }
        // Stable, so that what stands first wins among equals.
        ranges.sort_by(|(one, _), (other, _)| other.total_cmp(one));
        ranges.iter().filter(|(quality, _)| *quality > 0.0).find_map(|(_, kind)| match kind.as_str() {
            "application/json" | "application/*" | "*/*" => Some(Self::Json),
            "text/html" | "application/xhtml+xml" | "text/*" => Some(Self::Html),
            "text/csv" => Some(Self::Csv),
            "application/pdf" => Some(Self::Pdf),
            _ => None,
        })
    }
}

fn range(text: &str) -> (f32, String) {
    let mut parts = text.split(';').map(str::trim);
    let kind = parts.next().unwrap_or_default().to_ascii_lowercase();
    let quality = parts.find_map(|part| part.strip_prefix("q=")).map_or(1.0, |text| text.parse().unwrap_or(0.0));
    (quality, kind)
}

/// A statement with everything that its formats show.
pub struct Loaded {
    pub issued: Issued,
    pub names: Option<Names>,
    lines: Vec<Vec<StatementLine>>,
}

impl Loaded {
    pub async fn of(app: &AppState, issued: Issued) -> Result<Self, Problem> {
        let scope = Scope::of(&issued.event);
        let mut all = Vec::with_capacity(issued.event.sections.len());
        for section in &issued.event.sections {
            let lines = lines::of_section(app.database(), &scope, section).await?;
            is_whole(section, &lines)?;
            all.push(lines);
        }
        let names = names::get(app.database(), issued.event.statement_id).await?;
        Ok(Self { issued, names, lines: all })
    }

    pub fn content(&self) -> Content {
        Content::of(&self.issued.event, self.issued.issued_at, self.names.as_ref(), &self.lines)
    }

    /// The response in a format; PDF and CSV are files to keep.
    pub async fn response(self, app: &AppState, format: Format) -> Result<Response, Problem> {
        let number = shown_number(&self.issued.event);
        match format {
            Format::Json => Ok(Json(self.with_lines()).into_response()),
            Format::Html => render(StatusCode::OK, &StatementDocument::of(self.content())),
            Format::Csv => {
                let text = table::write(&self.issued.event, &self.lines);
                Ok(file(text, "text/csv; charset=utf-8; header=present", &number, "csv"))
            }
            Format::Pdf => {
                let fonts = app.document_fonts.clone();
                let write = move || pdf::write(&fonts, &self.content(), &self.issued.event, self.issued.issued_at);
                let written = tokio::task::spawn_blocking(write).await.map_err(|error| Problem::unforeseen(&error))?;
                let bytes = written.map_err(|error| Problem::unforeseen(&error))?;
                Ok(file(bytes, "application/pdf", &number, "pdf"))
            }
        }
    }

    fn with_lines(self) -> WithLines {
        let Issued { event, issued_at, .. } = self.issued;
        let names = self.names;
        let names_removed_at = names.as_ref().and_then(|names| names.blanked_at);
        let kept = names.filter(|names| names.blanked_at.is_none());
        let (company, agent) = kept.map(|names| (names.company, names.agent)).unzip();
        let sections = event.sections.iter().zip(self.lines);
        let lines = sections
            .map(|(section, items)| LinesOfSection { currency: section.currency.as_str().to_owned(), items })
            .collect();
        WithLines { statement: StatementSnapshot::of(event), issued_at, company, agent, names_removed_at, lines }
    }
}

/// Fails where the lines do not make the figures: nothing wrong is handed out.
fn is_whole(section: &StatementSection, lines: &[StatementLine]) -> Result<(), Problem> {
    let closing = lines.last().map_or(section.opening, |line| line.balance);
    let stated: u64 = section.sums.iter().map(|sum| sum.lines).sum();
    if closing == section.closing && u64::try_from(lines.len()) == Ok(stated) {
        return Ok(());
    }
    tracing::error!(currency = section.currency.as_str(), "a statement's figures are not those of the ledger");
    Err(Problem::internal())
}

fn file(body: impl IntoResponse, kind: &str, number: &str, ending: &str) -> Response {
    let plain = |letter: char| if letter.is_ascii_alphanumeric() || "-_.".contains(letter) { letter } else { '-' };
    let name: String = number.chars().map(plain).collect();
    let headers = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"statement-{name}.{ending}\"")),
        (header::CACHE_CONTROL, "no-store".to_owned()),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
    ];
    (headers, body).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_gets_the_format_that_it_accepts_first() {
        let accepted = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT, text.parse().unwrap());
            Format::accepted(&headers).map(Format::as_str)
        };
        assert_eq!(Format::accepted(&HeaderMap::new()), Some(Format::Json));
        for (text, format) in [
            ("*/*", Some("json")),
            ("text/html,application/xhtml+xml,*/*;q=0.8", Some("html")),
            ("application/pdf", Some("pdf")),
            ("text/csv;q=0.5, application/pdf;q=0.9", Some("pdf")),
            ("TEXT/CSV; header=present", Some("csv")),
            ("image/png", None),
            ("image/png, */*;q=0.1", Some("json")),
            ("application/pdf;q=0", None),
        ] {
            assert_eq!(accepted(text), format, "{text}");
        }
    }
}
