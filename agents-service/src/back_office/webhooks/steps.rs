//! What can be done with an endpoint, each on a page that says what it does.

use axum::extract::Path;
use contract::text::isolated;
use uuid::Uuid;
use web::http::Problem;

use crate::command::Submission;
use crate::state::AppState;
use crate::ui::confirmation::Confirmation;
use crate::ui::form::{CsrfForm, Empty, FormData};
use crate::ui::inputs::{FormPage, Section};
use crate::ui::layout::Layout;
use crate::ui::notice::Notice;
use crate::ui::numbers::counted;
use crate::ui::page::{PageResult, redirect_with_notice};
use crate::ui::routes::Routes;
use crate::ui::signed_in::{Context, SignedIn};
use crate::ui::submit::{confirmation, form_page, redisplay, submit};
use crate::webhooks::queries::{CursorItem, WebhookItem};
use crate::webhooks::requests::{ReplayRequest, SkipRequest};
use crate::webhooks::saving::{replaying, skipping};
use crate::webhooks::{commands, lag, test_event};

use super::place::{LOGS, PLACE, find, label, path};

pub const REMOVED: Notice = Notice { code: "removed", text: "The endpoint is removed." };
pub const PAUSED: Notice = Notice { code: "paused", text: "The endpoint is paused." };
pub const RESUMED: Notice = Notice { code: "resumed", text: "Sending goes on." };
pub const REPLAYED: Notice = Notice { code: "replayed", text: "The events behind the position are sent again." };
pub const SKIPPED: Notice = Notice { code: "skipped", text: "The events up to the position are left out." };
pub const TESTED: Notice = Notice { code: "tested", text: "The test event was delivered." };
pub const TEST_FAILED: Notice =
    Notice { code: "test-failed", text: "The test event was not delivered: see the last attempts." };

pub fn routes(routes: Routes) -> Routes {
    routes
        .confirm("/webhooks/{id}/pause", pause)
        .confirm("/webhooks/{id}/resume", resume)
        .confirm("/webhooks/{id}/remove", remove)
        .get("/webhooks/{id}/test", ask_test)
        .post("/webhooks/{id}/test", test)
        .get("/webhooks/{id}/replay", ask_replay)
        .post("/webhooks/{id}/replay", replay)
        .get("/webhooks/{id}/skip", ask_skip)
        .post("/webhooks/{id}/skip", skip)
}

/// How much waits for an endpoint.
async fn waiting(app: &AppState, endpoint: &WebhookItem) -> String {
    let events: u64 = lag::of_all(app, &endpoint.cursors).await.iter().map(|lag| lag.events).sum();
    counted(events, "event waits", "events wait")
}

struct Step<'a> {
    name: &'static str,
    title: &'static str,
    consequences: Vec<String>,
    endpoint: &'a WebhookItem,
}

impl Step<'_> {
    fn page(self, signed_in: &SignedIn, data: &FormData) -> FormPage {
        let Self { name, title, consequences, endpoint } = self;
        let layout = Layout::new(signed_in, format!("{title} {}?", isolated(&endpoint.host)), PLACE);
        let path = path(endpoint.id);
        confirmation(layout, data, format!("{path}/{name}"), path, consequences).submit(title)
    }
}

fn confirmed<C: Into<Submission> + 'static>(
    page: FormPage,
    what: &str,
    endpoint_id: Uuid,
    command: fn(Uuid, Option<String>) -> C,
    done: Notice,
) -> Confirmation {
    Confirmation {
        page,
        what: format!("{what} webhook {endpoint_id}"),
        command: Box::new(move |reason| command(endpoint_id, reason).into()),
        done,
    }
}

async fn pause(app: AppState, signed_in: SignedIn, text: String, data: FormData) -> Result<Confirmation, Problem> {
    let endpoint = find(&app, &text).await?;
    let consequences =
        vec!["Nothing more is sent until the endpoint is resumed. Its place in the logs is kept.".to_owned()];
    let page = Step { name: "pause", title: "Pause", consequences, endpoint: &endpoint }.page(&signed_in, &data);
    Ok(confirmed(page, "pause", endpoint.id, commands::pause, PAUSED))
}

async fn resume(app: AppState, signed_in: SignedIn, text: String, data: FormData) -> Result<Confirmation, Problem> {
    let endpoint = find(&app, &text).await?;
    let consequences = vec![format!("Sending goes on at once: {}.", waiting(&app, &endpoint).await)];
    let page = Step { name: "resume", title: "Resume", consequences, endpoint: &endpoint }.page(&signed_in, &data);
    Ok(confirmed(FormPage { grave: false, ..page }, "resume", endpoint.id, commands::resume, RESUMED))
}

async fn remove(app: AppState, signed_in: SignedIn, text: String, data: FormData) -> Result<Confirmation, Problem> {
    let endpoint = find(&app, &text).await?;
    let consequences = vec![
        "Nothing more is sent. Secrets, attempts and the place in the logs are removed for good.".to_owned(),
        format!("{} now.", waiting(&app, &endpoint).await),
    ];
    let page = Step { name: "remove", title: "Remove", consequences, endpoint: &endpoint }.page(&signed_in, &data);
    let page = FormPage { back: PLACE.to_owned(), ..page };
    Ok(confirmed(page, "remove", endpoint.id, commands::remove, REMOVED))
}

