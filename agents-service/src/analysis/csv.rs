//! Each table as CSV: all rows, one column for each figure, a column for the currency beside the amounts.

use std::fmt::Display;

use crate::analysis::cohorts::Cohorts;
use crate::analysis::figures::{Analysis, Figures, MoneyFigures};
use crate::columns::{states, word};
use crate::report::csv::{Value, csv};

states! {
    /// The tables of an analysis.
    TableOf {
        Signups = "signups",
        Payments = "payments",
        Refusals = "refusals",
    }
}

fn bare(value: impl Display) -> Value {
    Value::Bare(format!("{value}"))
}

/// Empty where it is not known.
fn known(value: Option<impl Display>) -> Value {
    Value::Bare(value.map(|value| format!("{value}")).unwrap_or_default())
}

fn typed(text: &str) -> Value {
    Value::Typed(text.to_owned())
}

impl TableOf {
    pub fn csv(self, analysis: &Analysis) -> String {
        match self {
            Self::Signups => signups(analysis),
            Self::Payments => payments(analysis),
            Self::Refusals => refusals(analysis),
        }
    }
}

const OF_SIGNUPS: [&str; 6] = ["views", "automated", "signups", "page_signups", "conversion_percent", "refusals"];
const OF_PAYMENTS: [&str; 5] = ["paying_customers", "payments", "received", "refunded", "commission"];

/// The columns of a table, those of the period before as well where it is compared.
fn columns(first: &[&str], figures: &[&str], is_compared: bool) -> Vec<String> {
    let mut columns: Vec<String> = first.iter().chain(figures).map(|name| (*name).to_owned()).collect();
    if is_compared {
        columns.extend(figures.iter().map(|name| format!("previous_{name}")));
    }
    columns
}

fn written(columns: &[String], rows: impl IntoIterator<Item = Vec<Value>>) -> String {
    csv(&columns.iter().map(String::as_str).collect::<Vec<_>>(), rows)
}

fn counts(figures: &Figures) -> [Value; 6] {
    [
        known(figures.views),
        known(figures.automated),
        bare(figures.signups),
        bare(figures.page_signups),
        known(figures.conversion_percent.as_ref()),
        known(figures.refusals),
    ]
}

fn signups(analysis: &Analysis) -> String {
    let rows = analysis.items.iter().map(|item| {
        let mut row = vec![typed(&item.id), typed(item.name.as_deref().unwrap_or_default())];
        row.extend(counts(&item.figures));
        row.extend(item.previous.iter().flat_map(counts));
        row
    });
    written(&columns(&[analysis.by.as_str(), "name"], &OF_SIGNUPS, analysis.previous.is_some()), rows)
}

fn amounts(money: Option<&MoneyFigures>) -> [Value; 5] {
    let of = |value: fn(&MoneyFigures) -> String| Value::Bare(money.map(value).unwrap_or_default());
    [
        of(|money| money.paying_customers.to_string()),
        of(|money| money.payments.to_string()),
        of(|money| money.received.to_string()),
        of(|money| money.refunded.to_string()),
        of(|money| money.commission.to_string()),
    ]
}

/// The amounts of each currency of one of the periods: of this one, and of the one before.
pub fn by_currency<'a>(
    now: &'a Figures,
    previous: Option<&'a Figures>,
) -> Vec<(&'a str, Option<&'a MoneyFigures>, Option<&'a MoneyFigures>)> {
    let now = now.money.as_deref().unwrap_or_default();
    let before = previous.and_then(|figures| figures.money.as_deref()).unwrap_or_default();
    let find = |list: &'a [MoneyFigures], currency: &str| list.iter().find(|money| money.currency == currency);
    let mut currencies: Vec<&str> = now.iter().chain(before).map(|money| money.currency.as_str()).collect();
    currencies.sort_unstable();
    currencies.dedup();
    currencies.into_iter().map(|currency| (currency, find(now, currency), find(before, currency))).collect()
}

fn payments(analysis: &Analysis) -> String {
    let is_compared = analysis.previous.is_some();
    let rows = analysis.items.iter().flat_map(|item| {
        by_currency(&item.figures, item.previous.as_ref()).into_iter().map(move |(currency, now, before)| {
            let name = item.name.as_deref().unwrap_or_default();
            let mut row = vec![typed(&item.id), typed(name), bare(currency)];
            row.extend(amounts(now));
            row.extend(is_compared.then(|| amounts(before)).into_iter().flatten());
            row
        })
    });
    written(&columns(&[analysis.by.as_str(), "name", "currency"], &OF_PAYMENTS, is_compared), rows)
}

fn refusals(analysis: &Analysis) -> String {
    let rows = analysis.refusals.iter().flatten().map(|refusals| {
        let mut row = vec![bare(word(&refusals.reason)), bare(refusals.count)];
        row.extend(refusals.previous.map(bare));
        row
    });
    written(&columns(&["reason"], &["refusals"], analysis.previous.is_some()), rows)
}

/// A row for each month and currency of a cohort, and one without amounts for a cohort that has not paid.
pub fn cohorts(cohorts: &Cohorts, has_money: bool) -> String {
    let mut columns = vec!["placed", "customers"];
    if has_money {
        columns.extend(["paying_customers", "month", "currency", "first_payments", "payments", "received", "refunded"]);
    }
    let rows = cohorts.items.iter().flat_map(|cohort| {
        let first = || vec![bare(&cohort.placed), bare(cohort.customers)];
        let months = cohort.months.as_deref().unwrap_or_default();
        let paid = months.iter().map(move |month| {
            let mut row = first();
            row.extend([known(cohort.paying_customers), bare(&month.month), bare(&month.currency)]);
            row.extend([
                bare(month.paying_customers),
                bare(month.payments),
                bare(month.received),
                bare(month.refunded),
            ]);
            row
        });
        let mut rows: Vec<_> = paid.collect();
        if rows.is_empty() {
            let mut row = first();
            let nothing = [bare(0), bare(""), bare(""), bare(""), bare(""), bare(""), bare("")];
            row.extend(has_money.then_some(nothing).into_iter().flatten());
            rows.push(row);
        }
        rows
    });
    csv(&columns, rows)
}
