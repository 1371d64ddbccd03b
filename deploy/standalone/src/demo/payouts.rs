//! Payouts in every state, as agents and the operator move them.

use agents_service::remittances::commands::{EndRemittance, RequestRemittance};
use agents_service::remittances::model::RemittanceCommand;
use anyhow::Context;
use contract::ids::new_id;
use contract::money::{Currency, Money};
use serde_json::{Value, json};

use super::agenda::Agenda;
use super::cast::Cast;
use super::company::{Company, text};
use super::money::{converted, decimal};
use super::opening::THRESHOLD;
use super::season::{DAYS, Today};
use super::shop::{Life, Shop};

/// Minutes of a day at which payouts are requested and decided.
const NIGHT: i64 = 22 * 60;
/// Days between two requests of an agent, and how much later the next agent asks.
const MONTH: i64 = 30;
const APART: i64 = 11;
/// The first day of requests: something must have been earned.
const FIRST: i64 = 25;
/// The days on which every second agent and then every agent asks out of turn: at the end, requests wait for payment and for approval.
const OUT_OF_TURN: [i64; 2] = [DAYS - 3, DAYS - 1];
/// Days from a request to its decision, from there to the payment, and from there to a return.
const DECIDED: i64 = 2;
const PAID: i64 = 2;
const RETURNED: i64 = 5;
/// One request in so many is cancelled, refused or returned.
const CANCELLED: usize = 23;
const REFUSED: usize = 17;
const SENT_BACK: usize = 19;
const REFUSALS: [&str; 3] = [
    "The VAT number on the invoice is missing",
    "Please confirm the new address first",
    "The refunds of this week are not settled yet",
];
const RETURNS: [&str; 2] = ["The bank sent it back: the account was closed", "The bank sent it back: the name differs"];
/// Of agents without a bank account, one payout in so many is paid in cash.
const CASH: usize = 3;
/// Numbers of bank references before the first one.
const REFERENCES: usize = 10_000;

#[derive(Default)]
pub struct Payouts {
    steps: Agenda<(Step, Request)>,
    asked: usize,
}

enum Step {
    Decide,
    Pay,
    Return,
}

/// A request for a payout.
struct Request {
    id: String,
    agent: usize,
    /// Of all requests.
    number: usize,
}

impl Payouts {
    pub async fn go_on(&mut self, company: &Company, shop: &mut Shop, today: Today) -> anyhow::Result<()> {
        company.set_clock(today.at(NIGHT));
        for (step, request) in self.steps.take(today.number) {
            self.make(company, shop, today, step, request).await?;
        }
        for agent in 0..shop.agents.len() {
            if asks(agent, today.number)
                && let Some(id) = ask(company, shop, agent).await?
            {
                shop.counts.remittances += 1;
                let request = Request { id, agent, number: self.asked };
                self.steps.add(today.number + DECIDED, (Step::Decide, request));
                self.asked += 1;
            }
        }
        Ok(())
    }

    async fn make(
        &mut self,
        company: &Company,
        shop: &Shop,
        today: Today,
        step: Step,
        request: Request,
    ) -> anyhow::Result<()> {
        let (number, day) = (request.number, today.number);
        match step {
            Step::Decide if number % CANCELLED == 5 && shop.agents[request.agent].life == Life::Active => {
                cancel(company, shop, &request).await
            }
            Step::Decide if number % REFUSED == 7 => refuse(company, &request, REFUSALS[number % REFUSALS.len()]).await,
            Step::Decide if turn(company, &request, "approve", &json!({})).await? => {
                self.steps.add(day + PAID, (Step::Pay, request));
                Ok(())
            }
            Step::Decide => refuse(company, &request, "Payments were refunded since the request").await,
            Step::Pay
                if turn(company, &request, "pay", &payment(&request, shop.agents[request.agent].cast)).await? =>
            {
                if number % SENT_BACK == 11 {
                    self.steps.add(day + RETURNED, (Step::Return, request));
                }
                Ok(())
            }
            // A new bank account stops payouts for some days.
            Step::Pay => {
                self.steps.add(day + 1, (Step::Pay, request));
                Ok(())
            }
            Step::Return => {
                let reason = json!({ "reason": RETURNS[number % RETURNS.len()] });
                turn(company, &request, "return", &reason).await.map(drop)
            }
        }
    }
}

/// Whether it is an agent's turn.
fn asks(agent: usize, day: i64) -> bool {
    let place = i64::try_from(agent).unwrap_or_default();
    let is_turn = day >= FIRST && (day + APART * place) % MONTH == 0;
    let [of_half, of_all] = OUT_OF_TURN;
    is_turn || day == of_all || day == of_half && place % 2 == 0
}

/// How a request is paid.
fn payment(request: &Request, cast: &Cast) -> Value {
    let number = REFERENCES + request.number;
    let (method, reference) = match cast.iban {
        Some(_) => ("bank_transfer", format!("SEPA-{number}")),
        None if request.number.is_multiple_of(CASH) => ("cash", format!("RECEIPT-{number}")),
        None => ("other", format!("WIRE-{number}")),
    };
    json!({ "method": method, "bank_reference": reference })
}

/// Whether the rules allow a step.
async fn turn(company: &Company, request: &Request, step: &str, body: &Value) -> anyhow::Result<bool> {
    let path = format!("remittances/{}/{step}", request.id);
    Ok(company.post_if_allowed(&path, body).await?.is_some())
}

async fn refuse(company: &Company, request: &Request, reason: &str) -> anyhow::Result<()> {
    let path = format!("remittances/{}/refuse", request.id);
    company.post(&path, &json!({ "reason": reason })).await.map(drop)
}

/// By the agent.
async fn cancel(company: &Company, shop: &Shop, request: &Request) -> anyhow::Result<()> {
    let remittance_id = request.id.parse()?;
    let command = EndRemittance { remittance_id, command: RemittanceCommand::Cancel };
    company.of_agent(&shop.agents[request.agent].id, command).await.map(drop)
}

/// Asks for all that is available in the agent's currency, if it is enough.
async fn ask(company: &Company, shop: &Shop, agent: usize) -> anyhow::Result<Option<String>> {
    let agent = &shop.agents[agent];
    let code = agent.cast.currency;
    let currency = Currency::known(code)?;
    let balances = company.get(&format!("agents/{}/balances", agent.id)).await?;
    let items = balances["items"].as_array().context("balances")?;
    let Some(own) = items.iter().find(|item| item["currency"] == code) else { return Ok(None) };
    let available = text(own, "available");
    let threshold = Money::new(decimal(converted(THRESHOLD, code), code).parse()?, currency)?;
    // What is available may be below zero, which no amount of money is.
    let amount = Money::new(available.parse()?, currency).ok();
    let Some(amount) = amount.filter(|amount| amount.amount() >= threshold.amount()) else { return Ok(None) };
    let asked = if agent.life == Life::Active {
        let agent_id = agent.id.parse()?;
        let command = RequestRemittance { remittance_id: new_id(), agent_id, amount, by_agent: true };
        company.of_agent(&agent.id, command).await?
    } else {
        let amount = json!({ "amount": available, "currency": code });
        company.post("remittances", &json!({ "agent_id": agent.id, "amount": amount })).await?
    };
    Ok(Some(text(&asked, "id")))
}
