//! The agent's first page: their terms, the signup URL that sells best, what they earned and sold, as far as their screens go, and
//! their contact details.

use contract::events::agents::Permission;
use web::http::Problem;

use crate::portal::details;
use crate::sales::summary::{self, GroupBy};
use crate::settings::signup_url;
use crate::signup_keys::queries::{Filter, Usable};
use crate::signup_keys::snapshot::SignupKeySnapshot;
use crate::state::AppState;
use crate::ui::action::Action;
use crate::ui::agent_contact::{bank, contact, payouts_blocked};
use crate::ui::labels::Labels;
use crate::ui::layout::Layout;
use crate::ui::money;
use crate::ui::notice::{CHANGED, UNCHANGED};
use crate::ui::page::{PageResult, page};
use crate::ui::page_query::PageQuery;
use crate::ui::routes::Routes;
use crate::ui::sales_summary;
use crate::ui::sentences::{ids_in, sentence};
use crate::ui::signed_in::{Context, SignedIn};
use crate::ui::signup_keys::state::Reasons;
use crate::ui::table::{Block, Cell, ShowPage, Table};
use crate::{agents, ledger, settings, signup_keys};

/// Most URLs that are looked at for the one that sells best.
const MOST_LOOKED_AT: usize = 10;
/// Most changes that are told.
const LATEST: usize = 5;

pub fn routes(routes: Routes) -> Routes {
    details::routes(routes.get("/portal", show))
}

async fn show(Context(app, signed_in): Context, query: PageQuery) -> PageResult {
    let name = signed_in.agent.as_ref().map_or("", |agent| agent.name.as_str());
    let mut layout = Layout::new(&signed_in, name, "/portal").noticing(&query, &[CHANGED, UNCHANGED]);
    let facts = signed_in.agent.iter().flat_map(|agent| {
        let threshold = agent.remittance_threshold;
        [
            ("Commission", Cell::text(format!("{} % of payments received", agent.commission_percent))),
            ("Threshold remittance", Cell::text(format!("{} {}", threshold.amount(), threshold.currency().as_str()))),
        ]
    });
    let add = Action::new("Add URL key", "/portal/signup-keys/new");
    let actions = signed_in.may(Permission::SignupUrls).then_some(add).into_iter().collect();
    let mut blocks = Vec::new();
    if signed_in.may(Permission::SignupUrls) {
        blocks.extend(best_url(&app, &signed_in).await?);
    }
    if let Some(agent) = signed_in.agent.as_ref().filter(|_| signed_in.may(Permission::Commission)) {
        let balances = ledger::queries::balances(app.database(), agent.id, app.clock.now()).await?;
        let block = Block::of_table(money::balances(&balances, &agent.remittance_thresholds));
        blocks.push(Block { actions: vec![Action::new("Earnings", "/portal/earnings")], ..block });
    }
    if signed_in.may(Permission::Sales) {
        layout = layout.warning(app.doubt_about_sales().await?);
        let month = sales_summary::own_month(&app.clock, signed_in.id);
        let block = Block::of_facts("Sales", sales_summary::sums(&app, &month).await?);
        blocks.push(Block { actions: vec![Action::new("Other periods", "/portal/sales")], ..block });
    }
    blocks.extend(latest(&app, &signed_in).await?);
    let details = agents::accounts::details(app.database(), signed_in.id).await?.unwrap_or_default();
    let blocked = payouts_blocked(&app, &details).await?;
    let details: Vec<_> = contact(&details).into_iter().chain(bank(&details)).chain(blocked).collect();
    let note = details.is_empty().then(|| "Say how the operator can reach and pay you.".to_owned());
    let actions_of =
        vec![Action::new("Change contact", details::CONTACT), Action::new("Change bank details", details::BANK)];
    blocks.push(Block { note, actions: actions_of, ..Block::of_facts("My details", details) });
    page(&ShowPage { layout, state: None, actions, facts: facts.collect(), on: None, blocks })
}

/// What the operator changed last for the agent: not who did it, nor why.
async fn latest(app: &AppState, signed_in: &SignedIn) -> Result<Option<Block>, Problem> {
    let events = app.log.newest_of(&agents::model::stream(signed_in.id), LATEST).await?;
    let names = Labels::get(app, None, events.iter().flat_map(|event| ids_in(&event.data))).await?;
    let by_operators = events.iter().filter(|event| event.actor != signed_in.account.actor());
    let rows = by_operators.map(|event| vec![Cell::ago(event.recorded_at), Cell::text(sentence(event, &names))]);
    let table = Table::new("What changed", ["When", "What"], rows, "");
    Ok((!table.rows.is_empty()).then(|| Block::of_table(table)))
}

/// The usable URL with the most signups in thirty days, or else the oldest one; with these signups.
pub async fn best_key(app: &AppState, signed_in: &SignedIn) -> Result<Option<(SignupKeySnapshot, u64)>, Problem> {
    let month = sales_summary::own_month(&app.clock, signed_in.id);
    let sold = summary::totals(app.database(), &month, GroupBy::Key, MOST_LOOKED_AT).await?;
    let ids: Vec<&str> = sold.iter().filter(|total| total.signups > 0).map(|total| total.id.as_str()).collect();
    let selling = signup_keys::queries::get_many(app.database(), &ids).await?;
    let reasons = Reasons::of(app, &selling).await?;
    let best = ids.iter().find(|key| reasons.get(key).is_none());
    let mut best = best.and_then(|best| selling.into_iter().find(|key| key.key == **best));
    if best.is_none() {
        let (agent_id, usable) = (Some(signed_in.id), Some(Usable { is: true, at: app.clock.now() }));
        let filter = Filter { agent_id, usable, limit: 1, ..Filter::default() };
        best = signup_keys::queries::list(app.database(), &filter).await?.items.pop();
    }
    let signups = |key: &str| sold.iter().find(|total| total.id == key).map_or(0, |total| total.signups);
    Ok(best.map(|key| {
        let signups = signups(&key.key);
        (key, signups)
    }))
}

async fn best_url(app: &AppState, signed_in: &SignedIn) -> Result<Option<Block>, Problem> {
    let Some((key, signups)) = best_key(app, signed_in).await? else { return Ok(None) };
    let base = settings::queries::get(app.database()).await?.customer_interface_url;
    let path = format!("/portal/signup-keys/{}", key.key);
    let mut facts = vec![("URL", Cell::ToCopy(signup_url::compose(&base, &key.key), "Copy the URL"))];
    facts.extend((!key.label.is_empty()).then(|| ("Label", Cell::text(key.label))));
    facts.push(("Signups in 30 days", Cell::text(signups.to_string())));
    let actions = vec![
        Action::new("QR code", path),
        Action::new("Texts to copy", format!("/portal/material?key={}", key.key)),
        Action::new("All signup URLs", "/portal/signup-keys"),
    ];
    Ok(Some(Block { actions, ..Block::of_facts("Your signup URL", facts) }))
}
