//! A signup URL's page for operators, with its history.

use axum::extract::Path;
use web::http::Problem;

use crate::back_office::history;
use crate::signup_keys::model::stream;
use crate::signup_keys::snapshot::SignupKeySnapshot;
use crate::state::AppState;
use crate::ui::labels::Labels;
use crate::ui::page::PageResult;
use crate::ui::page_query::PageQuery;
use crate::ui::signed_in::Context;
use crate::ui::signup_keys::find;
use crate::ui::signup_keys::show::key_page;
use crate::ui::table::Cell;

pub async fn show(Context(app, signed_in): Context, Path(text): Path<String>, query: PageQuery) -> PageResult {
    let key = find(&app, &signed_in, &text).await?;
    let history = history::block(&app, &stream(&key.key), None).await?;
    let facts = facts(&app, &key).await?;
    Box::pin(key_page(&app, &signed_in, &query, key, facts, Some(history))).await
}

async fn facts(app: &AppState, key: &SignupKeySnapshot) -> Result<Vec<(&'static str, Cell)>, Problem> {
    let names = Labels::get(app, None, [key.agent_id, key.call_plan_id, key.group_id]).await?;
    Ok(vec![
        ("Agent", names.link("/agents", key.agent_id)),
        ("Call plan", names.link("/call-plans", key.call_plan_id)),
        ("Customer group", names.link("/groups", key.group_id)),
    ])
}
