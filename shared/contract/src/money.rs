//! Amounts of money and percentages: exact, never floats; amounts have a currency, and percentages are basis points
//! (hundredths of a percent).

use std::borrow::Cow;
use std::cmp::Ordering;

use rust_decimal::{Decimal, RoundingStrategy};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// The largest amount, in whole units of the currency.
pub const MAX_AMOUNT: i64 = 1_000_000_000_000;

/// Why a text is no amount, percentage or currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    #[error("must be a decimal number such as \"100.00\"")]
    NotADecimal,
    #[error("must not be negative")]
    Negative,
    #[error("is larger than 1000000000000")]
    TooLarge,
    #[error("has more decimals than the currency")]
    TooPrecise,
    #[error("must be a currency of ISO 4217 such as EUR")]
    NotACurrency,
    #[error("is of another currency")]
    OtherCurrency,
    #[error("must be a percentage from 0 to 100 with at most two decimals")]
    NotAPercentage,
}

/// An ISO 4217 currency code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Currency([u8; 3]);

impl Currency {
    /// Reads a currency in use, in any case. For input; recorded currencies are read by [`Self::parse`].
    pub fn known(text: &str) -> Result<Self, MoneyError> {
        let code = text.trim().to_ascii_uppercase();
        minor_unit(&code).ok_or(MoneyError::NotACurrency).and_then(|_| Self::parse(&code))
    }

    /// Reads three capital letters, also of a currency that is not, or no longer, in the list.
    pub fn parse(text: &str) -> Result<Self, MoneyError> {
        match text.as_bytes() {
            [a, b, c] if text.bytes().all(|byte| byte.is_ascii_uppercase()) => Ok(Self([*a, *b, *c])),
            _ => Err(MoneyError::NotACurrency),
        }
    }

    /// The three letters.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("XXX")
    }

    /// Decimals of the currency's minor unit (ISO 4217, column "Minor unit").
    pub fn decimals(self) -> u32 {
        minor_unit(self.as_str()).unwrap_or(2)
    }
}

/// The decimals of a currency's minor unit; `None` for unknown currencies and those without one: gold, tests, "no
/// currency".
fn minor_unit(code: &str) -> Option<u32> {
    iso_currency::Currency::from_code(code).and_then(iso_currency::Currency::exponent).map(u32::from)
}

/// An amount in a currency. On the wire the amount is a decimal text with the currency's own number of decimals.
// Made with its checks only, wherever it comes from. Amounts have no order: only those of one currency can be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "Unchecked")]
pub struct Money {
    /// In units of the currency, such as "100.00".
    #[schemars(with = "String", regex(pattern = r"^[0-9]{1,13}(\.[0-9]{1,4})?$"))]
    amount: Decimal,
    /// ISO 4217 code.
    currency: Currency,
}

/// An amount as it is written.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Money")]
struct Unchecked {
    /// In units of the currency, such as "100.00".
    #[schemars(with = "String", regex(pattern = r"^[0-9]{1,13}(\.[0-9]{1,4})?$"))]
    amount: Decimal,
    /// ISO 4217 code.
    currency: Currency,
}

impl TryFrom<Unchecked> for Money {
    type Error = MoneyError;

    fn try_from(written: Unchecked) -> Result<Self, MoneyError> {
        Self::new(written.amount, written.currency)
    }
}

impl Money {
    /// Checks sign, size and decimals, and writes the amount with all decimals of its currency.
    pub fn new(amount: Decimal, currency: Currency) -> Result<Self, MoneyError> {
        if amount.is_sign_negative() && !amount.is_zero() {
            return Err(MoneyError::Negative);
        }
        if amount > Decimal::from(MAX_AMOUNT) {
            return Err(MoneyError::TooLarge);
        }
        let mut exact = amount.abs();
        exact.rescale(currency.decimals());
        if exact == amount { Ok(Self { amount: exact, currency }) } else { Err(MoneyError::TooPrecise) }
    }

