//! What a signup URL brought in over a period: a chart, its sums, campaigns, and refusals by reason.

use web::http::Problem;

use crate::analysis::question::Filter;
use crate::signup_keys::snapshot::SignupKeySnapshot;
use crate::state::AppState;
use crate::ui::analysis::View;
use crate::ui::analysis::overview::{self, BY_CAMPAIGN, NO_CAMPAIGN, OfPeriod, Overview};
use crate::ui::page_query::PageQuery;
use crate::ui::signed_in::SignedIn;
use crate::ui::table::{Block, Cell};

/// The period with its chart, its sums, and the tables that are not empty.
pub async fn of_period(
    app: &AppState,
    signed_in: &SignedIn,
    query: &PageQuery,
    key: &SignupKeySnapshot,
) -> Result<(OfPeriod, Vec<Block>), Problem> {
    let view = if signed_in.agent_id().is_some() { View::of_agent(signed_in) } else { View::of_operator(signed_in) };
    let filter = Filter { agent_id: Some(key.agent_id), key: Some(key.key.clone()), ..Filter::default() };
    let Overview { facts, of_period, tables, refusals } =
        overview::overview(app, &view, query, filter, &[BY_CAMPAIGN]).await?;
    let sums = Block::of_facts("In this period", facts);
    let is_named = |row: &Vec<Cell>| row.first() != Some(&Cell::text(NO_CAMPAIGN));
    let rows = tables.iter().filter_map(|block| block.table.as_ref()).flat_map(|table| &table.rows);
    let has_campaigns = rows.into_iter().any(is_named);
    let tables = tables.into_iter().filter(|_| has_campaigns).chain([refusals]).filter(Block::has_rows);
    Ok((of_period, [sums].into_iter().chain(tables).collect()))
}
