//! The commission of all agents: what is owed in each currency, the ledger over all, and the corrections.

use uuid::Uuid;
use web::http::Problem;

use crate::ledger::overview::{self, Filter};
use crate::ledger::queries::cursor;
use crate::ui::action::Action;
use crate::ui::labels::Labels;
use crate::ui::layout::Layout;
use crate::ui::money;
use crate::ui::page::{PageResult, page};
use crate::ui::page_query::{LIST_LIMIT, PageQuery};
use crate::ui::routes::Routes;
use crate::ui::signed_in::Context;
use crate::ui::table::{Block, Cell, ShowPage};

const PLACE: &str = "/commission";
const CORRECTIONS: &str = "/commission?kind=correction";

pub fn routes(routes: Routes) -> Routes {
    routes.get(PLACE, show)
}

async fn show(Context(app, signed_in): Context, query: PageQuery) -> PageResult {
    let corrections = query.text("kind").as_deref() == Some("correction");
    let after = query.text("after").and_then(|text| cursor(&text));
    let filter = Filter { corrections, after, limit: LIST_LIMIT };
    let (found, totals) =
        tokio::try_join!(overview::entries(app.database(), &filter), overview::totals(app.database()))
            .map_err(Problem::from)?;
    let names = Labels::get(&app, None, found.items.iter().map(|item| item.agent_id)).await?;
    let agent = |agent_id: Uuid, currency: &str| {
        Cell::link(names.of(agent_id), format!("/agents/{agent_id}/ledger?currency={currency}"))
    };
    let (title, all) = if corrections { ("Corrections", PLACE) } else { ("Ledger", CORRECTIONS) };
    let table = money::entries(title, &found.items, &agent);
    let others = Action::new(if corrections { "Show every line" } else { "Show corrections only" }, all);
    let next = found.next.map(|after| {
        let sign = if corrections { '&' } else { '?' };
        let path = if corrections { CORRECTIONS } else { PLACE };
        Action::new("Next page", format!("{path}{sign}after={after}"))
    });
    let lines = Block { actions: [others].into_iter().chain(next).collect(), ..Block::of_table(table) };
    let note = "To correct a balance, open the agent's ledger.";
    let sums = Block { note: Some(note.to_owned()), ..Block::of_table(money::totals(&totals)) };
    let layout = Layout::new(&signed_in, "Commission", PLACE);
    page(&ShowPage { layout, state: None, actions: Vec::new(), facts: Vec::new(), on: None, blocks: vec![sums, lines] })
}
