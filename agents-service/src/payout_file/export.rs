//! A payout file as it is downloaded. Making one changes no remittance; who made it and when is noted.

use std::collections::HashMap;

use axum::http::header;
use axum::response::{IntoResponse, Response};
use contract::money::Money;
use event_store::sql::SqlError;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::Serialize;
use web::http::Problem;
use web::http::query::{AT_LEAST_WAIT, wait_for};

use crate::columns::states;
use crate::payout_file::check::faults;
use crate::payout_file::plan::{Approved, LeftOut, Payer, Payment, Plan, Reason, end_to_end_id};
use crate::payout_file::queries::{self, Made};
use crate::report::csv::{Value, csv};
use crate::settings;
use crate::state::AppState;

states! {
    /// How a payout file is written.
    Format {
        Pain = "pain.001",
        Csv = "csv",
        Preview = "preview",
    }
}

/// What the next payout file says.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "PayoutFilePreview")]
pub struct Preview {
    pub message_id: String,
    /// The day on which the bank is asked to pay.
    pub execution_day: String,
    pub currency: &'static str,
    #[schemars(with = "String")]
    pub total: Decimal,
    pub payments: Vec<Payment>,
    pub left_out: Vec<LeftOut>,
    /// Why no bank file can be made; absent where one can.
    pub missing: Option<&'static str>,
    /// The files that were made last, newest first.
    pub made: Vec<Made>,
}

/// The rule of a bank file that cannot be made.
const NO_FILE: &str = "no_payout_file";
/// Files in a preview.
const MOST_MADE: u64 = 10;

const COLUMNS: [&str; 13] = [
    "remittance_id",
    "end_to_end_id",
    "agent_id",
    "agent",
    "amount",
    "vat",
    "total",
    "currency",
    "holder",
    "iban",
    "bic",
    "bank_details",
    "not_in_bank_file",
];

/// What a file is made of.
pub struct Payouts {
    approved: Vec<Approved>,
    payer: Payer,
    pub plan: Plan,
}

/// Reads all approved remittances, with their agents as the log has them now.
pub async fn payouts(app: &AppState) -> Result<Payouts, Problem> {
    let head = app.log.head().await?.position;
    wait_for(&app.directory, head, AT_LEAST_WAIT).await?;
    let settings = settings::queries::get(app.database()).await?;
    let (zone, now) = (settings.zone()?, app.clock.now());
    let payer = Payer {
        account: settings.payout_account,
        unknown_bic: settings.unknown_bic,
        block_days: settings.payout_block_days,
        today: zone.day(now).unwrap_or_else(|| now.day()),
        now,
    };
    let approved = queries::approved(app.database()).await?;
    let plan = Plan::of(&payer, &approved);
    Ok(Payouts { approved, payer, plan })
}

impl Payouts {
    /// Why no bank file can be made.
    pub fn missing(&self) -> Option<&'static str> {
        if self.payer.account.is_none() {
            Some("Enter the company's bank account in the settings.")
        } else if self.plan.payments.is_empty() {
            Some("No approved payout can be paid by a bank file.")
        } else {
            None
        }
    }

    pub async fn preview(self, app: &AppState) -> Result<Preview, Problem> {
        let missing = self.missing();
        let Plan { message_id, execution_day, total, payments, left_out, .. } = self.plan;
        let made = queries::made(app.database(), MOST_MADE).await?;
        let execution_day = execution_day.to_string();
        Ok(Preview { message_id, execution_day, currency: "EUR", total, payments, left_out, missing, made })
    }

    /// The file to download, noted with whoever makes it.
    pub async fn download(&self, app: &AppState, format: Format, actor: &str) -> Result<Response, Problem> {
        let (text, kind, name, payouts) = match format {
            Format::Pain => {
                let name = format!("{}.xml", self.plan.message_id);
                (self.xml()?, "application/xml", name, self.plan.payments.len())
            }
            Format::Csv | Format::Preview => {
                let name = format!("payouts-{}.csv", self.payer.today);
                (self.table(), "text/csv; charset=utf-8; header=present", name, self.approved.len())
            }
        };
        self.note(app, format, actor, payouts).await?;
        let headers = [
            (header::CONTENT_TYPE, kind.to_owned()),
            (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
            (header::CACHE_CONTROL, "no-store".to_owned()),
        ];
        Ok((headers, text).into_response())
    }

    async fn note(&self, app: &AppState, format: Format, actor: &str, payouts: usize) -> Result<(), SqlError> {
        let made = Made {
            message_id: self.plan.message_id.clone(),
            format: format.as_str().to_owned(),
            made_by: actor.to_owned(),
            made_at: self.payer.now,
            payouts: u64::try_from(payouts).unwrap_or(u64::MAX),
        };
        queries::add(app.database(), &made).await
    }

    fn xml(&self) -> Result<String, Problem> {
        if let Some(missing) = self.missing() {
            return Err(no_file(missing.to_owned()));
        }
        let file = self.plan.file(&self.payer).ok_or_else(Problem::internal)?;
        if let Some(fault) = faults(&file).first() {
            return Err(no_file(format!("A bank would refuse the file: {}.", fault.what)));
        }
        Ok(file.to_xml())
    }

    /// Every approved remittance, also those that the bank file leaves out: they are paid in another way.
    fn table(&self) -> String {
        let left_out: HashMap<_, _> =
            self.plan.left_out.iter().map(|left_out| (left_out.remittance_id, left_out.reason)).collect();
        csv(&COLUMNS, self.approved.iter().map(|remittance| row(remittance, left_out.get(&remittance.remittance_id))))
    }
}

fn no_file(why: String) -> Problem {
    Problem::conflict(NO_FILE, why).with("reason", NO_FILE)
}

/// A line of the table. Where payouts are blocked it does not say where to pay to.
fn row(remittance: &Approved, reason: Option<&Reason>) -> Vec<Value> {
    let Approved { remittance_id, agent_id, amount, name, details, .. } = remittance;
    let bare = |text: String| Value::Bare(text);
    let money = |money: Option<Money>| bare(money.map(|money| money.amount().to_string()).unwrap_or_default());
    let is_blocked = reason == Some(&Reason::PayoutsBlocked);
    let account = details.bank_account.clone().filter(|_| !is_blocked).unwrap_or_default();
    let bank_details = if is_blocked { String::new() } else { details.bank_details.clone() };
    vec![
        bare(remittance_id.to_string()),
        bare(end_to_end_id(*remittance_id)),
        bare(agent_id.to_string()),
        Value::Typed(name.clone()),
        money(Some(*amount)),
        money(remittance.vat().ok()),
        money(remittance.total().ok()),
        bare(amount.currency().as_str().to_owned()),
        Value::Typed(account.holder),
        Value::Typed(account.iban),
        Value::Typed(account.bic.unwrap_or_default()),
        Value::Typed(bank_details),
        bare(reason.map(|reason| reason.name()).unwrap_or_default()),
    ]
}
