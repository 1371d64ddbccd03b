//! Payouts: the requests of all agents, and the steps of one.

use std::future::ready;

use axum::extract::Path;
use contract::text::isolated;
use event_store::sql::{Database, SqlError};
use futures::future::BoxFuture;
use uuid::Uuid;
use web::http::Problem;

use crate::agents;
use crate::back_office::approvals;
use crate::command::Submission;
use crate::endpoint::id;
use crate::ledger;
use crate::remittances::commands::{ApproveRemittance, EndRemittance};
use crate::remittances::model::RemittanceCommand;
use crate::remittances::queries::{self, Filter, RemittanceItem};
use crate::remittances::requests::{PayoutRequest, ReasonRequest};
use crate::remittances::snapshot::State;
use crate::state::AppState;
use crate::ui::action::Action;
use crate::ui::agent_contact::payouts_blocked;
use crate::ui::confirmation::Confirmation;
use crate::ui::enum_labels;
use crate::ui::form::{CsrfForm, Empty, FormData};
use crate::ui::inputs::{FormPage, Section};
use crate::ui::labels::Labels;
use crate::ui::layout::Layout;
use crate::ui::list::{ListPage, ListResult, total};
use crate::ui::money;
use crate::ui::notice::Notice;
use crate::ui::page::{PageResult, page, redirect_with_notice};
use crate::ui::page_query::PageQuery;
use crate::ui::place_in_list::MAX_COUNTED;
use crate::ui::routes::Routes;
use crate::ui::signed_in::{Context, SignedIn};
use crate::ui::sorting::{SortedBy, by_time};
use crate::ui::steps;
use crate::ui::submit::{confirmation, form_page, redisplay, submit};
use crate::ui::table::{Block, Cell, ShowPage};

const SORTED: SortedBy = SortedBy { columns: &[by_time("Requested")], otherwise: "-created" };
const PLACE: &str = "/payouts";
const STATES: [(&str, &str); 6] = [
    ("requested", "Requested"),
    ("approved", "Approved"),
    ("paid", "Paid"),
    ("refused", "Refused"),
    ("cancelled", "Cancelled"),
    ("returned", "Returned"),
];
const APPROVED: Notice = Notice { code: "approved", text: "The payout is approved." };
const REFUSED: Notice = Notice { code: "refused", text: "The request is refused. The amount is free again." };
const PAID: Notice = Notice { code: "paid", text: "The payout is recorded as paid." };
const RETURNED: Notice = Notice { code: "returned", text: "The payout came back. The amount is free again." };

/// A step that needs a reason.
struct Step {
    /// The last part of the page's path.
    path: &'static str,
    title: &'static str,
    consequence: &'static str,
    command: fn(String) -> RemittanceCommand,
    done: Notice,
}

static REFUSE: Step = Step {
    path: "refuse",
    title: "Refuse the request",
    consequence: "The amount is free again. The agent sees the reason.",
    command: |reason| RemittanceCommand::Refuse { reason },
    done: REFUSED,
};
static RETURN: Step = Step {
    path: "return",
    title: "Record a return",
    consequence: "The amount is free again, and the agent can request it again. The agent sees the reason.",
    command: |reason| RemittanceCommand::Return { reason },
    done: RETURNED,
};

pub fn routes(routes: Routes) -> Routes {
    approvals::routes(routes)
        .list(PLACE, "/payouts.csv", list)
        .get("/payouts/{id}", show)
        .confirm("/payouts/{id}/approve", approve)
        .get("/payouts/{id}/refuse", ask_why(&REFUSE))
        .post("/payouts/{id}/refuse", with_reason(&REFUSE))
        .get("/payouts/{id}/return", ask_why(&RETURN))
        .post("/payouts/{id}/return", with_reason(&RETURN))
        .get("/payouts/{id}/pay", ask_how)
        .post("/payouts/{id}/pay", pay)
}

/// How many requests wait for a decision.
pub fn waiting(database: &Database) -> BoxFuture<'_, Result<u64, SqlError>> {
    Box::pin(queries::count(database, State::Requested))
}

