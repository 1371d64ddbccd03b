//! Payouts in every state, corrections and messages, as agents and the operator write them.

use agents_service::remittances::commands::{EndRemittance, RequestRemittance};
use agents_service::remittances::model::RemittanceCommand;
use agents_service::support::commands::PostMessage;
use agents_service::support::model::Text;
use anyhow::{Context, ensure};
use contract::events::agents::MessageFrom;
use contract::ids::new_id;
use contract::money::{Currency, Money};
use serde_json::{Value, json};

use super::company::Company;
use super::opening::text;
use super::shop::{Shop, Today};

/// Minutes of a day at which payouts are requested and decided.
const NIGHT: i64 = 22 * 60;

enum Step {
    /// The agent asks for everything that is available.
    Asks(&'static str, &'static str),
    /// The operator does, for an agent who cannot.
    AskedFor(&'static str, &'static str),
    Approved(&'static str),
    Refused(&'static str, &'static str),
    /// By the agent.
    Cancelled(&'static str, &'static str),
    Paid(&'static str, &'static str, &'static str),
    Returned(&'static str, &'static str),
    Corrected(&'static str, &'static str, &'static str),
    /// A message of the agent.
    Writes(&'static str, &'static str),
    /// A message of the operator.
    Answers(&'static str, &'static str),
}

use Step::{Answers, Approved, AskedFor, Asks, Cancelled, Corrected, Paid, Refused, Returned, Writes};

fn steps(day: i64) -> &'static [Step] {
    match day {
        2 => &[Writes("harbour", "Good morning! Where do I find the QR codes for my posters?")],
        3 => &[
            Answers("harbour", "Under Signup URLs: open a URL, and its QR code is there as SVG and as PNG."),
            Corrected("obrien", "120.00", "Opening balance from the system before"),
        ],
        31 => &[Asks("harbour", "harbour-1")],
        32 => &[Approved("harbour-1"), Asks("zoe-phones", "zoe-1")],
        33 => &[
            Paid("harbour-1", "bank_transfer", "SEPA-10001"),
            Refused("zoe-1", "The VAT number on the invoice is missing"),
        ],
        34 => &[Writes("zoe-phones", "Why was my payout refused? The number is in my account.")],
        35 => &[Answers("zoe-phones", "Found it, thank you. Please request the payout again.")],
        36 => &[Asks("zoe-phones", "zoe-2")],
        37 => &[Approved("zoe-2")],
        39 => &[Paid("zoe-2", "bank_transfer", "SEPA-10002")],
        45 => &[Asks("obrien", "obrien-1")],
        46 => &[Cancelled("obrien", "obrien-1")],
        60 => &[Asks("harbour", "harbour-2"), Asks("thames", "thames-1"), Asks("obrien", "obrien-2")],
        61 => &[Approved("harbour-2"), Approved("thames-1"), Approved("obrien-2")],
        62 => &[
            Paid("harbour-2", "bank_transfer", "SEPA-10003"),
            Paid("thames-1", "bank_transfer", "BACS-771"),
            Paid("obrien-2", "cash", "RECEIPT-17"),
        ],
        66 => &[Returned("harbour-2", "The bank sent it back: the account was closed")],
        67 => &[Writes("harbour", "We have a new account at the same bank. The old number works again from Monday.")],
        69 => &[Asks("harbour", "harbour-3")],
        70 => &[Approved("harbour-3"), Answers("harbour", "Thank you, the payout is on its way again.")],
        71 => &[Paid("harbour-3", "bank_transfer", "SEPA-10004")],
        75 => &[Asks("sakura", "sakura-1"), Writes("sakura", "いつもお世話になっております。支払いをお願いします。")],
        76 => &[Approved("sakura-1"), AskedFor("athina", "athina-1")],
        77 => &[
            Paid("sakura-1", "other", "WIRE-5520"),
            Approved("athina-1"),
            Corrected("zoe-phones", "-15.00", "Paid twice by mistake in the first month"),
        ],
        78 => &[Paid("athina-1", "bank_transfer", "SEPA-10005")],
        84 => &[AskedFor("accra", "accra-1"), Asks("nunez", "nunez-1"), Asks("lee-telecom", "lee-1")],
        87 => &[Approved("nunez-1"), Approved("lee-1")],
        88 => &[Writes("accra", "When may we sell again? We have a new script for our calls.")],
        89 => &[Asks("zoe-phones", "zoe-3"), Asks("alnoor", "alnoor-1")],
        90 => &[Writes("nunez", "¿Cuándo llega el pago de este mes?")],
        _ => &[],
    }
}

pub async fn go_on(company: &Company, shop: &mut Shop, today: Today) -> anyhow::Result<()> {
    company.set_clock(today.at(NIGHT));
    for step in steps(today.number) {
        take(company, shop, step).await.with_context(|| format!("day {}", today.number))?;
    }
    Ok(())
}

async fn take(company: &Company, shop: &mut Shop, step: &Step) -> anyhow::Result<()> {
    let turn = async |shop: &Shop, name: &str, turn: &str, body: Value| {
        let id = shop.remittances.get(name).with_context(|| format!("{name} was not requested"))?;
        company.post(&format!("remittances/{id}/{turn}"), &body).await.map(drop)
    };
    match *step {
        Asks(login, name) => ask(company, shop, (login, name), true).await,
        AskedFor(login, name) => ask(company, shop, (login, name), false).await,
        Approved(name) => turn(shop, name, "approve", json!({})).await,
        Refused(name, reason) => turn(shop, name, "refuse", json!({ "reason": reason })).await,
        Returned(name, reason) => turn(shop, name, "return", json!({ "reason": reason })).await,
        Paid(name, method, bank_reference) => {
            turn(shop, name, "pay", json!({ "method": method, "bank_reference": bank_reference })).await
        }
        Cancelled(login, name) => {
            let remittance_id = shop.remittances.get(name).context("it was requested")?.parse()?;
            let command = EndRemittance { remittance_id, command: RemittanceCommand::Cancel };
            company.of_agent(&shop.agent_id(login)?, command).await.map(drop)
        }
        Corrected(login, amount, reason) => {
            let body = json!({ "amount": { "amount": amount, "currency": "EUR" }, "reason": reason });
            company.post(&format!("agents/{}/corrections", shop.agent_id(login)?), &body).await.map(drop)
        }
        Answers(login, words) => {
            shop.counts.messages += 1;
            let path = format!("agents/{}/messages", shop.agent_id(login)?);
            company.post(&path, &json!({ "text": words })).await.map(drop)
        }
        Writes(login, words) => {
            shop.counts.messages += 1;
            let id = shop.agent_id(login)?;
            let text = Text::new(words).ok().context("a message that may be sent")?;
            let (agent_id, author) = (id.parse()?, format!("agent:{id}"));
            let (message_id, from, written_at) = (new_id(), MessageFrom::Agent, company.now());
            let message = PostMessage { message_id, agent_id, from, author, text, written_at };
            company.of_agent(&id, message).await.map(drop)
        }
    }
}

/// Asks for all that is available in the agent's currency.
async fn ask(
    company: &Company,
    shop: &mut Shop,
    (login, name): (&'static str, &'static str),
    by_agent: bool,
) -> anyhow::Result<()> {
    let agent = &shop.agents[shop.agent(login)?];
    let balances = company.get(&format!("agents/{}/balances", agent.id)).await?;
    let items = balances["items"].as_array().context("balances")?;
    let own = items.iter().find(|item| item["currency"] == agent.cast.currency);
    let available = own.map(|item| text(item, "available")).unwrap_or_default();
    ensure!(!available.is_empty(), "{login} has earned nothing");
    let asked = if by_agent {
        let amount = Money::new(available.parse()?, Currency::known(agent.cast.currency)?)?;
        let agent_id = agent.id.parse()?;
        let command = RequestRemittance { remittance_id: new_id(), agent_id, amount, by_agent };
        company.of_agent(&agent.id, command).await?
    } else {
        let amount = json!({ "amount": available, "currency": agent.cast.currency });
        company.post("remittances", &json!({ "agent_id": agent.id, "amount": amount })).await?
    };
    shop.remittances.insert(name, text(&asked, "id"));
    shop.counts.remittances += 1;
    Ok(())
}
