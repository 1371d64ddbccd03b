//! What the agent earned: balances with what is missing to the threshold, and the ledger of a currency.

use crate::ledger::queries::{self, Part};
use crate::ui::layout::Layout;
use crate::ui::money;
use crate::ui::page::{PageResult, page};
use crate::ui::page_query::{LIST_LIMIT, PageQuery};
use crate::ui::routes::Routes;
use crate::ui::signed_in::Context;
use crate::ui::table::{Block, Cell, ShowPage};
use contract::money::Currency;
use web::http::Problem;

const PLACE: &str = "/portal/earnings";

pub fn routes(routes: Routes) -> Routes {
    routes.get(PLACE, show)
}

async fn show(Context(app, signed_in): Context, query: PageQuery) -> PageResult {
    let agent = signed_in.agent.as_ref().ok_or_else(Problem::unauthenticated)?;
    let balances = queries::balances(app.database(), agent.id, app.clock.now()).await.map_err(Problem::from)?;
    let chosen = query.text("currency").and_then(|text| Currency::known(&text).ok());
    let currency = chosen.unwrap_or(agent.currency);
    let after = query.text("after").and_then(|text| queries::cursor(&text));
    let part = Part { agent_id: agent.id, currency, since: None, until: None, after, limit: LIST_LIMIT };
    let ledger = queries::ledger(app.database(), &part).await.map_err(Problem::from)?;
    let mut facts = vec![
        ("Commission", Cell::text(format!("{} % of payments received", agent.commission_percent))),
        ("Ledger in", Cell::text(currency.as_str())),
    ];
    let others = balances.iter().filter(|balance| balance.currency != currency.as_str());
    facts.extend(others.map(|balance| {
        let to = format!("{PLACE}?currency={}", balance.currency);
        ("Other currency", Cell::link(balance.currency.clone(), to))
    }));
    if let Some(next) = &ledger.next {
        let to = format!("{PLACE}?currency={}&after={next}", currency.as_str());
        facts.push(("More lines", Cell::link("Next page", to)));
    }
    let note =
        "Held commission is earned when its hold period is over. Earned commission that is available can be requested.";
    let balance = Block {
        note: Some(note.to_owned()),
        ..Block::of_table(money::balances(&balances, &agent.remittance_thresholds))
    };
    let blocks = vec![balance, Block::of_table(money::ledger(&ledger, false))];
    let layout = Layout::new(&signed_in, "Earnings", PLACE);
    page(&ShowPage { layout, state: None, actions: Vec::new(), facts, on: None, blocks })
}
