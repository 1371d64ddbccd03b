//! The agent's own signup URLs: list, add for himself, copy, QR code, code to embed, pause, resume, revoke.

use axum::extract::{Path, State};
use shared::http::Problem;

use super::{Asked, Frame, Office, Routes, SignedIn, frame};
use crate::domain::signup_url;
use crate::http::back_office::figures::conversion;
use crate::http::back_office::signup_keys::add::{given, sections};
use crate::http::back_office::signup_keys::show::{KeyPage, actions, counted, embedding, limits, png, svg};
use crate::http::back_office::signup_keys::steps::{Step, question};
use crate::http::back_office::signup_keys::{base as configured, find as find_any, of_keys};
use crate::http::back_office::{LIST_LIMIT, again, form_page, names, reason, shown, submit};
use crate::http::member;
use crate::http::pages::inputs::FormPage;
use crate::http::pages::table::{Action, Cell, ListPage, Table, page_link};
use crate::http::pages::{Answer, Entry, Sent, page};
use crate::views::signup_keys::{self, Filter, SignupKey, State as Stage};

const PLACE: &str = "/portal/signup-keys";
const OUT_OF_REACH: &str = "Visitors elsewhere may not be able to open these URLs yet. Please tell the operator.";

pub(super) fn routes(routes: Routes) -> Routes {
    routes
        .get(PLACE, list)
        .get("/portal/signup-keys/new", new)
        .post("/portal/signup-keys/new", add)
        .get("/portal/signup-keys/{key}", show)
        .get("/portal/signup-keys/{key}/qr.svg", qr_svg)
        .get("/portal/signup-keys/{key}/qr.png", qr_png)
        .get("/portal/signup-keys/{key}/{step}", ask)
        .post("/portal/signup-keys/{key}/{step}", take)
}

/// A key of his own. Another agent's is not to be told from none.
async fn find(office: &Office, signed_in: &SignedIn, text: &str) -> Result<SignupKey, Problem> {
    let key = find_any(office, text).await?;
    if key.agent_id == signed_in.id { Ok(key) } else { Err(Problem::not_found()) }
}

/// Where the customer interface is. What is wrong with that, an agent cannot mend.
async fn base(office: &Office) -> Result<(String, Vec<String>), Problem> {
    let (base, warnings) = configured(office).await?;
    let told = (!warnings.is_empty()).then(|| OUT_OF_REACH.to_owned());
    Ok((base, told.into_iter().collect()))
}

async fn list(State(office): State<Office>, signed_in: SignedIn, asked: Asked) -> Answer {
    let filter = Filter {
        agent_id: Some(signed_in.id),
        state: asked.parsed::<Stage>("state"),
        search: asked.text("search"),
        after: asked.parsed("after"),
        limit: LIST_LIMIT,
    };
    let (base, warnings) = base(&office).await?;
    let frame = frame(&signed_in, "Signup URLs", PLACE, &asked).warning(warnings);
    let entry = asked.entry();
    let states = [("active", "Active"), ("paused", "Paused"), ("revoked", "Revoked")];
    let filters =
        vec![entry.typed("search", "Key, label or note"), entry.choice("state", "State", Some("Any"), states)];
    let found = signup_keys::list(office.database(), &filter).await?;
    let known = of_keys(&office, Some(signed_in.id), &found.items).await?;
    let rows = found.items.into_iter().map(|key| {
        let figures = known.get(&key.key).copied().unwrap_or_default();
        vec![
            Cell::link(signup_url::compose(&base, &key.key), format!("{PLACE}/{}", key.key)),
            Cell::text(key.label),
            Cell::State(key.state.as_str().to_owned()),
            Cell::number(figures.views),
            Cell::number(figures.signups),
            conversion(figures.conversion()),
        ]
    });
    let table = Table {
        caption: "Signup URLs",
        columns: vec!["URL", "Label", "State", "Views", "Signups", "Conversion"],
        rows: rows.collect(),
        empty: "No signup URL fits. Add a URL key, then put the URL on your web page.".to_owned(),
    };
    let next = found.next.map(|after| page_link(PLACE, &filters, &after));
    page(&ListPage {
        frame,
        actions: vec![Action::new("Add URL key", "/portal/signup-keys/new")],
        filters,
        table,
        next,
    })
}

