//! What a rule gives on a payment, and on what is left of it: at any moment an agent has the commission on what is left, rounded
//! once. A refund's line is the difference to what the agent had before, so that parts in any order end at exactly zero.

use contract::clock::Moment;
use contract::commission::{Base, CommissionRule, NoCommission, Per, Rate};
use contract::money::{Currency, Money, MoneyError};
use contract::zone::Zone;
use rust_decimal::Decimal;

/// The amount of a payment, or what is left of it, with and without value-added tax.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Amounts {
    pub gross: Money,
    pub net: Money,
}

/// What is known of a payment's customer.
#[derive(Clone, Copy, Debug)]
pub struct Customer {
    pub placed_at: Moment,
    /// Payments of the customer that were recorded before this one.
    pub payments_before: u64,
}

impl Amounts {
    pub fn currency(&self) -> Currency {
        self.gross.currency()
    }

    /// The amount that a rule's percentage is taken of.
    pub fn base(&self, base: Base) -> Money {
        match base {
            Base::Net => self.net,
            Base::Gross => self.gross,
        }
    }

    /// What is left after a refund. Its net amount is in proportion where it is not given, and the last part takes the rest.
    pub fn less(&self, gross: Money, net: Option<Money>) -> Result<Self, MoneyError> {
        let left = self.gross.less(gross)?;
        let net = match net {
            Some(net) => self.net.less(net)?,
            None => proportion(self.net, left, self.gross)?,
        };
        Ok(Self { gross: left, net })
    }
}

/// Why a payment earns nothing by a rule, whatever its amount; `None` where it earns.
pub fn reason_for_none(
    rule: &CommissionRule,
    currency: Currency,
    customer: Customer,
    received_at: Moment,
    zone: &Zone,
) -> Option<NoCommission> {
    let ended = |months| zone.months_end(customer.placed_at, months).is_some_and(|end| received_at >= end);
    if rule.per == Per::Signup {
        Some(NoCommission::PerSignup)
    } else if rule.window.payments.is_some_and(|payments| customer.payments_before >= u64::from(payments)) {
        Some(NoCommission::PaymentsOver)
    } else if rule.window.months.is_some_and(ended) {
        Some(NoCommission::MonthsOver)
    } else if matches!(rule.rate, Rate::Flat(flat) if flat.currency() != currency) {
        Some(NoCommission::OtherCurrency)
    } else {
        None
    }
}

/// The commission on what is left of a payment that earns.
pub fn on_what_is_left(rule: &CommissionRule, payment: Amounts, left: Amounts) -> Result<Money, MoneyError> {
    match rule.rate {
        Rate::Percent(percent) => {
            let part = Decimal::new(percent.basis_points(), 4);
            let exact = left.base(rule.base).amount().checked_mul(part).ok_or(MoneyError::TooLarge)?;
            Money::rounded(exact, left.currency())
        }
        Rate::Flat(flat) if payment.base(rule.base).amount().is_zero() => proportion(flat, left.gross, payment.gross),
        Rate::Flat(flat) => proportion(flat, left.base(rule.base), payment.base(rule.base)),
    }
}

/// `amount * part / whole`, rounded.
fn proportion(amount: Money, part: Money, whole: Money) -> Result<Money, MoneyError> {
    let exact = amount.amount().checked_mul(part.amount()).and_then(|product| product.checked_div(whole.amount()));
    Money::rounded(exact.ok_or(MoneyError::TooLarge)?, amount.currency())
}

#[cfg(test)]
mod tests {
    use contract::commission::{RateAt, RateSource, Window};
    use contract::money::Percent;
    use proptest::prelude::*;

    use super::*;

    fn money(amount: &str, currency: &str) -> Money {
        Money::new(amount.parse().unwrap(), Currency::known(currency).unwrap()).unwrap()
    }

    fn euro(amount: &str) -> Money {
        money(amount, "EUR")
    }

    fn whole(gross: Money) -> Amounts {
        Amounts { gross, net: gross }
    }

    fn rule(rate: Rate) -> CommissionRule {
        let (per, base, window) = (Per::Payment, Base::Net, Window::default());
        CommissionRule { source: RateSource::Agent, rate, per, base, window, rate_at: RateAt::Placement }
    }

