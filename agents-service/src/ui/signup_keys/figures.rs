//! What a signup URL brought in the last thirty days: signups of each day, campaigns, refusals by reason.

use web::http::Problem;

use crate::analysis::figures::Item;
use crate::analysis::period::Period;
use crate::analysis::queries::{PageOf, analysis};
use crate::analysis::question::{Attribution, Filter, GroupBy, Order, Question, Reader};
use crate::analysis::requests::DAYS;
use crate::signup_keys::snapshot::SignupKeySnapshot;
use crate::state::AppState;
use crate::ui::analysis::blocks;
use crate::ui::chart::Chart;
use crate::ui::reader;
use crate::ui::signed_in::SignedIn;
use crate::ui::table::{Block, Cell};

/// Most campaigns of the table.
const MAX_CAMPAIGNS: usize = 10;

/// The chart, and the tables that are not empty.
pub async fn of_month(
    app: &AppState,
    signed_in: &SignedIn,
    key: &SignupKeySnapshot,
) -> Result<(Chart, Vec<Block>), Problem> {
    let (now, zone) = (app.clock.now(), reader::zone());
    let today = zone.day(now).unwrap_or(now.day());
    let filter = Filter { agent_id: Some(key.agent_id), key: Some(key.key.clone()), ..Filter::default() };
    let question = Question {
        by: GroupBy::Day,
        period: Period::ending(today, DAYS),
        compare: false,
        filter,
        attribution: Attribution::Placed,
        order: Order::Signups,
        zone,
        reader: Reader { money: false, is_agent: signed_in.agent_id().is_some() },
    };
    let of_campaigns = Question { by: GroupBy::Campaign, ..question.clone() };
    let most = PageOf { after: 0, limit: MAX_CAMPAIGNS };
    let (days, campaigns) = tokio::try_join!(
        analysis(app.database(), &question, PageOf::ALL),
        analysis(app.database(), &of_campaigns, most),
    )?;
    let bars = days.items.iter().map(|item| (item.id.clone(), item.figures.signups));
    let chart = Chart::of_days(&bars.collect::<Vec<_>>());
    let name = |item: &Item| Cell::text(if item.id.is_empty() { "(none)" } else { &item.id });
    let mut tables = Vec::new();
    if campaigns.items.iter().any(|item| !item.id.is_empty()) {
        tables.push(Block { title: "Campaigns of 30 days", ..Block::of_table(blocks::signups(&campaigns, name)) });
    }
    if days.refusals.iter().flatten().next().is_some() {
        tables.push(Block { title: "Refusals of 30 days", ..Block::of_table(blocks::refusals(&days)) });
    }
    Ok((chart, tables))
}