async fn new_page(office: &Office, signed_in: &SignedIn, entry: &Entry) -> Answer {
    let plans = names::granted(office, signed_in.id).await?;
    let groups = names::groups(office, Some(signed_in.id)).await?;
    let missing = plans.is_empty() || groups.is_empty();
    let intro = missing.then(|| "You need a call plan and a customer group first. Please ask the operator.".to_owned());
    let frame = Frame::new(signed_in, "Add URL key", PLACE).warning(base(office).await?.1);
    let page = FormPage::new(frame, entry, "/portal/signup-keys/new", sections(entry, plans, groups));
    form_page(&FormPage { intro, ..page.submit("Add URL key").back(PLACE) })
}

async fn new(State(office): State<Office>, signed_in: SignedIn) -> Answer {
    new_page(&office, &signed_in, &Entry::default()).await
}

async fn add(State(office): State<Office>, signed_in: SignedIn, Sent(form): Sent) -> Answer {
    let (mut given, errors) = given(&form);
    // For himself, whatever the form says.
    given.agent_id = Some(signed_in.id);
    match submit(&office, &signed_in, &form, "add own signup key", given.addition(errors)).await {
        Ok(receipt) => shown(&format!("{PLACE}/{}", member(&receipt, "key")?), "added"),
        Err(problem) => new_page(&office, &signed_in, &again(&form, problem)?).await,
    }
}

async fn show(State(office): State<Office>, signed_in: SignedIn, Path(text): Path<String>, asked: Asked) -> Answer {
    let key = find(&office, &signed_in, &text).await?;
    let (base, warnings) = base(&office).await?;
    let title = if key.label.is_empty() { key.key.clone() } else { key.label.clone() };
    let frame = frame(&signed_in, title, PLACE, &asked).warning(warnings);
    let path = format!("{PLACE}/{}", key.key);
    let url = signup_url::compose(&base, &key.key);
    let plans = names::call_plans(&office).await?;
    let groups = names::groups(&office, Some(signed_in.id)).await?;
    let mut facts = vec![
        ("Call plan", Cell::text(names::of(key.call_plan_id, &plans))),
        ("Customer group", Cell::text(names::of(key.group_id, &groups))),
    ];
    facts.extend(limits(&key));
    facts.extend(counted(&office, &key).await?);
    let blocks = vec![embedding(&base, &key.key)];
    let actions = actions(&key, &path);
    let state = Some(key.state.as_str());
    page(&KeyPage { frame, state, key: key.key, path, url, actions, facts, blocks })
}

async fn url(office: &Office, signed_in: &SignedIn, text: &str) -> Result<String, Problem> {
    let key = find(office, signed_in, text).await?;
    Ok(signup_url::compose(&base(office).await?.0, &key.key))
}

async fn qr_svg(State(office): State<Office>, signed_in: SignedIn, Path(text): Path<String>) -> Answer {
    svg(&url(&office, &signed_in, &text).await?)
}

async fn qr_png(State(office): State<Office>, signed_in: SignedIn, Path(text): Path<String>) -> Answer {
    png(&url(&office, &signed_in, &text).await?)
}

fn ask_page(signed_in: &SignedIn, key: &SignupKey, step: Step, entry: &Entry) -> Answer {
    let frame = Frame::new(signed_in, format!("{} {}?", step.words().0, key.key), PLACE);
    question(frame, format!("{PLACE}/{}", key.key), step, entry)
}

async fn ask(State(office): State<Office>, signed_in: SignedIn, Path((text, step)): Path<(String, String)>) -> Answer {
    let (step, key) = (Step::named(&step)?, find(&office, &signed_in, &text).await?);
    ask_page(&signed_in, &key, step, &Entry::default())
}

async fn take(
    State(office): State<Office>,
    signed_in: SignedIn,
    Path((text, step)): Path<(String, String)>,
    Sent(form): Sent,
) -> Answer {
    let (step, key) = (Step::named(&step)?, find(&office, &signed_in, &text).await?);
    let (title, _, _, word) = step.words();
    let request = reason(&form).map(|reason| step.request(key.key.clone(), reason));
    match submit(&office, &signed_in, &form, &format!("{title} own signup key {}", key.key), request).await {
        Ok(_) => shown(&format!("{PLACE}/{}", key.key), word),
        Err(problem) => ask_page(&signed_in, &key, step, &again(&form, problem)?),
    }
}
