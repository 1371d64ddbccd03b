//! The figures of one agent, plan, key, day and so on, as sums and as answers show them.

use std::collections::BTreeMap;

use contract::clock::Day;
use contract::events::signups::RefusalReason;
use contract::money::Currency;
use event_store::sql::{Row, SqlError};
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::Serialize;

use crate::analysis::question::{Attribution, GroupBy, Question};
use crate::analysis::sums::Amounts;
use crate::ledger::amount::from_column;
use crate::sales::summary::conversion;

/// Sums, before it is decided what of them is known and shown.
#[derive(Clone, Debug, Default)]
pub struct Sums {
    pub views: u64,
    pub automated: u64,
    pub signups: u64,
    pub page_signups: u64,
    pub refusals: BTreeMap<String, u64>,
    /// By currency.
    pub money: BTreeMap<String, Amounts>,
}

impl Sums {
    pub fn add_sales(&mut self, row: &Row) -> Result<(), SqlError> {
        self.views += row.count("views")?;
        self.automated += row.count("automated")?;
        self.signups += row.count("signups")?;
        self.page_signups += row.count("page_signups")?;
        Ok(())
    }

    pub fn add_money(&mut self, row: &Row) -> Result<(), SqlError> {
        self.money.entry(row.text("currency")?).or_default().add(&Amounts {
            customers: row.int("customers")?,
            payments: row.int("payments")?,
            received: row.int("received")?,
            refunded: row.int("refunded")?,
            commission: row.int("commission")?,
        });
        Ok(())
    }

    pub fn add_refusals(&mut self, row: &Row) -> Result<(), SqlError> {
        *self.refusals.entry(row.text("reason")?).or_default() += row.count("refusals")?;
        Ok(())
    }

    pub fn add(&mut self, other: &Self) {
        self.views += other.views;
        self.automated += other.automated;
        self.signups += other.signups;
        self.page_signups += other.page_signups;
        for (reason, count) in &other.refusals {
            *self.refusals.entry(reason.clone()).or_default() += count;
        }
        for (currency, amounts) in &other.money {
            self.money.entry(currency.clone()).or_default().add(amounts);
        }
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        let is_counted = self.views + self.automated + self.signups > 0 || !self.refusals.is_empty();
        !is_counted && self.money.values().all(|amounts| *amounts == Amounts::default())
    }

    /// What the reader sees.
    pub fn figures(&self, question: &Question) -> Result<Figures, SqlError> {
        let known = |number: u64| question.knows_views().then_some(number);
        let money = self.money.iter().filter(|(_, amounts)| **amounts != Amounts::default());
        let money = money.map(|(currency, amounts)| MoneyFigures::of(currency, amounts));
        Ok(Figures {
            views: known(self.views),
            automated: known(self.automated),
            signups: self.signups,
            page_signups: self.page_signups,
            conversion_percent: known(self.views).and_then(|views| conversion(views, self.page_signups)).map(percent),
            refusals: question.knows_refusals().then(|| self.refusals.values().sum()),
            money: question.reader.money.then(|| money.collect::<Result<_, _>>()).transpose()?,
        })
    }
}

/// A number per thousand in percent.
fn percent(of_a_thousand: u64) -> String {
    format!("{}.{}", of_a_thousand / 10, of_a_thousand % 10)
}

/// Views, signups, payments and commission.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "AnalysisFigures")]
pub struct Figures {
    /// How often signup pages were shown; null where figures are told apart by country, which only signups tell of.
    pub views: Option<u64>,
    /// How often a page was fetched by what nobody looks at: previews of links, prefetching browsers, robots.
    pub automated: Option<u64>,
    pub signups: u64,
    /// Those of the signups that came from a signup page, in a frame or not.
    pub page_signups: u64,
    /// Signups from pages for a hundred views, such as "3.4"; null without views, and with fewer views than signups.
    pub conversion_percent: Option<String>,
    /// Null where figures are told apart by campaign or country: refusals are of keys.
    pub refusals: Option<u64>,
    /// For each currency; absent for callers without the scope `money:read`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub money: Option<Vec<MoneyFigures>>,
}

/// Payments and commission in one currency.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "AnalysisMoney")]
pub struct MoneyFigures {
    pub currency: String,
    /// Customers whose first payment was received in this time.
    pub paying_customers: i64,
    pub payments: i64,
    /// With value-added tax, by when it was received.
    #[schemars(with = "String")]
    pub received: Decimal,
    /// Refunds and chargebacks less won disputes, by when they were recorded.
    #[schemars(with = "String")]
    pub refunded: Decimal,
    /// After reversals, by when these were recorded.
    #[schemars(with = "String")]
    pub commission: Decimal,
}

impl MoneyFigures {
    pub fn of(code: &str, amounts: &Amounts) -> Result<Self, SqlError> {
        let currency = Currency::parse(code).map_err(|_| SqlError::Column { column: "currency".to_owned() })?;
        Ok(Self {
            currency: code.to_owned(),
            paying_customers: amounts.customers,
            payments: amounts.payments,
            received: from_column(amounts.received, currency),
            refunded: from_column(amounts.refunded, currency),
            commission: from_column(amounts.commission, currency),
        })
    }
}

/// One agent, call plan, group, key, campaign, country, day, week or month.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "AnalysisItem")]
pub struct Item {
    /// An id, a key, the name of a campaign, the code of a country, a day such as 2026-07-14, the Monday of a week, or a month such as
    /// 2026-07. Empty where it is unknown: payments that nobody earns by, links without a campaign.
    pub id: String,
    /// Of an agent, a call plan or a group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(flatten)]
    pub figures: Figures,
    /// In the period before, where it is compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub previous: Option<Figures>,
}

/// How often signups were refused for a reason.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "AnalysisRefusals")]
pub struct Refusals {
    pub reason: RefusalReason,
    pub count: u64,
    /// In the period before, where it is compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub previous: Option<u64>,
}

/// The figures of a period.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Analysis {
    pub by: GroupBy,
    /// The first day.
    #[schemars(with = "String")]
    #[serde(serialize_with = "as_text")]
    pub since: Day,
    /// The last day.
    #[schemars(with = "String")]
    #[serde(serialize_with = "as_text")]
    pub until: Day,
    /// Whose days they are.
    pub time_zone: String,
    pub attribution: Attribution,
    /// A page of them.
    pub items: Vec<Item>,
    /// How many items there are on all pages.
    pub count: usize,
    /// The cursor of the next page; null when this is the last.
    pub next: Option<String>,
    /// All items added up, not only those of the page.
    pub total: Figures,
    /// The same in the period before, where it is compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub previous: Option<Figures>,
    /// Why signups were refused, the most frequent reason first; null where refusals are not known.
    pub refusals: Option<Vec<Refusals>>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes fields so")]
fn as_text<S: serde::Serializer>(day: &Day, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(day)
}