async fn list(app: AppState, signed_in: SignedIn, query: PageQuery) -> ListResult {
    let state = query.text("state").and_then(|text| text.parse::<State>().ok());
    let (agent_id, order, after) = (query.parsed("agent_id"), query.order(), query.parsed("after"));
    let filter = Filter { agent_id, state, order, after, limit: query.limit() };
    let none_yet = "No payouts yet. Agents request them in the portal, with the permission Remittance.";
    let empty = query.empty_text("No payouts match.", none_yet);
    let waiting = signed_in.waiting_at(PLACE);
    let data = query.data();
    let found = queries::list(app.database(), &filter).await.map_err(Problem::from)?;
    let names = Labels::get(&app, None, found.items.iter().map(|item| item.agent_id)).await?;
    let name = |agent_id: Uuid| names.link("/agents", agent_id);
    let table = money::remittances(&found.items, Some(PLACE), Some(&name), &empty);
    let filters = vec![data.choice("state", "State", Some("Any"), STATES), data.order()];
    let layout = Layout::new(&signed_in, "Payouts", PLACE);
    let approve = (waiting > 0).then(|| Action::new("Approve requests", "/payouts/approve"));
    let actions = approve.into_iter().chain([Action::new("Payout file", "/payouts/file")]).collect();
    let whole = Filter { after: None, limit: MAX_COUNTED, ..filter };
    let total = total(&app, found.next.as_ref(), ready(Ok(whole.query()))).await?;
    Ok(ListPage { actions, filters, total, sorted: SORTED, ..ListPage::new(PLACE, layout, table, found.next) })
}

async fn find(app: &AppState, text: &str) -> Result<RemittanceItem, Problem> {
    queries::get(app.database(), id(text)?).await?.ok_or_else(Problem::not_found)
}

fn path(item: &RemittanceItem) -> String {
    format!("{PLACE}/{}", item.id)
}

async fn show(Context(app, signed_in): Context, Path(text): Path<String>, query: PageQuery) -> PageResult {
    let item = find(&app, &text).await?;
    let agent = agents::queries::get(app.database(), item.agent_id).await.map_err(Problem::from)?;
    let agent = agent.ok_or_else(Problem::not_found)?;
    let balances = ledger::queries::balances(app.database(), agent.id, app.clock.now()).await.map_err(Problem::from)?;
    let path = path(&item);
    let to = |step: &str| format!("{path}/{step}");
    let issue = format!("/statements/new?agent_id={}&remittance_id={}", item.agent_id, item.id);
    let actions = match item.state {
        State::Requested => vec![Action::new("Approve", to("approve")), Action::grave("Refuse", to("refuse"))],
        State::Approved => vec![Action::new("Mark as paid", to("pay")), Action::grave("Record a return", to("return"))],
        State::Paid => {
            vec![Action::new("Issue a statement", issue), Action::grave("Record a return", to("return"))]
        }
        State::Refused | State::Cancelled | State::Returned => Vec::new(),
    };
    let agents_path = format!("/agents/{}", agent.id);
    let details = agents::accounts::details(app.database(), agent.id).await.map_err(Problem::from)?.unwrap_or_default();
    let mut facts = vec![
        ("Amount", money::cell(item.amount)),
        ("Agent", Cell::link(agent.name.clone(), agents_path.clone())),
        (
            "Ledger",
            Cell::link("Show the ledger", format!("{agents_path}/ledger?currency={}", item.amount.currency().as_str())),
        ),
        ("Requested", Cell::moment(item.requested_at)),
        ("Last change", Cell::moment(item.changed_at)),
    ];
    if item.state != State::Paid {
        facts.extend(payouts_blocked(&app, &details).await?);
    }
    facts.extend(item.vat.map(|vat| ("Value-added tax paid with it", money::cell(vat))));
    facts.extend(item.method.map(|method| ("Paid by", Cell::text(enum_labels::method(method)))));
    facts.extend(item.bank_reference.clone().map(|reference| ("Bank reference", Cell::text(reference))));
    facts.extend(item.reason.clone().map(|reason| ("Reason", Cell::text(reason))));
    let happened = steps::of_remittance(&app, item.id, steps::Reader::Operator).await?;
    let blocks = vec![
        Block::of_steps("What happened", happened),
        Block::of_table(money::balances(&balances, &agent.remittance_thresholds)),
    ];
    let title = format!("Payout to {}", isolated(&agent.name));
    let layout = Layout::new(&signed_in, title, PLACE).noticing(&query, &[APPROVED, REFUSED, PAID, RETURNED]);
    page(&ShowPage { layout, state: Some(item.state.as_str()), actions, facts, on: None, blocks })
}

