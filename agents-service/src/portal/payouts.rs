//! The agent's own payouts: what can be requested, the requests and what became of them.

use axum::extract::Path;
use contract::ids::new_id;
use web::http::{FieldErrors, Problem};

use crate::agents;
use crate::agents::snapshot::AgentSnapshot;
use crate::endpoint::id;
use crate::ledger;
use crate::paging::Order;
use crate::remittances::commands::{EndRemittance, RequestRemittance};
use crate::remittances::model::RemittanceCommand;
use crate::remittances::queries::{self, Filter, RemittanceItem};
use crate::remittances::requests::RemittanceRequest;
use crate::remittances::snapshot::State;
use crate::state::AppState;
use crate::ui::action::Action;
use crate::ui::agent_contact::payouts_blocked;
use crate::ui::confirmation::Confirmation;
use crate::ui::form::{CsrfForm, Empty, FormData};
use crate::ui::inputs::{FormPage, Section};
use crate::ui::layout::Layout;
use crate::ui::list::page_link;
use crate::ui::money;
use crate::ui::notice::Notice;
use crate::ui::page::{PageResult, page, redirect_with_notice};
use crate::ui::page_query::{LIST_LIMIT, PageQuery};
use crate::ui::reader;
use crate::ui::routes::Routes;
use crate::ui::signed_in::{Context, SignedIn};
use crate::ui::steps;
use crate::ui::submit::{confirmation, form_page, redisplay, submit};
use crate::ui::table::{Block, Cell, ShowPage};

const PLACE: &str = "/portal/payouts";
const REQUEST: &str = "/portal/payouts/new";
const REQUESTED: Notice = Notice { code: "requested", text: "The payout is requested. The operator decides on it." };
const CANCELLED: Notice = Notice { code: "cancelled", text: "The request is taken back. The amount is free again." };

pub fn routes(routes: Routes) -> Routes {
    routes
        .get(PLACE, list)
        .get(REQUEST, ask)
        .post(REQUEST, request)
        .get("/portal/payouts/{id}", show)
        .confirm("/portal/payouts/{id}/cancel", cancel)
}

/// A payout of the agent. Another agent's is not there for this one.
async fn find(app: &AppState, signed_in: &SignedIn, text: &str) -> Result<RemittanceItem, Problem> {
    let found = queries::get(app.database(), id(text)?).await?;
    found.filter(|item| item.agent_id == signed_in.id).ok_or_else(Problem::not_found)
}

async fn show(Context(app, signed_in): Context, Path(text): Path<String>) -> PageResult {
    let item = find(&app, &signed_in, &text).await?;
    let cancel = Action::grave("Take the request back", format!("{PLACE}/{}/cancel", item.id));
    let actions = (item.state == State::Requested).then_some(cancel).into_iter().collect();
    let mut facts = vec![("Amount", money::cell(item.amount))];
    facts.extend(item.vat.map(|vat| ("Value-added tax paid with it", money::cell(vat))));
    let blocks =
        vec![Block::of_steps("What happened", steps::of_remittance(&app, item.id, steps::Reader::Agent).await?)];
    let layout = Layout::new(&signed_in, format!("Payout of {}", money::words(item.amount)), PLACE);
    page(&ShowPage { layout, state: Some(item.state.as_str()), actions, facts, on: None, blocks })
}

fn own(signed_in: &SignedIn) -> Result<&AgentSnapshot, Problem> {
    signed_in.agent.as_ref().ok_or_else(Problem::unauthenticated)
}

