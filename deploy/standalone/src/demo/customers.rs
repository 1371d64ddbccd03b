//! Customers whose data is corrected, and those who want to be forgotten.

use serde_json::json;

use super::company::Company;
use super::season::Today;
use super::shop::Shop;

/// Days between two corrections, and between two erasures.
const CORRECTED: i64 = 16;
const ERASED: i64 = 45;
/// The customer of the day stands so many hundredths of the way from the first customer to the newest.
const PLACE: usize = 37;

/// Corrects and erases customers, on the days for it.
pub async fn care(company: &Company, shop: &mut Shop, today: Today) -> anyhow::Result<()> {
    let place = shop.customers.len() * PLACE / 100;
    let Some(customer) = shop.customers.get_mut(place).filter(|customer| !customer.is_erased) else { return Ok(()) };
    if today.number % ERASED == ERASED - 1 {
        company.erase_customer(&customer.id, &json!({ "reason": "Asked to be forgotten" })).await?;
        customer.is_erased = true;
        shop.counts.erased += 1;
    } else if today.number % CORRECTED == CORRECTED - 1 {
        company.correct_customer(&customer.id, &json!({ "city": "Flensburg" })).await?;
    }
    Ok(())
}
