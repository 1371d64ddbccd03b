//! Amounts in hundredths of a currency's unit.

/// As requests state it. A yen has no hundredths.
pub fn decimal(hundredths: i64, currency: &str) -> String {
    if currency == "JPY" {
        return (hundredths / 100).to_string();
    }
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

/// About as much as so many euros, in whole tens of hundredths; in yen in whole hundreds of yen.
pub fn converted(euro_hundredths: i64, currency: &str) -> i64 {
    let percent = match currency {
        "GBP" => 85,
        "CHF" => 95,
        "USD" => 110,
        "PLN" => 430,
        "SEK" => 1_120,
        "JPY" => return euro_hundredths * 160 / 10_000 * 10_000,
        _ => return euro_hundredths,
    };
    euro_hundredths * percent / 1_000 * 10
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_stated_with_the_decimals_of_its_currency() {
        assert_eq!((decimal(1_990, "EUR").as_str(), decimal(310_000, "JPY").as_str()), ("19.90", "3100"));
        assert_eq!((converted(1_990, "GBP"), converted(1_990, "JPY")), (1_690, 310_000));
    }
}