fn test_page(signed_in: &SignedIn, endpoint: &WebhookItem, data: &FormData) -> PageResult {
    let consequences = vec![
        format!("An event of the type {} is sent once, now. It is in no log.", test_event::TYPE_NAME),
        "The outcome is shown among the last attempts.".to_owned(),
    ];
    let page = Step { name: "test", title: "Send a test event to", consequences, endpoint }.page(signed_in, data);
    form_page(&FormPage { sections: Vec::new(), grave: false, ..page }.submit("Send test event"))
}

async fn ask_test(Context(app, signed_in): Context, Path(text): Path<String>) -> PageResult {
    test_page(&signed_in, &find(&app, &text).await?, &FormData::default())
}

async fn test(Context(app, signed_in): Context, Path(text): Path<String>, CsrfForm(form): CsrfForm) -> PageResult {
    let endpoint = find(&app, &text).await?;
    let command = form.command(&signed_in, &format!("test webhook {}", endpoint.id))?;
    let tested = test_event::send(&app, &endpoint, &command.id).await.map_err(Problem::from)?;
    let notice = if tested.attempted.outcome.is_delivered() { TESTED } else { TEST_FAILED };
    redirect_with_notice(&path(endpoint.id), notice)
}

/// Where each log is, as a hint.
fn places(endpoint: &WebhookItem) -> String {
    let word = |cursor: &CursorItem| format!("{}: {}", label(cursor.log), cursor.position);
    format!("Now at {}.", endpoint.cursors.iter().map(word).collect::<Vec<_>>().join(", "))
}

fn replay_page(signed_in: &SignedIn, endpoint: &WebhookItem, data: &FormData) -> PageResult {
    let consequences = vec![
        "All events behind the position are sent, also those that were sent before, with the same ids.".to_owned(),
        "A receiver that remembers ids leaves them out.".to_owned(),
    ];
    let page = Step { name: "replay", title: "Replay", consequences, endpoint }.page(signed_in, data);
    let inputs = vec![
        data.choice("log", "Log", None, LOGS).required(),
        data.line("number", "after", "Behind the position").required().hint(places(endpoint)),
        data.typed("reason", "Reason"),
    ];
    form_page(&FormPage { sections: vec![Section { legend: "", inputs }], grave: false, ..page })
}

async fn ask_replay(Context(app, signed_in): Context, Path(text): Path<String>) -> PageResult {
    replay_page(&signed_in, &find(&app, &text).await?, &FormData::default())
}

async fn replay(Context(app, signed_in): Context, Path(text): Path<String>, CsrfForm(form): CsrfForm) -> PageResult {
    let endpoint = find(&app, &text).await?;
    let command = async {
        let (request, errors) = form.clone().with_literal("after").read::<ReplayRequest>(Empty::Absent);
        replaying(&app, endpoint.id, request.check(errors)?).await
    };
    match submit(&app, &signed_in, &form, &format!("replay webhook {}", endpoint.id), command.await).await {
        Ok(_) => redirect_with_notice(&path(endpoint.id), REPLAYED),
        Err(problem) => replay_page(&signed_in, &endpoint, &redisplay(&form, problem)?),
    }
}

fn skip_page(signed_in: &SignedIn, endpoint: &WebhookItem, data: &FormData) -> PageResult {
    let consequences = vec![
        "The events that were not sent up to the position are left out. The receiver does not get them.".to_owned(),
        "A replay can send them later.".to_owned(),
    ];
    let page = Step { name: "skip", title: "Skip events of", consequences, endpoint }.page(signed_in, data);
    let inputs = vec![
        data.choice("log", "Log", None, LOGS).required(),
        data.line("number", "position", "Up to the position").required().hint(places(endpoint)),
        data.typed("reason", "Reason").required(),
    ];
    form_page(&FormPage { sections: vec![Section { legend: "", inputs }], ..page }.submit("Skip events"))
}

async fn ask_skip(Context(app, signed_in): Context, Path(text): Path<String>) -> PageResult {
    skip_page(&signed_in, &find(&app, &text).await?, &FormData::default())
}

async fn skip(Context(app, signed_in): Context, Path(text): Path<String>, CsrfForm(form): CsrfForm) -> PageResult {
    let endpoint = find(&app, &text).await?;
    let command = async {
        let (request, errors) = form.clone().with_literal("position").read::<SkipRequest>(Empty::Absent);
        skipping(&app, endpoint.id, request.check(errors)?).await
    };
    match submit(&app, &signed_in, &form, &format!("skip webhook {}", endpoint.id), command.await).await {
        Ok(_) => redirect_with_notice(&path(endpoint.id), SKIPPED),
        Err(problem) => skip_page(&signed_in, &endpoint, &redisplay(&form, problem)?),
    }
}
