//! The statement in the layout of a face, with its files.

use askama::Template;
use web::http::Problem;

use crate::settings;
use crate::state::AppState;
use crate::statement_document::content::{Content, LINE_COLUMNS};
use crate::statement_document::render::Loaded;
use crate::statements::retention::kept_until;
use crate::ui::action::Action;
use crate::ui::layout::Layout;
use crate::ui::page::{PageResult, page};

#[derive(Template)]
#[template(path = "statement_page.html")]
pub struct StatementPage {
    pub layout: Layout,
    pub actions: Vec<Action>,
    /// What is no part of the statement.
    pub hints: Vec<String>,
    pub content: Content,
    pub columns: [(&'static str, bool); 8],
}

/// The page of a statement at `path`, with its files; `more` are further actions.
pub async fn statement_page(
    app: &AppState,
    layout: Layout,
    loaded: Loaded,
    path: &str,
    is_erased: bool,
    more: Vec<Action>,
) -> PageResult {
    let hints = hints(app, &loaded, is_erased).await?;
    let files = [
        Action::new("Download PDF", format!("{path}/pdf")),
        Action::new("Download CSV", format!("{path}/csv")),
        Action::new("Print view", format!("{path}/html")),
    ];
    let actions = files.into_iter().chain(more).collect();
    page(&StatementPage { layout, actions, hints, content: loaded.content(), columns: LINE_COLUMNS })
}

async fn hints(app: &AppState, loaded: &Loaded, is_erased: bool) -> Result<Vec<String>, Problem> {
    let settings = settings::queries::get(app.database()).await?;
    let mut hints = Vec::new();
    if let Some(number) = loaded.issued.corrected_by {
        hints.push(format!("Statement number {number} corrects and replaces this one."));
    }
    if loaded.names.as_ref().is_some_and(|names| names.blanked_at.is_none()) {
        let until = kept_until(&settings.zone()?, settings.statements.keep_years, loaded.issued.issued_at);
        let until = until.map(|day| day.to_string()).unwrap_or_default();
        hints.push(if is_erased {
            format!(
                "The agent was erased. The law asks to keep this statement: names and addresses stay until {until}."
            )
        } else {
            format!("Names and addresses are kept until {until}, and removed then.")
        });
    }
    Ok(hints)
}
