//! The first signup URLs of an agent, a call plan or a group, for its page.

use web::http::Problem;

use crate::settings::signup_url;
use crate::signup_keys::queries::{self, Filter};
use crate::state::AppState;
use crate::ui::labels::Labels;
use crate::ui::sales_summary::conversion;
use crate::ui::signup_keys::state::Reasons;
use crate::ui::table::{Block, Cell, Table};
use crate::{sales, settings};

/// The signup URLs that a filter finds, as operators see them. `empty` is the text where there are none.
pub async fn block(app: &AppState, filter: &Filter, empty: &str) -> Result<Block, Problem> {
    let base = settings::queries::get(app.database()).await?.customer_interface_url;
    let found = queries::list(app.database(), filter).await?;
    let note = found.next.is_some().then(|| format!("The newest {}; the list has them all.", filter.limit));
    let keys: Vec<String> = found.items.iter().map(|key| key.key.clone()).collect();
    let known = sales::summary::of_keys(app.database(), None, &keys).await?;
    let reasons = Reasons::of(app, &found.items).await?;
    let whose = filter.agent_id.is_none();
    let ids = found.items.iter().flat_map(|key| [key.agent_id, key.call_plan_id, key.group_id]);
    let names = Labels::get(app, None, ids).await?;
    let rows = found.items.into_iter().map(|key| {
        let figures = known.get(&key.key).copied().unwrap_or_default();
        let url = Cell::url(signup_url::compose(&base, &key.key), format!("/signup-keys/{}", key.key));
        let mut row = vec![url, Cell::text(key.label), reasons.cell(&key.key)];
        row.extend(whose.then(|| names.link("/agents", key.agent_id)));
        row.extend([
            Cell::text(names.of(key.call_plan_id)),
            Cell::text(names.of(key.group_id)),
            Cell::number(figures.views),
            Cell::number(figures.signups),
            conversion(figures.conversion()),
        ]);
        row
    });
    let mut columns = vec!["URL", "Label", "State", "Agent", "Call plan", "Group", "Views", "Signups", "Conversion"];
    if !whose {
        columns.remove(3);
    }
    Ok(Block { note, ..Block::of_table(Table::new("Signup URLs", columns, rows, empty)) })
}
