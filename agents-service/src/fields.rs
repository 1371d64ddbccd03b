//! Checks of a request's fields; all violations are reported together.

use std::borrow::Cow;
use std::ops::RangeInclusive;

use contract::codes;
use contract::money::{Currency, Money, MoneyError, Percent};
use contract::text::{Rule, Violation, login};
use rust_decimal::Decimal;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, de};
use web::http::{FieldErrors, Problem};

use crate::auth::passwords::{PASSWORD_MAX, PASSWORD_MIN, Secret};

/// The rule of names of agents, call plans and groups.
pub const NAME: Rule = Rule::line(1, 200);
/// The rule of reasons, short descriptions and labels.
pub const SHORT: Rule = Rule::line(0, 500);
/// The rule of longer texts.
pub const LONG: Rule = Rule::lines(4_000);

/// A number in a request: a text, or a whole number; never a float, which would not be exact.
#[derive(Clone)]
pub struct Number(String);

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl de::Visitor<'_> for Visitor {
            type Value = Number;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("a decimal number as text, or a whole number")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Number, E> {
                Ok(Number(text.to_owned()))
            }

            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Number, E> {
                Ok(Number(number.to_string()))
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Number, E> {
                Ok(Number(number.to_string()))
            }
        }

        deserializer.deserialize_any(Visitor)
    }
}

impl JsonSchema for Number {
    fn schema_name() -> Cow<'static, str> {
        "Number".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": ["string", "integer"], "description": "A decimal number as text, or a whole number" })
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
    }
}

impl JsonSchema for Secret {
    fn schema_name() -> Cow<'static, str> {
        "Password".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "password", "minLength": PASSWORD_MIN, "maxLength": PASSWORD_MAX })
    }
}

/// An amount with its currency, as a client writes it.
#[derive(Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "AmountGiven")]
pub struct Amount {
    #[schemars(required)]
    pub amount: Option<Number>,
    #[schemars(required)]
    pub currency: Option<String>,
}

/// Distinguishes an absent field from `null`: the outer `None` means absent.
#[expect(clippy::option_option, reason = "that is what it is for")]
pub fn nullable<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::<T>::deserialize(deserializer).map(Some)
}

/// The items without repetitions, each at its first place.
pub fn without_repetitions<T: PartialEq>(list: Vec<T>) -> Vec<T> {
    let mut kept = Vec::with_capacity(list.len());
    for item in list {
        if !kept.contains(&item) {
            kept.push(item);
        }
    }
    kept
}

/// Collects violations.
pub struct Fields(FieldErrors);

impl Fields {
    /// Starts with the errors of decoding.
    pub fn new(errors: FieldErrors) -> Self {
        Self(errors)
    }

    pub fn error(&mut self, name: &str, code: &str, message: impl Into<String>) {
        self.0.add(name, code, message);
    }

    /// Fails if there are errors.
    pub fn finish(self) -> Result<(), Problem> {
        self.0.into_result()
    }

    /// A required field. Its absence is an error, unless its value was malformed.
    pub fn required<T>(&mut self, name: &str, value: Option<T>) -> Option<T> {
        if value.is_none() && !self.0.has(name) {
            self.error(name, "required", "is required");
        }
        value
    }

    /// An optional text.
    pub fn text(&mut self, name: &str, value: Option<String>, rule: Rule) -> Option<String> {
        let checked = rule.check(&value?);
        self.text_or_error(name, checked)
    }

    /// The login of a new account; empty when it is missing or wrong, which `finish` then reports.
    pub fn login(&mut self, value: Option<String>) -> String {
        let value = self.required("login", value);
        let checked = value.map(|value| login(&value));
        checked.and_then(|checked| self.text_or_error("login", checked)).unwrap_or_default()
    }

    fn text_or_error(&mut self, name: &str, checked: Result<String, Violation>) -> Option<String> {
        if let Err(fault) = &checked {
            self.error(name, fault.code(), fault.to_string());
        }
        checked.ok()
    }

    /// A required text; empty when it is missing, which `finish` then reports.
    pub fn required_text(&mut self, name: &str, value: Option<String>, rule: Rule) -> String {
        let value = self.required(name, value);
        self.text(name, value, rule).unwrap_or_default()
    }