    /// The only rounding of calculated amounts: to the currency's minor unit, halves to even.
    pub fn rounded(amount: Decimal, currency: Currency) -> Result<Self, MoneyError> {
        let rounded = amount.round_dp_with_strategy(currency.decimals(), RoundingStrategy::MidpointNearestEven);
        Self::new(rounded, currency)
    }

    /// In units of the currency, with all its decimals.
    pub fn amount(&self) -> Decimal {
        self.amount
    }

    /// The currency.
    pub fn currency(&self) -> Currency {
        self.currency
    }

    /// The sum of two amounts of one currency.
    pub fn checked_add(self, other: Self) -> Result<Self, MoneyError> {
        self.compare(other)?;
        Self::new(self.amount.checked_add(other.amount).ok_or(MoneyError::TooLarge)?, self.currency)
    }

    /// What is left of this amount after a smaller one of its currency.
    pub fn less(self, other: Self) -> Result<Self, MoneyError> {
        self.compare(other)?;
        Self::new(self.amount.checked_sub(other.amount).ok_or(MoneyError::TooLarge)?, self.currency)
    }

    /// Compares two amounts of one currency.
    pub fn compare(self, other: Self) -> Result<Ordering, MoneyError> {
        if self.currency == other.currency {
            Ok(self.amount.cmp(&other.amount))
        } else {
            Err(MoneyError::OtherCurrency)
        }
    }
}

/// A percentage from 0 to 100, in hundredths of a percent; a decimal text such as "12.5" on the wire.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Percent(u16);

impl Percent {
    /// From hundredths of a percent, 0 to 10000.
    pub fn from_basis_points(basis_points: i64) -> Result<Self, MoneyError> {
        u16::try_from(basis_points).ok().filter(|points| *points <= 10_000).map(Self).ok_or(MoneyError::NotAPercentage)
    }

    /// Reads "12.5".
    pub fn parse(text: &str) -> Result<Self, MoneyError> {
        let decimal = Decimal::from_str_exact(text).map_err(|_| MoneyError::NotAPercentage)?;
        let points = decimal.checked_mul(Decimal::ONE_HUNDRED).ok_or(MoneyError::NotAPercentage)?;
        if !points.is_integer() {
            return Err(MoneyError::NotAPercentage);
        }
        i64::try_from(points).map_err(|_| MoneyError::NotAPercentage).and_then(Self::from_basis_points)
    }

    /// Hundredths of a percent.
    pub fn basis_points(self) -> i64 {
        i64::from(self.0)
    }
}

impl std::fmt::Display for Percent {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}", Decimal::new(self.basis_points(), 2).normalize())
    }
}

impl Serialize for Percent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Percent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).map_err(de::Error::custom)
    }
}

impl JsonSchema for Percent {
    fn schema_name() -> Cow<'static, str> {
        "Percent".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": r"^[0-9]{1,3}(\.[0-9]{1,2})?$", "description": "0 to 100" })
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).map_err(de::Error::custom)
    }
}

impl JsonSchema for Currency {
    fn schema_name() -> Cow<'static, str> {
        "Currency".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": "^[A-Z]{3}$" })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_amount_takes_the_decimals_of_its_currency() {
        let euro = Money::new(Decimal::from(100), Currency::parse("EUR").unwrap()).unwrap();
        assert_eq!(serde_json::to_string(&euro).unwrap(), r#"{"amount":"100.00","currency":"EUR"}"#);
        let yen = Currency::parse("JPY").unwrap();
        assert_eq!(Money::new(Decimal::new(15, 1), yen), Err(MoneyError::TooPrecise));
    }

    fn money(amount: &str, currency: &str) -> Money {
        Money::new(amount.parse().unwrap(), Currency::known(currency).unwrap()).unwrap()
    }

