use axum::extract::Path;
use contract::events::webhooks::{WebhookLog, WebhookPauseCause};
use contract::text::isolated;
use web::http::Problem;

use crate::back_office::{events, history};
use crate::state::AppState;
use crate::ui::action::Action;
use crate::ui::layout::Layout;
use crate::ui::notice::{CHANGED, Notice};
use crate::ui::page::{PageResult, page};
use crate::ui::page_query::PageQuery;
use crate::ui::routes::Routes;
use crate::ui::signed_in::Context;
use crate::ui::table::{Block, Cell, ShowPage, Table};
use crate::webhooks::attempts::{self, Attempt};
use crate::webhooks::lag::{self, Lag};
use crate::webhooks::model::stream;
use crate::webhooks::queries::{CursorItem, WebhookItem};
use crate::webhooks::snapshot::State;

use super::place::{PLACE, find, label, labels, path};
use super::steps::{PAUSED, REPLAYED, RESUMED, SKIPPED, TEST_FAILED, TESTED};

/// Attempts on the page; the API lists all that are kept.
const SHOWN_ATTEMPTS: usize = 25;
const NOTICES: [Notice; 6] = [CHANGED, PAUSED, RESUMED, REPLAYED, SKIPPED, TESTED];

pub fn routes(routes: Routes) -> Routes {
    routes.get("/webhooks/{id}", show)
}

async fn show(Context(app, signed_in): Context, Path(text): Path<String>, query: PageQuery) -> PageResult {
    let endpoint = find(&app, &text).await?;
    let attempts = attempts::newest(app.database(), endpoint.id, None, SHOWN_ATTEMPTS).await.map_err(Problem::from)?;
    let blocks = vec![
        Block::of_table(places(&app, &endpoint).await),
        Block::of_table(tried(attempts.items)),
        history::block(&app, &stream(endpoint.id), None).await?,
    ];
    let failed = query.text("done").filter(|code| code == TEST_FAILED.code).map(|_| TEST_FAILED.text.to_owned());
    let layout = Layout::new(&signed_in, isolated(&endpoint.host), PLACE).noticing(&query, &NOTICES).warning(failed);
    let state = Some(endpoint.state.as_str());
    page(&ShowPage { layout, state, actions: actions(&endpoint), facts: facts(&endpoint), on: None, blocks })
}

fn actions(endpoint: &WebhookItem) -> Vec<Action> {
    let to = |step: &str| format!("{}/{step}", path(endpoint.id));
    let rest = match endpoint.state {
        State::Active => Action::grave("Pause", to("pause")),
        State::Paused => Action::new("Resume", to("resume")),
    };
    vec![
        Action::new("Edit", to("edit")),
        Action::new("Send a test event", to("test")),
        rest,
        Action::new("Rotate secret", to("rotate-secret")),
        Action::new("Replay", to("replay")),
        Action::grave("Skip events", to("skip")),
        Action::grave("Remove", to("remove")),
    ]
}

fn facts(endpoint: &WebhookItem) -> Vec<(&'static str, Cell)> {
    let types = if endpoint.types.is_empty() { "all".to_owned() } else { endpoint.types.join(", ") };
    let mut facts = vec![("URL", Cell::text(endpoint.url.clone()))];
    facts.extend(endpoint.paused_because.map(|cause| ("Paused because", Cell::text(cause_label(cause)))));
    if !endpoint.description.is_empty() {
        facts.push(("Description", Cell::text(endpoint.description.clone())));
    }
    facts.extend([
        ("Logs", Cell::text(labels(&endpoint.logs))),
        ("Types of events", Cell::text(types)),
        ("Added", Cell::moment(endpoint.added_at)),
        ("Last change", Cell::moment(endpoint.changed_at)),
    ]);
    facts.extend(endpoint.old_secret_ends_at.map(|at| ("The old secret signs until", Cell::moment(at))));
    facts
}

fn cause_label(cause: WebhookPauseCause) -> &'static str {
    match cause {
        WebhookPauseCause::Asked => "somebody asked for it",
        WebhookPauseCause::Failing => "every attempt failed for five days",
        WebhookPauseCause::Gone => "the receiver answered 410: it wants no more events",
    }
}

async fn places(app: &AppState, endpoint: &WebhookItem) -> Table {
    let lags = lag::of_all(app, &endpoint.cursors).await;
    let row = |cursor: &CursorItem| {
        let lag = lags.iter().find(|lag| lag.log == cursor.log);
        let number = |of: fn(&Lag) -> u64| lag.map_or(Cell::text("unknown"), |lag| Cell::number(of(lag)));
        let next = cursor.next_attempt_at.filter(|_| endpoint.state == State::Active);
        vec![
            Cell::text(label(cursor.log)),
            Cell::number(cursor.position),
            number(|lag| lag.events),
            number(|lag| lag.seconds),
            Cell::number(cursor.attempts),
            next.map_or(Cell::text(""), Cell::moment),
            Cell::text(cursor.fault.clone().unwrap_or_default()),
        ]
    };
    let columns =
        ["Log", "Done up to", "Events behind", "Seconds behind", "Failed attempts", "Next attempt", "Problem"];
    Table::new("Where it is", columns, endpoint.cursors.iter().map(row), "It gets events of no log.")
}

fn tried(attempts: Vec<Attempt>) -> Table {
    let rows = attempts.into_iter().map(|attempt| {
        let what = match (attempt.log, attempt.position) {
            (Some(log), Some(position)) => {
                Cell::link(format!("{} {position}", label(log)), events::path(log == WebhookLog::Signups, position))
            }
            _ => Cell::text("test event"),
        };
        vec![
            Cell::moment(attempt.started_at),
            what,
            Cell::number(attempt.number),
            Cell::State(attempt.outcome.replace('_', " ")),
            attempt.status.map_or(Cell::text(""), Cell::number),
            Cell::number(attempt.took_ms),
        ]
    });
    let columns = ["When", "Event", "Attempt", "Outcome", "Status", "Milliseconds"];
    Table::new("Last attempts", columns, rows, "Nothing was sent yet.")
}
