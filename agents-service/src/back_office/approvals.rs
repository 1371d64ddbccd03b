//! Approves many payouts on one page: all that wait, each with a check box, and afterwards what became of each.

use std::collections::BTreeMap;

use contract::text::isolated;
use rust_decimal::Decimal;
use serde::Deserialize;
use web::http::Problem;

use crate::paging::Order;
use crate::remittances::approvals::{self, ApprovalsRequest, MAX_APPROVALS};
use crate::remittances::queries::{self, Filter, RemittanceItem};
use crate::remittances::snapshot::State;
use crate::state::AppState;
use crate::ui::action::Action;
use crate::ui::form::{CsrfForm, Empty, FormData};
use crate::ui::inputs::{FormPage, Section};
use crate::ui::labels::Labels;
use crate::ui::layout::Layout;
use crate::ui::money;
use crate::ui::numbers::counted;
use crate::ui::page::{PageResult, page};
use crate::ui::routes::Routes;
use crate::ui::signed_in::{Context, SignedIn};
use crate::ui::submit::{form_page, redisplay};
use crate::ui::table::{Block, Cell, ShowPage, Table, nothing_to_choose};

const PLACE: &str = "/payouts";
const PATH: &str = "/payouts/approve";

pub fn routes(routes: Routes) -> Routes {
    routes.get(PATH, ask).post(PATH, approve)
}

async fn waiting(app: &AppState) -> Result<Vec<RemittanceItem>, Problem> {
    let filter =
        Filter { state: Some(State::Requested), order: Order::Descending, limit: MAX_APPROVALS, ..Filter::default() };
    Ok(queries::list(app.database(), &filter).await?.items)
}

/// The sum of each currency, in words.
fn sums(items: &[RemittanceItem]) -> String {
    let mut sums = BTreeMap::<String, Decimal>::new();
    for item in items {
        *sums.entry(item.amount.currency().as_str().to_owned()).or_default() += item.amount.amount();
    }
    sums.iter().map(|(currency, sum)| format!("{sum} {currency}")).collect::<Vec<_>>().join(", ")
}

async fn ask_page(app: &AppState, signed_in: &SignedIn, data: Option<FormData>) -> PageResult {
    let items = waiting(app).await?;
    let layout = Layout::new(signed_in, "Approve payouts", PLACE);
    if items.is_empty() {
        let back = vec![Action::new("Show the payouts", PLACE)];
        return page(&nothing_to_choose(layout, "No request waits for an approval.", back));
    }
    let names = Labels::get(app, None, items.iter().map(|item| item.agent_id)).await?;
    let all = || items.iter().map(|item| ("ids[]".to_owned(), item.id.to_string()));
    let data = data.unwrap_or_else(|| FormData::of(all().collect()));
    let choices = items.iter().map(|item| {
        let name = names.of(item.agent_id);
        (item.id.to_string(), format!("{} to {}", money::words(item.amount), isolated(&name)))
    });
    let inputs = vec![data.many("ids[]", "Requests", choices).required()];
    let count = u64::try_from(items.len()).unwrap_or_default();
    let shown = format!("{} of {} can be approved here.", counted(count, "request", "requests"), sums(&items));
    let consequences =
        vec![shown, "Whether each amount is still earned is checked once more; one that is not stays open.".to_owned()];
    let form = FormPage::new(layout, &data, PATH, vec![Section { legend: "", inputs }]);
    form_page(&FormPage { consequences, ..form.back(PLACE).submit("Approve the chosen requests") })
}

async fn ask(Context(app, signed_in): Context) -> PageResult {
    ask_page(&app, &signed_in, None).await
}

async fn approve(Context(app, signed_in): Context, CsrfForm(form): CsrfForm) -> PageResult {
    let (request, errors) = form.clone().with_list("ids[]").read::<ApprovalsRequest>(Empty::Absent);
    let ids = match request.check(errors) {
        Ok(ids) => ids,
        Err(problem) => return ask_page(&app, &signed_in, Some(redisplay(&form, problem)?)).await,
    };
    let meta = form.command(&signed_in, "approve payouts")?;
    let answers = approvals::approve(&app, &meta, ids).await;
    let mut rows = Vec::new();
    for answer in &answers.items {
        let item = queries::get(app.database(), answer.id).await.map_err(Problem::from)?;
        let amount = item.as_ref().map_or_else(|| answer.id.to_string(), |item| money::words(item.amount));
        let told = answer.problem.as_ref().map(Refused::read);
        rows.push(vec![
            Cell::link(amount, format!("{PLACE}/{}", answer.id)),
            item.map_or_else(|| Cell::text(""), |item| Cell::State(item.state.as_str().to_owned())),
            Cell::text(told.unwrap_or_else(|| "Approved".to_owned())),
        ]);
    }
    let table = Table::new("Approvals", ["Payout", "State", "What happened"], rows, "No request was chosen.");
    let layout = Layout::new(&signed_in, "Approve payouts", PLACE);
    let facts = vec![
        ("Approved", Cell::text(answers.approved.to_string())),
        ("Not approved", Cell::text((answers.items.len() - answers.approved).to_string())),
    ];
    let actions = vec![Action::new("Show the payouts", PLACE)];
    page(&ShowPage { layout, state: None, actions, facts, on: None, blocks: vec![Block::of_table(table)] })
}

/// Why a request was not approved.
#[derive(Deserialize)]
struct Refused {
    detail: String,
}

impl Refused {
    fn read(problem: &serde_json::Value) -> String {
        serde_json::from_value::<Self>(problem.clone()).map(|refused| refused.detail).unwrap_or_default()
    }
}