    fn percent(text: &str) -> CommissionRule {
        rule(Rate::Percent(Percent::parse(text).unwrap()))
    }

    fn zone(name: &str) -> Zone {
        Zone::named(name).unwrap()
    }

    fn moment(text: &str) -> Moment {
        Moment::parse(text).unwrap()
    }

    /// The differences that refunds of a payment write, in order.
    fn reversals(rule: &CommissionRule, payment: Amounts, refunds: &[&str]) -> Vec<Decimal> {
        let mut left = payment;
        let mut had = on_what_is_left(rule, payment, left).unwrap();
        let each = refunds.iter().map(|refund| {
            left = left.less(money(refund, payment.currency().as_str()), None).unwrap();
            let has = on_what_is_left(rule, payment, left).unwrap();
            let line = has.amount() - had.amount();
            had = has;
            line
        });
        each.collect()
    }

    fn decimals(texts: &[&str]) -> Vec<Decimal> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn commission_is_rounded_once_half_to_even() {
        for (base, currency, rate, commission) in [
            ("8.35", "EUR", "30", "2.50"),
            ("8.45", "EUR", "30", "2.54"),
            ("0.50", "EUR", "5", "0.02"),
            ("0.70", "EUR", "5", "0.04"),
            ("0.05", "EUR", "50", "0.02"),
            ("0.30", "EUR", "15", "0.04"),
            ("2499.00", "EUR", "7.5", "187.42"),
            ("1260", "JPY", "12.5", "158"),
            ("1268", "JPY", "12.5", "158"),
            ("10.005", "KWD", "10", "1.000"),
            ("10.015", "KWD", "10", "1.002"),
        ] {
            let payment = whole(money(base, currency));
            let earned = on_what_is_left(&percent(rate), payment, payment).unwrap();
            assert_eq!(earned, money(commission, currency), "{base} {currency} at {rate} %");
        }
    }

    #[test]
    fn the_base_is_net_unless_the_rule_says_gross() {
        let payment = Amounts { gross: euro("119.00"), net: euro("100.00") };
        assert_eq!(on_what_is_left(&percent("10"), payment, payment), Ok(euro("10.00")));
        let gross = CommissionRule { base: Base::Gross, ..percent("10") };
        assert_eq!(on_what_is_left(&gross, payment, payment), Ok(euro("11.90")));
    }

    #[test]
    fn refunds_reverse_to_what_is_left() {
        for (amount, rate, refunds, lines) in [
            ("100.00", "12.5", &["33.34", "33.33", "33.33"][..], &["-4.17", "-4.16", "-4.17"][..]),
            ("62.70", "35", &["20.90", "20.90", "20.90"], &["-7.31", "-7.31", "-7.32"]),
            ("40.00", "10", &["40.00"], &["-4.00"]),
            ("80.00", "25", &["30.00", "50.00"], &["-7.50", "-12.50"]),
        ] {
            let written = reversals(&percent(rate), whole(euro(amount)), refunds);
            assert_eq!(written, decimals(lines), "{amount} at {rate} %");
        }
    }

    #[test]
    fn a_refund_of_more_than_is_left_is_refused() {
        let left = whole(euro("50.00"));
        assert_eq!(left.less(euro("50.01"), None), Err(MoneyError::Negative));
        assert_eq!(left.less(money("50", "JPY"), None), Err(MoneyError::OtherCurrency));
        assert_eq!(left.less(euro("50.00"), None).map(|left| left.net), Ok(euro("0.00")));
    }

    #[test]
    fn a_refund_of_tax_alone_changes_nothing() {
        let payment = Amounts { gross: euro("119.00"), net: euro("100.00") };
        let left = payment.less(euro("19.00"), Some(euro("0.00"))).unwrap();
        assert_eq!(on_what_is_left(&percent("10"), payment, left), Ok(euro("10.00")));
    }