    #[test]
    fn no_money_is_read_without_its_checks() {
        let read = |amount: &str, currency: &str| {
            serde_json::from_value::<Money>(serde_json::json!({ "amount": amount, "currency": currency }))
        };
        assert_eq!(read("1234", "JPY").unwrap(), money("1234", "JPY"));
        assert_eq!(read("1234.00", "JPY").unwrap(), money("1234", "JPY"));
        assert_eq!(read("1.2345", "CLF").unwrap().amount().to_string(), "1.2345");
        assert_eq!(read("5", "EUR").unwrap().amount().to_string(), "5.00");
        for (amount, currency) in
            [("-1", "EUR"), ("0.001", "EUR"), ("1234.5", "JPY"), ("12.3456", "KWD"), ("1000000000000.01", "EUR")]
        {
            assert!(read(amount, currency).is_err(), "{amount} {currency}");
        }
        assert!(serde_json::from_str::<Money>(r#"{"amount":"1","currency":"EUR","rate":"2"}"#).is_err());
    }

    #[test]
    fn only_amounts_of_one_currency_are_added_or_compared() {
        assert_eq!(money("0.10", "EUR").checked_add(money("0.20", "EUR")), Ok(money("0.30", "EUR")));
        assert_eq!(money("50.00", "EUR").compare(money("50", "EUR")), Ok(Ordering::Equal));
        assert_eq!(money("50", "EUR").checked_add(money("50", "USD")), Err(MoneyError::OtherCurrency));
        assert_eq!(money("50", "EUR").compare(money("50", "USD")), Err(MoneyError::OtherCurrency));
        let most = money("1000000000000", "EUR");
        assert_eq!(most.checked_add(money("0.01", "EUR")), Err(MoneyError::TooLarge));
    }

    #[test]
    fn a_half_is_rounded_to_the_even_neighbour() {
        for (calculated, currency, expected) in [
            ("0.125", "EUR", "0.12"),
            ("0.135", "EUR", "0.14"),
            ("0.1250001", "EUR", "0.13"),
            ("2.5", "JPY", "2"),
            ("3.5", "JPY", "4"),
            ("1.0005", "KWD", "1.000"),
            ("1.00015", "CLF", "1.0002"),
        ] {
            let rounded = Money::rounded(calculated.parse().unwrap(), Currency::known(currency).unwrap()).unwrap();
            assert_eq!(rounded.amount().to_string(), expected, "{calculated} {currency}");
        }
    }

    #[test]
    fn a_currency_is_one_of_iso_4217_with_its_minor_unit() {
        for (code, decimals) in
            [("EUR", 2), ("eur", 2), ("JPY", 0), ("KWD", 3), ("CLF", 4), ("UYW", 4), ("UYI", 0), ("HUF", 2), ("XAF", 0)]
        {
            let currency = Currency::known(code).unwrap();
            assert_eq!((currency.as_str(), currency.decimals()), (&*code.to_uppercase(), decimals));
        }
        for code in ["XXX", "ABC", "XXQ", "XTS", "XAU", "EURO", "", "€"] {
            assert_eq!(Currency::known(code), Err(MoneyError::NotACurrency), "{code}");
        }
        // A recorded currency can be read all the same.
        assert_eq!(Currency::parse("ABC").map(Currency::decimals), Ok(2));
    }

    #[test]
    fn more_than_a_hundred_percent_is_refused() {
        assert_eq!(Percent::parse("101"), Err(MoneyError::NotAPercentage));
        assert_eq!(Percent::parse("0.001"), Err(MoneyError::NotAPercentage));
        assert_eq!(Percent::parse("-1"), Err(MoneyError::NotAPercentage));
        assert_eq!(Percent::parse("12.5").unwrap().basis_points(), 1250);
    }

    proptest! {
        #[test]
        fn every_percentage_comes_back_as_it_was_written(points in 0_i64..=10_000) {
            let percent = Percent::from_basis_points(points).unwrap();
            prop_assert_eq!(Percent::parse(&percent.to_string()).unwrap(), percent);
        }

        #[test]
        fn every_amount_comes_back_as_it_was_written(minor in 0_i64..=100_000_000_000_000) {
            let money = Money::new(Decimal::new(minor, 2), Currency::parse("EUR").unwrap()).unwrap();
            let text = serde_json::to_string(&money).unwrap();
            prop_assert_eq!(serde_json::from_str::<Money>(&text).unwrap(), money);
        }
    }
}
