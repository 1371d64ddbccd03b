//! Amounts in columns: ten-thousandths of the currency's unit, since no currency has more than four decimals.

use contract::money::Currency;
use rust_decimal::Decimal;

const DECIMALS: u32 = 4;

/// For a column. Amounts have a limit ([`contract::money::MAX_AMOUNT`]), so each fits.
pub fn in_column(amount: Decimal) -> i64 {
    let mut scaled = amount;
    scaled.rescale(DECIMALS);
    i64::try_from(scaled.mantissa()).unwrap_or_else(|_| if amount.is_sign_negative() { i64::MIN } else { i64::MAX })
}

/// From a column, with the decimals of its currency.
pub fn from_column(amount: i64, currency: Currency) -> Decimal {
    let mut read = Decimal::new(amount, DECIMALS);
    read.rescale(currency.decimals());
    read
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_come_back_with_the_decimals_of_their_currency() {
        for (amount, currency) in
            [("100.00", "EUR"), ("-7.50", "EUR"), ("158", "JPY"), ("1.002", "KWD"), ("0.00", "EUR")]
        {
            let read = from_column(in_column(amount.parse().unwrap()), Currency::known(currency).unwrap());
            assert_eq!(read.to_string(), amount);
        }
    }
}
