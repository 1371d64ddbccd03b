use axum::extract::Path;
use contract::events::webhooks::WebhookLog;
use contract::text::isolated;
use web::http::Problem;

use crate::state::AppState;
use crate::ui::form::{CsrfForm, Empty, Form, FormData};
use crate::ui::inputs::{FormPage, Section};
use crate::ui::layout::Layout;
use crate::ui::notice::CHANGED;
use crate::ui::page::{PageResult, redirect_with_notice};
use crate::ui::routes::Routes;
use crate::ui::signed_in::{Context, SignedIn};
use crate::ui::submit::{form_page, redisplay, submit};
use crate::webhooks::commands::WebhookWrite;
use crate::webhooks::model::types;
use crate::webhooks::queries::WebhookItem;
use crate::webhooks::requests::{Described, WebhookRequest};
use crate::webhooks::saving::{adding, changing};

use super::place::{LOGS, PLACE, find, path};
use super::secret::secret_page;

const NEW: &str = "/webhooks/new";

pub fn routes(routes: Routes) -> Routes {
    routes.get(NEW, new).post(NEW, add).get("/webhooks/{id}/edit", edit).post("/webhooks/{id}/edit", change)
}

fn sections(data: &FormData) -> Vec<Section> {
    let names = [WebhookLog::Agents, WebhookLog::Signups].into_iter().flat_map(types).map(|name| (name, name));
    let inputs = vec![
        data.line("url", "url", "URL").required().hint("It begins with https and can be reached from the Internet."),
        data.typed("description", "Description").hint("What the other system is. Please name no customer."),
        data.many("logs[]", "Logs", LOGS).required().hint("A log that is taken out loses its place."),
    ];
    let types = data.many("types[]", "Types of events", names).hint("Choose none to send all.");
    vec![Section { legend: "", inputs }, Section { legend: "What is sent", inputs: vec![types] }]
}

fn read(app: &AppState, form: &Form, is_new: bool) -> Result<Described, Problem> {
    let form = form.clone().with_list("logs[]").with_list("types[]");
    let (request, errors) = form.read::<WebhookRequest>(if is_new { Empty::Absent } else { Empty::Text });
    request.check(errors, is_new, app.outbound.may_be_private())
}

fn new_page(signed_in: &SignedIn, data: &FormData) -> PageResult {
    let layout = Layout::new(signed_in, "Add endpoint", PLACE);
    form_page(&FormPage::new(layout, data, NEW, sections(data)).submit("Add endpoint").back(PLACE))
}

async fn new(signed_in: SignedIn) -> PageResult {
    let mut data = FormData::default();
    for (log, _) in LOGS {
        data.set("logs[]", log.to_owned());
    }
    new_page(&signed_in, &data)
}

async fn add(Context(app, signed_in): Context, CsrfForm(form): CsrfForm) -> PageResult {
    let added = async {
        let described = read(&app, &form, true)?;
        signed_in.caller().require("events:read")?;
        let (command, secret) = adding(&app, described).await?;
        let appended = submit(&app, &signed_in, &form, "add webhook", Ok(command)).await?;
        Ok::<_, Problem>((appended.answer.id().to_owned(), (!appended.replayed).then_some(secret)))
    };
    match added.await {
        Ok((id, secret)) => secret_page(&signed_in, "Endpoint added", &format!("{PLACE}/{id}"), secret, None),
        Err(problem) => new_page(&signed_in, &redisplay(&form, problem)?),
    }
}

fn edit_page(signed_in: &SignedIn, endpoint: &WebhookItem, version: u64, data: &FormData) -> PageResult {
    let layout = Layout::new(signed_in, format!("Change {}", isolated(&endpoint.host)), PLACE);
    let path = path(endpoint.id);
    let page = FormPage::new(layout, data, format!("{path}/edit"), sections(data)).at_version(version);
    form_page(&page.submit("Change endpoint").back(path))
}

async fn edit(Context(app, signed_in): Context, Path(text): Path<String>) -> PageResult {
    let endpoint = find(&app, &text).await?;
    edit_page(&signed_in, &endpoint, endpoint.version, &FormData::showing(&endpoint))
}

async fn change(Context(app, signed_in): Context, Path(text): Path<String>, CsrfForm(form): CsrfForm) -> PageResult {
    let endpoint = find(&app, &text).await?;
    let version = form.version()?;
    let command = async {
        let described = read(&app, &form, false)?;
        signed_in.caller().require("events:read")?;
        changing(&app, endpoint.id, described).await
    };
    let command: Result<WebhookWrite, Problem> = command.await;
    match submit(&app, &signed_in, &form, &format!("change webhook {}", endpoint.id), command).await {
        Ok(_) => redirect_with_notice(&path(endpoint.id), CHANGED),
        Err(problem) => edit_page(&signed_in, &endpoint, version, &redisplay(&form, problem)?),
    }
}