async fn approve(app: AppState, signed_in: SignedIn, text: String, data: FormData) -> Result<Confirmation, Problem> {
    let item = find(&app, &text).await?;
    let title = format!("Approve the payout of {}?", money::words(item.amount));
    let consequences = vec!["The amount can be paid. Whether it is still earned is checked once more.".to_owned()];
    let layout = Layout::new(&signed_in, title, PLACE);
    let page = confirmation(layout, &data, format!("{}/approve", path(&item)), path(&item), consequences);
    let actor = signed_in.account.actor();
    Ok(Confirmation {
        page: FormPage { sections: Vec::new(), grave: false, ..page }.submit("Approve"),
        what: format!("approve payout {}", item.id),
        command: Box::new(move |_| ApproveRemittance { subject: item.subject(), actor }.into()),
        done: APPROVED,
    })
}

fn why_page(signed_in: &SignedIn, item: &RemittanceItem, step: &Step, data: &FormData) -> PageResult {
    let title = format!("{}: {}", step.title, money::words(item.amount));
    let layout = Layout::new(signed_in, title, PLACE);
    let consequences = vec![step.consequence.to_owned()];
    let page = confirmation(layout, data, format!("{}/{}", path(item), step.path), path(item), consequences);
    let reason = data.typed("reason", "Reason").required().hint("Your own words, which the agent sees.");
    form_page(&FormPage { sections: vec![Section { legend: "", inputs: vec![reason] }], ..page }.submit(step.title))
}

type PageFuture = BoxFuture<'static, PageResult>;

fn ask_why(step: &'static Step) -> impl Fn(Context, Path<String>) -> PageFuture + Clone {
    move |Context(app, signed_in), Path(text)| {
        Box::pin(async move { why_page(&signed_in, &find(&app, &text).await?, step, &FormData::default()) })
    }
}

fn with_reason(step: &'static Step) -> impl Fn(Context, Path<String>, CsrfForm) -> PageFuture + Clone {
    move |Context(app, signed_in), Path(text), CsrfForm(form)| {
        Box::pin(async move {
            let item = find(&app, &text).await?;
            let (request, errors) = form.read::<ReasonRequest>(Empty::Absent);
            let command: Result<Submission, Problem> = request
                .check(errors)
                .map(|reason| EndRemittance { remittance_id: item.id, command: (step.command)(reason) }.into());
            match submit(&app, &signed_in, &form, &format!("{} payout {}", step.path, item.id), command).await {
                Ok(_) => redirect_with_notice(&path(&item), step.done),
                Err(problem) => why_page(&signed_in, &item, step, &redisplay(&form, problem)?),
            }
        })
    }
}

fn how_page(signed_in: &SignedIn, item: &RemittanceItem, data: &FormData) -> PageResult {
    let method = data.choice("method", "Paid by", None, enum_labels::METHODS).required();
    let reference = data.typed("bank_reference", "Bank reference").required();
    let reference = reference.hint("The bank's own number of the transfer. Each is used once.");
    let title = format!("Mark the payout of {} as paid", money::words(item.amount));
    let layout = Layout::new(signed_in, title, PLACE);
    let sections = vec![Section { legend: "", inputs: vec![method, reference] }];
    let page = FormPage::new(layout, data, format!("{}/pay", path(item)), sections);
    form_page(&page.back(path(item)).submit("Mark as paid"))
}

async fn ask_how(Context(app, signed_in): Context, Path(text): Path<String>) -> PageResult {
    how_page(&signed_in, &find(&app, &text).await?, &FormData::default())
}

async fn pay(Context(app, signed_in): Context, Path(text): Path<String>, CsrfForm(form): CsrfForm) -> PageResult {
    let item = find(&app, &text).await?;
    let (request, errors) = form.read::<PayoutRequest>(Empty::Absent);
    let command = request.paying(errors, item.subject(), signed_in.account.actor());
    match submit(&app, &signed_in, &form, &format!("pay payout {}", item.id), command).await {
        Ok(_) => redirect_with_notice(&path(&item), PAID),
        Err(problem) => how_page(&signed_in, &item, &redisplay(&form, problem)?),
    }
}
