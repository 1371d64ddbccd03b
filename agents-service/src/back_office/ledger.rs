//! An agent's balances and ledger, and the form of a correction.

use axum::extract::Path;
use contract::money::Currency;
use contract::text::isolated;
use web::http::Problem;

use crate::agents;
use crate::agents::snapshot::AgentSnapshot;
use crate::back_office::previews;
use crate::endpoint::id;
use crate::ledger::corrections::CorrectionRequest;
use crate::ledger::queries::{self, Part};
use crate::state::AppState;
use crate::ui::action::Action;
use crate::ui::form::{CsrfForm, Empty, FormData};
use crate::ui::inputs::{FormPage, Section};
use crate::ui::layout::Layout;
use crate::ui::money;
use crate::ui::notice::Notice;
use crate::ui::page::{PageResult, page, redirect_with_notice};
use crate::ui::page_query::{LIST_LIMIT, PageQuery};
use crate::ui::reader;
use crate::ui::routes::Routes;
use crate::ui::signed_in::{Context, SignedIn};
use crate::ui::submit::{form_page, redisplay, submit};
use crate::ui::table::{Block, Cell, ShowPage};

const PLACE: &str = "/agents";
const CORRECTED: Notice = Notice { code: "corrected", text: "The balance is corrected." };

pub fn routes(routes: Routes) -> Routes {
    routes
        .get("/agents/{id}/ledger", show)
        .get("/agents/{id}/corrections/new", ask)
        .post("/agents/{id}/corrections/new", correct)
}

fn path(agent: &AgentSnapshot) -> String {
    format!("{PLACE}/{}/ledger", agent.id)
}

async fn find(app: &AppState, text: &str) -> Result<AgentSnapshot, Problem> {
    agents::queries::get(app.database(), id(text)?).await?.ok_or_else(Problem::not_found)
}

async fn show(Context(app, signed_in): Context, Path(text): Path<String>, query: PageQuery) -> PageResult {
    let agent = find(&app, &text).await?;
    let path = path(&agent);
    let balances = queries::balances(app.database(), agent.id, app.clock.now()).await.map_err(Problem::from)?;
    let chosen = query.text("currency").and_then(|text| Currency::known(&text).ok());
    let currency = chosen.unwrap_or(agent.currency);
    let after = query.text("after").and_then(|text| queries::cursor(&text));
    let part = Part { agent_id: agent.id, currency, since: None, until: None, after, limit: LIST_LIMIT };
    let ledger = queries::ledger(app.database(), &part).await.map_err(Problem::from)?;
    let mut facts = vec![
        ("Agent", Cell::link(agent.name.clone(), format!("{PLACE}/{}", agent.id))),
        ("Ledger in", Cell::text(currency.as_str())),
    ];
    let others = balances.iter().filter(|balance| balance.currency != currency.as_str());
    facts.extend(others.map(|balance| {
        ("Other currency", Cell::link(balance.currency.clone(), format!("{path}?currency={}", balance.currency)))
    }));
    if let Some(next) = &ledger.next {
        let to = format!("{path}?currency={}&after={next}", currency.as_str());
        facts.push(("More lines", Cell::link("Next page", to)));
    }
    let blocks = vec![
        Block::of_table(money::balances(&balances, &agent.remittance_thresholds)),
        Block::of_table(money::ledger(&ledger, true)),
    ];
    let actions = vec![
        Action::new("Try other terms", previews::path(agent.id)),
        Action::new("Correct the balance", format!("{PLACE}/{}/corrections/new", agent.id)),
    ];
    let title = format!("Commission of {}", isolated(&agent.name));
    let layout = Layout::new(&signed_in, title, PLACE).noticing(&query, &[CORRECTED]);
    page(&ShowPage { layout, state: None, actions, facts, on: None, blocks })
}

fn ask_page(signed_in: &SignedIn, agent: &AgentSnapshot, data: &FormData) -> PageResult {
    let amount = data.line("text", "amount.amount", "Amount").required();
    let amount =
        amount.hint(format!("With a minus sign, such as {}, it is taken from the agent.", reader::number("-5.50")));
    let currency = data.typed("amount.currency", "Currency").required().hint("Three letters, such as EUR.");
    let reason = data
        .typed("reason", "Reason")
        .required()
        .hint("Your own words, which the agent sees. Please name no customer.");
    let layout = Layout::new(signed_in, format!("Correct the balance of {}", isolated(&agent.name)), PLACE);
    let sections = vec![Section { legend: "", inputs: vec![amount, currency, reason] }];
    let action = format!("{PLACE}/{}/corrections/new", agent.id);
    form_page(&FormPage::new(layout, data, action, sections).back(path(agent)).submit("Correct the balance"))
}

async fn ask(Context(app, signed_in): Context, Path(text): Path<String>) -> PageResult {
    let agent = find(&app, &text).await?;
    let mut data = FormData::default();
    data.set("amount.currency", agent.currency.as_str().to_owned());
    ask_page(&signed_in, &agent, &data)
}

async fn correct(Context(app, signed_in): Context, Path(text): Path<String>, CsrfForm(form): CsrfForm) -> PageResult {
    let agent = find(&app, &text).await?;
    let (request, errors) = form.read::<CorrectionRequest>(Empty::Absent);
    let what = format!("correct balance of {}", agent.id);
    match submit(&app, &signed_in, &form, &what, request.correcting(errors, agent.id)).await {
        Ok(_) => redirect_with_notice(&path(&agent), CORRECTED),
        Err(problem) => ask_page(&signed_in, &agent, &redisplay(&form, problem)?),
    }
}
