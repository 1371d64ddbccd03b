//! Statements of each calendar month, for every agent with lines in it.

use serde_json::json;

use super::company::Company;
use super::season::Today;
use super::shop::Shop;

/// The day of the month on which those of the month before are issued.
const DAY_OF_MONTH: &str = "03";
/// Days from there back to the last day of the month before.
const BACK: i64 = -3;

/// Issues the statements, if it is their day.
pub async fn issue(company: &Company, shop: &mut Shop, today: Today) -> anyhow::Result<()> {
    if !today.later(0).ends_with(DAY_OF_MONTH) {
        return Ok(());
    }
    let until = today.later(BACK);
    let since = format!("{}-01", until.get(..7).unwrap_or_default());
    let mut body = json!({ "period": { "since": since, "until": until } });
    loop {
        let done = company.post("statements/batch", &body).await?;
        shop.counts.statements += done["issued"].as_u64().unwrap_or_default();
        if done["next"].is_null() {
            return Ok(());
        }
        body["after"] = done["next"].clone();
    }
}