    /// The same without blanks around it.
    pub fn required_trimmed(&mut self, name: &str, value: Option<String>, rule: Rule) -> String {
        self.required_text(name, value.map(|text| text.trim().to_owned()), rule)
    }

    /// A list that must not be empty, without repetitions.
    pub fn choice<T: PartialEq>(&mut self, name: &str, value: Option<Vec<T>>) -> Option<Vec<T>> {
        let list = value?;
        if list.is_empty() && !self.0.has(name) {
            self.error(name, "required", "needs at least one choice");
        }
        Some(without_repetitions(list))
    }

    /// An optional password.
    pub fn password(&mut self, value: Option<Secret>) -> Option<Secret> {
        let password = value?;
        if !password.has_good_length() {
            let message = format!("must have {PASSWORD_MIN} to {PASSWORD_MAX} characters");
            self.error("password", "wrong_length", message);
        }
        Some(password)
    }

    /// An optional percentage.
    pub fn percent(&mut self, name: &str, value: Option<Number>) -> Option<Percent> {
        let parsed = Percent::parse(&value?.0);
        self.money_or_error(name, parsed)
    }

    /// An optional number of days, at most `most`.
    pub fn days(&mut self, name: &str, value: Option<Number>, most: u16) -> Option<u16> {
        self.counted(name, value, 0..=most, "days")
    }

    /// An optional number of something within limits.
    pub fn counted(
        &mut self,
        name: &str,
        value: Option<Number>,
        limits: RangeInclusive<u16>,
        what: &str,
    ) -> Option<u16> {
        let count = value?.0.parse().ok().filter(|count| limits.contains(count));
        if count.is_none() {
            self.error(name, "out_of_range", format!("must be {} to {} {what}", limits.start(), limits.end()));
        }
        count
    }

    /// An optional currency.
    pub fn currency(&mut self, name: &str, value: Option<String>) -> Option<Currency> {
        let parsed = Currency::known(&value?);
        self.money_or_error(name, parsed)
    }

    /// An optional amount with its currency.
    pub fn amount(&mut self, name: &str, value: Option<Amount>) -> Option<Money> {
        let value = value?;
        let (amount_name, currency_name) = (format!("{name}.amount"), format!("{name}.currency"));
        let amount = self.required(&amount_name, value.amount);
        let currency = self.required(&currency_name, value.currency);
        let currency = self.currency(&currency_name, currency);
        let amount = amount.map(|number| Decimal::from_str_exact(&number.0).map_err(|_| MoneyError::NotADecimal));
        let amount = amount.and_then(|parsed| self.money_or_error(&amount_name, parsed));
        let money = amount.zip(currency).map(|(amount, currency)| Money::new(amount, currency));
        money.and_then(|parsed| self.money_or_error(&amount_name, parsed))
    }

    /// An amount that may be negative: what it is without its sign, and whether it is negative.
    pub fn signed_amount(&mut self, name: &str, value: Amount) -> Option<(Money, bool)> {
        let unsigned = |number: Number| match number.0.strip_prefix('-') {
            Some(rest) if !rest.starts_with(['-', '+']) => (Number(rest.to_owned()), true),
            _ => (number, false),
        };
        let (amount, is_negative) = value.amount.map(unsigned).unzip();
        self.amount(name, Some(Amount { amount, ..value })).map(|money| (money, is_negative.unwrap_or_default()))
    }

    /// An optional language tag.
    pub fn language(&mut self, name: &str, value: Option<String>) -> Option<String> {
        let read = codes::language(&value?);
        self.code_or_error(name, read, "must be a language such as en or pt-BR")
    }

    /// An optional country; an empty text is none.
    pub fn country(&mut self, name: &str, value: Option<String>) -> Option<String> {
        let text = value?;
        let read = if text.trim().is_empty() { Some(String::new()) } else { codes::country(&text) };
        self.code_or_error(name, read, "must be a country of ISO 3166 such as DE")
    }

    fn code_or_error(&mut self, name: &str, read: Option<String>, message: &str) -> Option<String> {
        if read.is_none() {
            self.error(name, "invalid", message);
        }
        read
    }

    fn money_or_error<T>(&mut self, name: &str, parsed: Result<T, MoneyError>) -> Option<T> {
        if let Err(error) = &parsed {
            self.error(name, "invalid", error.to_string());
        }
        parsed.ok()
    }
}