    #[test]
    fn a_flat_amount_is_reversed_in_proportion_and_only_in_its_currency() {
        let flat = rule(Rate::Flat(euro("5.00")));
        assert_eq!(
            reversals(&flat, whole(euro("30.00")), &["10.00", "10.00", "10.00"]),
            decimals(&["-1.67", "-1.66", "-1.67"])
        );
        let customer = Customer { placed_at: moment("2026-03-15T09:00:00Z"), payments_before: 0 };
        let received_at = moment("2026-03-16T00:00:00Z");
        let reason = |code| reason_for_none(&flat, Currency::known(code).unwrap(), customer, received_at, &zone(""));
        assert_eq!((reason("EUR"), reason("USD")), (None, Some(NoCommission::OtherCurrency)));
        let untaxed = Amounts { gross: euro("10.00"), net: euro("0.00") };
        assert_eq!(on_what_is_left(&flat, untaxed, untaxed), Ok(euro("5.00")));
    }

    #[test]
    fn a_window_of_payments_ends_with_the_last_of_them() {
        let rule = CommissionRule { window: Window { payments: Some(3), months: None }, ..percent("10") };
        let reason = |payments_before| {
            let customer = Customer { placed_at: moment("2026-03-15T09:00:00Z"), payments_before };
            let currency = Currency::known("EUR").unwrap();
            reason_for_none(&rule, currency, customer, moment("2027-03-15T09:00:00Z"), &zone(""))
        };
        assert_eq!((reason(2), reason(3)), (None, Some(NoCommission::PaymentsOver)));
    }

    #[test]
    fn a_window_of_months_ends_with_a_day_of_the_company() {
        for (placed_at, months, zone_name, last, first_after) in [
            ("2026-03-15T09:00:00Z", 12, "", "2027-03-15T23:59:59Z", "2027-03-16T00:00:00Z"),
            ("2028-02-29T09:00:00Z", 12, "", "2029-02-28T23:59:59Z", "2029-03-01T00:00:00Z"),
            // In Berlin it was the 16th already, and the day ends an hour earlier than in UTC.
            ("2026-03-15T23:30:00Z", 12, "Europe/Berlin", "2027-03-16T22:59:59Z", "2027-03-16T23:00:00Z"),
        ] {
            let rule = CommissionRule { window: Window { payments: None, months: Some(months) }, ..percent("10") };
            let customer = Customer { placed_at: moment(placed_at), payments_before: 0 };
            let currency = Currency::known("EUR").unwrap();
            let reason = |at| reason_for_none(&rule, currency, customer, moment(at), &zone(zone_name));
            assert_eq!((reason(last), reason(first_after)), (None, Some(NoCommission::MonthsOver)), "{placed_at}");
        }
    }

    #[test]
    fn a_rule_for_signups_gives_nothing_for_payments() {
        let rule = CommissionRule { per: Per::Signup, ..rule(Rate::Flat(euro("5.00"))) };
        let customer = Customer { placed_at: moment("2026-03-15T09:00:00Z"), payments_before: 0 };
        let currency = Currency::known("EUR").unwrap();
        let reason = reason_for_none(&rule, currency, customer, moment("2026-03-16T00:00:00Z"), &zone(""));
        assert_eq!(reason, Some(NoCommission::PerSignup));
    }

    proptest! {
        #[test]
        fn refunds_in_any_parts_end_at_exactly_zero(
            parts in prop::collection::vec(1_i64..100_000, 1..12),
            tax in 0_i64..30,
            points in 0_i64..=10_000,
            flat in prop::option::of(0_i64..100_000),
        ) {
            let currency = Currency::known("EUR").unwrap();
            let money = |minor| Money::new(Decimal::new(minor, 2), currency).unwrap();
            let gross: i64 = parts.iter().sum();
            let payment = Amounts { gross: money(gross), net: money(gross * 100 / (100 + tax)) };
            let rate = match flat {
                Some(flat) => Rate::Flat(money(flat)),
                None => Rate::Percent(Percent::from_basis_points(points).unwrap()),
            };
            let rule = rule(rate);
            let mut left = payment;
            let mut had = on_what_is_left(&rule, payment, left).unwrap().amount();
            for part in parts {
                left = left.less(money(part), None).unwrap();
                let has = on_what_is_left(&rule, payment, left).unwrap().amount();
                prop_assert!(has <= had, "a refund gave something");
                had = has;
            }
            prop_assert_eq!((left.net.amount(), had), (Decimal::ZERO, Decimal::ZERO));
        }
    }
}