async fn list(Context(app, signed_in): Context, query: PageQuery) -> PageResult {
    let agent = own(&signed_in)?;
    let balances = ledger::queries::balances(app.database(), agent.id, app.clock.now()).await.map_err(Problem::from)?;
    let filter = Filter {
        agent_id: Some(agent.id),
        state: None,
        order: Order::Descending,
        after: query.parsed("after"),
        limit: LIST_LIMIT,
    };
    let found = queries::list(app.database(), &filter).await.map_err(Problem::from)?;
    let cancels = found.items.iter().filter(|item| item.state == State::Requested);
    let mut facts: Vec<_> = cancels
        .map(|item| {
            let label = format!("Take back the request of {}", money::words(item.amount));
            ("Open request", Cell::link(label, format!("{PLACE}/{}/cancel", item.id)))
        })
        .collect();
    let can_request = balances.iter().any(|balance| money::missing(balance, &agent.remittance_thresholds) == "Reached");
    let why = "A payout can be requested when the available commission reaches the threshold.";
    let balance = Block {
        note: (!can_request).then(|| why.to_owned()),
        ..Block::of_table(money::balances(&balances, &agent.remittance_thresholds))
    };
    let details = agents::accounts::details(app.database(), agent.id).await.map_err(Problem::from)?.unwrap_or_default();
    facts.extend(payouts_blocked(&app, &details).await?);
    if let Some(after) = &found.next {
        facts.push(("More payouts", Cell::link("Next page", page_link(PLACE, &[], after))));
    }
    let actions = can_request.then(|| Action::new("Request a payout", REQUEST)).into_iter().collect();
    let blocks = vec![
        balance,
        Block::of_table(money::remittances(&found.items, Some(PLACE), None, "No payout was requested yet.")),
    ];
    let layout = Layout::new(&signed_in, "Payouts", PLACE).noticing(&query, &[REQUESTED, CANCELLED]);
    page(&ShowPage { layout, state: None, actions, facts, on: None, blocks })
}

async fn ask_page(app: &AppState, signed_in: &SignedIn, data: &FormData) -> PageResult {
    let agent = own(signed_in)?;
    let balances = ledger::queries::balances(app.database(), agent.id, app.clock.now()).await.map_err(Problem::from)?;
    let available: Vec<String> =
        balances.iter().map(|balance| reader::number(&format!("{} {}", balance.available, balance.currency))).collect();
    let amount = data.line("text", "amount.amount", "Amount").required();
    let amount = amount.hint(format!("Available: {}. All or a part of it.", available.join(", ")));
    let currencies = agent.remittance_thresholds.iter().map(|threshold| threshold.currency().as_str().to_owned());
    let currency =
        data.choice("amount.currency", "Currency", None, currencies.map(|code| (code.clone(), code))).required();
    let layout = Layout::new(signed_in, "Request a payout", PLACE);
    let sections = vec![Section { legend: "", inputs: vec![amount, currency] }];
    form_page(&FormPage::new(layout, data, REQUEST, sections).back(PLACE).submit("Request the payout"))
}

async fn ask(Context(app, signed_in): Context) -> PageResult {
    ask_page(&app, &signed_in, &FormData::default()).await
}

async fn request(Context(app, signed_in): Context, CsrfForm(form): CsrfForm) -> PageResult {
    let (request, errors): (RemittanceRequest, FieldErrors) = form.read(Empty::Absent);
    let request = RemittanceRequest { agent_id: Some(signed_in.id), ..request };
    // The form has no other agent than the one who is signed in.
    let command = request.requesting(errors).map(|command| RequestRemittance {
        remittance_id: new_id(),
        by_agent: true,
        ..command
    });
    match submit(&app, &signed_in, &form, "request payout", command).await {
        Ok(_) => redirect_with_notice(PLACE, REQUESTED),
        Err(problem) => ask_page(&app, &signed_in, &redisplay(&form, problem)?).await,
    }
}

async fn cancel(app: AppState, signed_in: SignedIn, text: String, data: FormData) -> Result<Confirmation, Problem> {
    let item = find(&app, &signed_in, &text).await?;
    let title = format!("Take back the request of {}?", money::words(item.amount));
    let consequences = vec!["The amount is free again and can be requested later.".to_owned()];
    let layout = Layout::new(&signed_in, title, PLACE);
    let action = format!("{PLACE}/{}/cancel", item.id);
    let page = confirmation(layout, &data, action, PLACE.to_owned(), consequences);
    Ok(Confirmation {
        page: FormPage { sections: Vec::new(), ..page }.submit("Take the request back"),
        what: format!("cancel payout {}", item.id),
        command: Box::new(move |_| EndRemittance { remittance_id: item.id, command: RemittanceCommand::Cancel }.into()),
        done: CANCELLED,
    })
}
